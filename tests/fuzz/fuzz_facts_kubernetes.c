/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever YAML says of Kubernetes objects becomes facts: every place lies inside the text, what counts has a value,
 * what is absent has somewhere to be written, and workloads, volumes and mounts know each other.
 */
#include "data/yaml.h"
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
    require(fact->state <= FACT_INVALID);
    if (fact->state == FACT_KNOWN || fact->state == FACT_INHERITED)
        require(fact->node && fact->at.source);
    require(!fact->holder || fact->path);
    require(!fact->path || strlen(fact->path) < 128);
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

static void check_command(const struct fact_command *command)
{
    check_fact(&command->fact);
    for (size_t i = 0; i < command->word_count; i++)
        check_place(command->words[i].at);
    for (size_t i = 0; i < command->script.count; i++)
        for (size_t j = 0; j < command->script.commands[i].word_count; j++)
            check_place(command->script.commands[i].words[j].at);
}

static void check_probe(const struct probe_fact *probe)
{
    check_fact(&probe->fact);
    check_command(&probe->command);
    check_text(&probe->host);
    check_text(&probe->path);
    check_text(&probe->port);
    check_text(&probe->scheme);
    check_fact(&probe->initial_delay_s.fact);
    check_fact(&probe->failure_threshold.fact);
    if (probe->fact.state == FACT_KNOWN)
        require(probe->action != PROBE_NONE && probe->action != PROBE_UNKNOWN);
}

static void check_profiles(const struct seccomp_fact *profile, const struct selinux_fact *selinux)
{
    check_fact(&profile->fact);
    check_fact(&selinux->fact);
    check_text(&selinux->type);
    check_text(&selinux->user);
    check_text(&selinux->role);
}

static void check_parts(const struct workload *workload)
{
    for (size_t i = 0; i < workload->env_count; i++) {
        check_place(workload->env[i].name_at);
        check_text(&workload->env[i].value);
    }
    for (size_t i = 0; i < workload->port_count; i++) {
        check_fact(&workload->ports[i].container.fact);
        check_fact(&workload->ports[i].host.fact);
        check_text(&workload->ports[i].host_ip);
    }
    for (size_t i = 0; i < workload->mount_count; i++) {
        const struct mount_fact *mount = &workload->mounts[i];
        check_place(mount->at);
        check_text(&mount->target);
        check_text(&mount->source);
        check_fact(&mount->size_bytes.fact);
        require((mount->kind == MOUNT_UNKNOWN) == (mount->volume == NULL));
    }
}

static void check_workload(const struct pod *pod, const struct workload *workload, size_t index)
{
    require(workload->pod == pod && workload->index == index && workload->kind != WORKLOAD_SERVICE);
    check_place(workload->at);
    check_text(&workload->image);
    check_command(&workload->entrypoint);
    check_command(&workload->command);
    check_text(&workload->user);
    check_fact(&workload->run_as_non_root.fact);
    check_fact(&workload->read_only_root.fact);
    require(workload->read_only_root.fact.state != FACT_ABSENT);
    check_list(&workload->drop);
    check_list(&workload->add);
    check_list(&workload->devices);
    check_profiles(&workload->seccomp, &workload->selinux);
    check_profiles(&workload->apparmor, &workload->selinux);
    check_fact(&workload->memory_bytes.fact);
    check_fact(&workload->cpu_reservation_milli.fact);
    check_parts(workload);
    check_probe(&workload->startup);
    check_probe(&workload->readiness);
    check_probe(&workload->liveness);
    check_probe(&workload->post_start);
    check_probe(&workload->pre_stop);
}

static void check_pod(const struct pod *pod)
{
    require(pod->surface == SURFACE_KUBERNETES && pod->node && pod->object);
    check_place(pod->at);
    require(pod->at.source != NULL);
    check_list(&pod->sysctls);
    check_list(&pod->annotations);
    check_list(&pod->labels);
    check_list(&pod->seccomp_annotations);
    check_list(&pod->apparmor_annotations);
    check_profiles(&pod->seccomp, &pod->selinux);
    check_text(&pod->service_account);
    require(pod->automount_token.fact.state != FACT_ABSENT);
    for (size_t i = 0; i < pod->volume_count; i++) {
        check_place(pod->volumes[i].type_at);
        check_text(&pod->volumes[i].host_path);
        check_fact(&pod->volumes[i].size_bytes.fact);
    }
    for (size_t i = 0; i < pod->key_problem_count; i++) {
        const struct key_problem *problem = &pod->key_problems[i];
        check_place(problem->at);
        require(problem->object && (problem->kind != KEY_WRONG_TYPE || problem->expected));
    }
    for (size_t i = 0; i < pod->workload_count; i++)
        check_workload(pod, pod->workloads[i], i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct yaml_options options = {.schema = YAML_KUBERNETES, .list_duplicates = true};
    struct source source = {STR_INIT("pod.yaml"), {(const char *)data, size}, 0, 1};
    const struct source *items[] = {&source};
    const struct sources sources = {items, 1};
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    if (yaml_reader_new(source.bytes, &options, &reader, NULL) != 0)
        return 0;
    for (bool more = true; more;) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        const struct data_node *root = NULL;
        const struct pod *const *pods = NULL;
        size_t count = 0, objects = 0;
        if (yaml_next_document(reader, &arena, &root, &more, NULL) != 0 || !root)
            continue;
        struct err err = ERR_INIT;
        if (facts_of_kubernetes(root, &sources, NULL, &arena, &pods, &count, &objects, &err) != 0) {
            require(err.code == ERR_LIMIT || err.code == ERR_NOMEM);
            continue;
        }
        require(count <= objects && (objects == 0 || kubernetes_is_object(root)));
        for (size_t i = 0; i < count; i++)
            check_pod(pods[i]);
    }
    return 0;
}
