/* SPDX-License-Identifier: Apache-2.0 */
#include "net/internal.h"

#include <dlfcn.h>
#include <string.h>

static int resolve(void *handle, const char *name, void *ret_function, struct err *err)
{
    void *symbol = dlsym(handle, name);
    if (!symbol)
        return err_set(err, ERR_UNSUPPORTED, "libcurl has no '%s'", name);
    /* ISO C has no conversion from an object pointer to a function pointer; POSIX asks for equal representations. */
    memcpy(ret_function, &symbol, sizeof(symbol));
    return 0;
}

int libcurl_load(struct libcurl *ret_library, struct err *err)
{
    struct libcurl library = {0};
    void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        handle = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        err_set(err, ERR_UNSUPPORTED, "can't load libcurl: %s", dlerror());
        return err_hint(err, "install the package libcurl4");
    }
    int rc = 0;
#define X(name)                                                                                                        \
    if (rc == 0)                                                                                                       \
        rc = resolve(handle, #name, &library.name, err);
    LIBCURL_FUNCTIONS(X)
#undef X
    if (rc == 0 && library.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        rc = err_set(err, ERR_INTERNAL, "can't initialise libcurl");
    if (rc != 0)
        return rc;
    *ret_library = library;
    return 0;
}
