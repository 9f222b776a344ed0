/* SPDX-License-Identifier: Apache-2.0 */
/* A plug-in: opened by name at run time, and itself in need of a library (zlib) that the program knows nothing of. */
#include <zlib.h>

unsigned long plugin_checksum(const char *text, unsigned length);

__attribute__((visibility("default"))) unsigned long plugin_checksum(const char *text, unsigned length)
{
    return crc32(0, (const unsigned char *)text, length);
}
