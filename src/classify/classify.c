/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/classify.h"

#include "base/forward.h"

/* --- encodings ---------------------------------------------------------------------------------------------- */

const char *classify_foreign(struct str bytes, bool start)
{
    if (start && (str_starts(bytes, STR("\xFF\xFE")) || str_starts(bytes, STR("\xFE\xFF"))))
        return "is UTF-16 or UTF-32 text";
    if (!str_has_char(bytes, '\0'))
        return NULL;
    bool wide = start && bytes.len >= 4 && (bytes.ptr[0] == '\0') + (bytes.ptr[1] == '\0') == 1 &&
                (bytes.ptr[2] == '\0') + (bytes.ptr[3] == '\0') == 1;
    return wide ? "is UTF-16 or UTF-32 text" : "is binary: it holds a NUL byte";
}

/* --- names --------------------------------------------------------------------------------------------------- */

static bool ends_fold(struct str name, struct str ending)
{
    return name.len > ending.len && str_eq_fold(str_skip(name, name.len - ending.len), ending);
}

static bool in_list(const struct str *list, size_t count, struct str text)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_fold(list[i], text))
            return true;
    return false;
}

/* What editors, merges and notes leave beside a file. */
static bool is_beside(struct str name)
{
    static const struct str endings[] = {
        STR_INIT("bak"),          STR_INIT("backup"), STR_INIT("old"),   STR_INIT("orig"),
        STR_INIT("rej"),          STR_INIT("save"),   STR_INIT("swp"),   STR_INIT("swo"),
        STR_INIT("tmp"),          STR_INIT("md"),     STR_INIT("rst"),   STR_INIT("adoc"),
        STR_INIT("html"),         STR_INIT("txt"),    STR_INIT("log"),   STR_INIT("lock"),
        STR_INIT("dockerignore"), STR_INIT("diff"),   STR_INIT("patch"), STR_INIT("png"),
        STR_INIT("svg"),          STR_INIT("sha256"), STR_INIT("xml"),   STR_INIT("gz"),
        STR_INIT("zip"),          STR_INIT("toml"),   STR_INIT("csv"),   STR_INIT("containerignore"),
    };
    if (name.len == 0 || name.ptr[name.len - 1] == '~' || name.ptr[0] == '#' || str_starts(name, STR(".#")))
        return true;
    size_t dot = str_rfind_char(name, '.');
    return dot < name.len && in_list(endings, ARRAY_LEN(endings), str_skip(name, dot + 1));
}

static bool is_yaml(struct str name)
{
    return ends_fold(name, STR(".yaml")) || ends_fold(name, STR(".yml"));
}

/* NAME is WORD, or WORD and something behind one of ".-_". */
static bool starts_with_word(struct str name, struct str word)
{
    if (!str_starts(name, word))
        return false;
    return name.len == word.len || name.ptr[word.len] == '.' || name.ptr[word.len] == '-' || name.ptr[word.len] == '_';
}

/* Variants may be called after a language, sources after what they are about. */
static bool is_source_ending(struct str name)
{
    static const struct str endings[] = {
        STR_INIT("c"),   STR_INIT("cc"),    STR_INIT("cpp"), STR_INIT("cs"),  STR_INIT("css"),   STR_INIT("ex"),
        STR_INIT("exs"), STR_INIT("go"),    STR_INIT("h"),   STR_INIT("hs"),  STR_INIT("java"),  STR_INIT("js"),
        STR_INIT("jsx"), STR_INIT("kt"),    STR_INIT("lua"), STR_INIT("mjs"), STR_INIT("php"),   STR_INIT("pl"),
        STR_INIT("ps1"), STR_INIT("py"),    STR_INIT("rb"),  STR_INIT("rs"),  STR_INIT("scala"), STR_INIT("sh"),
        STR_INIT("sql"), STR_INIT("swift"), STR_INIT("tf"),  STR_INIT("ts"),  STR_INIT("tsx"),   STR_INIT("vim"),
    };
    size_t dot = str_rfind_char(name, '.');
    return dot < name.len && in_list(endings, ARRAY_LEN(endings), str_skip(name, dot + 1));
}

static enum classify_name dockerfile_name(struct str name)
{
    if (ends_fold(name, STR(".dockerfile")) || ends_fold(name, STR(".containerfile")))
        return NAME_DOCKERFILE;
    bool word = starts_with_word(name, STR("Dockerfile")) || starts_with_word(name, STR("Containerfile"));
    if (word && !is_source_ending(name))
        return NAME_DOCKERFILE;
    bool like = str_starts(name, STR("Dockerfile")) || str_starts(name, STR("Containerfile")) ||
                str_eq(name, STR("dockerfile")) || str_eq(name, STR("containerfile"));
    return like ? NAME_DOCKERFILE_MAYBE : NAME_OTHER;
}

