/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/reference.h"

#include "cli/formats.h"
#include "config/env.h"

#include <stdio.h>
#include <string.h>

enum { RECORD_PATH_MAX = 512 };

#define PROGRAM_SUMMARY "hardened, distroless containers by one standard"
#define PROGRAM_TEXT                                                                                                   \
    "barehull judges Dockerfiles, Compose files and Kubernetes manifests by one standard, at the command line and as " \
    "a service for agents and platforms."
#define PROGRAM_BUILDS                                                                                                 \
    " It takes a compiled program to an image that keeps it, straight from the signed Debian archive: the program, "   \
    "the libraries that it needs, and nothing else. It needs no daemon, no root and no Dockerfile."

/* PART's text; that it is not whole is the page's failure too. */
static const char *whole(struct doc *doc, const struct buf *part)
{
    doc->out.buf->failed = doc->out.buf->failed || part->failed;
    return buf_z(part);
}

/* "barehull build [OPTIONS] APP". */
static void add_usage(struct buf *out, const struct operation *operation)
{
    buf_addf(out, "barehull %s [OPTIONS]", operation->name);
    for (const struct op_param *param = operation->params; param && param->name; param++) {
        if (!(param->flags & OP_POSITIONAL) || (param->flags & OP_HIDDEN))
            continue;
        bool required = param->flags & OP_REQUIRED;
        buf_add_z(out, required ? " " : " [");
        op_param_metavar(param, out);
        buf_add_z(out, param->flags & OP_REPEATED ? "..." : "");
        buf_add_z(out, required ? "" : "]");
    }
}

static void add_choices(struct buf *out, const struct op_param *param, bool full)
{
    bool told = false;
    for (const struct op_choice *choice = param->choices; full && choice && choice->name; choice++) {
        if (choice->summary)
            buf_addf(out, "\n\n%s: %s.", choice->name, choice->summary);
        told = told || choice->summary;
    }
    if (told || !param->metavar)
        return;
    for (const struct op_choice *choice = param->choices; choice && choice->name; choice++)
        buf_addf(out, "%s%s", choice == param->choices ? "; one of " : ", ", choice->name);
}

static void add_param_text(struct buf *out, const struct op_param *param, bool full)
{
    bool many = param->type == OP_MAP || ((param->flags & OP_REPEATED) && !(param->flags & OP_POSITIONAL));
    buf_add_z(out, param->summary);
    if (many)
        buf_add_z(out, "; may be given more than once");
    if (param->default_text && param->type != OP_BOOL)
        buf_addf(out, " (default: %s)", param->default_text);
    if (param->env)
        buf_addf(out, " (environment: %s)", param->env);
    if (full && param->details)
        buf_addf(out, "\n\n%s", param->details);
    add_choices(out, param, full);
}

static void write_param(struct doc *doc, const struct op_param *param)
{
    CLEANUP_BUF struct buf term = BUF_INIT;
    CLEANUP_BUF struct buf value = BUF_INIT;
    CLEANUP_BUF struct buf text = BUF_INIT;
    if (param->flags & OP_POSITIONAL) {
        op_param_metavar(param, &term);
        buf_add_z(&term, param->flags & OP_REPEATED ? "..." : "");
    } else {
        if (param->letter)
            buf_addf(&term, "-%c, ", param->letter);
        else
            buf_add_z(&term, "    ");
        bool off = (param->flags & OP_NEGATABLE) && param->default_text && strcmp(param->default_text, "true") == 0;
        buf_addf(&term, "--%s%s", off ? "no-" : param->flags & OP_NEGATABLE ? "[no-]" : "", param->name);
        if (param->type != OP_BOOL)
            op_param_metavar(param, &value);
    }
    add_param_text(&text, param, doc->full);
    doc->ops->item(doc, whole(doc, &term), whole(doc, &value), whole(doc, &text));
}

static void write_params(struct doc *doc, const char *heading, const struct op_param *params, unsigned positional)
{
    bool begun = false;
    for (const struct op_param *param = params; param && param->name; param++) {
        if ((param->flags & OP_POSITIONAL) != positional || (param->flags & OP_HIDDEN))
            continue;
        if (!begun)
            doc->ops->heading(doc, heading);
        begun = true;
        write_param(doc, param);
    }
}

