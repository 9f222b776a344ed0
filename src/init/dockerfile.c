/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a Dockerfile: what is said first, and the stage that ships. */
#include "init/dockerfile.h"

#include "data/json_writer.h"

/* --- words ------------------------------------------------------------------------------------------------- */

/* Between double quotes, as ENV and LABEL read it. */
static void add_quoted(struct buf *out, struct str text)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\' || c == '$')
            buf_add_char(out, '\\');
        buf_add_char(out, c);
    }
    buf_add_char(out, '"');
}

static void add_exec(struct buf *out, const struct str *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_add_z(out, i == 0 ? "[" : ", ");
        json_quote(out, words[i]);
    }
    buf_add_z(out, "]\n");
}

/* --- the head ---------------------------------------------------------------------------------------------- */

static const char *built_with(const struct init_plan *plan)
{
    static const char *const words[INIT_BUILDS] = {
        [INIT_BUILD_AUTO] = "a program that is compiled already",
        [INIT_BUILD_CC] = "compiled",
        [INIT_BUILD_MAKE] = "built with make",
        [INIT_BUILD_CMAKE] = "built with CMake",
        [INIT_BUILD_MESON] = "built with Meson",
        [INIT_BUILD_AUTOTOOLS] = "built with configure and make",
        [INIT_BUILD_GO] = "built with Go",
        [INIT_BUILD_CARGO] = "built with Cargo",
        [INIT_BUILD_UV] = "installed with uv from uv.lock",
        [INIT_BUILD_REQUIREMENTS] = "installed with uv from requirements.txt",
    };
    return words[plan->build];
}

static void add_head(const struct init_plan *plan, struct buf *out)
{
    buf_addf(out, "# %.*s: %s; shipped without shell and package manager.\n#\n", STR_ARG(plan->name), built_with(plan));
    buf_addf(out, "#   docker build -t %.*s:%.*s .\n", STR_ARG(plan->image_name), STR_ARG(plan->version));
    buf_addf(out, "#   buildah bud --format docker -t %.*s:%.*s .", STR_ARG(plan->image_name), STR_ARG(plan->version));
    buf_add_z(out, plan->ready.count > 0 ? "    (the OCI format has no health check)\n" : "\n");
    buf_add_z(out, "#   --build-arg REVISION=$(git rev-parse HEAD)    for the label\n"
                   "#\n"
                   "# Tags move. A build that is to give the same image again names its images by digest:\n");
    buf_addf(out, "#   --build-arg BUILDER=%.*s --build-arg BASE=%.*s\n", STR_ARG(plan->builder), STR_ARG(plan->base));
    buf_add_z(out, "# each with '@sha256:...' behind it, which `skopeo inspect --format '{{.Digest}}' docker://IMAGE` "
                   "tells.\n");
    if (plan->ready.count == 0)
        buf_addf(out, "# barehull: allow healthcheck-present -- %s\n",
                 plan->serves ? "it has no path that tells its health"
                              : "it listens at no port; it runs, or it has ended");
    buf_addf(out, "ARG BUILDER=%.*s\n", STR_ARG(plan->builder));
    if (plan->language == INIT_PYTHON)
        buf_add_z(out, "ARG UV=" INIT_UV_IMAGE "\n");
    if (plan->options->probe_image.len > 0)
        buf_addf(out, "ARG PROBE=%.*s\n", STR_ARG(plan->options->probe_image));
    buf_addf(out, "ARG BASE=%.*s\n", STR_ARG(plan->base));
}

/* --- the stage that ships ---------------------------------------------------------------------------------- */

static void add_labels(const struct init_plan *plan, struct buf *out)
{
    buf_addf(out,
             "ARG VERSION=%.*s\n"
             "ARG REVISION=unknown\n"
             "LABEL org.opencontainers.image.title=\"%.*s\" \\\n"
             "    org.opencontainers.image.version=\"$VERSION\" \\\n"
             "    org.opencontainers.image.revision=\"$REVISION\" \\\n"
             "    org.opencontainers.image.source=",
             STR_ARG(plan->version), STR_ARG(plan->name));
    add_quoted(out, plan->options->source.len > 0 ? plan->options->source : STR("unknown"));
    buf_add_z(out, "\n\n");
}

