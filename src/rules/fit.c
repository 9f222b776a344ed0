/* SPDX-License-Identifier: Apache-2.0 */
/* Does what a builder stage made run in the image that it is copied into? Only where names leave no doubt. */
#include "base/num.h"
#include "base/path.h"
#include "rules/families.h"
#include "rules/judge.h"

static void judge_libc(struct judge *judge, const struct build *build);
static void judge_interpreter(struct judge *judge, const struct build *build);

static const struct rule_source libc_sources[] = {
    {"musl: functional differences from glibc", "https://wiki.musl-libc.org/functional-differences-from-glibc.html"},
    {"Go: cgo", "https://pkg.go.dev/cmd/cgo"},
    {"Rust reference: static and dynamic C runtimes",
     "https://doc.rust-lang.org/reference/linkage.html#static-and-dynamic-c-runtimes"},
    {NULL, NULL},
};

static const struct rule_example libc_examples[] = {
    {SURFACE_DOCKERFILE,
     "FROM rust:1.80-slim AS build\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "COPY --from=build /src/target/release/app /app\n"
     "ENTRYPOINT [\"/app\"]\n",
     "FROM rust:1.80-slim AS build\n"
     "WORKDIR /src\n"
     "COPY . .\n"
     "RUN cargo build --release\n"
     "FROM gcr.io/distroless/cc-debian12:nonroot\n"
     "COPY --from=build /src/target/release/app /app\n"
     "ENTRYPOINT [\"/app\"]\n"},
    {0, NULL, NULL},
};

const struct rule libc_matches_rule = {
    .id = "libc-matches",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_NONE,
    .summary = "copied programs find the C library that they were linked with",
    .rationale =
        "A program that is linked dynamically names its loader by path: /lib/ld-musl-x86_64.so.1 when it was built on "
        "Alpine, /lib64/ld-linux-x86-64.so.2 on Debian and most others. In an image with the other C library, or with "
        "none (scratch, distroless static), the kernel answers \"no such file or directory\" about a program that is "
        "there. Only static linking, or a builder of the same kind, helps.",
    .remedy =
        "Build in an image with the C library of the final one, or link statically (CGO_ENABLED=0, -static, a musl "
        "target) where that is meant.",
    .sources = libc_sources,
    .examples = libc_examples,
    .build = judge_libc,
};

static const struct rule_source interpreter_sources[] = {
    {"Python: venv", "https://docs.python.org/3/library/venv.html"},
    {"Python: compatibility tags",
     "https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/"},
    {"Node.js: ABI stability", "https://nodejs.org/api/n-api.html"},
    {"Distroless: Python", "https://github.com/GoogleContainerTools/distroless/blob/main/python3/README.md"},
    {NULL, NULL},
};

static const struct rule_example interpreter_examples[] = {
    {SURFACE_DOCKERFILE,
     "FROM python:3.12-slim AS build\n"
     "RUN python -m venv /venv && /venv/bin/pip install flask\n"
     "FROM gcr.io/distroless/python3-debian12:nonroot\n"
     "COPY --from=build /venv /venv\n"
     "COPY app.py /app.py\n"
     "ENTRYPOINT [\"/venv/bin/python\", \"/app.py\"]\n",
     "FROM debian:12-slim AS build\n"
     "RUN apt-get update && apt-get install -y python3-venv && python3 -m venv /venv && /venv/bin/pip install flask\n"
     "FROM gcr.io/distroless/python3-debian12:nonroot\n"
     "COPY --from=build /venv /venv\n"
     "COPY app.py /app.py\n"
     "ENTRYPOINT [\"/venv/bin/python\", \"/app.py\"]\n"},
    {0, NULL, NULL},
};

const struct rule interpreter_matches_rule = {
    .id = "interpreter-matches",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_NONE,
    .summary = "copied environments find the interpreter that they were made for",
    .rationale =
        "A Python virtual environment is a link to one interpreter's path and a lib/python3.X folder that only this "
        "version reads. Made in python:3.12 (/usr/local/bin/python3.12) and copied into distroless python3-debian12 "
        "(/usr/bin/python3.11), its bin/python points nowhere, its packages are not found, and compiled modules carry "
        "the wrong tag. node_modules with native modules are bound to the major version of Node.js in the same way.",
    .remedy = "Make the environment with the interpreter that ships: for distroless python3-debian12 in debian:12 with "
              "python3-venv; for Node.js with the same major version.",
    .sources = interpreter_sources,
    .examples = interpreter_examples,
    .build = judge_interpreter,
};

