/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/args.h"

#include "base/suggest.h"
#include "base/vec.h"

#include <string.h>

struct parser {
    const struct op_table *table;
    int argc;
    char *const *argv;
    int next; /* index of the word to read */
    struct arena *arena;
    struct cli_args *out;
    struct op_decoder common;
    struct op_decoder own;       /* params NULL until the command is known */
    const struct op_param *rest; /* the next positional parameter, or NULL */
    bool stop;                   /* --help or --version was met */
    VEC(struct str) formats;     /* of --format: what they mean hangs on the command, which may come later */
};

/* An option's table entry and whose decoder takes it. */
struct target {
    struct op_decoder *decoder;
    const struct op_param *param;
    bool negated;
};

static bool is_option(const struct op_param *param)
{
    return param && !(param->flags & OP_POSITIONAL);
}

/* The operation's own option comes first: it may redefine a common one. */
static struct target find_long(struct parser *parser, struct str name)
{
    struct op_decoder *decoders[] = {&parser->own, &parser->common};
    for (size_t i = 0; i < ARRAY_LEN(decoders); i++) {
        const struct op_param *param = op_param_find(decoders[i]->params, name);
        if (is_option(param))
            return (struct target){decoders[i], param, false};
        param = str_starts(name, STR("no-")) ? op_param_find(decoders[i]->params, str_skip(name, 3)) : NULL;
        if (is_option(param) && (param->flags & OP_NEGATABLE))
            return (struct target){decoders[i], param, true};
    }
    return (struct target){NULL, NULL, false};
}

static struct target find_letter(struct parser *parser, char letter)
{
    const struct op_param *param = op_param_find_letter(parser->own.params, letter);
    if (param)
        return (struct target){&parser->own, param, false};
    return (struct target){&parser->common, op_param_find_letter(parser->common.params, letter), false};
}

/* ERR_USAGE's hint: what was there, then where help is. */
static int point_to_help(const struct parser *parser, struct err *err)
{
    char hint[ERR_HINT_MAX];
    memcpy(hint, err->hint, sizeof(hint));
    const char *name = parser->out->operation ? parser->out->operation->name : NULL;
    size_t len = strlen(hint);
    const char *joint = len == 0 ? "" : hint[len - 1] == '?' ? " " : "; ";
    return err_hint(err, "%s%ssee 'barehull %s%s--help'", hint, joint, name ? name : "", name ? " " : "");
}

static int unknown_long(struct parser *parser, struct str name, struct err *err)
{
    struct suggest suggest = suggest_begin(name);
    struct op_decoder *decoders[] = {&parser->own, &parser->common};
    for (size_t i = 0; i < ARRAY_LEN(decoders); i++) {
        for (const struct op_param *param = decoders[i]->params; param && param->name; param++) {
            if (is_option(param) && !(param->flags & OP_HIDDEN))
                suggest_offer(&suggest, str_z(param->name));
        }
    }
    int rc = err_set(err, ERR_USAGE, "unknown option '--%.*s'", STR_ARG(name));
    return suggest.best.len > 0 ? err_hint(err, "did you mean '--%.*s'?", STR_ARG(suggest.best)) : rc;
}

static void note_stop(struct parser *parser)
{
    parser->stop = parser->out->common.help || parser->out->common.version;
}

static int take_flag(struct parser *parser, struct target target, bool value, struct err *err)
{
    int rc = op_decode_flag(target.decoder, target.param, value, err);
    note_stop(parser);
    return rc;
}

static int take_value(struct parser *parser, struct target target, struct str value, struct err *err)
{
    if (target.decoder != &parser->common || strcmp(target.param->name, "format") != 0)
        return op_decode_text(target.decoder, target.param, value, err);
    return VEC_PUSH(&parser->formats, value) ? 0 : err_nomem(err);
}

/* The value in the next word. */
static int take_next(struct parser *parser, struct target target, struct err *err)
{
    if (parser->next == parser->argc)
        return op_decode_refuse(target.decoder, target.param, err, " needs a value");
    return take_value(parser, target, str_z(parser->argv[parser->next++]), err);
}

static int take_long(struct parser *parser, struct str word, struct err *err)
{
    struct str name = str_skip(word, 2);
    size_t equals = str_find_char(name, '=');
    bool has_value = equals < name.len;
    struct str value = str_skip(name, equals + 1);
    name = str_head(name, equals);
    struct target target = find_long(parser, name);
    if (!target.param)
        return unknown_long(parser, name, err);
    if (target.negated && has_value)
        return err_set(err, ERR_USAGE, "option '--%.*s' takes no value", STR_ARG(name));
    if (target.param->type == OP_BOOL && !has_value)
        return take_flag(parser, target, !target.negated, err);
    if (!has_value)
        return take_next(parser, target, err);
    int rc = take_value(parser, target, value, err);
    note_stop(parser);
    return rc;
}