/* Directory by directory: what ships can be read off, and that it is no shell. */
static void add_copies(const struct init_plan *plan, struct buf *out)
{
    bool python = plan->language == INIT_PYTHON;
    if (!plan->is_static)
        buf_add_z(out, "# The libraries that it needs, with their records.\n"
                       "COPY --from=build /out/usr/lib/ /usr/lib/\n"
                       "COPY --from=build /out/var/lib/dpkg/status.d/ /var/lib/dpkg/status.d/\n");
    if (python)
        buf_add_z(out, "# The interpreter, what is installed, and the sources: the one that changes most comes last.\n"
                       "COPY --from=build /out/usr/local/ /usr/local/\n");
    if (!python || plan->probe_files)
        buf_add_z(out, "COPY --from=build /out/app/ /app/\n");
    if (python)
        buf_add_z(out, "COPY --from=build /app/.venv/ /app/.venv/\n"
                       "COPY --from=build /src/ /app/\n"
                       "WORKDIR /app\n");
    if (plan->options->probe_image.len > 0)
        buf_add_z(out, "COPY --from=probe /app/healthcheck /app/healthcheck\n");
    bool told = false;
    for (size_t i = 0; i < plan->path_count; i++) {
        if (!plan->paths[i].lasts)
            continue;
        if (!told)
            buf_add_z(out, "# A volume that is mounted for the first time takes over the owner of the directory.\n");
        told = true;
        buf_addf(out, "COPY --from=build --chown=%u:%u /empty/ %.*s/\n", plan->user, plan->group,
                 STR_ARG(plan->paths[i].path));
    }
    buf_add_char(out, '\n');
}

/* Process 1 gets no signal that it has no handler for, and Python has one for SIGINT alone. */
static bool stops_by_interrupt(const struct init_plan *plan)
{
    struct str server = plan->options->server;
    return plan->language == INIT_PYTHON &&
           (server.len == 0 || str_eq_z(server, "flask") || str_eq_z(server, "waitress"));
}

static void add_settings(const struct init_plan *plan, struct buf *out)
{
    for (size_t i = 0; i < plan->env_count; i++) {
        size_t equals = str_find_char(plan->env[i], '=');
        buf_addf(out, "%s%.*s=", i == 0 ? "ENV " : " \\\n    ", STR_ARG(str_head(plan->env[i], equals)));
        add_quoted(out, str_skip(plan->env[i], equals + 1));
    }
    buf_add_z(out, plan->env_count > 0 ? "\n" : "");
    if (plan->serves)
        buf_addf(out, "EXPOSE %u\n", plan->port);
    if (plan->metrics.len > 0 && plan->metrics_port != plan->port)
        buf_addf(out, "EXPOSE %u\n", plan->metrics_port);
    buf_addf(out,
             "# A number: a platform that is told to run nothing as root can't tell it of a name.\n"
             "USER %u:%u\n",
             plan->user, plan->group);
    if (stops_by_interrupt(plan))
        buf_add_z(out, "# As process 1 Python would not hear SIGTERM unless the program asks for it; SIGINT it hears.\n"
                       "STOPSIGNAL SIGINT\n");
    if (plan->ready.count > 0) {
        buf_add_z(out, "HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 CMD ");
        add_exec(out, plan->ready.command, plan->ready.count);
    }
    buf_add_z(out, "# Without a shell nothing is expanded here: $NAME would stay as it is.\n"
                   "ENTRYPOINT ");
    add_exec(out, plan->entrypoint, plan->entrypoint_count);
    if (plan->arg_count > 0) {
        buf_add_z(out, "CMD ");
        add_exec(out, plan->args, plan->arg_count);
    }
}

static void add_final_stage(const struct init_plan *plan, struct buf *out)
{
    buf_add_z(out, "# What ships.\n");
    if (!plan->base_known)
        buf_add_z(out, "# barehull: allow distroless-final-stage -- a base of our own, which has no shell\n");
    init_dockerfile_from(plan->base, "BASE", NULL, out);
    add_labels(plan, out);
    add_copies(plan, out);
    add_settings(plan, out);
}

int init_write_dockerfile(const struct init_plan *plan, struct init_output *output, struct err *err)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    CLEANUP_BUF struct buf ignored = BUF_INIT;
    add_head(plan, &out);
    if (plan->options->probe_image.len > 0) {
        buf_add_char(&out, '\n');
        init_dockerfile_from(plan->options->probe_image, "PROBE", "probe", &out);
    }
    if (plan->language == INIT_PYTHON)
        init_dockerfile_python(plan, &out);
    else
        init_dockerfile_compiled(plan, &out);
    buf_add_char(&out, '\n');
    add_final_stage(plan, &out);
    init_dockerignore(plan, &ignored);
    int r = init_add(output, "Dockerfile", &out, "the image", err);
    if (r == 0)
        r = init_add(output, ".dockerignore", &ignored, "what the build of the image does not see", err);
    if (r == 0 && plan->probe_files)
        r = init_write_probe(output, err);
    if (r == 0 && str_find_char(plan->base, '@') == plan->base.len && !str_eq_z(plan->base, "scratch"))
        r = init_note(output, err,
                      "the digest of '%.*s' is not known here: base takes it, and it is told by "
                      "`skopeo inspect --format '{{.Digest}}' docker://%.*s`",
                      STR_ARG(plan->base), STR_ARG(plan->base));
    if (r == 0 && plan->build == INIT_BUILD_UV)
        r = init_note(output, err, "the Dockerfile installs what uv.lock says and nothing else: `uv lock` writes one");
    if (r == 0 && plan->build == INIT_BUILD_CARGO)
        r = init_note(
            output, err,
            "the Dockerfile builds what Cargo.lock says and nothing else: `cargo generate-lockfile` writes one");
    return r;
}
