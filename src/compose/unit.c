/* SPDX-License-Identifier: Apache-2.0 */
/* One file as a tree, and the variables that are put into it. */
#include "compose/internal.h"

#include "compose/dotenv.h"

/* The scope's variables. */

static const struct compose_variable *find(const void *self, struct str name)
{
    const struct compose_scope *scope = self;
    const struct compose_variable *variable = scope->outer ? find(scope->outer, name) : NULL;
    if (!variable)
        variable = map_get(&scope->variables, name);
    if (!variable && scope->name.name.ptr && str_eq(name, scope->name.name))
        variable = &scope->name;
    return variable;
}

struct compose_lookup compose_scope_lookup(struct compose_loader *loader, const struct compose_scope *scope)
{
    return (struct compose_lookup){find, scope, &loader->expansion_budget};
}

struct compose_scope *compose_scope_new(struct compose_loader *loader, const struct compose_scope *outer)
{
    struct compose_scope *scope = ARENA_NEW(loader->arena, struct compose_scope);
    if (!scope) {
        err_nomem(loader->err);
        return NULL;
    }
    scope->outer = outer;
    scope->directory = STR("");
    scope->next = loader->scopes;
    loader->scopes = scope;
    return scope;
}

/* Whether the budget allows that SOURCE is read (again); told when it does not. */
static int may_read(struct compose_loader *loader, uint8_t source, unsigned weight, bool *ret_allowed)
{
    uint64_t cost = (uint64_t)loader->sources.ptr[source].bytes.len * weight;
    *ret_allowed = loader->unit_budget > 0 && cost <= loader->read_budget;
    if (!*ret_allowed) {
        return compose_problem_add(loader, COMPOSE_PROBLEM_FILE, (struct compose_asker){source, {0, 0}},
                                   "read fewer files, or a file for fewer others",
                                   "the project's files are too many or too large, each as often as it is read");
    }
    loader->unit_budget--;
    loader->read_budget -= cost;
    return 0;
}

static int load_env_file(struct compose_loader *loader, struct compose_scope *scope, struct str directory,
                         struct str name, struct compose_asker asker)
{
    struct str path = compose_path_join(loader->arena, directory, name);
    if (!path.ptr)
        return err_nomem(loader->err);
    int source;
    int r = compose_source_open(loader, path, LIMIT_COMPOSE_DOTENV_BYTES, !scope->env_files, asker, &source);
    if (r != 0 || source < 0)
        return r;
    bool allowed;
    r = may_read(loader, (uint8_t)source, LIMIT_COMPOSE_DOTENV_WEIGHT, &allowed);
    if (r != 0 || !allowed)
        return r;
    struct compose_lookup lookup = compose_scope_lookup(loader, scope);
    struct compose_dotenv dotenv = {0};
    r = compose_dotenv_parse(loader->sources.ptr[source].bytes, (uint8_t)source, &lookup, loader->arena, &dotenv,
                             loader->err);
    for (size_t i = 0; r == 0 && i < dotenv.variable_count; i++)
        if (!map_set(&scope->variables, dotenv.variables[i].name, &dotenv.variables[i]))
            return err_nomem(loader->err);
    for (size_t i = 0; r == 0 && i < dotenv.fault_count; i++) {
        const struct compose_fault *fault = &dotenv.faults[i];
        struct compose_asker at = {(uint8_t)source, {(uint32_t)fault->offset, (uint32_t)fault->len}};
        r = compose_problem_add(loader, fault->required ? COMPOSE_PROBLEM_REQUIRED : COMPOSE_PROBLEM_SYNTAX, at,
                                fault->hint, "%s", fault->message);
    }
    return r;
}

int compose_scope_load(struct compose_loader *loader, struct compose_scope *scope)
{
    if (scope->loaded)
        return 0;
    scope->loaded = true;
    struct compose_asker start = {0, {0, 0}};
    if (!scope->env_files)
        return load_env_file(loader, scope, scope->directory, STR(".env"), start);
    const struct data_node *files = scope->env_files;
    struct str directory = scope->outer ? ((const struct compose_scope *)scope->outer)->directory : STR("");
    int r = 0;
    for (const struct data_node *file = files->kind == DATA_ARRAY ? files->first : files; file && r == 0;
         file = files->kind == DATA_ARRAY ? file->next : NULL) {
        if (file->kind != DATA_STRING)
            continue;
        if ((file->flags & DATA_UNKNOWN) != 0)
            r = compose_problem_add(loader, COMPOSE_PROBLEM_FILE, compose_at(file), NULL,
                                    "the file's name hangs on a variable that is not set: it is not read");
        else
            r = load_env_file(loader, scope, directory, file->value, compose_at(file));
    }
    return r;
}

/* Variables in values. */

