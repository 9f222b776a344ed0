/* SPDX-License-Identifier: Apache-2.0 */
/* The builder stage of Python: the environment at /app/.venv, the interpreter and libraries below /out, sources in
 * /src. */
#include "init/dockerfile.h"

struct str init_python_minor(const struct init_plan *plan)
{
    struct str version = plan->language_version;
    size_t dot = str_find_char(version, '.');
    return str_head(version, dot + 1 + str_find_char(str_skip(version, dot + 1), '.'));
}

static void add_install(const struct init_plan *plan, struct buf *out)
{
    buf_add_z(out, "WORKDIR /src\n");
    if (plan->build == INIT_BUILD_REQUIREMENTS) {
        buf_add_z(out, "# What is required alone: it is installed anew when requirements.txt changes.\n"
                       "COPY requirements.txt ./\n"
                       "RUN uv venv /app/.venv \\\n"
                       "    && uv pip install --python /app/.venv/bin/python --requirements requirements.txt\n\n"
                       "COPY . .\n");
        return;
    }
    buf_add_z(out, "# What is required alone: it is installed anew when pyproject.toml or uv.lock change.\n"
                   "COPY pyproject.toml uv.lock ./\n"
                   "RUN uv sync --locked --no-dev --no-install-project\n\n"
                   "COPY . .\n"
                   "RUN uv sync --locked --no-dev --no-editable\n");
}

static void add_interpreter(const struct init_plan *plan, struct buf *out)
{
    struct str minor = init_python_minor(plan);
    buf_addf(out,
             "# The interpreter and its standard library, without what installs packages, draws windows or tests. The\n"
             "# bytecode is made here: at run time nothing can be written.\n"
             "RUN set -eu; \\\n"
             "    mkdir -p /out/usr/local/bin /out/usr/local/lib; \\\n"
             "    cp /usr/local/bin/python%.*s /out/usr/local/bin/; \\\n"
             "    cp -R /usr/local/lib/python%.*s /out/usr/local/lib/; \\\n"
             "    find /usr/local/lib -maxdepth 1 -name 'libpython*.so*' -exec cp -P {} /out/usr/local/lib/ \\;; \\\n"
             "    cd /out/usr/local/lib/python%.*s; \\\n"
             "    rm -rf config-* ensurepip idlelib lib2to3 site-packages test tkinter turtle.py turtledemo "
             "lib-dynload/_tkinter*; \\\n"
             "    mkdir site-packages; \\\n",
             STR_ARG(minor), STR_ARG(minor), STR_ARG(minor));
    buf_addf(out,
             "    python%.*s -m compileall -q -j 0 --invalidation-mode unchecked-hash -s /out -p / .; \\\n"
             "    python%.*s -m compileall -q -j 0 --invalidation-mode unchecked-hash -s /src -p /app /src; \\\n"
             "    rm -rf /src/barehull\n\n",
             STR_ARG(minor), STR_ARG(minor));
}

void init_dockerfile_python(const struct init_plan *plan, struct buf *out)
{
    struct str minor = init_python_minor(plan);
    buf_add_char(out, '\n');
    init_dockerfile_from(STR(INIT_UV_IMAGE), "UV", "uv", out);
    buf_add_z(out, "\n# What installs it. Of this stage nothing ships but what is copied from it below.\n");
    init_dockerfile_from(plan->builder, "BUILDER", "build", out);
    buf_add_z(out, "COPY --from=uv /uv /bin/\n");
    buf_addf(out,
             "# The environment is made for the interpreter that ships, in the place where it will be.\n"
             "ENV UV_COMPILE_BYTECODE=1 \\\n"
             "    UV_LINK_MODE=copy \\\n"
             "    UV_NO_CACHE=1 \\\n"
             "    UV_PROJECT_ENVIRONMENT=/app/.venv \\\n"
             "    UV_PYTHON=/usr/local/bin/python%.*s \\\n"
             "    UV_PYTHON_DOWNLOADS=never\n\n",
             STR_ARG(minor));
    init_dockerfile_packages(plan, NULL, out);
    init_dockerfile_probe(plan, out);
    init_dockerfile_volumes(plan, out);
    add_install(plan, out);
    add_interpreter(plan, out);
    init_dockerfile_libraries(
        plan, "$(find /out/usr/local /app/.venv -type f \\( -name '*.so' -o -name '*.so.*' -o -name 'python3.*' \\))",
        "/usr/local/*|/app/*|/out/*", out);
}
