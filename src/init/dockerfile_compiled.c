/* SPDX-License-Identifier: Apache-2.0 */
/* The builder stage of programs: it leaves the program at /out/app/NAME. */
#include "init/dockerfile.h"

static bool is_c(const struct init_plan *plan)
{
    return plan->language == INIT_C || plan->language == INIT_CXX;
}

/* --- C and C++ --------------------------------------------------------------------------------------------- */

static const char *const *c_packages(const struct init_plan *plan)
{
    static const char *const sets[][8] = {
        [INIT_BUILD_AUTO] = {NULL},
        [INIT_BUILD_CC] = {"gcc", "libc6-dev", NULL},
        [INIT_BUILD_MAKE] = {"gcc", "libc6-dev", "make", "pkg-config", NULL},
        [INIT_BUILD_CMAKE] = {"cmake", "gcc", "libc6-dev", "make", "pkg-config", NULL},
        [INIT_BUILD_MESON] = {"gcc", "libc6-dev", "meson", "ninja-build", "pkg-config", NULL},
        [INIT_BUILD_AUTOTOOLS] = {"autoconf", "automake", "gcc", "libc6-dev", "libtool", "make", "pkg-config", NULL},
    };
    static const char *const cxx_sets[][8] = {
        [INIT_BUILD_AUTO] = {NULL},
        [INIT_BUILD_CC] = {"g++", NULL},
        [INIT_BUILD_MAKE] = {"g++", "make", "pkg-config", NULL},
        [INIT_BUILD_CMAKE] = {"cmake", "g++", "make", "pkg-config", NULL},
        [INIT_BUILD_MESON] = {"g++", "meson", "ninja-build", "pkg-config", NULL},
        [INIT_BUILD_AUTOTOOLS] = {"autoconf", "automake", "g++", "libtool", "make", "pkg-config", NULL},
    };
    return plan->language == INIT_CXX ? cxx_sets[plan->build] : sets[plan->build];
}

static void add_flags(const struct init_plan *plan, struct buf *out)
{
    const char *link = plan->is_static ? "-static -Wl,-z,relro" : "-Wl,-z,relro,-z,now";
    buf_add_z(out, "ENV CFLAGS=\"-O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2\"");
    if (plan->language == INIT_CXX)
        buf_add_z(out, " \\\n    CXXFLAGS=\"-O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2\"");
    buf_addf(out, " \\\n    LDFLAGS=\"%s\"\n", link);
}

static void add_c_build(const struct init_plan *plan, struct buf *out)
{
    const char *fixed = plan->is_static ? " --default-library=static" : "";
    switch (plan->build) {
    case INIT_BUILD_CMAKE:
        buf_addf(out,
                 "RUN cmake -S . -B build -DCMAKE_BUILD_TYPE=Release%s \\\n"
                 "    && cmake --build build --parallel \"$(nproc)\"\n",
                 plan->is_static ? " -DBUILD_SHARED_LIBS=OFF" : "");
        break;
    case INIT_BUILD_MESON:
        buf_addf(out, "RUN meson setup build --buildtype=release%s \\\n    && meson compile -C build\n", fixed);
        break;
    case INIT_BUILD_AUTOTOOLS:
        buf_add_z(out, "RUN if [ ! -x configure ]; then autoreconf --install; fi \\\n"
                       "    && ./configure \\\n"
                       "    && make -j\"$(nproc)\"\n");
        break;
    case INIT_BUILD_MAKE:
        buf_add_z(out, "RUN make -j\"$(nproc)\"\n");
        break;
    case INIT_BUILD_AUTO:
    case INIT_BUILD_CC:
    case INIT_BUILD_GO:
    case INIT_BUILD_CARGO:
    case INIT_BUILD_UV:
    case INIT_BUILD_REQUIREMENTS:
    case INIT_BUILDS:
    default:
        if (plan->language == INIT_CXX)
            buf_addf(
                out,
                "RUN mkdir -p \"$(dirname %.*s)\" \\\n"
                "    && g++ $CXXFLAGS -I. -Iinclude -Isrc -o %.*s \\\n"
                "        $(find . \\( -name '*.cpp' -o -name '*.cc' -o -name '*.cxx' \\) ! -path './test*' | sort) "
                "$LDFLAGS\n",
                STR_ARG(plan->program), STR_ARG(plan->program));
        else
            buf_addf(out,
                     "RUN mkdir -p \"$(dirname %.*s)\" \\\n"
                     "    && gcc $CFLAGS -I. -Iinclude -Isrc -o %.*s \\\n"
                     "        $(find . -name '*.c' ! -path './test*' | sort) $LDFLAGS -lm\n",
                     STR_ARG(plan->program), STR_ARG(plan->program));
    }
}