static int take_letters(struct parser *parser, struct str word, struct err *err)
{
    for (size_t i = 1; i < word.len && !parser->stop; i++) {
        struct target target = find_letter(parser, word.ptr[i]);
        if (!target.param) {
            /* One whole character in the message, whatever its length. */
            struct str rest = str_skip(word, i);
            size_t len = 1;
            while (len < rest.len && ((unsigned char)rest.ptr[len] & 0xc0U) == 0x80U)
                len++;
            return err_set(err, ERR_USAGE, "unknown option '-%.*s'", STR_ARG(str_head(rest, len)));
        }
        int rc;
        if (target.param->type == OP_BOOL)
            rc = take_flag(parser, target, true, err);
        else if (i + 1 == word.len)
            return take_next(parser, target, err);
        else
            return take_value(parser, target, str_skip(word, i + 1), err);
        if (rc)
            return rc;
    }
    return 0;
}

static void skip_to_positional(struct parser *parser)
{
    const struct op_param *param = parser->rest;
    while (param && param->name && !(param->flags & OP_POSITIONAL))
        param++;
    parser->rest = param && param->name ? param : NULL;
}

static int take_command(struct parser *parser, struct str word, struct err *err)
{
    const struct operation *operation = op_table_find(parser->table, word);
    if (!operation) {
        struct suggest suggest = suggest_begin(word);
        for (const struct operation *const *item = parser->table->items; *item; item++)
            suggest_offer(&suggest, str_z((*item)->name));
        int rc = err_set(err, ERR_USAGE, "unknown command '%.*s'", STR_ARG(word));
        return suggest.best.len > 0 ? err_hint(err, "did you mean '%.*s'?", STR_ARG(suggest.best)) : rc;
    }
    void *args = arena_alloc(parser->arena, operation->args_size + 1);
    if (!args)
        return err_nomem(err);
    parser->out->operation = operation;
    parser->out->args = args;
    parser->own = op_decoder_of(operation, args, parser->arena, OP_SURFACE_CLI);
    parser->rest = operation->params;
    skip_to_positional(parser);
    return 0;
}

static int take_positional(struct parser *parser, struct str word, struct err *err)
{
    if (!parser->out->operation)
        return take_command(parser, word, err);
    if (!parser->rest)
        return err_set(err, ERR_USAGE, "unexpected argument '%.*s'", STR_ARG(word));
    const struct op_param *param = parser->rest;
    if (!(param->flags & OP_REPEATED)) {
        parser->rest++;
        skip_to_positional(parser);
    }
    return op_decode_text(&parser->own, param, word, err);
}

static int take_words(struct parser *parser, struct err *err)
{
    bool options_ended = false;
    while (parser->next < parser->argc && !parser->stop) {
        struct str word = str_z(parser->argv[parser->next++]);
        bool option = !options_ended && word.len > 1 && word.ptr[0] == '-';
        int rc = 0;
        if (option && str_eq_z(word, "--"))
            options_ended = true;
        else if (option && word.ptr[1] == '-')
            rc = take_long(parser, word, err);
        else if (option)
            rc = take_letters(parser, word, err);
        else
            rc = take_positional(parser, word, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int finish_formats(struct parser *parser, struct err *err)
{
    struct cli_args *out = parser->out;
    const struct op_param *param = op_param_find(cli_common_params, STR("format"));
    if (out->operation && out->operation->formats) {
        int rc = cli_formats_decode(parser->formats.ptr, parser->formats.len, out->operation, parser->arena,
                                    &out->outputs, err);
        out->common.format = cli_outputs_stdout(&out->outputs);
        return rc;
    }
    int rc = 0;
    for (size_t i = 0; i < parser->formats.len && !rc; i++)
        rc = op_decode_text(&parser->common, param, parser->formats.ptr[i], err);
    out->outputs = (struct cli_outputs){.items = {{.format = out->common.format}}, .count = 1};
    return rc;
}

static int finish(struct parser *parser, const struct op_environment *environment, struct err *err)
{
    int rc = op_decode_finish(&parser->common, environment, err);
    if (!rc)
        rc = finish_formats(parser, err);
    if (!rc && parser->out->operation)
        rc = op_decode_finish(&parser->own, environment, err);
    if (!rc && parser->out->common.quiet && parser->out->common.verbose)
        rc = err_set(err, ERR_USAGE, "options '--quiet' and '--verbose' exclude each other");
    return rc;
}

int cli_args_parse(const struct op_table *table, int argc, char *const *argv, struct arena *arena,
                   const struct op_environment *environment, struct cli_args *ret_args, struct err *err)
{
    *ret_args = (struct cli_args){0};
    struct parser parser = {.table = table, .argc = argc, .argv = argv, .next = 1, .arena = arena, .out = ret_args};
    parser.common = op_decoder_init(cli_common_params, &ret_args->common, arena, OP_SURFACE_CLI);
    int rc = take_words(&parser, err);
    if (!rc && !parser.stop)
        rc = finish(&parser, environment, err);
    VEC_DONE(&parser.formats);
    if (rc == -ERR_USAGE)
        point_to_help(&parser, err);
    return rc;
}

bool cli_args_ask_for_json(int argc, char *const *argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--format=json") == 0)
            return true;
        if (strcmp(argv[i], "--format") == 0 && i + 1 < argc && strcmp(argv[i + 1], "json") == 0)
            return true;
    }
    return false;
}