/* --- libc-matches --------------------------------------------------------------------------------------------- */

static bool has(struct str text, const char *piece)
{
    return str_find(text, str_z(piece)) < text.len;
}

static const char *libc_name(enum image_libc libc)
{
    static const char *const names[] = {"an unknown C library", "glibc", "musl", "no C library"};
    return names[libc];
}

/* Somebody copies the C library along. */
static bool brings_libc(const struct build *build)
{
    static const char *const marks[] = {
        "/lib64",  "ld-linux", "ld-musl", "libc.so", "libc.musl", "/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
        "/lib/ld", "/usr/lib"};
    for (size_t i = 0; i < build->copy_count; i++) {
        const struct copy_fact *copy = &build->copies[i];
        for (size_t s = 0; copy->ships && s < copy->source_count; s++) {
            struct str path = copy->sources[s].path.value;
            if (str_eq_z(path, "/lib") || str_eq_z(path, "/lib/") || str_eq_z(path, "/") ||
                str_eq_z(copy->destination.value, "/lib"))
                return true;
            for (size_t m = 0; m < ARRAY_LEN(marks); m++)
                if (has(path, marks[m]) || has(copy->destination.value, marks[m]))
                    return true;
        }
    }
    return false;
}

/* How programs are made in a builder stage and its parents. */
struct making {
    bool rust, go, c;  /* cargo build, go build, a C compiler's command that links */
    bool is_static;    /* something says so */
    bool cgo;          /* CGO_ENABLED=1 */
    bool musl_cargo;   /* cargo of Alpine's packages: links dynamically */
    bool compiler;     /* a C compiler is installed */
    struct str output; /* of the last -o */
};

static bool says_static(struct str text)
{
    return has(text, "CGO_ENABLED=0") || has(text, "-static") || has(text, "crt-static") || has(text, "-musl") ||
           has(text, "musl-gcc") || has(text, "zigbuild") || has(text, "=static") || has(text, "netgo");
}

static bool in_chain(const struct dockerfile_stage *stage, uint32_t position)
{
    for (; stage; stage = stage->parent)
        if (position >= stage->first && position < stage->first + stage->count)
            return true;
    return false;
}

static void look_at_command(struct making *making, const struct shell_command *simple)
{
    size_t at = command_program_of(simple->words, simple->word_count);
    for (size_t i = 0; i < simple->assignment_count; i++) {
        making->is_static = making->is_static || says_static(simple->assignments[i].text);
        making->cgo = making->cgo || str_eq_z(simple->assignments[i].text, "CGO_ENABLED=1");
    }
    if (at >= simple->word_count)
        return;
    struct str program = command_base_name(simple->words[at].text);
    struct str verb = at + 1 < simple->word_count ? simple->words[at + 1].text : STR_NONE;
    bool go = str_eq_z(program, "go") && (str_eq_z(verb, "build") || str_eq_z(verb, "install"));
    bool rust = str_eq_z(program, "cargo") &&
                (str_eq_z(verb, "build") || str_eq_z(verb, "install") || str_eq_z(verb, "b") || str_eq_z(verb, "chef"));
    bool c = str_eq_z(program, "gcc") || str_eq_z(program, "cc") || str_eq_z(program, "g++") ||
             str_eq_z(program, "clang") || str_eq_z(program, "c++") || str_eq_z(program, "clang++");
    for (size_t i = 0; i < simple->word_count; i++) {
        struct str word = simple->words[i].text;
        making->is_static = making->is_static || says_static(word);
        making->cgo = making->cgo || str_eq_z(word, "CGO_ENABLED=1");
        making->compiler = making->compiler || str_eq_z(word, "gcc") || str_eq_z(word, "build-base") ||
                           str_eq_z(word, "g++") || str_eq_z(word, "musl-dev");
        making->musl_cargo = making->musl_cargo || (str_eq_z(program, "apk") && str_eq_z(word, "cargo"));
        if (str_eq_z(word, "-c"))
            c = false; /* does not link */
        if ((go || c) && str_eq_z(word, "-o") && i + 1 < simple->word_count)
            making->output = simple->words[i + 1].text;
    }
    making->go = making->go || go;
    making->rust = making->rust || rust;
    making->c = making->c || c;
}

