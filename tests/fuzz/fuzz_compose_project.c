/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A project of files that 0xFF bytes part (compose.yaml, an override file, .env, and files to be named): every span
 * lies in the text that its node is of, parents and counts are right, problems are in order and in their texts, and
 * twice gives the same tree.
 */
#include "compose/project.h"

#include "base/limits.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"compose.yaml", "over.yaml", ".env",       "base.yaml",
                                    "inc/c.yaml",   "inc/.env",  "inc/b.yaml", "x.env"};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static int read_file(void *self, struct str path, struct arena *arena, struct str *ret_bytes, struct err *err)
{
    (void)arena;
    const struct str *parts = self;
    if (str_eq_z(path, "denied"))
        return err_set(err, ERR_PERMISSION, "can't be read");
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(path, names[i]))
            *ret_bytes = parts[i];
    return 0;
}

static const struct data_node *following(const struct data_node *node, const struct data_node *root)
{
    if (node->first)
        return node->first;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

static void check_span(const struct compose_project *project, uint8_t source, struct data_span span)
{
    require(source < project->source_count);
    require((size_t)span.offset + span.len <= project->sources[source].bytes.len);
}

static void check_node(const struct compose_project *project, const struct data_node *node)
{
    check_span(project, node->source, node->span);
    check_span(project, node->source, node->key_span);
    bool collection = node->kind == DATA_ARRAY || node->kind == DATA_OBJECT;
    require(node->value.ptr || collection);
    require(!node->first || collection);
    require(!node->parent || (node->parent->kind != DATA_OBJECT || node->key.ptr));
    require((node->flags & ~127) == 0);
    require(!(node->flags & DATA_UNKNOWN) || node->kind == DATA_STRING);
    for (size_t i = 0; node->extra && i < node->extra->origin_count; i++)
        check_span(project, node->extra->origins[i].source, node->extra->origins[i].span);
    uint32_t count = 0;
    DATA_EACH(child, node)
    {
        require(child->parent == node);
        count++;
    }
    require(count == node->count);
}

static void check_project(const struct compose_project *project)
{
    require(project->source_count <= LIMIT_COMPOSE_SOURCES);
    require(project->problem_count <= LIMIT_COMPOSE_PROBLEMS + 1);
    for (const struct data_node *node = project->root; node; node = following(node, project->root))
        check_node(project, node);
    for (size_t i = 0; i < project->problem_count; i++) {
        const struct compose_problem *problem = &project->problems[i];
        check_span(project, problem->source, problem->span);
        require(problem->message[0] != '\0');
        require(i == 0 || problem[-1].source < problem->source ||
                (problem[-1].source == problem->source && problem[-1].span.offset <= problem->span.offset));
    }
}

static void check_same(const struct compose_project *one, const struct compose_project *two)
{
    require(one->problem_count == two->problem_count && one->incomplete == two->incomplete);
    const struct data_node *a = one->root, *b = two->root;
    for (; a && b; a = following(a, one->root), b = following(b, two->root))
        require(a->kind == b->kind && a->flags == b->flags && str_eq(a->key, b->key) && str_eq(a->value, b->value));
    require(!a && !b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str rest = arena_str(&arena, str_of((const char *)data, size));
    struct str parts[ARRAY_LEN(names)] = {{NULL, 0}};
    for (size_t i = 0; i < ARRAY_LEN(names) && str_next(&rest, '\xFF', &parts[i]); i++)
        ;
    if (!parts[0].ptr)
        return 0;
    struct compose_source given[2] = {{.name = STR("compose.yaml"), .bytes = parts[0]},
                                      {.name = STR("over.yaml"), .bytes = parts[1]}};
    struct compose_files files = {read_file, parts};
    struct compose_project projects[2];
    for (size_t i = 0; i < 2; i++) {
        require(compose_project_read(NULL, given, parts[1].len > 0 ? 2 : 1, &files, &arena, &projects[i], NULL) == 0);
        check_project(&projects[i]);
    }
    check_same(&projects[0], &projects[1]);
    return 0;
}
