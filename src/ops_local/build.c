/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/build.h"

#include "base/pool.h"
#include "io/store.h"
#include "io/transport.h"
#include "op/services.h"
#include "ops_local/build_params.h"
#include "ops_local/build_result.h"
#include "pack/build.h"

static int open_transport(void *self, struct transport **ret_transport, struct err *err)
{
    const struct op_services *services = self;
    return services->open_transport(services, ret_transport, err);
}

/* Claims standard output when an output asks for it; *ret_fd is -1 otherwise. */
static int claim_stdout(const struct op_services *services, const struct build_args *args, int *ret_fd, struct err *err)
{
    *ret_fd = -1;
    for (size_t i = 0; i < args->options.outputs.len; i++)
        if (str_ends(args->options.outputs.ptr[i], STR(":-")) && *ret_fd < 0) {
            int r = services->claim_stdout(services, ret_fd, err);
            if (r < 0)
                return r;
        }
    return 0;
}

static int run(const struct op_services *services, const struct op_ctx *ctx, const void *args_any, void *result,
               struct err *err)
{
    const struct build_args *args = args_any;
    if (args->options.app.len == 0)
        return err_set(err, ERR_USAGE, "argument 'APP' is missing");
    struct build_options options = args->options;
    options.offline = services->offline;
    options.source_date_epoch = services->source_date_epoch;
    struct str cache_dir;
    int stdout_fd;
    int r = op_services_cache_dir(services, &cache_dir, err);
    if (r == 0)
        r = claim_stdout(services, args, &stdout_fd, err);
    if (r < 0)
        return r;
    struct store *store = NULL;
    struct pool *pool CLEANUP_POOL = NULL;
    r = store_open(cache_dir.ptr, &store, err);
    if (r == 0)
        r = pool_new(services->threads, &pool, err);
    if (r == 0) {
        struct build_services build = {
            .store = store,
            .pool = pool,
            .open_transport = services->offline ? NULL : open_transport,
            .self = (void *)(uintptr_t)services,
            .stdout_fd = stdout_fd,
            .host_root = "",
            .keyring_dir = services->data_dir.len ? services->data_dir.ptr : "",
        };
        r = build_image(ctx, &build, &options, result, err);
    }
    store_free(store);
    return r;
}

static const struct op_exit exits[] = {
    {3, "could not build: the program, the archive or an output is at fault; no output is half-written"},
    {4, "could not verify: a signature, a digest or a date of the archive is wrong; no output was written"},
    {0, NULL},
};

static const struct op_example examples[] = {
    {"barehull build ./server -t server:1.0 --expose 8080", "a program into the OCI layout ./server-image"},
    {"barehull build ./server -o docker-archive:- | docker load", "straight into a Docker engine"},
    {"barehull build ./server --health http://127.0.0.1:8080/healthz", "with a health check"},
    {"barehull build /usr/bin/jq -t jq --suite trixie -o oci-archive:jq.tar", "from another release of Debian"},
    {NULL, NULL},
};

static const struct op_section sections[] = {
    {"What the image holds",
     "The program at /app/NAME, with the libraries that lie beside it ($ORIGIN). The libraries that it needs from "
     "Debian, each with the package's record, so that scanners see it. CA certificates, time zones, accounts, /tmp. "
     "No shell, no package manager. It runs as 65532:65532.\n\n"
     "Three layers: what all images of a release share, what all programs with the same libraries share, and the "
     "program. The same inputs give the same digests, on any machine, in any directory."},
    {"Where packages come from",
     "From the archive that this machine's apt sources name (or --mirror), verified from the signed InRelease down to "
     "every package. Which package has a library is looked up in the archive's own indexes, never on this machine. "
     "Indexes, packages and finished layers are kept in the cache; --offline uses it alone."},
    {NULL, NULL},
};

static const char *const see_also[] = {"inspect", "cache", NULL};

const struct operation build_operation = {
    .name = "build",
    .group = "Images",
    .summary = "make a distroless image from a program",
    .description = "Reads the program, finds the libraries that it needs in the signed Debian archive, checks their "
                   "symbol versions, and writes a hardened image without a daemon, without root and without a shell.",
    .params = build_params,
    .args_size = sizeof(struct build_args),
    .given_at = offsetof(struct build_args, given),
    .result = &build_result_record,
    .effects = OP_READS_FILES | OP_WRITES_FILES | OP_NETWORK | OP_RUNS_PROCESSES,
    .exits = exits,
    .examples = examples,
    .sections = sections,
    .see_also = see_also,
    .run = run,
    .render = build_result_render,
};
