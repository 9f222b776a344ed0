/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_pure/init_params.h"

static const struct op_choice languages[] = {
    {"auto", "found out from APP; a description that is sent has to name one of the others"},
    {"c", NULL},
    {"c++", NULL},
    {"go", NULL},
    {"rust", NULL},
    {"python", NULL},
    {"program", "a program that is compiled already: the Dockerfile copies it"},
    {"image", "an image that is there: no Dockerfile is written"},
    {NULL, NULL},
};
_Static_assert(ARRAY_LEN(languages) == INIT_LANGUAGES + 1, "each language can be named");

static const struct op_choice builds[] = {
    {"auto", "C and C++: cc; Go, Rust: their own; Python: uv"},
    {"cc", "the compiler over all sources"},
    {"make", NULL},
    {"cmake", NULL},
    {"meson", NULL},
    {"autotools", "configure (whoever wrote it) and make"},
    {"go", NULL},
    {"cargo", NULL},
    {"uv", "pyproject.toml with its uv.lock"},
    {"requirements", "requirements.txt, installed with uv"},
    {NULL, NULL},
};
_Static_assert(ARRAY_LEN(builds) == INIT_BUILDS + 1, "each build can be named");

static const struct op_choice links[] = {
    {"auto", "Go: static; others: dynamic"},
    {"static", "on distroless static"},
    {"dynamic", "on distroless base, or cc for C++ and Rust"},
    {NULL, NULL},
};
_Static_assert(ARRAY_LEN(links) == INIT_LINK_DYNAMIC + 2, "each way of linking can be named");

static const char *target_name(size_t index)
{
    static const char *const names[] = {"dockerfile", "compose", "kubernetes", NULL};
    return names[index];
}

/* What both operations know. The offsets are those of the options alone: they stand first in both structures. */
#define FIELD(field) OP_AT(struct init_options, field)
_Static_assert(offsetof(struct init_args, options) == 0 && offsetof(struct init_local_args, options) == 0,
               "the table fills the options of both");