static void add_c(const struct init_plan *plan, struct buf *out)
{
    buf_add_z(out, "WORKDIR /src\nCOPY . .\n# For a build that has none of its own.\n");
    add_flags(plan, out);
    add_c_build(plan, out);
    /* CMake and Meson build in a directory of their own. */
    bool apart = plan->build == INIT_BUILD_CMAKE || plan->build == INIT_BUILD_MESON;
    const char *dir = apart && !str_starts(plan->program, STR("build/")) ? "build/" : "";
    buf_addf(out, "RUN install -D -s -m 0755 %s%.*s /out%.*s\n\n", dir, STR_ARG(plan->program),
             STR_ARG(plan->installed));
}

/* --- Go ---------------------------------------------------------------------------------------------------- */

static void add_go(const struct init_plan *plan, struct buf *out)
{
    buf_addf(out,
             "# The toolchain is this image's, whatever go.mod wishes for.\nENV CGO_ENABLED=%d GOTOOLCHAIN=local\n",
             plan->is_static ? 0 : 1);
    buf_add_z(out, "WORKDIR /src\n"
                   "# The modules alone: they are fetched anew when go.mod or go.sum change.\n"
                   "COPY go.mod go.sum* ./\n"
                   "RUN go mod download\n\n"
                   "COPY . .\n");
    buf_addf(out, "RUN go build -trimpath -buildvcs=false -ldflags='-s -w' -o /out%.*s %.*s\n\n",
             STR_ARG(plan->installed), STR_ARG(plan->program));
}

/* --- Rust -------------------------------------------------------------------------------------------------- */

static void add_rust(const struct init_plan *plan, struct buf *out)
{
    buf_add_z(
        out,
        "WORKDIR /src\n"
        "# The crates alone: they are fetched anew when Cargo.toml or Cargo.lock change. Of a workspace the members "
        "are not\n"
        "# here yet, and its crates are fetched with the build.\n"
        "COPY Cargo.toml Cargo.lock ./\n"
        "RUN mkdir src \\\n"
        "    && touch src/main.rs src/lib.rs \\\n"
        "    && { cargo fetch --locked || echo 'the crates are fetched with the build'; } \\\n"
        "    && rm -r src\n\n"
        "COPY . .\n");
    if (plan->is_static)
        buf_addf(out,
                 "# With a target of its own the flag is for the program alone, not for what runs while it is built.\n"
                 "RUN target=$(rustc -vV | sed -n 's/^host: //p') \\\n"
                 "    && RUSTFLAGS='-C target-feature=+crt-static' \\\n"
                 "        cargo build --locked --release --target \"$target\" --bin %.*s \\\n"
                 "    && install -D -s -m 0755 \"target/$target/release/%.*s\" /out%.*s\n\n",
                 STR_ARG(plan->program), STR_ARG(plan->program), STR_ARG(plan->installed));
    else
        buf_addf(out,
                 "RUN cargo build --locked --release --bin %.*s \\\n"
                 "    && install -D -s -m 0755 target/release/%.*s /out%.*s\n\n",
                 STR_ARG(plan->program), STR_ARG(plan->program), STR_ARG(plan->installed));
}

/* --- the whole --------------------------------------------------------------------------------------------- */

void init_dockerfile_compiled(const struct init_plan *plan, struct buf *out)
{
    buf_add_z(out, "\n# What builds it. Of this stage nothing ships but what it leaves below /out.\n");
    init_dockerfile_from(plan->builder, "BUILDER", "build", out);
    buf_add_char(out, '\n');
    init_dockerfile_packages(plan, is_c(plan) ? c_packages(plan) : NULL, out);
    init_dockerfile_probe(plan, out);
    init_dockerfile_volumes(plan, out);
    if (is_c(plan))
        add_c(plan, out);
    else if (plan->language == INIT_GO)
        add_go(plan, out);
    else if (plan->language == INIT_RUST)
        add_rust(plan, out);
    else
        buf_addf(out,
                 "COPY %.*s /tmp/program\n"
                 "RUN install -D -m 0755 /tmp/program /out%.*s\n\n",
                 STR_ARG(plan->program), STR_ARG(plan->installed));
    if (!plan->is_static)
        init_dockerfile_libraries(plan, "/out/app/*", NULL, out);
    else
        buf_addf(
            out,
            "# The base has no C library.\n"
            "RUN if ldd /out%.*s 2>/dev/null | grep '=>'; then echo 'it is not linked statically' >&2; exit 1; fi\n",
            STR_ARG(plan->installed));
}
