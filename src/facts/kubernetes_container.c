/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/kubernetes.h"

/* --- environment and ports ---------------------------------------------------------------------------------- */

static void read_env(struct kube_reader *reader, const struct data_node *list, struct workload *workload)
{
    struct env_fact *env = ARENA_ARRAY(reader->arena, kube_count(list) + 1, struct env_fact);
    if (!env) {
        reader->nomem = true;
        return;
    }
    size_t count = 0;
    for (const struct data_node *entry = kube_first(list); entry; entry = kube_next(entry)) {
        const struct data_node *slots[ENV_SLOTS];
        kube_members(reader, entry, &key_env, slots);
        struct env_fact *fact = &env[count++];
        const struct data_node *name = slots[ENV_NAME];
        fact->name_at = kube_name_place(reader, entry, name);
        fact->name = name && name->kind == DATA_STRING ? name->value : STR("");
        fact->from_elsewhere = !data_absent(slots[ENV_VALUE_FROM]);
        const struct kube_scope inside = {.holder = entry, .at = fact->name_at};
        fact->value = kube_text(reader, &inside, slots[ENV_VALUE], "value", fact->from_elsewhere ? STR_NONE : STR(""));
    }
    workload->env = env;
    workload->env_count = count;
}

static struct str protocol_of(const struct data_node *node)
{
    static const struct str known[] = {STR_INIT("tcp"), STR_INIT("udp"), STR_INIT("sctp")};
    if (!node || node->kind != DATA_STRING)
        return known[0];
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq_fold(node->value, known[i]))
            return known[i];
    return node->value;
}

static void read_ports(struct kube_reader *reader, const struct data_node *list, struct workload *workload)
{
    struct port_fact *ports = ARENA_ARRAY(reader->arena, kube_count(list) + 1, struct port_fact);
    if (!ports) {
        reader->nomem = true;
        return;
    }
    size_t count = 0;
    for (const struct data_node *entry = kube_first(list); entry; entry = kube_next(entry)) {
        const struct data_node *slots[PORT_SLOTS];
        kube_members(reader, entry, &key_port, slots);
        const struct kube_scope inside = {.holder = entry, .at = kube_name_place(reader, entry, slots[PORT_CONTAINER])};
        const struct data_node *name = slots[PORT_NAME];
        ports[count++] = (struct port_fact){
            .at = place_of(reader->sources, entry),
            .container = kube_whole(reader, &inside, slots[PORT_CONTAINER], "containerPort"),
            .host = kube_whole(reader, &inside, slots[PORT_HOST], "hostPort"),
            .host_ip = kube_text(reader, &inside, slots[PORT_HOST_IP], "hostIP", STR_NONE),
            .name = name && name->kind == DATA_STRING ? name->value : STR(""),
            .protocol = protocol_of(slots[PORT_PROTOCOL]),
        };
    }
    workload->ports = ports;
    workload->port_count = count;
}

static const struct kube_pair_shape device_shape = {&key_device,  DEVICE_NAME, DEVICE_PATH,
                                                    "devicePath", DEVICE_NAME, "name"};

/* --- resources ---------------------------------------------------------------------------------------------- */

struct amounts {
    struct fact_number memory, cpu, ephemeral;
};

#define AMOUNTS_OF(ret, list)                                                                                          \
    do {                                                                                                               \
        (ret)->memory =                                                                                                \
            kube_quantity(reader, &inside, slots[AMOUNT_MEMORY], "resources." list ".memory", QUANTITY_WHOLE);         \
        (ret)->cpu = kube_quantity(reader, &inside, slots[AMOUNT_CPU], "resources." list ".cpu", QUANTITY_MILLI);      \
        (ret)->ephemeral = kube_quantity(reader, &inside, slots[AMOUNT_EPHEMERAL],                                     \
                                         "resources." list ".ephemeral-storage", QUANTITY_WHOLE);                      \
    } while (0)

static void read_resources(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                           struct amounts *ret_limits, struct amounts *ret_requests)
{
    const struct data_node *lists[RESOURCES_SLOTS], *slots[AMOUNT_SLOTS];
    kube_members(reader, node, &key_resources, lists);
    const struct kube_scope below = kube_scope_below(reader, scope, node, STR("resources"));
    struct kube_scope inside = kube_scope_below(reader, &below, lists[RESOURCES_LIMITS], STR("limits"));
    kube_members(reader, lists[RESOURCES_LIMITS], &key_amounts, slots);
    AMOUNTS_OF(ret_limits, "limits");
    inside = kube_scope_below(reader, &below, lists[RESOURCES_REQUESTS], STR("requests"));
    kube_members(reader, lists[RESOURCES_REQUESTS], &key_amounts, slots);
    AMOUNTS_OF(ret_requests, "requests");
}

void kube_pod_resources(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node)
{
    struct amounts limits, requests;
    read_resources(reader, scope, node, &limits, &requests);
    reader->pod_memory = limits.memory;
    reader->pod_cpu = limits.cpu;
}