enum classify_name classify_name(struct str name)
{
    if (is_beside(name))
        return NAME_OTHER;
    if (is_yaml(name)) {
        bool compose = starts_with_word(name, STR("compose")) || starts_with_word(name, STR("docker-compose"));
        return compose ? NAME_COMPOSE : NAME_YAML;
    }
    return ends_fold(name, STR(".json")) ? NAME_JSON : dockerfile_name(name);
}

bool classify_is_compose_default(struct str name)
{
    static const struct str names[] = {STR_INIT("compose.yaml"), STR_INIT("compose.yml"),
                                       STR_INIT("docker-compose.yml"), STR_INIT("docker-compose.yaml")};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(name, names[i]))
            return true;
    return false;
}

struct str classify_template_stem(struct str name)
{
    static const struct str endings[] = {
        STR_INIT(".j2"),     STR_INIT(".jinja"),    STR_INIT(".jinja2"), STR_INIT(".tmpl"),
        STR_INIT(".tpl"),    STR_INIT(".erb"),      STR_INIT(".hbs"),    STR_INIT(".mustache"),
        STR_INIT(".gotmpl"), STR_INIT(".template"), STR_INIT(".in"),
    };
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (ends_fold(name, endings[i]))
            return str_head(name, name.len - endings[i].len);
    return STR_NONE;
}

bool classify_is_dockerfile(struct str head)
{
    struct str line, word;
    if (str_starts(head, STR("\xEF\xBB\xBF")))
        head = str_skip(head, 3);
    while (str_next_line(&head, &line)) {
        line = str_trim(line);
        if (line.len > 0 && line.ptr[0] != '#')
            return str_next_word(&line, &word) && (str_eq_fold(word, STR("FROM")) || str_eq_fold(word, STR("ARG")));
    }
    return false;
}

/* --- content ------------------------------------------------------------------------------------------------- */

static void begin_document(struct classifier *c)
{
    c->begun = c->flow = c->api = c->kind = c->bare_kind = c->after_services = false;
    c->depth = 0;
    c->string = c->word = c->escape = c->is_key = c->wants_kind = false;
}

bool classify_is_promising(const struct classifier *classifier)
{
    return classifier->api || classifier->kind;
}

static bool is_object(const struct classifier *c)
{
    return c->api && c->kind && !c->bare_kind;
}

static struct str unquoted(struct str text)
{
    bool quoted = text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') && text.ptr[text.len - 1] == text.ptr[0];
    return quoted ? str_of(text.ptr + 1, text.len - 2) : text;
}

static bool is_bare_kind(struct str kind)
{
    static const struct str bare[] = {STR_INIT("CustomResourceDefinition"), STR_INIT("Kustomization"),
                                      STR_INIT("Config")};
    for (size_t i = 0; i < ARRAY_LEN(bare); i++)
        if (str_eq(kind, bare[i]))
            return true;
    return false;
}

/* A key at the top of a block mapping: its name, and what follows the ':'. */
static bool split_key(struct str line, struct str *ret_key, struct str *ret_value)
{
    size_t colon = 0;
    bool quoted = line.len > 0 && (line.ptr[0] == '"' || line.ptr[0] == '\'');
    if (quoted)
        colon = 1 + str_find_char(str_skip(line, 1), line.ptr[0]);
    while (colon < line.len &&
           !(line.ptr[colon] == ':' && (colon + 1 == line.len || char_is_space(line.ptr[colon + 1]))))
        colon++;
    if (colon >= line.len)
        return false;
    *ret_key = unquoted(str_trim(str_head(line, colon)));
    *ret_value = str_trim(str_skip(line, colon + 1));
    size_t comment = str_find(*ret_value, STR(" #"));
    *ret_value = str_trim_right(str_head(*ret_value, comment));
    return true;
}

static void see_key(struct classifier *c, struct str line)
{
    struct str key = STR_NONE, value = STR_NONE;
    if (!split_key(line, &key, &value))
        return;
    if (str_eq(key, STR("apiVersion"))) {
        c->api = true;
    } else if (str_eq(key, STR("kind"))) {
        c->kind = true;
        c->bare_kind = is_bare_kind(unquoted(value));
    } else if (str_eq(key, STR("include"))) {
        c->include = true;
    } else if (str_eq(key, STR("services"))) {
        c->after_services = value.len == 0 || value.ptr[0] == '#' || value.ptr[0] == '&';
        c->compose |= value.len > 0 && value.ptr[0] == '{';
    }
}

