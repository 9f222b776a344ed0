/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/build_python.h"

#include "op/text.h"
#include "pack/build.h"

static const struct op_choice distribution_origins[] = {
    {"environment", "the virtual environment"},
    {"project", "installed beside the project"},
    {"debian", "a Debian package; the version is in the list of packages"},
    {NULL, NULL},
};

static const struct op_field distribution_fields[] = {
    {.name = "name", .type = OP_F_STR, .summary = "of the Python distribution", OP_AT(struct build_distribution, name)},
    {.name = "version",
     .type = OP_F_STR,
     .optional = true,
     .summary = "its version",
     OP_AT(struct build_distribution, version)},
    {.name = "origin",
     .type = OP_F_STR,
     .summary = "where it comes from",
     .choices = distribution_origins,
     OP_AT(struct build_distribution, origin)},
    {.name = NULL},
};
static const struct op_record distribution_record = {"distribution", distribution_fields,
                                                     sizeof(struct build_distribution)};

static const struct op_choice origins[] = {
    {"debian", "the Debian archive"},
    {"application", "the application brings it"},
    {NULL, NULL},
};

static const struct op_choice environments[] = {
    {"venv", "a virtual environment"},
    {"target", "packages installed beside the project"},
    {"none", "there is none"},
    {NULL, NULL},
};

static const struct op_choice bytecodes[] = {
    {"all", "every module has its .pyc"},
    {"none", "modules are compiled at each start"},
    {NULL, NULL},
};

#define TEXT(field_name, words)                                                                                        \
    {                                                                                                                  \
        .name = #field_name, .type = OP_F_STR, .optional = true, .summary = words,                                     \
        OP_AT(struct build_python, field_name)                                                                         \
    }

static const struct op_field fields[] = {
    TEXT(framework, "what the application is made with"),
    TEXT(server, "what serves it; absent: it is run itself"),
    TEXT(module, "the module that is started"),
    TEXT(entry, "its file, in the project"),
    TEXT(chosen, "why this one"),
    {.name = "port",
     .type = OP_F_U64,
     .optional = true,
     .summary = "that the image is set to; absent: the application chooses",
     OP_AT(struct build_python, port)},
    TEXT(port_note, "how the port is given"),
    TEXT(interpreter, "the interpreter's program in the image"),
    TEXT(version, "of the interpreter"),
    {.name = "origin",
     .type = OP_F_STR,
     .summary = "where the interpreter comes from",
     .choices = origins,
     OP_AT(struct build_python, origin)},
    TEXT(told_by, "what asked for this version"),
    {.name = "environment",
     .type = OP_F_STR,
     .summary = "where the application's packages are",
     .choices = environments,
     OP_AT(struct build_python, environment)},
    TEXT(environment_place, "its place in the image"),
    TEXT(environment_maker, "venv, virtualenv or uv"),
    {.name = "bytecode",
     .type = OP_F_STR,
     .summary = "whether compiled modules ship",
     .choices = bytecodes,
     OP_AT(struct build_python, bytecode)},
    TEXT(bytecode_reason, "why none does"),
    {.name = "distributions",
     .type = OP_F_OBJECTS,
     .summary = "Python distributions in the image",
     .record = &distribution_record,
     OP_AT(struct build_python, distributions)},
    {.name = NULL},
};
const struct op_record build_python_record = {"python", fields, sizeof(struct build_python)};

static void put(struct text_out *out, const char *before, struct str text, const char *behind)
{
    if (text.len == 0)
        return;
    text_z(out, before);
    text_str(out, text);
    text_z(out, behind);
}

static void render_environment(const struct build_python *python, struct text_out *out)
{
    size_t own = 0;
    for (size_t i = 0; i < python->distributions.len; i++)
        own += !str_eq(python->distributions.ptr[i].origin, STR("debian"));
    bool venv = str_eq(python->environment, STR("venv"));
    if (own > 0 || venv) {
        text_count(out, own, "package");
        put(out, " in ", python->environment_place, "");
        put(out, venv ? " (made by " : " (", python->environment_maker, ")");
    }
    if (python->distributions.len == own)
        return;
    text_z(out, own ? ", " : "");
    text_count(out, python->distributions.len - own, "package");
    text_z(out, " of Debian");
}

static void render_distributions(const struct build_python *python, struct text_out *out, unsigned width)
{
    struct text_table table;
    text_table_begin(&table, out, width, "lll");
    for (size_t i = 0; i < python->distributions.len; i++) {
        const struct build_distribution *distribution = &python->distributions.ptr[i];
        text_table_str(&table, distribution->name);
        text_table_str(&table, distribution->version);
        text_table_str(&table, distribution->origin);
    }
    text_table_end(&table);
}

void build_python_render(const struct build_python *python, struct str suite, struct text_out *out, unsigned width)
{
    if (python->module.len) {
        text_label(out, "starts", width);
        text_str(out, python->module);
        put(out, " with ", python->server, "");
        put(out, ": ", python->chosen, "");
        text_z(out, "\n");
    }
    text_label(out, "python", width);
    text_str(out, python->version);
    if (str_eq(python->origin, STR("debian")))
        put(out, " of Debian ", suite, "");
    else
        put(out, ", the application's own, at ", python->interpreter, "");
    put(out, " (asked for by ", python->told_by, ")");
    text_z(out, str_eq(python->bytecode, STR("all")) ? ", with bytecode\n" : ", without bytecode\n");
    if (python->distributions.len || str_eq(python->environment, STR("venv"))) {
        text_label(out, "modules", width);
        render_environment(python, out);
        text_z(out, "\n");
        if (out->verbose)
            render_distributions(python, out, width);
    }
}
