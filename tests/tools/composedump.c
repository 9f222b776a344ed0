/* SPDX-License-Identifier: Apache-2.0 */
/*
 * composedump.c - prints a resolved Compose project: composedump [-s] FILE [OVERRIDE]...
 *
 * {"root": tree, "problems": ["FILE:LINE:COLUMN: message"], "incomplete": bool}. A value that can't be known is
 * {"unknown": "as written"}; numbers and booleans are written as in the source, in quotes where that is no JSON. With
 * -s each scalar is "value @FILE:LINE:COLUMN", with the places of its variables behind it.
 */
#include "base/path.h"
#include "compose/project.h"
#include "data/json_writer.h"
#include "io/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct directory {
    struct str path;
};

static int read_path(const char *path, struct arena *arena, struct str *ret_bytes, struct err *err)
{
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    if (access(path, F_OK) != 0)
        return 0;
    int r = file_read_all(AT_FDCWD, path, 1 << 30, &bytes, err);
    if (r != 0)
        return r;
    *ret_bytes = arena_take_buf(arena, &bytes);
    return ret_bytes->ptr ? 0 : err_nomem(err);
}

static int read_file(void *self, struct str path, struct arena *arena, struct str *ret_bytes, struct err *err)
{
    const struct directory *directory = self;
    const char *full = path.len > 0 && path.ptr[0] == '/'
                           ? arena_printf(arena, "%.*s", STR_ARG(path))
                           : arena_printf(arena, "%.*s/%.*s", STR_ARG(directory->path), STR_ARG(path));
    return full ? read_path(full, arena, ret_bytes, err) : err_nomem(err);
}

static void add_place(struct buf *out, const struct compose_project *project, uint8_t source, struct data_span span)
{
    struct data_position place = data_position_of(project->sources[source].bytes, span.offset);
    buf_addf(out, "%.*s:%u:%u", STR_ARG(path_base(project->sources[source].name)), place.line, place.column);
}

static void write_placed(struct json_writer *json, const struct compose_project *project, const struct data_node *node)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_str(&text, node->value);
    buf_add_z(&text, " @");
    add_place(&text, project, node->source, node->span);
    for (size_t i = 0; node->extra && i < node->extra->origin_count; i++) {
        buf_add_z(&text, " <");
        add_place(&text, project, node->extra->origins[i].source, node->extra->origins[i].span);
    }
    json_str(json, buf_str(&text));
}

static bool is_json_number(struct str text)
{
    struct str digits = str_skip(text, str_starts(text, STR("-")));
    bool plain = digits.len > 0 && (digits.len == 1 || digits.ptr[0] != '0');
    for (size_t i = 0; i < digits.len; i++)
        plain &= char_is_digit(digits.ptr[i]);
    return plain;
}

static void write_scalar(struct json_writer *json, const struct data_node *node)
{
    bool value = false;
    if (node->flags & DATA_UNKNOWN) {
        json_object(json);
        json_field_str(json, "unknown", node->value);
        json_end(json);
    } else if (node->kind == DATA_NULL) {
        json_null(json);
    } else if (node->kind == DATA_BOOL && data_bool(node, &value, NULL) == 0) {
        json_bool(json, value);
    } else if (node->kind == DATA_NUMBER && is_json_number(node->value)) {
        json_raw(json, node->value);
    } else {
        json_str(json, node->value);
    }
}

static void write_node(struct json_writer *json, const struct compose_project *project, const struct data_node *node,
                       bool placed)
{
    if (node->kind != DATA_ARRAY && node->kind != DATA_OBJECT) {
        if (placed)
            write_placed(json, project, node);
        else
            write_scalar(json, node);
        return;
    }
    if (node->kind == DATA_ARRAY)
        json_array(json);
    else
        json_object(json);
    DATA_EACH(child, node)
    {
        if (node->kind == DATA_OBJECT)
            json_key_str(json, child->key);
        write_node(json, project, child, placed);
    }
    json_end(json);
}

static int write_project(const struct compose_project *project, bool placed, struct err *err)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_INDENTED);
    json_object(&json);
    json_key(&json, "root");
    if (project->root)
        write_node(&json, project, project->root, placed);
    else
        json_null(&json);
    json_key(&json, "problems");
    json_array(&json);
    for (size_t i = 0; i < project->problem_count; i++) {
        const struct compose_problem *problem = &project->problems[i];
        CLEANUP_BUF struct buf text = BUF_INIT;
        add_place(&text, project, problem->source, problem->span);
        buf_addf(&text, ": %s", problem->message);
        json_str(&json, buf_str(&text));
    }
    json_end(&json);
    json_key(&json, "incomplete");
    json_bool(&json, project->incomplete);
    json_end(&json);
    int r = json_writer_check(&json, err);
    if (r == 0)
        printf("%s\n", buf_z(&out));
    return r;
}

int main(int argc, char **argv)
{
    bool placed = argc > 1 && strcmp(argv[1], "-s") == 0;
    argv += placed;
    argc -= placed;
    if (argc < 2 || argc > 20) {
        fprintf(stderr, "usage: composedump [-s] FILE [OVERRIDE]...\n");
        return 2;
    }
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct compose_source given[20] = {0};
    struct err err = ERR_INIT;
    int r = 0;
    for (int i = 1; i < argc && r == 0; i++) {
        given[i - 1].name = str_z(argv[i]);
        r = read_path(argv[i], &arena, &given[i - 1].bytes, &err);
    }
    struct directory directory = {path_dir(str_z(argv[1]))};
    if (directory.path.len == 0)
        directory.path = STR(".");
    struct compose_files files = {read_file, &directory};
    struct compose_project project;
    if (r == 0)
        r = compose_project_read(NULL, given, (size_t)argc - 1, &files, &arena, &project, &err);
    if (r == 0)
        r = write_project(&project, placed, &err);
    if (r != 0)
        fprintf(stderr, "composedump: %s\n", err.message);
    return r == 0 ? 0 : 1;
}