static struct making look_at_stage(const struct build *build, const struct dockerfile_stage *stage)
{
    struct making making = {0};
    for (const struct dockerfile_stage *s = stage; s; s = s->parent) {
        for (uint32_t i = 0; i < s->env.count + s->args.count; i++) {
            const struct dockerfile_entry *entry =
                i < s->env.count ? &s->env.items[i] : &s->args.items[i - s->env.count];
            bool cgo = str_eq_z(entry->key.text, "CGO_ENABLED");
            making.is_static =
                making.is_static || says_static(entry->value.text) || (cgo && str_eq_z(entry->value.text, "0"));
            making.cgo = making.cgo || (cgo && str_eq_z(entry->value.text, "1"));
        }
    }
    for (size_t i = 0; i < build->run_count; i++) {
        if (!in_chain(stage, build->runs[i].position))
            continue;
        const struct fact_command *command = &build->runs[i].command;
        for (size_t k = 0; k < command->script.count; k++)
            look_at_command(&making, &command->script.commands[k]);
        if (command->form == COMMAND_EXEC) {
            const struct shell_command words = {.words = command->words, .word_count = command->word_count};
            look_at_command(&making, &words);
        }
    }
    return making;
}

/* A program that belongs to the published image itself: dynamic on Alpine and on Debian alike. */
static bool is_system_program(struct str path, bool published)
{
    static const char *const runtimes[] = {"/usr/local/bin/node", "/usr/local/bin/python", "/usr/local/bin/python3",
                                           "/usr/bin/node",       "/usr/bin/python3",      "/usr/bin/curl",
                                           "/usr/bin/wget",       "/bin/busybox",          "/bin/sh",
                                           "/bin/bash",           "/usr/bin/git",          "/usr/bin/openssl"};
    for (size_t i = 0; i < ARRAY_LEN(runtimes); i++)
        if (str_eq_z(path, runtimes[i]))
            return true;
    bool system = str_starts(path, STR("/usr/bin/")) || str_starts(path, STR("/usr/sbin/")) ||
                  str_starts(path, STR("/sbin/")) || str_starts(path, STR("/bin/"));
    return published && system && path_base(path).len && !has(path, "static") && !has(path, "*") &&
           !str_ends(path, STR("/")) && !str_ends(path, STR(".sh"));
}

enum linked { LINKED_UNKNOWN, LINKED_MAYBE, LINKED_DYNAMIC };

static enum linked linked_of(const struct making *making, struct str path, enum image_libc libc)
{
    struct str base = path_base(path);
    bool release =
        has(path, "/target/release/") || has(path, "/target/debug/") || str_starts(path, STR("target/release/"));
    bool cargo_bin = has(path, "/cargo/bin/");
    if (making->is_static || base.len == 0 || has(base, "*"))
        return LINKED_UNKNOWN;
    if (making->rust && (release || cargo_bin))
        return libc == IMAGE_LIBC_GLIBC ? LINKED_DYNAMIC : making->musl_cargo ? LINKED_MAYBE : LINKED_UNKNOWN;
    bool named = making->output.len && str_eq(path_base(making->output), base);
    if (making->c && named && !making->go && !making->rust)
        return LINKED_DYNAMIC;
    if (making->go && (named || has(path, "/go/bin/"))) {
        if (making->cgo)
            return LINKED_MAYBE;
        /* Without a compiler the go command leaves cgo out; golang images on Alpine have none. */
        return libc == IMAGE_LIBC_MUSL && !making->compiler ? LINKED_UNKNOWN : LINKED_MAYBE;
    }
    return LINKED_UNKNOWN;
}

static void tell_libc(struct judge *judge, const struct build *build, const struct fact_text *path, enum linked linked,
                      enum image_libc from, struct place from_at)
{
    enum image_libc to = build->final_fact->image_name.libc;
    if (linked == LINKED_MAYBE) {
        judge_unknown(judge, path->fact.at,
                      "whether '%.*s' needs %s hangs on how it is linked, and the final image has %s",
                      STR_ARG(path_base(path->value)), libc_name(from), libc_name(to));
        judge_remedy(judge, "Say it: CGO_ENABLED=0 or -static for a static program, or build where the final image's "
                            "library is.");
    } else {
        judge_fail(judge, path->fact.at, "'%.*s' is linked with %s, and the final image has %s",
                   STR_ARG(path_base(path->value)), libc_name(from), libc_name(to));
    }
    judge_related(judge, from_at, "it comes from an image with %s", libc_name(from));
    judge_related(judge, build->final_fact->image_at, "the final image has %s", libc_name(to));
}

