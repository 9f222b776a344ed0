/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/build.h"

#include "base/pool.h"
#include "io/store.h"
#include "io/transport.h"
#include "op/services.h"
#include "ops_local/build_result.h"
#include "pack/build.h"

struct build_args {
    struct str app;
    struct str tag;
    struct str_list output;
    int base;
    bool full;
    struct str_list package;
    struct str_list include;
    struct str_list entrypoint;
    struct str_list cmd;
    struct str_list env;
    struct str user;
    struct str workdir;
    struct str_list expose;
    struct str_list label;
    struct str_list annotation;
    struct str stop_signal;
    struct str health, health_interval, health_timeout, health_start_period;
    int64_t health_retries;
    struct str suite;
    struct str arch;
    struct str_list mirror;
    struct str_list keyring;
    bool refresh;
    int compress;
    int64_t level;
};

static const struct op_choice bases[] = {
    {"auto", "static, and just the libraries that the program needs"},
    {"static", "accounts, CA certificates and time zones"},
    {"base", "static, libc6 and libssl3, as distroless publishes it"},
    {"cc", "base, libstdc++6, libgcc-s1 and libgomp1, as distroless publishes it"},
    {NULL, NULL},
};

static const struct op_choice compressions[] = {
    {"gzip", "every engine and registry takes it"},
    {"zstd", "smaller and faster; umoci 0.4 and docker 20.10 can't read it"},
    {"none", "plain tar"},
    {NULL, NULL},
};

static const struct op_param params[] = {
    {.name = "app",
     .type = OP_PATH_IN,
     .flags = OP_POSITIONAL | OP_REQUIRED,
     .metavar = "APP",
     .summary = "the program: an ELF executable for Linux, dynamic (glibc) or static",
     OP_AT(struct build_args, app)},
    {.name = "tag",
     .letter = 't',
     .type = OP_STRING,
     .metavar = "NAME[:TAG]",
     .summary = "name of the image; default: the program's name, tag \"latest\"",
     OP_AT(struct build_args, tag)},
    {.name = "output",
     .letter = 'o',
     .type = OP_STRING,
     .flags = OP_REPEATED,
     .metavar = "KIND:PATH",
     .summary =
         "oci:DIR, oci-archive:FILE or docker-archive:FILE (FILE \"-\" is standard output); default oci:./APP-image",
     OP_AT(struct build_args, output)},
    {.name = "base",
     .type = OP_ENUM,
     .summary = "what the image stands on",
     .default_text = "auto",
     .choices = bases,
     OP_AT(struct build_args, base)},
    {.name = "package",
     .type = OP_STRING,
     .flags = OP_REPEATED,
     .metavar = "NAME",
     .summary = "a Debian package that ships whole, with what it depends on",
     OP_AT(struct build_args, package)},
    {.name = "include",
     .type = OP_STRING,
     .flags = OP_REPEATED,
     .metavar = "SRC:DST",
     .summary = "a file or directory of this machine, and its absolute place in the image",
     OP_AT(struct build_args, include)},
    {.name = "full",
     .type = OP_BOOL,
     .summary = "keep manuals, translations and documentation of packages",
     OP_AT(struct build_args, full)},
    {.name = "entrypoint",
     .type = OP_ARGV,
     .summary = "what the container starts, in exec form; default: the program",
     OP_AT(struct build_args, entrypoint)},
    {.name = "cmd", .type = OP_ARGV, .summary = "default arguments, in exec form", OP_AT(struct build_args, cmd)},
    {.name = "env",
     .letter = 'e',
     .type = OP_STRING,
     .flags = OP_REPEATED,
     .metavar = "NAME=VALUE",
     .summary = "a variable of the container's environment",
     OP_AT(struct build_args, env)},
    {.name = "user",
     .letter = 'u',
     .type = OP_STRING,
     .metavar = "[NAME:]UID[:GID]",
     .summary = "whom it runs as, never root; a NAME adds the account",
     .default_text = "65532:65532",
     OP_AT(struct build_args, user)},
    {.name = "workdir",
     .letter = 'w',
     .type = OP_STRING,
     .metavar = "DIR",
     .summary = "working directory in the container",
     .default_text = "/",
     OP_AT(struct build_args, workdir)},
    {.name = "expose",
     .type = OP_STRING,
     .flags = OP_REPEATED,
     .metavar = "PORT[/PROTO]",
     .summary = "a port that the program listens on",
     OP_AT(struct build_args, expose)},
    {.name = "label",
     .letter = 'l',
     .type = OP_STRING,
     .flags = OP_REPEATED,
     .metavar = "KEY=VALUE",
     .summary = "a label of the image's config",
     OP_AT(struct build_args, label)},
    {.name = "annotation",
     .type = OP_STRING,
     .flags = OP_REPEATED,
     .metavar = "KEY=VALUE",
     .summary = "an annotation of the image's manifest",
     OP_AT(struct build_args, annotation)},
    {.name = "stop-signal",
     .type = OP_STRING,
     .metavar = "SIGNAL",
     .summary = "the signal that asks the program to end",
     OP_AT(struct build_args, stop_signal)},
    {.name = "health",
     .type = OP_STRING,
     .metavar = "URL",
     .summary = "add the health probe at /app/healthcheck, and a health check that asks URL",
     .details = "http://127.0.0.1:PORT/PATH; /PATH of the server that HOST and PORT in the container's environment "
                "name; or unix:/run/app.sock:/PATH. No shell and no curl is needed for it.",
     OP_AT(struct build_args, health)},
    {.name = "health-interval",
     .type = OP_STRING,
     .metavar = "TIME",
     .summary = "how often it is asked (default: 30s)",
     OP_AT(struct build_args, health_interval)},
    {.name = "health-timeout",
     .type = OP_STRING,
     .metavar = "TIME",
     .summary = "how long an answer may take (default: 2s)",
     OP_AT(struct build_args, health_timeout)},
    {.name = "health-start-period",
     .type = OP_STRING,
     .metavar = "TIME",
     .summary = "how long after the start a failure does not count (default: 10s)",
     OP_AT(struct build_args, health_start_period)},
    {.name = "health-retries",
     .type = OP_INTEGER,
     .metavar = "N",
     .summary = "failures in a row that make it unhealthy (default: 3)",
     .min = 1,
     .max = 1000,
     OP_AT(struct build_args, health_retries)},
    {.name = "suite",
     .type = OP_STRING,
     .metavar = "SUITE",
     .summary = "Debian release: bookworm, trixie; default: the one of this machine's apt sources",
     OP_AT(struct build_args, suite)},
    {.name = "arch",
     .type = OP_STRING,
     .metavar = "ARCH",
     .summary = "Debian architecture (amd64, arm64, ...); default: the program's",
     OP_AT(struct build_args, arch)},
    {.name = "mirror",
     .type = OP_STRING,
     .flags = OP_REPEATED,
     .metavar = "URL [SUITE...]",
     .env = "BAREHULL_MIRROR",
     .summary = "an archive to fetch from, and which suites it has; default: this machine's apt sources",
     OP_AT(struct build_args, mirror)},
    {.name = "keyring",
     .type = OP_PATH_IN,
     .flags = OP_REPEATED,
     .metavar = "FILE",
     .summary = "keys that may sign the archive; default: the source's, else Debian's",
     OP_AT(struct build_args, keyring)},
    {.name = "refresh",
     .type = OP_BOOL,
     .summary = "ask the archive for new indexes even when the cached ones are fresh",
     OP_AT(struct build_args, refresh)},
    {.name = "compress",
     .type = OP_ENUM,
     .summary = "how layers are compressed",
     .default_text = "gzip",
     .choices = compressions,
     OP_AT(struct build_args, compress)},
    {.name = "level",
     .type = OP_INTEGER,
     .metavar = "N",
     .summary = "compression level; 0 is the kind's default",
     .default_text = "0",
     .min = 0,
     .max = 19,
     OP_AT(struct build_args, level)},
    {.name = NULL},
};

