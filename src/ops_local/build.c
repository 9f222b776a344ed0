/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/build.h"

#include "base/pool.h"
#include "io/store.h"
#include "io/transport.h"
#include "op/services.h"
#include "ops_local/build_images.h"
#include "ops_local/build_result.h"

#include <unistd.h>

static int open_transport(void *self, struct transport **ret_transport, struct err *err)
{
    const struct op_services *services = self;
    return services->open_transport(services, ret_transport, err);
}

/* What all images are built with. */
struct workplace {
    struct store *store;
    struct pool *pool;
    int stdout_fd;
};

static int open_workplace(const struct op_services *services, const struct build_targets *targets,
                          struct workplace *place, struct err *err)
{
    struct str cache_dir;
    int r = op_services_cache_dir(services, &cache_dir, err);
    if (r == 0 && build_targets_use_stdout(targets))
        r = services->claim_stdout(services, &place->stdout_fd, err);
    if (r == 0)
        r = store_open(cache_dir.ptr, &place->store, err);
    if (r == 0)
        r = pool_new(services->threads, &place->pool, err);
    return r;
}

/* Builds the images of TARGET, one for each of its programs; *RET_INDEX when there are several. */
static int build_one(const struct op_services *services, const struct op_ctx *ctx, const struct workplace *place,
                     const struct build_target *target, struct built_image *ret_images, struct built_index *ret_index,
                     struct err *err)
{
    const struct str name = target->image ? target->image->name : STR_NONE;
    size_t count = target->options.apps.len;
    struct build_options *options = ARENA_ARRAY(ctx->arena, count, struct build_options);
    struct build_result *results = ARENA_ARRAY(ctx->arena, count, struct build_result);
    struct build_index index = {0};
    if (!options || !results)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        options[i] = target->options;
        options[i].app = target->options.apps.ptr[i];
    }
    struct build_services build = {
        .store = place->store,
        .pool = place->pool,
        .open_transport = services->offline ? NULL : open_transport,
        .self = (void *)(uintptr_t)services,
        .stdout_fd = place->stdout_fd,
        .host_root = "",
        .keyring_dir = services->data_dir.len ? services->data_dir.ptr : "",
    };
    int r = build_images(ctx, &build, options, count, results, &index, err);
    if (r != 0)
        return r;
    for (size_t i = 0; i < count; i++)
        ret_images[i] = (struct built_image){.result = results[i], .name = name};
    if (count > 1)
        *ret_index = (struct built_index){.index = index, .name = name};
    return 0;
}

/* One of several failed, and the others are built all the same. */
static int note_failure(const struct op_services *services, const struct op_ctx *ctx, const struct build_target *target,
                        const struct err *problem, struct build_failure *failure, struct err *err)
{
    *failure = (struct build_failure){
        .name = target->image->name,
        .code = str_z(err_name(problem->code)),
        .message = arena_str(ctx->arena, str_z(problem->message)),
        .hint = arena_str(ctx->arena, str_z(problem->hint)),
        .status = err_exit_status(problem->code),
    };
    if (!failure->message.ptr || !failure->hint.ptr)
        return err_nomem(err);
    if (services->tell)
        services->tell(services, problem);
    return 0;
}

/* Nothing else will go better. */
static bool ends_all(enum err_code code)
{
    return code == ERR_CANCELLED || code == ERR_DEADLINE || code == ERR_NOMEM || code == ERR_INTERNAL;
}

static int build_all(const struct op_services *services, const struct op_ctx *ctx, const struct workplace *place,
                     const struct build_targets *targets, struct build_answer *answer, struct err *err)
{
    size_t programs = 0;
    for (size_t i = 0; i < targets->count; i++)
        programs += targets->items[i].options.apps.len;
    struct build_failure *failed = ARENA_ARRAY(ctx->arena, targets->count, struct build_failure);
    struct built_image *images = ARENA_ARRAY(ctx->arena, programs, struct built_image);
    struct built_index *indexes = ARENA_ARRAY(ctx->arena, targets->count, struct built_index);
    if (!images || !indexes || !failed)
        return err_nomem(err);
    answer->images.ptr = images;
    answer->indexes.ptr = indexes;
    answer->failed.ptr = failed;
    for (size_t i = 0; i < targets->count; i++) {
        const struct build_target *target = &targets->items[i];
        struct err problem = ERR_INIT;
        if (targets->count > 1)
            op_progress_items(ctx, STR("building"), target->image->name, i, targets->count);
        int r = build_one(services, ctx, place, target, &images[answer->images.len], &indexes[answer->indexes.len],
                          &problem);
        if (r == 0) {
            answer->images.len += target->options.apps.len;
            answer->indexes.len += target->options.apps.len > 1;
            continue;
        }
        bool last = targets->count == 1 || ends_all(problem.code);
        build_target_blame(targets, target, &problem);
        if (last && err)
            *err = problem;
        if (!last)
            r = note_failure(services, ctx, target, &problem, &failed[answer->failed.len++], err);
        if (r != 0)
            return r;
    }
    return 0;
}