static void judge_libc_of_copy(struct judge *judge, const struct build *build, const struct copy_fact *copy)
{
    enum image_libc to = build->final_fact->image_name.libc;
    const struct stage_fact *stage = copy->from_stage ? &build->stages[copy->from_stage->index] : NULL;
    enum image_libc from = stage ? stage->image_name.libc : copy->from_image.libc;
    struct place from_at = stage ? stage->image_at : copy->from.fact.at;
    struct making making = {0};
    if (stage && !fact_said(&stage->image.fact))
        return;
    if ((!stage && !fact_said(&copy->from.fact)) || from == to || (from != IMAGE_LIBC_GLIBC && from != IMAGE_LIBC_MUSL))
        return;
    if (stage)
        making = look_at_stage(build, copy->from_stage);
    for (size_t i = 0; i < copy->source_count; i++) {
        const struct fact_text *path = &copy->sources[i].path;
        if (!fact_said(&path->fact) || copy->sources[i].heredoc)
            continue;
        enum linked linked =
            is_system_program(path->value, !stage) ? LINKED_DYNAMIC : linked_of(&making, path->value, from);
        if (linked == LINKED_UNKNOWN)
            continue;
        tell_libc(judge, build, path, linked, from, from_at);
        return; /* one cause: how this stage builds */
    }
}

static void judge_libc(struct judge *judge, const struct build *build)
{
    if (!build->final || !fact_said(&build->final_fact->image.fact) ||
        build->final_fact->image_name.libc == IMAGE_LIBC_UNKNOWN || brings_libc(build))
        return;
    for (size_t i = 0; i < build->copy_count; i++)
        if (build->copies[i].ships)
            judge_libc_of_copy(judge, build, &build->copies[i]);
}

/* --- interpreter-matches -------------------------------------------------------------------------------------- */

/* What interprets, and where; minor 0: not known. */
struct interpreter {
    enum { INTERPRETER_NONE, INTERPRETER_PYTHON, INTERPRETER_NODE } kind;
    unsigned major, minor;
    const char *directory; /* of the program */
};

/* "3.12" or "22" at the start of TEXT. */
static void read_version(struct str text, struct interpreter *interpreter)
{
    struct str rest = text, major = STR_NONE;
    uint64_t number = 0;
    size_t len = 0;
    while (len < rest.len && char_is_digit(rest.ptr[len]))
        len++;
    major = str_head(rest, len);
    if (!num_parse_u64(major, &number) || number > 1000)
        return;
    interpreter->major = (unsigned)number;
    rest = str_skip(rest, len);
    if (!str_starts(rest, STR(".")))
        return;
    rest = str_skip(rest, 1);
    for (len = 0; len < rest.len && char_is_digit(rest.ptr[len]);)
        len++;
    if (num_parse_u64(str_head(rest, len), &number) && number <= 1000)
        interpreter->minor = (unsigned)number;
}

/* Python of a Debian or Ubuntu release, by what a tag or a name says. */
static unsigned python_of_release(struct str text)
{
    static const struct {
        const char *name;
        unsigned minor;
    } releases[] = {
        {"debian10", 7},  {"buster", 7},    {"debian11", 9}, {"bullseye", 9}, {"debian12", 11},
        {"bookworm", 11}, {"debian13", 13}, {"trixie", 13},  {"20.04", 8},    {"22.04", 10},
        {"24.04", 12},    {"jammy", 10},    {"noble", 12},   {"focal", 8},
    };
    for (size_t i = 0; i < ARRAY_LEN(releases); i++)
        if (has(text, releases[i].name))
            return releases[i].minor;
    return 0;
}

static struct interpreter python_of_system(const struct image_name *name)
{
    struct interpreter python = {.kind = INTERPRETER_PYTHON, .major = 3, .directory = "/usr/bin"};
    struct str tag = name->tag;
    python.minor = python_of_release(tag);
    if (python.minor || !str_eq_z(name->repository, "library/debian"))
        return python;
    python.minor = str_starts(tag, STR("11"))   ? 9
                   : str_starts(tag, STR("12")) ? 11
                   : str_starts(tag, STR("13")) ? 13
                                                : 0;
    return python;
}