static void fill_options(const struct build_args *args, const struct op_services *services,
                         struct build_options *options)
{
    static const enum compression kinds[] = {COMPRESS_GZIP, COMPRESS_ZSTD, COMPRESS_NONE};
    *options = (struct build_options){
        .app = args->app,
        .name = args->tag,
        .outputs = args->output,
        .base = str_z(bases[args->base].name),
        .full = args->full,
        .packages = args->package,
        .includes = args->include,
        .entrypoint = args->entrypoint,
        .cmd = args->cmd,
        .env = args->env,
        .user = args->user,
        .workdir = args->workdir,
        .expose = args->expose,
        .labels = args->label,
        .annotations = args->annotation,
        .stop_signal = args->stop_signal,
        .health = args->health,
        .health_interval = args->health_interval,
        .health_timeout = args->health_timeout,
        .health_start_period = args->health_start_period,
        .health_retries = args->health_retries,
        .suite = args->suite,
        .architecture = args->arch,
        .mirrors = args->mirror,
        .keyrings = args->keyring,
        .offline = services->offline,
        .refresh = args->refresh,
        .compression = kinds[args->compress],
        .level = (int)args->level,
        .source_date_epoch = services->source_date_epoch,
    };
}

static int open_transport(void *self, struct transport **ret_transport, struct err *err)
{
    const struct op_services *services = self;
    return services->open_transport(services, ret_transport, err);
}

/* Claims standard output when an output asks for it; *ret_fd is -1 otherwise. */
static int claim_stdout(const struct op_services *services, const struct build_args *args, int *ret_fd, struct err *err)
{
    *ret_fd = -1;
    for (size_t i = 0; i < args->output.len; i++)
        if (str_ends(args->output.ptr[i], STR(":-")) && *ret_fd < 0) {
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
    struct build_options options;
    fill_options(args, services, &options);
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
    .params = params,
    .args_size = sizeof(struct build_args),
    .result = &build_result_record,
    .effects = OP_READS_FILES | OP_WRITES_FILES | OP_NETWORK | OP_RUNS_PROCESSES,
    .exits = exits,
    .examples = examples,
    .sections = sections,
    .see_also = see_also,
    .run = run,
    .render = build_result_render,
};
