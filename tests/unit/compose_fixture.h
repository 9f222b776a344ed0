/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * compose_fixture.h - projects out of texts, and their trees as short texts: {key: value, list: [a, b]}, a string in
 * quotes, what is unknown as ?text, what is inherited with a '^' behind it.
 */
#include "compose/project.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct fixture_file {
    const char *name; /* NULL ends a list */
    const char *text;
};

static int fixture_read(void *self, struct str path, struct arena *arena, struct str *ret_bytes, struct err *err)
{
    (void)arena;
    for (const struct fixture_file *file = self; file->name; file++) {
        if (!str_eq_z(path, file->name))
            continue;
        if (!file->text)
            return err_set(err, ERR_PERMISSION, "permission denied");
        *ret_bytes = str_z(file->text);
    }
    return 0;
}

/* The first GIVEN of FILES are the project's, the others are there to be read. */
static inline int fixture_try(const struct fixture_file *files, size_t given, struct arena *arena,
                              struct compose_project *project, struct err *err)
{
    struct compose_source sources[8] = {0};
    for (size_t i = 0; i < given; i++)
        sources[i] = (struct compose_source){.name = str_z(files[i].name), .bytes = str_z(files[i].text)};
    union {
        const struct fixture_file *files;
        void *self;
    } provider = {files};
    struct compose_files reader = {fixture_read, provider.self};
    return compose_project_read(NULL, sources, given, &reader, arena, project, err);
}

static inline struct compose_project fixture_project(const struct fixture_file *files, size_t given,
                                                     struct arena *arena)
{
    struct compose_project project = {0};
    struct err err = ERR_INIT;
    if (fixture_try(files, given, arena, &project, &err) != 0)
        fail_msg("%s", err.message);
    return project;
}

static inline void fixture_dump(struct buf *out, const struct data_node *node)
{
    bool object = node->kind == DATA_OBJECT;
    if (!object && node->kind != DATA_ARRAY) {
        const char *quote = node->kind == DATA_STRING && !(node->flags & DATA_UNKNOWN) ? "'" : "";
        buf_addf(out, "%s%s%.*s%s", node->flags & DATA_UNKNOWN ? "?" : "", quote, STR_ARG(node->value), quote);
        if (node->kind == DATA_NULL)
            buf_add_z(out, "~");
    } else {
        buf_add_char(out, object ? '{' : '[');
        uint32_t count = 0;
        DATA_EACH(child, node)
        {
            assert_ptr_equal(child->parent, node);
            if (count++ > 0)
                buf_add_z(out, ", ");
            if (object)
                buf_addf(out, "%.*s: ", STR_ARG(child->key));
            fixture_dump(out, child);
        }
        assert_int_equal(count, node->count);
        buf_add_char(out, object ? '}' : ']');
    }
    if (node->flags & DATA_INHERITED)
        buf_add_char(out, '^');
}

static inline void fixture_assert(const struct data_node *node, const char *expected)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    assert_non_null(node);
    fixture_dump(&out, node);
    if (strcmp(buf_z(&out), expected) != 0)
        fail_msg("%s\nis not\n%s", buf_z(&out), expected);
}

/* The services of FILES, and that nothing is wrong with them. */
static inline void fixture_assert_services(const struct fixture_file *files, size_t given, const char *expected)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct compose_project project = fixture_project(files, given, &arena);
    if (project.problem_count > 0)
        fail_msg("%s", project.problems[0].message);
    assert_false(project.incomplete);
    fixture_assert(data_get(project.root, "services"), expected);
}

/* Problem INDEX stands at TEXT of its source, and says MESSAGE. */
static inline void fixture_assert_problem(const struct compose_project *project, size_t index, const char *source,
                                          const char *text, const char *message)
{
    if (index >= project->problem_count)
        fail_msg("there is no problem %zu: %s", index, message);
    const struct compose_problem *problem = &project->problems[index];
    assert_string_equal(problem->message, message);
    const struct compose_source *of = &project->sources[problem->source];
    assert_true(str_eq_z(of->name, source));
    struct str at = data_span_text(of->bytes, problem->span);
    if (!str_eq_z(at, text))
        fail_msg("'%s' stands at '%.*s', not at '%s'", message, STR_ARG(at), text);
}
