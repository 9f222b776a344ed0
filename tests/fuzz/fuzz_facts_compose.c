/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a Compose file says becomes facts: every place lies inside its text, what counts has a value and a node,
 * what is absent has somewhere to be written, and problems with keys tell what they are about.
 */
#include "facts/read.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_place(struct place place)
{
    if (place.source)
        require((size_t)place.span.offset + place.span.len <= place.source->bytes.len);
}

static void check_fact(const struct fact *fact)
{
    check_place(fact->at);
    check_place(fact->key);
    require(fact->state <= FACT_INVALID && fact->at.source && fact->path);
    if (fact->state == FACT_KNOWN || fact->state == FACT_INHERITED)
        require(fact->node != NULL);
    if (fact->state == FACT_ABSENT)
        require(fact->holder != NULL);
}

static void check_text(const struct fact_text *text)
{
    check_fact(&text->fact);
    if (fact_said(&text->fact))
        require(text->value.ptr != NULL);
}

static void check_list(const struct fact_list *list)
{
    check_fact(&list->fact);
    require(list->count == 0 || list->items);
    for (size_t i = 0; i < list->count; i++) {
        check_text(&list->items[i].text);
        check_text(&list->items[i].value);
    }
}

static void check_words(const struct command_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_place(words[i].at);
        require(words[i].text.ptr || words[i].text.len == 0);
    }
}

static void check_command(const struct fact_command *command)
{
    check_fact(&command->fact);
    check_words(command->words, command->word_count);
    for (size_t i = 0; i < command->script.count; i++)
        check_words(command->script.commands[i].words, command->script.commands[i].word_count);
}

static void check_lists(const struct workload *workload)
{
    for (size_t i = 0; i < workload->env_count; i++) {
        check_place(workload->env[i].name_at);
        check_text(&workload->env[i].value);
    }
    for (size_t i = 0; i < workload->port_count; i++) {
        check_place(workload->ports[i].at);
        check_fact(&workload->ports[i].container.fact);
        check_fact(&workload->ports[i].host.fact);
        check_text(&workload->ports[i].host_ip);
    }
    for (size_t i = 0; i < workload->mount_count; i++) {
        const struct mount_fact *mount = &workload->mounts[i];
        check_place(mount->at);
        check_text(&mount->target);
        check_text(&mount->source);
        check_fact(&mount->read_only.fact);
        check_fact(&mount->size_bytes.fact);
        check_list(&mount->options);
        check_text(&mount->propagation);
    }
}

static void check_workload(const struct workload *workload)
{
    const struct fact *facts[] = {
        &workload->built.fact,          &workload->run_as_user.fact,
        &workload->run_as_group.fact,   &workload->run_as_non_root.fact,
        &workload->read_only_root.fact, &workload->privileged.fact,
        &workload->escalation.fact,     &workload->seccomp.fact,
        &workload->apparmor.fact,       &workload->selinux.fact,
        &workload->memory_bytes.fact,   &workload->memory_reservation_bytes.fact,
        &workload->cpu_milli.fact,      &workload->cpu_reservation_milli.fact,
        &workload->pids.fact,           &workload->shm_bytes.fact,
        &workload->health.fact,         &workload->health.period_s.fact,
    };
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        check_fact(facts[i]);
    check_text(&workload->image);
    check_text(&workload->build_context);
    check_text(&workload->build_file);
    check_text(&workload->build_target);
    check_text(&workload->user);
    check_list(&workload->drop);
    check_list(&workload->add);
    check_list(&workload->devices);
    check_list(&workload->unmasked);
    check_command(&workload->entrypoint);
    check_command(&workload->command);
    check_command(&workload->health.command);
    check_lists(workload);
}

static void check_pod(const struct pod *pod)
{
    require(pod->surface == SURFACE_COMPOSE && pod->workload_count <= 1);
    check_place(pod->at);
    check_list(&pod->sysctls);
    check_list(&pod->annotations);
    check_list(&pod->labels);
    check_fact(&pod->host_network.fact);
    check_fact(&pod->host_users.fact);
    for (size_t i = 0; i < pod->key_problem_count; i++) {
        const struct key_problem *problem = &pod->key_problems[i];
        check_place(problem->at);
        require(problem->object && (problem->kind == KEY_UNKNOWN || problem->expected));
    }
    for (size_t i = 0; i < pod->workload_count; i++)
        check_workload(pod->workloads[i]);
}

static int read_dotenv(void *self, struct str path, struct arena *arena, struct str *ret_bytes, struct err *err)
{
    (void)self;
    (void)arena;
    (void)err;
    if (str_eq_z(path, ".env"))
        *ret_bytes = STR("A=1\nB=two words\nC=\nD=127.0.0.1:80\n");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct compose_source given = {.name = STR("compose.yaml"), .bytes = {(const char *)data, size}};
    struct compose_files files = {.read = read_dotenv};
    struct compose_project project = {0};
    if (compose_project_read(NULL, &given, 1, &files, &arena, &project, NULL) != 0)
        return 0;
    struct source *texts = ARENA_ARRAY(&arena, project.source_count + 1, struct source);
    const struct source **items = ARENA_ARRAY(&arena, project.source_count + 1, const struct source *);
    require(texts && items);
    for (size_t i = 0; i < project.source_count; i++) {
        texts[i] = (struct source){.name = project.sources[i].name, .bytes = project.sources[i].bytes, .line = 1};
        items[i] = &texts[i];
    }
    const struct sources sources = {items, project.source_count};
    const struct pod *const *pods = NULL;
    size_t count = 0;
    require(facts_of_compose(&project, &sources, &arena, &pods, &count, NULL) == 0);
    for (size_t i = 0; i < count; i++)
        check_pod(pods[i]);
    return 0;
}