/* Where the '$' number INDEX of the source's SPAN stands; its end when there are not as many. */
static size_t find_dollar(struct str written, size_t index)
{
    size_t at = 0;
    for (;; at++, index--) {
        at += str_find_char(str_skip(written, at), '$');
        if (index == 0 || at >= written.len)
            return at;
    }
}

/*
 * The place of a fault at OFFSET of NODE's value: a '$' of the value is the same '$' of the source, which holds unless
 * one is written as an escape; then the texts differ, and the whole value is shown.
 */
static struct data_span place_of(struct str source, const struct data_node *node, size_t offset, size_t len)
{
    struct str written = data_span_text(source, node->span);
    size_t index = 0;
    for (size_t i = 0; i < offset; i++)
        index += node->value.ptr[i] == '$';
    size_t at = find_dollar(written, index);
    struct str text = str_head(str_skip(node->value, offset), len);
    if (!str_eq(str_head(str_skip(written, at), len), text))
        return node->span;
    return (struct data_span){node->span.offset + (uint32_t)at, (uint32_t)len};
}

static int add_origins(struct compose_loader *loader, struct data_node *node,
                       const struct compose_interpolation *result)
{
    if (result->origin_count == 0)
        return 0;
    struct data_extra *extra = ARENA_NEW(loader->arena, struct data_extra);
    if (!extra)
        return err_nomem(loader->err);
    if (node->extra)
        *extra = *node->extra;
    extra->origins = result->origins;
    extra->origin_count = result->origin_count;
    node->extra = extra;
    return 0;
}

static void set_value(struct data_node *node, struct str text)
{
    node->value = text;
    node->flags |= DATA_INTERPOLATED;
    if (node->style != DATA_STYLE_PLAIN || data_tag(node).len > 0)
        return;
    bool octal = false;
    enum data_kind kind = yaml_plain_kind(YAML_COMPOSE, text, &octal);
    if (kind != DATA_BOOL && kind != DATA_NUMBER) /* nothing and 'null' stay texts */
        return;
    node->kind = kind;
    if (octal)
        node->flags |= DATA_OCTAL;
}

static int interpolate_value(struct compose_loader *loader, const struct compose_unit *unit, struct data_node *node)
{
    struct compose_lookup lookup = compose_scope_lookup(loader, unit->scope);
    struct compose_interpolation result;
    int r = compose_interpolate(node->value, &lookup, loader->arena, &result, loader->err);
    if (r == 0)
        r = add_origins(loader, node, &result);
    if (r != 0)
        return r;
    if (result.unknown)
        node->flags |= DATA_UNKNOWN;
    if (result.changed)
        set_value(node, result.text);
    const struct compose_fault *fault = &result.fault;
    /* Copies have the fault of what they are copied from. */
    if (!fault->message || (node->flags & DATA_ALIASED) != 0)
        return 0;
    struct compose_asker at = {unit->source,
                               place_of(loader->sources.ptr[unit->source].bytes, node, fault->offset, fault->len)};
    return compose_problem_add(loader, fault->required ? COMPOSE_PROBLEM_REQUIRED : COMPOSE_PROBLEM_SYNTAX, at,
                               fault->hint, "%s", fault->message);
}

static int interpolate_tree(struct compose_loader *loader, const struct compose_unit *unit, struct data_node *root)
{
    int r = 0;
    for (struct data_node *node = root; node && r == 0; node = compose_following(node, root))
        if (node->kind == DATA_STRING && (node->flags & (DATA_INTERPOLATED | DATA_UNKNOWN)) == 0 &&
            str_has_char(node->value, '$'))
            r = interpolate_value(loader, unit, node);
    return r;
}

/* Documents. */

/* The message without "line L, column C: ", which the problem's place says. */
static const char *without_place(const char *message)
{
    struct str text = str_z(message);
    size_t end = str_find(text, STR(": "));
    return str_starts(text, STR("line ")) && end < text.len ? message + end + 2 : message;
}

static int add_failure(struct compose_loader *loader, uint8_t source, uint32_t offset, const struct err *failure)
{
    if (failure->code == ERR_NOMEM) {
        if (loader->err)
            *loader->err = *failure;
        return -ERR_NOMEM;
    }
    loader->incomplete = true;
    char *hint = failure->hint[0] ? arena_z(loader->arena, str_z(failure->hint)) : NULL;
    if (failure->hint[0] && !hint)
        return err_nomem(loader->err);
    struct compose_asker at = {source, {offset, 0}};
    return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, at, hint, "%s", without_place(failure->message));
}

static int add_duplicates(struct compose_loader *loader, uint8_t source, const struct yaml_document *document)
{
    int r = 0;
    for (size_t i = 0; i < document->duplicate_count && r == 0; i++) {
        const struct yaml_duplicate *duplicate = &document->duplicates[i];
        struct str bytes = loader->sources.ptr[source].bytes;
        struct compose_asker at = {source, duplicate->second};
        r = compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, at, "keep one of the two",
                                "the key '%.*s' was given on line %u already", STR_ARG(str_head(duplicate->key, 200)),
                                data_position_of(bytes, duplicate->first.offset).line);
    }
    return r;
}

