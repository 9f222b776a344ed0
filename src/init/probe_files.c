/* SPDX-License-Identifier: Apache-2.0 */
#include "init/dockerfile.h"
#include "probes/programs.h"

#include <string.h>

int init_write_probe(struct init_output *output, struct err *err)
{
    static const char *const machines[] = {"amd64", "arm64"};
    const char *missing = NULL;
    for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
        const struct probe_program *probe = probe_programs;
        while (probe->architecture && strcmp(probe->architecture, machines[i]) != 0)
            probe++;
        if (!probe->architecture) {
            missing = machines[i];
            continue;
        }
        const char *path = i == 0 ? "barehull/healthcheck-amd64" : "barehull/healthcheck-arm64";
        int r = init_add_binary(output, path, str_of((const char *)probe->bytes, probe->len),
                                i == 0 ? "the health probe for amd64" : "the health probe for arm64", err);
        if (r < 0)
            return r;
    }
    if (!missing)
        return 0;
    return init_note(output, err,
                     "this program was built without the health probe for %s: an image for it needs "
                     "'barehull/healthcheck-%s' beside the Dockerfile, or probe-image",
                     missing, missing);
}
