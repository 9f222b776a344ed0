/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines "field value" as a description. What is accepted gives the files of the same description with tame words, line
 * by line of their structure: a word that became an instruction, a key or a document is found. Refusals are one line of
 * text.
 */
#include "data/yaml.h"
#include "dockerfile/file.h"
#include "init/files.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMBERS = 16 };

struct description {
    struct init_options options;
    struct str members[10][MEMBERS];
};

static const size_t texts[] = {
    offsetof(struct init_options, name),         offsetof(struct init_options, version),
    offsetof(struct init_options, image),        offsetof(struct init_options, program),
    offsetof(struct init_options, module),       offsetof(struct init_options, server),
    offsetof(struct init_options, builder),      offsetof(struct init_options, base),
    offsetof(struct init_options, source),       offsetof(struct init_options, port_variable),
    offsetof(struct init_options, health),       offsetof(struct init_options, live),
    offsetof(struct init_options, metrics),      offsetof(struct init_options, probe_image),
    offsetof(struct init_options, user),         offsetof(struct init_options, memory),
    offsetof(struct init_options, cpu),          offsetof(struct init_options, namespace_),
    offsetof(struct init_options, stop_timeout), offsetof(struct init_options, language_version),
};
static const size_t lists[] = {
    offsetof(struct init_options, env),        offsetof(struct init_options, args),
    offsetof(struct init_options, writable),   offsetof(struct init_options, volumes),
    offsetof(struct init_options, secrets),    offsetof(struct init_options, packages),
    offsetof(struct init_options, targets),    offsetof(struct init_options, health_command),
    offsetof(struct init_options, entrypoint), offsetof(struct init_options, run_packages),
};

static void *at(struct init_options *options, size_t offset)
{
    return (char *)options + offset;
}

/* "a".."t": a text; "0".."9": a member of a list; "A".."G": the language and so on. A '|' in a value is a newline. */
static void read_line(struct description *description, struct str line)
{
    struct init_options *options = &description->options;
    char field = line.ptr[0];
    struct str value = str_skip(line, 1);
    if (field >= 'a' && (size_t)(field - 'a') < ARRAY_LEN(texts)) {
        *(struct str *)at(options, texts[field - 'a']) = value;
    } else if (char_is_digit(field)) {
        size_t number = (size_t)(field - '0');
        struct str_list *list = at(options, lists[number]);
        if (list->len < MEMBERS) {
            description->members[number][list->len++] = value;
            list->ptr = description->members[number];
        }
    } else if (value.len > 0 && field == 'L') {
        options->language = value.ptr[0] - '0';
    } else if (value.len > 0 && field == 'B') {
        options->build = value.ptr[0] - '0';
    } else if (value.len > 0 && field == 'K') {
        options->link = value.ptr[0] - '0';
    } else if (field == 'P') {
        options->port = 8000 + (int64_t)value.len;
    }
}

static void read_description(char *text, size_t size, struct description *ret_description)
{
    struct str rest = str_of(text, size), line;
    while (str_next(&rest, '\n', &line)) {
        for (size_t i = 0; i < line.len; i++) {
            char *byte = text + (line.ptr - text) + i;
            *byte = *byte == '|' ? '\n' : *byte;
        }
        if (line.len > 0)
            read_line(ret_description, line);
    }
}

static void tame(struct arena *arena, struct str_list *list)
{
    struct str *members = ARENA_ARRAY(arena, list->len + 1, struct str);
    for (size_t i = 0; i < list->len; i++) {
        struct str word = list->ptr[i];
        size_t equals = str_find_char(word, '=');
        const char *text = equals < word.len ? arena_printf(arena, "%.*s=x", STR_ARG(str_head(word, equals))) : "x";
        members[i] = i == 0 && word.len > 0 && word.ptr[0] == '/' ? word : str_z(text);
    }
    list->ptr = members;
}

/* The names of instructions and how many words each list has. */
static void outline_dockerfile(struct str content, struct arena *arena, struct buf *out)
{
    struct dockerfile file;
    struct err err = ERR_INIT;
    if (dockerfile_read(content, arena, &file, &err) < 0 || file.diagnostics.count > 0)
        abort();
    for (uint32_t i = 0; i < file.instruction_count; i++) {
        const struct dockerfile_instruction *instruction = &file.instructions[i];
        if (instruction->broken || instruction->heredoc_count > 0)
            abort();
        buf_addf(out, "%d %u", instruction->kind, instruction->pairs.count);
        if (instruction->command && instruction->kind != DOCKERFILE_RUN)
            buf_addf(out, " %d %u", instruction->command->exec, instruction->command->words.count);
        buf_add_char(out, '\n');
    }
}

static void outline_node(const struct data_node *node, struct buf *out)
{
    if (node->kind == DATA_OBJECT || node->kind == DATA_ARRAY) {
        buf_add_z(out, node->kind == DATA_OBJECT ? "{" : "[");
        DATA_EACH(child, node)
        {
            buf_addf(out, "%.*s:", STR_ARG(child->key));
            outline_node(child, out);
        }
        buf_add_z(out, "}");
    } else {
        buf_addf(out, "%d,", node->kind);
    }
}

static void outline(const struct init_files *files, struct arena *arena, struct buf *out)
{
    for (size_t i = 0; i < files->len; i++) {
        const struct init_file *file = &files->ptr[i];
        buf_addf(out, "\n%.*s\n", STR_ARG(file->path));
        if (str_eq_z(file->path, "Dockerfile"))
            outline_dockerfile(file->content, arena, out);
        if (!str_ends(file->path, STR(".yml")) && !str_ends(file->path, STR(".yaml")))
            continue;
        const struct data_node *root;
        struct err err = ERR_INIT;
        if (yaml_parse(file->content, &(struct yaml_options){.schema = YAML_KUBERNETES}, arena, &root, &err) < 0)
            abort();
        outline_node(root, out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[1 << 14];
    static struct description description;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf wild = BUF_INIT, calm = BUF_INIT;
    if (size > sizeof(text))
        return 0;
    memcpy(text, data, size);
    memset(&description, 0, sizeof(description));
    read_description(text, size, &description);
    struct err err = ERR_INIT;
    struct init_files files;
    int r = init_write(&description.options, &arena, &files, &err);
    if (r < 0) {
        if (r != -ERR_USAGE || err.message[0] == '\0')
            abort();
        for (const char *c = err.message; *c; c++) {
            if ((unsigned char)*c < ' ' || *c == 0x7f)
                abort();
        }
        return 0;
    }
    outline(&files, &arena, &wild);
    tame(&arena, &description.options.env);
    tame(&arena, &description.options.args);
    if (init_write(&description.options, &arena, &files, &err) < 0)
        return 0; /* a tame word that is refused beside others says nothing */
    outline(&files, &arena, &calm);
    if (!str_eq(buf_str(&wild), buf_str(&calm)))
        abort();
    return 0;
}
