/* SPDX-License-Identifier: Apache-2.0 */
/* .dockerignore: what is no source, and what must not reach an image by accident. */
#include "init/dockerfile.h"

static void add_lines(struct buf *out, const char *const *lines)
{
    for (size_t i = 0; lines[i]; i++)
        buf_addf(out, "%s\n", lines[i]);
}

/* Of a program that is there, the build needs nothing else. */
static void add_program(const struct init_plan *plan, struct buf *out)
{
    buf_addf(out,
             "# The build sees what it copies and nothing else.\n"
             "*\n"
             "!%.*s\n",
             STR_ARG(plan->program));
    if (plan->probe_files)
        buf_add_z(out, "!barehull\n");
}

void init_dockerignore(const struct init_plan *plan, struct buf *out)
{
    static const char *const common[] = {
        "# What describes the image and how it is run.",
        ".dockerignore",
        "Dockerfile*",
        "docker-compose*",
        "compose*.y*ml",
        "k8s",
        "",
        "# Histories, editors, other people's settings.",
        ".git",
        ".gitignore",
        ".github",
        ".gitlab-ci.yml",
        ".idea",
        ".vscode",
        "**/.DS_Store",
        "**/*.swp",
        "",
        "# Secrets: what is copied into a stage stays in its layers.",
        "**/.env",
        "**/.env.*",
        "**/*.key",
        "**/*.pem",
        "**/*.p12",
        "**/id_rsa*",
        "**/id_ed25519*",
        "**/.netrc",
        "**/.npmrc",
        "**/.pypirc",
        "",
        "# What a build leaves: it is built anew.",
        NULL,
    };
    static const char *const c[] = {"**/*.o",        "**/*.a",
                                    "**/*.so",       "build",
                                    "builddir",      "**/CMakeCache.txt",
                                    "**/CMakeFiles", "**/compile_commands.json",
                                    "**/.cache",     NULL};
    static const char *const go[] = {"bin", "dist", "**/*.test", "**/*.out", NULL};
    static const char *const rust[] = {"target", "**/*.rs.bk", NULL};
    static const char *const python[] = {"**/__pycache__",  "**/*.py[co]",    "**/.venv",     "**/venv",
                                         "**/*.egg-info",   "build",          "dist",         "**/.pytest_cache",
                                         "**/.mypy_cache",  "**/.ruff_cache", "**/.coverage", "**/.tox",
                                         "**/node_modules", "**/*.sqlite3",   "tests",        NULL};
    if (plan->language == INIT_PROGRAM) {
        add_program(plan, out);
        return;
    }
    add_lines(out, common);
    add_lines(out, plan->language == INIT_GO       ? go
                   : plan->language == INIT_RUST   ? rust
                   : plan->language == INIT_PYTHON ? python
                                                   : c);
}