/* The file's own name is a variable of what follows. */
static int set_project_name(struct compose_loader *loader, struct compose_unit *unit, const struct data_node *root)
{
    struct data_node *name = compose_member(root, "name");
    if (!name || name->kind != DATA_STRING || unit->base || unit->scope->outer)
        return 0;
    if (str_has_char(name->value, '$')) {
        int r = interpolate_value(loader, unit, name);
        if (r != 0)
            return r;
    }
    unit->scope->name = (struct compose_variable){
        STR("COMPOSE_PROJECT_NAME"), name->value, (name->flags & DATA_UNKNOWN) != 0, {name->source, name->span}};
    return 0;
}

static int add_document(struct compose_loader *loader, struct compose_unit *unit, const struct data_node *read)
{
    struct data_node *root = ARENA_NEW(loader->arena, struct data_node);
    if (!root)
        return err_nomem(loader->err);
    *root = *read;
    for (struct data_node *child = root->first; child; child = child->next)
        child->parent = root;
    if (root->kind == DATA_NULL)
        return 0;
    if (root->kind != DATA_OBJECT) {
        loader->incomplete = true;
        struct compose_asker at = {unit->source, {root->span.offset, 0}};
        return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, at, "a Compose file starts with 'services:'",
                                   "the file is %s, not a mapping", data_kind_name(root->kind));
    }
    struct str bytes = loader->sources.ptr[unit->source].bytes;
    int r = 0;
    if (str_has_char(bytes, '$') || str_has_char(bytes, '\\')) {
        r = compose_scope_load(loader, unit->scope);
        if (r == 0)
            r = set_project_name(loader, unit, root);
        if (r == 0)
            r = interpolate_tree(loader, unit, root);
    } else {
        r = set_project_name(loader, unit, root);
    }
    if (r == 0 && unit->root)
        return compose_merge(loader, unit->root, root);
    unit->root = root;
    return r;
}

static int read_documents(struct compose_loader *loader, struct compose_unit *unit, struct yaml_reader *reader)
{
    int r = 0;
    unsigned count = 0;
    for (bool more = true; more && r == 0;) {
        struct err failure = ERR_INIT;
        const struct data_node *root = NULL;
        r = op_check(loader->ctx, loader->err);
        if (r != 0)
            return r;
        if (count++ == LIMIT_COMPOSE_DOCUMENTS) {
            err_set(&failure, ERR_LIMIT, "the file has more than %d documents", LIMIT_COMPOSE_DOCUMENTS);
            struct data_span last = yaml_document(reader)->span;
            return add_failure(loader, unit->source, last.offset + last.len, &failure);
        }
        bool broken = yaml_next_document(reader, loader->arena, &root, &more, &failure) != 0;
        const struct yaml_document *document = yaml_document(reader);
        if (failure.code == ERR_CANCELLED || failure.code == ERR_DEADLINE)
            r = op_check(loader->ctx, loader->err);
        else if (broken)
            r = add_failure(loader, unit->source, document->failed_at, &failure);
        else if (root)
            r = add_duplicates(loader, unit->source, document);
        if (r == 0 && root)
            r = add_document(loader, unit, root);
    }
    return r;
}

int compose_unit_read(struct compose_loader *loader, uint8_t source, struct compose_scope *scope,
                      struct compose_unit *unit)
{
    unit->source = source;
    unit->scope = scope;
    struct str bytes = loader->sources.ptr[source].bytes;
    struct yaml_options options = {
        .schema = YAML_COMPOSE, .list_duplicates = true, .source = source, .ctx = loader->ctx};
    struct err failure = ERR_INIT;
    if (bytes.len > LIMIT_COMPOSE_FILE_BYTES)
        err_set(&failure, ERR_LIMIT, "the file is larger than %llu bytes", LIMIT_COMPOSE_FILE_BYTES);
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    bool allowed = true;
    if (!failure.code) {
        int r = may_read(loader, source, 1, &allowed);
        if (r != 0 || !allowed)
            return r;
    }
    if (failure.code || yaml_reader_new(bytes, &options, &reader, &failure) != 0)
        return add_failure(loader, source, 0, &failure);
    if (str_find(bytes, STR("!reset")) < bytes.len)
        loader->has_reset = true;
    size_t problems = loader->problems.len;
    int r = read_documents(loader, unit, reader);
    if (r != 0 || unit->root || loader->problems.len > problems)
        return r;
    return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, (struct compose_asker){source, {0, 0}},
                               "a Compose file starts with 'services:'", "the file is empty");
}
