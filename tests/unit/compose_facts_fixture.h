/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * compose_facts_fixture.h - facts of the services of a project that stands in texts (compose_fixture.h).
 */
#include "compose_fixture.h"
#include "facts/read.h"

struct facts_fixture {
    struct arena arena;
    struct compose_project project;
    struct source texts[8];
    const struct source *items[8];
    struct sources sources;
    const struct pod *const *pods;
    size_t count;
};

static void facts_fixture_done(struct facts_fixture *fixture)
{
    arena_done(&fixture->arena);
}
#define CLEANUP_FACTS CLEANUP(facts_fixture_done)

static inline int facts_fixture_read(struct facts_fixture *fixture, const struct fixture_file *files, struct err *err)
{
    *fixture = (struct facts_fixture){.arena = ARENA_INIT};
    int rc = fixture_try(files, 1, &fixture->arena, &fixture->project, err);
    if (rc != 0)
        return rc;
    assert_true(fixture->project.source_count <= 8);
    for (size_t i = 0; i < fixture->project.source_count; i++) {
        const struct compose_source *source = &fixture->project.sources[i];
        fixture->texts[i] = (struct source){.name = source->name, .bytes = source->bytes, .line = 1};
        fixture->items[i] = &fixture->texts[i];
    }
    fixture->sources = (struct sources){fixture->items, fixture->project.source_count};
    return facts_of_compose(&fixture->project, &fixture->sources, &fixture->arena, &fixture->pods, &fixture->count,
                            err);
}

/* All of a file, with a `.env` or none. */
static inline void facts_fixture_init(struct facts_fixture *fixture, const char *text, const char *dotenv)
{
    const struct fixture_file files[] = {{"compose.yaml", text}, {dotenv ? ".env" : NULL, dotenv}, {NULL, NULL}};
    struct err err = ERR_INIT;
    if (facts_fixture_read(fixture, files, &err) != 0)
        fail_msg("%s", err.message);
}

static inline const struct workload *facts_fixture_workload(const struct facts_fixture *fixture, size_t index)
{
    assert_true(index < fixture->count && fixture->pods[index]->workload_count == 1);
    return fixture->pods[index]->workloads[0];
}

static inline void facts_assert_text(struct str got, const char *wanted)
{
    if (!str_eq_z(got, wanted))
        fail_msg("got '%.*s', not '%s'", STR_ARG(got), wanted);
}

/* State, and the bytes that the fact is written with. */
#define assert_fact(a_fact, a_state, text)                                                                             \
    do {                                                                                                               \
        const struct fact *fact_ = &(a_fact);                                                                          \
        if (fact_->state != (a_state))                                                                                 \
            fail_msg("%s:%d: state %d, not %d", __FILE__, __LINE__, fact_->state, (a_state));                          \
        if (!str_eq_z(place_text(fact_->at), text))                                                                    \
            fail_msg("%s:%d: at '%.*s', not '%s'", __FILE__, __LINE__, STR_ARG(place_text(fact_->at)), text);          \
    } while (0)
#define assert_text(got, wanted) facts_assert_text((got), (wanted))