#define INIT_PARAMS(name_flags)                                                                                        \
    {.name = "name",                                                                                                   \
     .letter = 'n',                                                                                                    \
     .type = OP_STRING,                                                                                                \
     .flags = name_flags,                                                                                              \
     .metavar = "NAME",                                                                                                \
     .summary = "what the application is called: a DNS label, such as shop",                                           \
     .details = "It names the image, the service and the Kubernetes objects: lower-case letters, digits and '-', at "  \
                "most 63 of them.",                                                                                    \
     FIELD(name)},                                                                                                     \
        {.name = "language",                                                                                           \
         .letter = 'l',                                                                                                \
         .type = OP_ENUM,                                                                                              \
         .choices = languages,                                                                                         \
         .default_text = "auto",                                                                                       \
         .summary = "what the application is written in, or that it is a program or an image already",                 \
         FIELD(language)},                                                                                             \
        {.name = "write",                                                                                              \
         .type = OP_STRING,                                                                                            \
         .flags = OP_REPEATED,                                                                                         \
         .metavar = "WHAT",                                                                                            \
         .candidate = target_name,                                                                                     \
         .summary = "which files are written: dockerfile, compose, kubernetes; default: all of them",                  \
         .details = "An image has no Dockerfile, and what is no server has no Service.",                               \
         FIELD(targets)},                                                                                              \
        {.name = "tag",                                                                                                \
         .letter = 't',                                                                                                \
         .type = OP_STRING,                                                                                            \
         .metavar = "TAG",                                                                                             \
         .summary = "tag of the image (default: 0.1.0)",                                                               \
         FIELD(version)},                                                                                              \
        {.name = "image",                                                                                              \
         .letter = 'i',                                                                                                \
         .type = OP_STRING,                                                                                            \
         .metavar = "NAME[:TAG][@DIGEST]",                                                                             \
         .summary = "the image that is deployed, best with its digest (default: NAME:TAG)",                            \
         .details = "With a digest nodes run what was built and nothing else: 'barehull check' asks for it.",          \
         FIELD(image)},                                                                                                \
        {.name = "build",                                                                                              \
         .letter = 'b',                                                                                                \
         .type = OP_ENUM,                                                                                              \
         .choices = builds,                                                                                            \
         .default_text = "auto",                                                                                       \
         .summary = "what turns the sources into a program",                                                           \
         FIELD(build)},                                                                                                \
        {.name = "link",                                                                                               \
         .type = OP_ENUM,                                                                                              \
         .choices = links,                                                                                             \
         .default_text = "auto",                                                                                       \
         .summary = "whether the program has its libraries in itself",                                                 \
         FIELD(link)},                                                                                                 \
        {.name = "program",                                                                                            \
         .type = OP_STRING,                                                                                            \
         .metavar = "PATH",                                                                                            \
         .summary = "what is built, or where the build leaves it, below the project",                                  \
         .details =                                                                                                    \
             "Go: a package, such as ./cmd/shop. Rust: a binary's name. C and C++: the path of the program that "      \
             "the build makes, such as build/shop. A program: its path. Default: for Go '.', else the name.",          \
         FIELD(program)},                                                                                              \
        {.name = "module",                                                                                             \
         .type = OP_STRING,                                                                                            \
         .metavar = "MODULE[:OBJECT]",                                                                                 \
         .summary = "Python: what is served, such as shop.main:app",                                                   \
         FIELD(module)},                                                                                               \
        {.name = "server",                                                                                             \
         .type = OP_STRING,                                                                                            \
         .metavar = "SERVER",                                                                                          \
         .summary = "Python: what serves it, such as uvicorn or gunicorn; default: the module is run itself",          \
         FIELD(server)},                                                                                               \
        {.name = "language-version",                                                                                   \
         .type = OP_STRING,                                                                                            \
         .metavar = "VERSION",                                                                                         \
         .summary = "of Python, Go or Rust, such as 3.12",                                                             \
         FIELD(language_version)},                                                                                     \
        {.name = "package",                                                                                            \
         .type = OP_STRING,                                                                                            \
         .flags = OP_REPEATED,                                                                                         \
         .metavar = "NAME",                                                                                            \
         .summary = "a Debian package that the build needs, such as libpq-dev",                                        \
         FIELD(packages)},                                                                                             \
        {.name = "run-package",                                                                                        \
         .type = OP_STRING,                                                                                            \
         .flags = OP_REPEATED,                                                                                         \
         .metavar = "NAME",                                                                                            \
         .summary = "a Debian package whose shared libraries the program needs, such as libpq5",                       \
         FIELD(run_packages)},                                                                                         \
        {.name = "builder",                                                                                            \
         .type = OP_STRING,                                                                                            \
         .metavar = "IMAGE",                                                                                           \
         .summary = "image that the build runs in; default: the language's",                                           \
         FIELD(builder)},                                                                                              \
        {.name = "base",                                                                                               \
         .type = OP_STRING,                                                                                            \
         .metavar = "IMAGE",                                                                                           \
         .summary = "image that the result stands on; default: distroless for the language",                           \
         FIELD(base)},                                                                                                 \
        {.name = "source",                                                                                             \
         .type = OP_STRING,                                                                                            \
         .metavar = "URL",                                                                                             \
         .summary = "where the sources are, for the label org.opencontainers.image.source",                            \
         FIELD(source)},                                                                                               \
        {.name = "entrypoint",                                                                                         \
         .type = OP_ARGV,                                                                                              \
         .summary = "what the container starts, in exec form; default: the program, or the interpreter",               \
         FIELD(entrypoint)},                                                                                           \
        {.name = "args", .type = OP_ARGV, .summary = "default arguments, in exec form", FIELD(args)},                  \
        {.name = "port",                                                                                               \
         .letter = 'p',                                                                                                \
         .type = OP_INTEGER,                                                                                           \
         .max = 65535,                                                                                                 \
         .default_text = "0",                                                                                          \
         .summary = "that it listens on; 0: it is no server",                                                          \
         FIELD(port)},                                                                                                 \
        {.name = "port-variable",                                                                                      \
         .type = OP_STRING,                                                                                            \
         .metavar = "NAME",                                                                                            \
         .summary = "the variable that tells it the port, such as PORT; default: the server's own",                    \
         FIELD(port_variable)},                                                                                        \
        {.name = "health",                                                                                             \
         .type = OP_STRING,                                                                                            \
         .metavar = "/PATH",                                                                                           \
         .summary = "path that is asked whether requests may come in, such as /health",                                \
         FIELD(health)},                                                                                               \
        {.name = "live",                                                                                               \
         .type = OP_STRING,                                                                                            \
         .metavar = "/PATH",                                                                                           \
         .summary = "path that is asked whether it has to be restarted; default: that of health, with more patience",  \
         FIELD(live)},                                                                                                 \
        {.name = "metrics",                                                                                            \
         .type = OP_STRING,                                                                                            \
         .metavar = "/PATH",                                                                                           \
         .summary = "path of its metrics for Prometheus, such as /metrics; default: it is not scraped",                \
         FIELD(metrics)},                                                                                              \
        {.name = "metrics-port",                                                                                       \
         .type = OP_INTEGER,                                                                                           \
         .max = 65535,                                                                                                 \
         .default_text = "0",                                                                                          \
         .summary = "where the metrics are; 0: at the port",                                                           \
         FIELD(metrics_port)},                                                                                         \
        {.name = "health-command",                                                                                     \
         .type = OP_ARGV,                                                                                              \
         .summary =                                                                                                    \
             "a program of the image that tells whether it is well, in exec form, in place of barehull's probe",       \
         FIELD(health_command)},                                                                                       \
        {.name = "probe-image",                                                                                        \
         .type = OP_STRING,                                                                                            \
         .metavar = "IMAGE",                                                                                           \
         .summary = "an image that has /app/healthcheck; default: the probe is a file beside the Dockerfile",          \
         FIELD(probe_image)},                                                                                          \
        {.name = "writable",                                                                                           \
         .letter = 'w',                                                                                                \
         .type = OP_STRING,                                                                                            \
         .flags = OP_REPEATED,                                                                                         \
         .metavar = "PATH[:SIZE]",                                                                                     \
         .summary = "a directory that it writes to, gone with the container; /tmp is always there",                    \
         FIELD(writable)},                                                                                             \
        {.name = "volume",                                                                                             \
         .type = OP_STRING,                                                                                            \
         .flags = OP_REPEATED,                                                                                         \
         .metavar = "PATH[:SIZE]",                                                                                     \
         .summary = "a directory that has to last",                                                                    \
         FIELD(volumes)},                                                                                              \
        {.name = "env",                                                                                                \
         .letter = 'e',                                                                                                \
         .type = OP_STRING,                                                                                            \
         .flags = OP_REPEATED | OP_PAIRS,                                                                              \
         .metavar = "NAME=VALUE",                                                                                      \
         .summary = "a variable of its environment, never a secret",                                                   \
         FIELD(env)},                                                                                                  \
        {.name = "secret",                                                                                             \
         .letter = 's',                                                                                                \
         .type = OP_STRING,                                                                                            \
         .flags = OP_REPEATED,                                                                                         \
         .metavar = "NAME=SECRET[:KEY]",                                                                               \
         .summary = "a variable from a Kubernetes Secret, in Compose from whoever starts it; KEY is NAME by default",  \
         FIELD(secrets)},                                                                                              \
        {.name = "user",                                                                                               \
         .letter = 'u',                                                                                                \
         .type = OP_STRING,                                                                                            \
         .metavar = "UID[:GID]",                                                                                       \
         .summary = "whom it runs as, never root (default: 65532:65532)",                                              \
         FIELD(user)},                                                                                                 \
        {.name = "memory",                                                                                             \
         .type = OP_STRING,                                                                                            \
         .metavar = "QUANTITY",                                                                                        \
         .summary = "limit of its memory, as Kubernetes writes it; default: 128Mi, Python 256Mi",                      \
         FIELD(memory)},                                                                                               \
        {.name = "cpu",                                                                                                \
         .type = OP_STRING,                                                                                            \
         .metavar = "QUANTITY",                                                                                        \
         .summary = "limit of its processor time, such as 500m (default: 1)",                                          \
         FIELD(cpu)},                                                                                                  \
        {.name = "pids",                                                                                               \
         .type = OP_INTEGER,                                                                                           \
         .max = 1 << 22,                                                                                               \
         .default_text = "0",                                                                                          \
         .summary = "limit of its processes and threads; 0: 128",                                                      \
         FIELD(pids)},                                                                                                 \
        {.name = "replicas",                                                                                           \
         .type = OP_INTEGER,                                                                                           \
         .max = 1000,                                                                                                  \
         .default_text = "0",                                                                                          \
         .summary = "how many run in Kubernetes; 0: two, with volumes that last one",                                  \
         FIELD(replicas)},                                                                                             \
        {.name = "namespace",                                                                                          \
         .type = OP_STRING,                                                                                            \
         .metavar = "NAME",                                                                                            \
         .summary = "Kubernetes namespace; default: the name",                                                         \
         FIELD(namespace_)},                                                                                           \
        {.name = "published-port",                                                                                     \
         .type = OP_INTEGER,                                                                                           \
         .max = 65535,                                                                                                 \
         .default_text = "0",                                                                                          \
         .summary = "port of this machine's loopback, in Compose; 0: as the port",                                     \
         FIELD(published_port)},                                                                                       \
    {                                                                                                                  \
        .name = "stop-timeout", .type = OP_STRING, .metavar = "TIME",                                                  \
        .summary = "how long it may take to end (default: 30s)", FIELD(stop_timeout)                                   \
    }