static void write_common_params(struct doc *doc, const struct operation *operation)
{
    doc->ops->heading(doc, "Common options");
    for (const struct op_param *param = cli_common_params; param->name; param++) {
        bool redefined = operation && op_param_find(operation->params, str_z(param->name));
        struct cli_shown_param room;
        if (!redefined && cli_common_applies(param, operation))
            write_param(doc, cli_common_shown(param, operation, &room));
    }
}

static const char *own_exit_text(const struct operation *operation, int status)
{
    for (const struct op_exit *exit = operation->exits; exit && exit->summary; exit++) {
        if (exit->status == status)
            return exit->summary;
    }
    return NULL;
}

/* OPERATION NULL: all that there are. */
static void write_exits(struct doc *doc, const struct operation *operation)
{
    doc->ops->heading(doc, "Exit status");
    for (const struct op_exit *exit = cli_exits; exit->summary; exit++) {
        const char *own = operation ? own_exit_text(operation, exit->status) : NULL;
        bool always = !operation || exit->status == 0 || exit->status == 2 || exit->status == 3;
        if (own || always)
            doc->ops->item(doc, (const char[]){(char)('0' + exit->status), '\0'}, "", own ? own : exit->summary);
    }
    if (doc->full)
        doc->ops->paragraphs(doc, "A command that SIGINT or SIGTERM interrupts undoes what is half done and then ends "
                                  "by that signal, so that shells and make stop too.");
}

static bool names_command(const char *commands, const struct operation *operation)
{
    struct str rest = str_z(commands), word;
    while (str_next_word(&rest, &word)) {
        if (operation && str_eq_z(word, operation->name))
            return true;
    }
    return false;
}

static void write_variable(struct doc *doc, const struct op_variable *var)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, var->summary);
    if (var->default_text)
        buf_addf(&text, " (default: %s)", var->default_text);
    if (doc->full && var->details)
        buf_addf(&text, "\n\n%s", var->details);
    doc->ops->item(doc, var->name, "", whole(doc, &text));
}

static void write_environment(struct doc *doc, const struct operation *operation)
{
    struct op_variable own;
    bool begun = false;
    for (size_t i = 0; operation && operation->variable && operation->variable(i, &own); i++) {
        if (!begun)
            doc->ops->heading(doc, "Environment");
        begun = true;
        write_variable(doc, &own);
    }
    for (const struct config_var *var = config_vars; var->name; var++) {
        if (operation && !(var->commands && names_command(var->commands, operation)))
            continue;
        if (!begun)
            doc->ops->heading(doc, "Environment");
        begun = true;
        write_variable(doc, &(const struct op_variable){var->name, var->default_text, var->summary, NULL});
    }
}

static void write_examples(struct doc *doc, const struct op_example *examples)
{
    if (!examples || !examples->command)
        return;
    doc->ops->heading(doc, "Examples");
    for (const struct op_example *example = examples; example->command; example++)
        doc->ops->example(doc, example->command, example->summary);
}

static const char *json_type(enum op_field_type type)
{
    static const char *const names[OP_F_TYPES] = {
        [OP_F_STR] = "string",
        [OP_F_U64] = "integer",
        [OP_F_I64] = "integer",
        [OP_F_BOOL] = "boolean",
        [OP_F_OBJECT] = "object",
        [OP_F_POINTER] = "object",
        [OP_F_STRS] = "array of strings",
        [OP_F_OBJECTS] = "array of objects",
        [OP_F_MAP] = "object of strings",
        [OP_F_JSON] = "any",
    };
    return names[type];
}

static void write_record(struct doc *doc, const struct op_record *record, const char *prefix)
{
    for (const struct op_field *field = record->fields; field && field->name; field++) {
        char path[RECORD_PATH_MAX];
        (void)snprintf(path, sizeof(path), "%s%s", prefix, field->name);
        CLEANUP_BUF struct buf text = BUF_INIT;
        buf_addf(&text, "%s%s", field->summary, field->optional ? "; may be absent" : "");
        doc->ops->field(doc, path, json_type(field->type), whole(doc, &text));
        if (!field->record)
            continue;
        (void)snprintf(path, sizeof(path), "%s%s%s.", prefix, field->name, field->type == OP_F_OBJECTS ? "[]" : "");
        write_record(doc, field->record, path);
    }
}

