/* SPDX-License-Identifier: Apache-2.0 */
#include "service/catalogue_words.h"

#define CC_ADVICE                                                                                                      \
    "Build it on Debian 12, or older, so that the image's C library is new enough. Linked statically it ships in "     \
    "`static-debian12:nonroot`, else in `cc-debian12:nonroot` with the libraries that it brings."
#define NODE_ADVICE                                                                                                    \
    "Install the production dependencies alone, in a build stage with the major version of Node.js that ships, and "   \
    "start the script by the interpreter's absolute path, or by the ENTRYPOINT that the `nodejs` image has."

const struct catalogue_language catalogue_languages[] = {
    {"c", CC_ADVICE},
    {"c++", CC_ADVICE},
    {"go",
     "Build it with CGO_ENABLED=0 and it ships in `static-debian12:nonroot`; with cgo, in `base-debian12:nonroot` "
     "or `cc-debian12:nonroot`, built on Debian 12."},
    {"java", "Build the jar in a stage of its own; the `java` image starts it. Its memory limit has to hold heap, "
             "metaspace and threads; temporary files need a bounded tmpfs at /tmp."},
    {"javascript", NODE_ADVICE},
    {"python",
     "Make the virtual environment with the very interpreter that ships (`python3-venv` on Debian 12 for "
     "`python3-debian12:nonroot`), copy it whole, and start the module by the interpreter's absolute path: "
     "[\"/usr/bin/python3\", \"-m\", \"...\"]. Byte code is written while building, as the root is read-only."},
    {"rust",
     "Built for x86_64-unknown-linux-musl it is static and ships in `static-debian12:nonroot`; built on Debian 12 "
     "for glibc, in `cc-debian12:nonroot`."},
    {"typescript", NODE_ADVICE},
    {NULL, NULL},
};

const char *const catalogue_platforms[] = {"both", "compose", "kubernetes", NULL};

bool catalogue_is_judged(const struct rule *rule, enum surface surface)
{
    for (size_t i = 0; rules[i]; i++)
        if ((!rule || rule == rules[i]) && (rules[i]->surfaces & 1U << surface))
            return true;
    return false;
}

bool catalogue_surface_of(struct str name, enum surface *ret_surface)
{
    for (unsigned bit = 0; bit < SURFACES; bit++) {
        if (!str_eq_z(name, surface_name((enum surface)bit)))
            continue;
        *ret_surface = (enum surface)bit;
        return true;
    }
    return false;
}
