/* SPDX-License-Identifier: Apache-2.0 */
/* plugin - opens /usr/lib/plugin/checksum.so with dlopen(); nothing in the program's headers tells that it needs it. */
#include <dlfcn.h>
#include <stdio.h>

int main(void)
{
    void *library = dlopen("/usr/lib/plugin/checksum.so", RTLD_NOW);
    unsigned long (*checksum)(const char *, unsigned);

    if (library == NULL) {
        fprintf(stderr, "plugin: %s\n", dlerror());
        return 1;
    }
    *(void **)&checksum = dlsym(library, "plugin_checksum");
    return printf("checksum: %08lx\n", checksum("123456789", 9)) < 0;
}