/* NAMES of which TABLE has the commands: the service alone has fewer. */
static void write_see_also(struct doc *doc, const struct op_table *table, const char *const *names)
{
    enum { NAMES_MAX = 32 };
    char text[NAMES_MAX][64];
    const char *items[NAMES_MAX];
    size_t count = 0;
    for (const char *const *name = names; name && *name && count < NAMES_MAX; name++) {
        if (!op_table_find(table, str_z(*name)))
            continue;
        (void)snprintf(text[count], sizeof(text[count]), "barehull %s", *name);
        items[count] = text[count];
        count++;
    }
    if (count > 0)
        doc->ops->see_also(doc, items, count);
}

static void write_operation(struct doc *doc, const struct op_table *table, const struct operation *operation)
{
    CLEANUP_BUF struct buf name = BUF_INIT;
    CLEANUP_BUF struct buf usage = BUF_INIT;
    buf_addf(&name, "barehull %s", operation->name);
    add_usage(&usage, operation);
    doc->ops->title(doc, whole(doc, &name), operation->summary);
    doc->ops->usage(doc, (const char *const[]){whole(doc, &usage)}, 1);
    doc->ops->paragraphs(doc, operation->description);
    write_params(doc, "Arguments", operation->params, OP_POSITIONAL);
    write_params(doc, "Options", operation->params, 0);
    write_common_params(doc, operation);
    for (const struct op_section *section = operation->sections; section && section->title; section++) {
        doc->ops->heading(doc, section->title);
        doc->ops->paragraphs(doc, section->text);
    }
    if (doc->full) {
        doc->ops->heading(doc, "JSON output");
        doc->ops->paragraphs(doc, "What --format json writes to standard output.");
        write_record(doc, operation->result, "");
    }
    write_exits(doc, operation);
    write_environment(doc, operation);
    write_examples(doc, operation->examples);
    write_see_also(doc, table, operation->see_also);
}

/* Commands under the headings of their groups, both in the order of the table. */
static void write_commands(struct doc *doc, const struct op_table *table)
{
    for (const struct operation *const *item = table->items; *item; item++) {
        const char *group = (*item)->group;
        bool seen = false;
        for (const struct operation *const *before = table->items; before != item && !seen; before++)
            seen = strcmp((*before)->group, group) == 0;
        if (seen)
            continue;
        doc->ops->heading(doc, group);
        for (const struct operation *const *member = item; *member; member++) {
            if (strcmp((*member)->group, group) == 0)
                doc->ops->item(doc, (*member)->name, "", (*member)->summary);
        }
    }
}

static void write_program(struct doc *doc, const struct op_table *table)
{
    static const char *const usage[] = {"barehull COMMAND [OPTIONS] [ARGUMENTS]", "barehull help [COMMAND]"};
    const char *names[OP_PARAMS_MAX + 1];
    size_t count = 0;
    for (const struct operation *const *item = table->items; *item && count < OP_PARAMS_MAX; item++)
        names[count++] = (*item)->name;
    names[count] = NULL;
    doc->ops->title(doc, "barehull", PROGRAM_SUMMARY);
    doc->ops->usage(doc, usage, ARRAY_LEN(usage));
    doc->ops->paragraphs(doc, op_table_find(table, STR("build")) ? PROGRAM_TEXT PROGRAM_BUILDS : PROGRAM_TEXT);
    write_commands(doc, table);
    write_common_params(doc, NULL);
    if (!doc->full) {
        text_z(&doc->out, "\n'barehull COMMAND --help' tells more about a command, 'man barehull' about all.\n");
        return;
    }
    write_exits(doc, NULL);
    write_environment(doc, NULL);
    write_see_also(doc, table, names);
}

void reference_write(struct text_out *out, enum reference_style style, const struct op_table *table,
                     const struct operation *operation, const char *version)
{
    static const struct doc_ops *const backends[] = {&doc_text_ops, &doc_man_ops, &doc_markdown_ops};
    struct doc doc = {.ops = backends[style], .out = *out, .full = style != REFERENCE_HELP, .version = version};
    if (operation)
        write_operation(&doc, table, operation);
    else
        write_program(&doc, table);
}