/* A limit without a request is one. */
static struct fact_number reserved(const struct fact_number *request, const struct fact_number *limit)
{
    struct fact_number fact = *request;
    if (request->fact.state == FACT_ABSENT && limit->fact.state == FACT_KNOWN) {
        fact.fact.state = FACT_DEFAULT;
        fact.value = limit->value;
    }
    return fact;
}

static void container_resources(struct kube_reader *reader, const struct kube_scope *scope,
                                const struct data_node *node, struct workload *workload)
{
    struct amounts limits, requests;
    read_resources(reader, scope, node, &limits, &requests);
    workload->memory_bytes = limits.memory;
    workload->cpu_milli = limits.cpu;
    workload->ephemeral_bytes = limits.ephemeral;
    workload->memory_reservation_bytes = reserved(&requests.memory, &limits.memory);
    workload->cpu_reservation_milli = reserved(&requests.cpu, &limits.cpu);
    workload->ephemeral_reservation_bytes = reserved(&requests.ephemeral, &limits.ephemeral);
    KUBE_INHERIT(&workload->memory_bytes, &reader->pod_memory);
    KUBE_INHERIT(&workload->cpu_milli, &reader->pod_cpu);
}

/* --- the container ------------------------------------------------------------------------------------------ */

static enum workload_kind kind_of(enum workload_kind kind, const struct data_node *restart_policy)
{
    bool always = restart_policy && restart_policy->kind == DATA_STRING && str_eq_z(restart_policy->value, "Always");
    return kind == WORKLOAD_INIT && always ? WORKLOAD_SIDECAR : kind;
}

/* What Compose alone says stays absent, at the container's name. */
static void nothing_said(const struct kube_scope *scope, struct workload *workload)
{
    const struct fact absent = {.state = FACT_ABSENT, .at = scope->at, .holder = scope->holder, .path = ""};
    workload->built.fact = workload->build_context.fact = workload->build_file.fact = absent;
    workload->build_target.fact = workload->unmasked.fact = workload->pids.fact = absent;
    workload->shm_bytes.fact = workload->health.fact = absent;
}

/* Ephemeral containers are in no manifest that a kustomization builds. */
static void read_image_name(struct kube_reader *reader, enum workload_kind kind, struct workload *workload)
{
    struct fact_text *image = &workload->image;
    struct err err = ERR_INIT;
    if (!fact_said(&image->fact))
        return;
    if (kind != WORKLOAD_EPHEMERAL && image_override_apply(reader->images, image->value, reader->arena, &image->value,
                                                           &workload->image_override, &err) != 0)
        reader->nomem = true;
    if (workload->image_override)
        image->fact.state = FACT_INHERITED;
    if (image_name_read(image->value, reader->arena, &workload->image_name, &err) != 0)
        reader->nomem = true;
}

static void read_container(struct kube_reader *reader, const struct data_node *node, enum workload_kind kind,
                           struct workload *workload)
{
    const struct data_node *slots[CONTAINER_SLOTS];
    kube_members(reader, node, &key_container, slots);
    const struct data_node *name = slots[CONTAINER_NAME];
    workload->kind = kind_of(kind, slots[CONTAINER_RESTART_POLICY]);
    workload->pod = reader->pod;
    workload->node = node;
    workload->name = name && name->kind == DATA_STRING ? name->value : STR("");
    workload->at = kube_name_place(reader, node, name);
    const struct kube_scope scope = {.holder = node, .at = workload->at};
    nothing_said(&scope, workload);
    workload->image = kube_text(reader, &scope, slots[CONTAINER_IMAGE], "image", STR_NONE);
    /* No name has a '$': somebody fills in $IMAGE or $(IMAGE) before. */
    if (workload->image.fact.state == FACT_KNOWN && str_has_char(workload->image.value, '$'))
        workload->image.fact.state = FACT_UNKNOWN;
    read_image_name(reader, kind, workload);
    kube_container_command(reader, &scope, slots[CONTAINER_COMMAND], slots[CONTAINER_ARGS], workload);
    kube_container_security(reader, &scope, slots[CONTAINER_SECURITY], workload);
    container_resources(reader, &scope, slots[CONTAINER_RESOURCES], workload);
    read_env(reader, slots[CONTAINER_ENV], workload);
    workload->env_open = kube_first(slots[CONTAINER_ENV_FROM]) != NULL;
    read_ports(reader, slots[CONTAINER_PORTS], workload);
    kube_mounts(reader, slots[CONTAINER_VOLUME_MOUNTS], workload);
    workload->devices = kube_pairs(reader, &scope, slots[CONTAINER_VOLUME_DEVICES], "volumeDevices", &device_shape);
    kube_probes(reader, &scope, slots, workload);
}

void kube_containers(struct kube_reader *reader, const struct data_node *list, enum workload_kind kind,
                     const struct workload **workloads, size_t *count)
{
    for (const struct data_node *node = kube_first(list); node && !reader->nomem; node = kube_next(node)) {
        struct workload *workload = ARENA_NEW(reader->arena, struct workload);
        if (!workload) {
            reader->nomem = true;
            return;
        }
        workload->index = *count;
        read_container(reader, node, kind, workload);
        workloads[(*count)++] = workload;
    }
}