const struct op_param init_params[] = {INIT_PARAMS(OP_REQUIRED), {.name = NULL}};

/* Those of this machine stand behind, so that a parameter's place is the same in both. */
const struct op_param init_local_params[] = {
    INIT_PARAMS(0),
    {.name = "app",
     .type = OP_STRING,
     .flags = OP_POSITIONAL,
     .metavar = "APP|DIR|IMAGE",
     .summary = "a program, a project's directory, or an image (oci:DIR, oci-archive:FILE, docker-archive:FILE); "
                "default: this directory",
     OP_AT(struct init_local_args, app)},
    {.name = "directory",
     .letter = 'd',
     .type = OP_PATH_OUT,
     .flags = OP_DIRECTORY,
     .metavar = "DIR",
     .summary = "where the files are written; default: the project, else this directory",
     OP_AT(struct init_local_args, directory)},
    {.name = "force",
     .letter = 'f',
     .type = OP_BOOL,
     .summary = "write over files that differ",
     OP_AT(struct init_local_args, force)},
    {.name = "diff",
     .type = OP_BOOL,
     .summary = "show what would change, and write nothing",
     OP_AT(struct init_local_args, diff)},
    {.name = "yes",
     .letter = 'y',
     .type = OP_BOOL,
     .summary = "ask nothing: take what was found out, and the defaults",
     OP_AT(struct init_local_args, yes)},
    {.name = NULL},
};
_Static_assert(ARRAY_LEN(init_local_params) - 1 <= OP_PARAMS_MAX, "all can be told whether they were given");
