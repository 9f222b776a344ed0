/* SPDX-License-Identifier: Apache-2.0 */
/* Any Dockerfile gives facts whose places lie in it. */
#include "facts/read.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_place(const struct build *build, struct place place)
{
    require(place.source == build->source);
    require((uint64_t)place.span.offset + place.span.len <= build->source->bytes.len);
}

static void check_text(const struct build *build, const struct fact_text *text)
{
    check_place(build, text->fact.at);
    require(text->fact.state != FACT_ABSENT || text->value.len == 0);
}

static void check_words(const struct build *build, const struct command_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_place(build, words[i].at);
}

static void check_command(const struct build *build, const struct fact_command *command)
{
    check_place(build, command->fact.at);
    check_words(build, command->words, command->word_count);
    for (size_t i = 0; i < command->script.count; i++) {
        const struct shell_command *simple = &command->script.commands[i];
        check_words(build, simple->words, simple->word_count);
        check_words(build, simple->assignments, simple->assignment_count);
    }
}

static void check_list(const struct build *build, const struct fact_list *list)
{
    check_place(build, list->fact.at);
    for (size_t i = 0; i < list->count; i++) {
        check_text(build, &list->items[i].text);
        check_text(build, &list->items[i].value);
    }
}

static void check_copy(const struct build *build, const struct copy_fact *copy)
{
    check_place(build, copy->at);
    for (size_t i = 0; i < copy->source_count; i++)
        check_place(build, copy->sources[i].path.fact.at);
    check_place(build, copy->destination.fact.at);
    check_text(build, &copy->from);
    check_text(build, &copy->chown);
    check_text(build, &copy->chmod);
    check_text(build, &copy->checksum);
    require(!copy->from_stage || copy->from_stage->index < copy->stage->index);
}

static void check_final(const struct build *build)
{
    check_place(build, build->at);
    check_place(build, build->shell_at);
    check_text(build, &build->user);
    check_command(build, &build->entrypoint);
    check_command(build, &build->command);
    check_place(build, build->health.fact.at);
    if (build->health.action == PROBE_EXEC)
        check_command(build, &build->health.command);
    check_list(build, &build->env);
    check_list(build, &build->labels);
    check_list(build, &build->ports);
    check_list(build, &build->volumes);
    check_list(build, &build->args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    struct source source = {.name = STR("Dockerfile"), .bytes = str_of((const char *)data, size), .line = 1};
    struct dockerfile file;
    struct build build = {0};
    if (dockerfile_read(source.bytes, &arena, &file, &err) != 0) {
        require(err.code == ERR_LIMIT);
        return 0;
    }
    require(facts_of_dockerfile(&source, &file, STR_NONE, &arena, &build, &err) == 0);
    require((build.final != NULL) == (file.stage_count > 0));
    for (size_t i = 0; i < build.stage_count; i++) {
        check_place(&build, build.stages[i].at);
        check_place(&build, build.stages[i].image_at);
        check_place(&build, build.stages[i].image.fact.at);
    }
    for (size_t i = 0; i < build.run_count; i++)
        check_command(&build, &build.runs[i].command);
    for (size_t i = 0; i < build.copy_count; i++)
        check_copy(&build, &build.copies[i]);
    if (build.final)
        check_final(&build);
    return 0;
}
