/* SPDX-License-Identifier: Apache-2.0 */
/* What an extension module brings along in NAME.libs: 32-bit FNV-1a. */
unsigned fasthash(const char *text);

unsigned fasthash(const char *text)
{
    unsigned hash = 2166136261u;
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}