static struct interpreter interpreter_of(const struct image_name *name)
{
    struct interpreter interpreter = {0};
    struct str repository = path_base(name->repository);
    bool official = str_starts(name->repository, STR("library/"));
    if (official && str_eq_z(repository, "python")) {
        interpreter = (struct interpreter){.kind = INTERPRETER_PYTHON, .directory = "/usr/local/bin"};
        read_version(name->tag, &interpreter);
    } else if (official && str_eq_z(repository, "node")) {
        interpreter = (struct interpreter){.kind = INTERPRETER_NODE, .directory = "/usr/local/bin"};
        read_version(name->tag, &interpreter);
    } else if (official && (str_eq_z(repository, "debian") || str_eq_z(repository, "ubuntu"))) {
        interpreter = python_of_system(name);
    } else if (name->kind == IMAGE_DISTROLESS && name->flavour && str_eq_z(str_z(name->flavour), "python3")) {
        interpreter = (struct interpreter){.kind = INTERPRETER_PYTHON, .major = 3, .directory = "/usr/bin"};
        interpreter.minor = python_of_release(repository);
    } else if (name->kind == IMAGE_DISTROLESS && name->flavour && str_starts(str_z(name->flavour), STR("nodejs"))) {
        interpreter = (struct interpreter){.kind = INTERPRETER_NODE, .directory = "/nodejs/bin"};
        struct str version = str_skip(str_z(name->flavour), 6);
        read_version(version.len ? version : name->tag, &interpreter);
    }
    return interpreter;
}

static bool is_python_tree(struct str path)
{
    struct str base = path_base(path);
    return str_eq_z(base, "venv") || str_eq_z(base, ".venv") || str_eq_z(base, "virtualenv") ||
           str_eq_z(base, "site-packages") || str_eq_z(base, "dist-packages");
}

static bool is_node_tree(struct str path)
{
    return str_eq_z(path_base(path), "node_modules");
}

/* The interpreter itself is copied, or installed, in what ships. */
static bool brings_interpreter(const struct build *build)
{
    static const char *const marks[] = {"/usr/local/bin", "/usr/local/lib/libpython", "/usr/bin/python", "/nodejs",
                                        "/python"};
    for (size_t i = 0; i < build->copy_count; i++)
        for (size_t s = 0; build->copies[i].ships && s < build->copies[i].source_count; s++) {
            struct str path = build->copies[i].sources[s].path.value;
            if (str_eq_z(path, "/usr/local") || str_eq_z(path, "/usr/local/") || str_eq_z(path, "/usr") ||
                str_eq_z(path, "/") || str_find(path, STR("/.local/share/uv")) < path.len)
                return true;
            for (size_t m = 0; m < ARRAY_LEN(marks); m++)
                if (str_starts(path, str_z(marks[m])))
                    return true;
        }
    for (size_t i = 0; i < build->run_count; i++)
        if (build->runs[i].ships)
            return true; /* may make the environment anew */
    return false;
}

/* The stage gets its interpreter from elsewhere: uv, pyenv, conda, nvm, packages of another archive. */
static bool makes_own_interpreter(const struct build *build, const struct dockerfile_stage *stage)
{
    static const char *const makers[] = {"uv", "pyenv", "conda", "mamba", "micromamba", "nvm",
                                         "n",  "rye",   "asdf",  "mise",  "pdm",        "add-apt-repository"};
    for (size_t i = 0; i < build->run_count; i++)
        for (size_t k = 0; in_chain(stage, build->runs[i].position) && k < build->runs[i].command.script.count; k++) {
            const struct shell_command *simple = &build->runs[i].command.script.commands[k];
            size_t at = command_program_of(simple->words, simple->word_count);
            for (size_t m = 0; at < simple->word_count && m < ARRAY_LEN(makers); m++)
                if (str_eq_z(command_base_name(simple->words[at].text), makers[m]))
                    return true;
        }
    return false;
}

/* The environment has a copy of the interpreter instead of a link. */
static bool copies_interpreter(const struct build *build, const struct dockerfile_stage *stage)
{
    for (size_t i = 0; i < build->run_count; i++)
        if (in_chain(stage, build->runs[i].position) && has(place_text(build->runs[i].at), "-copies"))
            return true;
    return false;
}