/* NAME alone means a path; who wants an image of the file says so. */
static int add_hint(const struct build_args *args, int r, struct err *err)
{
    const struct str app = args->options.apps.len > 0 ? args->options.apps.ptr[0] : STR_NONE;
    bool missing = app.len > 0 && args->file.len == 0 && access(app.ptr, F_OK) != 0;
    if (r == -(int)ERR_NOT_FOUND && missing && access(BUILD_FILE_NAME, F_OK) == 0)
        return err_hint(err, "for an image of '%s', write --file %s %.*s", BUILD_FILE_NAME, BUILD_FILE_NAME,
                        STR_ARG(app));
    return r;
}

static int run(const struct op_services *services, const struct op_ctx *ctx, const void *args_any, void *result,
               struct err *err)
{
    const struct build_args *args = args_any;
    struct build_targets targets;
    struct workplace place = {.stdout_fd = -1};
    int r = build_targets_find(services, ctx, args, &targets, err);
    if (r == 0)
        r = open_workplace(services, &targets, &place, err);
    if (r == 0)
        r = build_all(services, ctx, &place, &targets, result, err);
    pool_free(place.pool);
    store_free(place.store);
    return add_hint(args, r, err);
}

static const struct op_exit exits[] = {
    {3, "could not build: the program, the archive or an output is at fault; no output is half-written. Of several "
        "images the others are built"},
    {4, "could not verify: a signature, a digest or a date of the archive is wrong; no output was written"},
    {0, NULL},
};

static const struct op_example examples[] = {
    {"barehull build ./server -t server:1.0 --expose 8080", "a program into the OCI layout ./server-image"},
    {"barehull build ./server -o docker-archive:- | docker load", "straight into a Docker engine"},
    {"barehull build ./server --health http://127.0.0.1:8080/healthz", "with a health check"},
    {"barehull build /usr/bin/jq -t jq --suite trixie -o oci-archive:jq.tar", "from another release of Debian"},
    {"barehull build amd64/server arm64/server -t server:1.0", "one image for two machines"},
    {"barehull build ./shop -t shop:1 --port 8000", "a Python project with its virtual environment"},
    {"barehull build", "the images that ./barehull.yaml declares"},
    {"barehull build --file deploy/barehull.yaml web worker", "two of them"},
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
    {"barehull.yaml",
     "Whatever is said with options can stand in a file, under the same names with '_' for '-':\n\n"
     "  defaults:\n"
     "    suite: bookworm\n"
     "  images:\n"
     "    web:\n"
     "      app: .\n"
     "      expose: 8080\n"
     "      env: {ROOT: /app/public}\n"
     "    worker: {app: ./worker, output: [oci-archive:worker.tar]}\n\n"
     "A file about one image has its options at the top. Paths are relative to the file. An option of the command line "
     "wins over the file; variables, labels and annotations are joined. An image without a tag is called by its name, "
     "and goes to the OCI layout NAME-image beside the file. 'barehull help build --file-schema' is the JSON Schema."},
    {"Several machines",
     "Programs compiled for several machines, named together, make one image of one name: engines choose what they can "
     "run. Each machine's image is the one that its program alone would make, layer for layer and byte for byte; the "
     "index over them has a digest of its own, which is the one to deploy. In a barehull.yaml, 'app' is a list then."},
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
    .result = &build_answer_record,
    .effects = OP_READS_FILES | OP_WRITES_FILES | OP_NETWORK | OP_RUNS_PROCESSES,
    .exits = exits,
    .examples = examples,
    .sections = sections,
    .see_also = see_also,
    .file_schema = build_file_schema,
    .run = run,
    .render = build_answer_render,
    .status = build_answer_status,
};
