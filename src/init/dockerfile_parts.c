/* SPDX-License-Identifier: Apache-2.0 */
/* What the builder stages of several languages have in common. */
#include "init/dockerfile.h"

void init_dockerfile_from(struct str image, const char *argument, const char *stage, struct buf *out)
{
    if (str_has_char(image, '@') || str_eq_z(image, "scratch"))
        buf_addf(out, "FROM ${%s}", argument);
    else
        buf_addf(out, "# barehull: allow pinned-image -- who builds gives the digest, see above\nFROM ${%s}", argument);
    if (stage)
        buf_addf(out, " AS %s", stage);
    buf_add_char(out, '\n');
}

void init_dockerfile_packages(const struct init_plan *plan, const char *const *fixed, struct buf *out)
{
    const struct str_list *lists[] = {&plan->options->packages, &plan->options->run_packages};
    if (!fixed && lists[0]->len + lists[1]->len == 0)
        return;
    buf_add_z(out, "# Before the sources, so that a change of them installs nothing anew.\n"
                   "RUN apt-get update \\\n"
                   "    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends");
    for (size_t i = 0; fixed && fixed[i]; i++)
        buf_addf(out, " \\\n        %s", fixed[i]);
    for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
        for (size_t i = 0; i < lists[k]->len; i++)
            buf_addf(out, " \\\n        %.*s", STR_ARG(lists[k]->ptr[i]));
    }
    buf_add_z(out, " \\\n    && rm -rf /var/lib/apt/lists/*\n\n");
}

void init_dockerfile_probe(const struct init_plan *plan, struct buf *out)
{
    if (!plan->probe_files)
        return;
    buf_add_z(out,
              "# The health probe for the machine that this is built for.\n"
              "COPY barehull/ /barehull/\n"
              "RUN install -D -m 0755 \"/barehull/healthcheck-$(dpkg --print-architecture)\" /out/app/healthcheck\n\n");
}

void init_dockerfile_volumes(const struct init_plan *plan, struct buf *out)
{
    for (size_t i = 0; i < plan->path_count; i++) {
        if (!plan->paths[i].lasts)
            continue;
        buf_add_z(out, "# Goes where volumes are mounted.\nRUN mkdir /empty\n\n");
        return;
    }
}

static bool base_says(const struct init_plan *plan, const char *word)
{
    return str_find(plan->base, str_z(word)) < plan->base.len;
}

void init_dockerfile_libraries(const struct init_plan *plan, const char *files, const char *own, struct buf *out)
{
    struct str_list packages = plan->options->run_packages;
    buf_add_z(out,
              "# Shared libraries that the base does not have, and the records that tell scanners of them. Those of "
              "the C library\n# have to be the base's: they go with its loader.\n"
              "RUN set -eu; \\\n"
              "    lib=\"/out/usr/lib/$(uname -m)-linux-gnu\"; \\\n"
              "    mkdir -p \"$lib\" /out/var/lib/dpkg/status.d; \\\n");
    buf_addf(out, "    ldd %s >/tmp/needed || :; \\\n", files);
    /* Packages for Python bring modules for what is not there, or find their libraries by themselves. */
    buf_addf(out, "    if grep 'not found' /tmp/needed; then %s; fi; \\\n",
             own ? "echo 'they may be missed'" : "exit 1");
    if (packages.len > 0) {
        buf_add_z(out, "    for library in $(dpkg-query --listfiles");
        for (size_t i = 0; i < packages.len; i++)
            buf_addf(out, " %.*s", STR_ARG(packages.ptr[i]));
        buf_add_z(out, " \\\n"
                       "            | grep -E '^(/usr)?/lib/[^/]+/lib[^/]*\\.so(\\.[0-9]+)?$'); do \\\n"
                       "        echo \"$(basename \"$library\") => $library\"; \\\n"
                       "        ldd \"$library\"; \\\n"
                       "    done >>/tmp/needed; \\\n");
    }
    buf_add_z(out,
              "    while read -r name arrow path address; do \\\n"
              "        if [ \"$arrow\" != '=>' ] || [ ! -f \"$path\" ]; then continue; fi; \\\n"
              "        case $name in \\\n"
              "        ld-*|libc.so.*|libm.so.*|libmvec.so.*|libdl.so.*|librt.so.*|libpthread.so.*|libresolv.so.*) "
              "continue ;; \\\n");
    if (plan->base_known && !base_says(plan, "nossl"))
        buf_add_z(out, "        libssl.so.3|libcrypto.so.3) continue ;; \\\n");
    if (plan->base_known && !base_says(plan, "/base-"))
        buf_add_z(out, "        libgcc_s.so.*|libstdc++.so.*|libgomp.so.*) continue ;; \\\n");
    buf_add_z(out, "        esac; \\\n");
    if (own)
        buf_addf(out, "        case $path in %s) continue ;; esac; \\\n", own);
    buf_add_z(
        out,
        "        cp -L \"$path\" \"$lib/$name\"; \\\n"
        "        package=$(dpkg-query --search \"*/$(basename \"$(realpath \"$path\")\")\" 2>/dev/null | head -n 1 "
        "| cut -d : -f 1); \\\n"
        "        if [ -n \"$package\" ]; then \\\n"
        "            dpkg-query --status \"$package\" >\"/out/var/lib/dpkg/status.d/$package\"; \\\n"
        "        fi; \\\n"
        "    done </tmp/needed\n");
}