/* What the image starts lies in the environment at DESTINATION. */
static bool starts_within(const struct build *build, struct str destination)
{
    const struct fact_command *command = fact_said(&build->entrypoint.fact) ? &build->entrypoint : &build->command;
    while (destination.len > 1 && destination.ptr[destination.len - 1] == '/')
        destination.len--;
    if (!fact_said(&command->fact) || command->word_count == 0)
        return false;
    struct str program = command->words[0].text;
    return destination.len > 1 && path_is_below(program, destination) && has(program, "/bin/");
}

static const char *kind_name(const struct interpreter *interpreter)
{
    return interpreter->kind == INTERPRETER_PYTHON ? "Python" : "Node.js";
}

static void tell_versions(struct judge *judge, const struct fact_text *path, const struct interpreter *from,
                          const struct interpreter *to)
{
    struct str base = path_base(path->value);
    if (from->kind == INTERPRETER_PYTHON)
        judge_fail(judge, path->fact.at, "'%.*s' was made for Python %u.%u, and the final image has %u.%u",
                   STR_ARG(base), from->major, from->minor, to->major, to->minor);
    else
        judge_fail_as(judge, SEVERITY_WARNING, path->fact.at,
                      "'%.*s' was installed by Node.js %u, and the final image has %u: native modules do not load",
                      STR_ARG(base), from->major, to->major);
}

static bool same_version(const struct interpreter *a, const struct interpreter *b)
{
    return a->major == b->major && (a->kind == INTERPRETER_NODE || a->minor == b->minor);
}

static bool version_known(const struct interpreter *interpreter)
{
    return interpreter->major && (interpreter->kind == INTERPRETER_NODE || interpreter->minor);
}

static void judge_tree(struct judge *judge, const struct build *build, const struct copy_fact *copy,
                       const struct fact_text *path, const struct interpreter *to)
{
    const struct stage_fact *stage = &build->stages[copy->from_stage->index];
    struct interpreter from = {0};
    if (fact_said(&stage->image.fact))
        from = interpreter_of(&stage->image_name);
    bool hidden = stage->image.fact.state == FACT_UNKNOWN;
    if ((!hidden && from.kind != to->kind) || makes_own_interpreter(build, copy->from_stage))
        return;
    if (hidden || !version_known(&from) || !version_known(to)) {
        judge_unknown(judge, path->fact.at, "which version of %s '%.*s' was made for, or meets, is not known",
                      kind_name(to), STR_ARG(path_base(path->value)));
        return;
    }
    bool links = to->kind == INTERPRETER_PYTHON && !str_ends(path->value, STR("-packages")) &&
                 fact_said(&copy->destination.fact) && !copies_interpreter(build, copy->from_stage) &&
                 starts_within(build, copy->destination.value);
    if (!same_version(&from, to)) {
        tell_versions(judge, path, &from, to);
    } else if (links && !str_eq_z(str_z(from.directory), to->directory)) {
        judge_fail(judge, path->fact.at, "'%.*s' links to Python in %s, and the final image has it in %s",
                   STR_ARG(path_base(path->value)), from.directory, to->directory);
    } else {
        return;
    }
    judge_related(judge, stage->image_at, "it is made here");
    judge_related(judge, build->final_fact->image_at, "it runs here");
}

static void judge_interpreter(struct judge *judge, const struct build *build)
{
    if (!build->final || !fact_said(&build->final_fact->image.fact))
        return;
    const struct interpreter to = interpreter_of(&build->final_fact->image_name);
    bool system = str_starts(build->final_fact->image_name.repository, STR("library/debian")) ||
                  str_starts(build->final_fact->image_name.repository, STR("library/ubuntu"));
    if (to.kind == INTERPRETER_NONE || system || brings_interpreter(build))
        return;
    for (size_t i = 0; i < build->copy_count; i++) {
        const struct copy_fact *copy = &build->copies[i];
        for (size_t s = 0; copy->ships && copy->from_stage && s < copy->source_count; s++) {
            const struct fact_text *path = &copy->sources[s].path;
            bool tree = to.kind == INTERPRETER_PYTHON ? is_python_tree(path->value) : is_node_tree(path->value);
            if (fact_said(&path->fact) && tree)
                judge_tree(judge, build, copy, path, &to);
        }
    }
}