static bool is_marker(struct str line)
{
    return (str_starts(line, STR("---")) || str_starts(line, STR("..."))) &&
           (line.len == 3 || line.ptr[3] == ' ' || line.ptr[3] == '\t' || line.ptr[3] == '\r');
}

/* One line of a stream that is not in flow style. */
static void see_line(struct classifier *c, struct str line)
{
    if (str_starts(line, STR("\xEF\xBB\xBF")))
        line = str_skip(line, 3);
    if (is_marker(line)) {
        begin_document(c);
        line = str_skip(line, 3);
    }
    struct str text = str_trim_left(line);
    size_t indent = line.len - text.len;
    if (text.len == 0 || text.ptr[0] == '#' || (!c->begun && text.ptr[0] == '%'))
        return;
    if (c->after_services && indent > c->indent) {
        c->compose |= text.ptr[0] != '-';
        c->after_services = false;
    }
    if (!c->begun) {
        c->begun = true;
        c->list |= text.ptr[0] == '-' && (text.len == 1 || text.ptr[1] == ' ');
        c->indent = indent;
        c->flow = text.ptr[0] == '{';
    }
    if (indent == c->indent && !c->flow) {
        c->after_services = false;
        see_key(c, text);
    }
}

static void see_string(struct classifier *c, struct str text)
{
    if (c->is_key && c->depth == 1) {
        c->api |= str_eq(text, STR("apiVersion"));
        c->wants_kind = str_eq(text, STR("kind"));
        c->kind |= c->wants_kind;
        c->compose |= str_eq(text, STR("services"));
    } else if (c->wants_kind) {
        c->bare_kind = is_bare_kind(text);
        c->wants_kind = false;
    }
}

/* A string, or a word without quotes, that ends before byte END. */
static void end_text(struct classifier *c, struct str bytes, size_t end)
{
    see_string(c, str_of(bytes.ptr + c->text_at, end - c->text_at));
    c->string = c->word = c->is_key = false;
}

/* A byte of a JSON value outside of strings. */
static void see_structure(struct classifier *c, struct str bytes)
{
    char byte = bytes.ptr[c->at];
    bool letter = char_is_alnum(byte);
    if (c->word && !letter)
        end_text(c, bytes, c->at);
    if (letter && !c->word && c->depth == 1 && (c->is_key || c->wants_kind)) {
        c->word = true;
        c->text_at = c->at;
    } else if (byte == '"') {
        c->string = true;
        c->text_at = c->at + 1;
    } else if (byte == '{' || byte == '[') {
        c->depth++;
        c->is_key = byte == '{';
        c->wants_kind = false;
    } else if (byte == ',') {
        c->is_key = true;
    } else if ((byte == '}' || byte == ']') && c->depth > 0) {
        c->depth--;
    }
}

/* The bytes of a JSON value from c->at on; stops behind its end. */
static void see_flow(struct classifier *c, struct str bytes)
{
    for (; c->at < bytes.len; c->at++) {
        char byte = bytes.ptr[c->at];
        if (!c->string) {
            see_structure(c, bytes);
        } else if (c->escape) {
            c->escape = false;
        } else {
            c->escape = byte == '\\';
            if (byte == '"')
                end_text(c, bytes, c->at);
        }
        if (c->depth == 0) {
            c->at++;
            return;
        }
    }
}

enum classify_content classify_content(struct classifier *c, struct str bytes, bool end)
{
    while (c->at < bytes.len) {
        if (c->flow) {
            see_flow(c, bytes);
            if (is_object(c) && !c->wants_kind)
                return CONTENT_KUBERNETES;
            if (c->depth == 0)
                begin_document(c);
            continue;
        }
        struct str rest = str_skip(bytes, c->at);
        size_t len = str_find_char(rest, '\n');
        if (len == rest.len && !end)
            break;
        see_line(c, str_head(rest, len));
        if (c->flow)
            c->at += str_find_char(rest, '{');
        else
            c->at += len < rest.len ? len + 1 : len;
        if (is_object(c))
            return CONTENT_KUBERNETES;
    }
    if (!end)
        return CONTENT_MORE;
    return c->compose ? CONTENT_COMPOSE : CONTENT_OTHER;
}
