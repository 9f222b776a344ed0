/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/num.h"
#include "facts/compose_read.h"

/* "host", and nothing else, is the machine's own namespace; a service's or a container's is another container's. */
static struct fact_bool host_mode(const struct compose_reader *reader, const char *key)
{
    struct fact_text mode = compose_text(reader, key);
    struct fact_bool host = {.fact = mode.fact, .value = str_eq_z(mode.value, "host")};
    if (host.fact.state == FACT_ABSENT)
        host.fact.state = FACT_DEFAULT;
    return host;
}

/* The network NAME of the project is the machine's: external, and called "host". */
static bool is_host_network(const struct compose_reader *reader, struct str name)
{
    const struct data_node *network = map_get(&reader->networks, name);
    struct fact_bool external = compose_bool_of(reader, data_get(network, "external"), network, "external", false);
    bool object = data_get(network, "external") && data_get(network, "external")->kind == DATA_OBJECT;
    struct str real = name;
    data_str(data_get(network, "name"), &real, NULL);
    return (object || (fact_said(&external.fact) && external.value)) && str_eq_z(real, "host");
}

static struct fact_bool host_network(const struct compose_reader *reader)
{
    struct fact_bool host = host_mode(reader, "network_mode");
    const struct data_node *networks = data_get(reader->service, "networks");
    if (host.fact.state != FACT_DEFAULT || !networks)
        return host;
    DATA_EACH(child, networks)
    {
        struct str name = networks->kind == DATA_OBJECT ? child->key : child->value;
        if (!is_host_network(reader, name))
            continue;
        host.fact = compose_fact(reader, child, networks, "");
        if (!fact_said(&host.fact))
            host.fact.state = FACT_KNOWN;
        if (networks->kind == DATA_OBJECT)
            host.fact.at = place_of_key(reader->sources, child);
        host.value = true;
        return host;
    }
    return host;
}

/* Compose's own word for "no user namespace" is "host"; without a word it is the engine's, whose default is none. */
static struct fact_bool host_users(const struct compose_reader *reader)
{
    struct fact_bool host = host_mode(reader, "userns_mode");
    if (host.fact.state == FACT_DEFAULT)
        host.value = true;
    return host;
}

static void read_user(struct compose_reader *reader)
{
    struct workload *workload = reader->workload;
    struct fact_text user = compose_text(reader, "user");
    if (fact_said(&user.fact) && user.value.len == 0)
        user.fact.state = FACT_ABSENT;
    workload->user = user;
    workload->run_as_user.fact = workload->run_as_group.fact = user.fact;
    struct compose_scalar scalar;
    if (user.fact.state == FACT_ABSENT || user.fact.state == FACT_INVALID ||
        !compose_scalar(reader, user.fact.node, &scalar))
        return;
    size_t colon = compose_find_char(&scalar, 0, ':');
    size_t starts[] = {0, colon + 1};
    size_t ends[] = {colon, scalar.text.len};
    struct fact_number *numbers[] = {&workload->run_as_user, &workload->run_as_group};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (starts[i] > scalar.text.len) {
            numbers[i]->fact.state = FACT_ABSENT;
            continue;
        }
        struct fact_text part = compose_part(reader, &scalar, starts[i], ends[i] - starts[i]);
        uint64_t id = 0;
        numbers[i]->fact.state = part.fact.state;
        numbers[i]->fact.at = part.fact.at;
        if (fact_said(&part.fact) && (!num_parse_u64(part.value, &id) || id > INT32_MAX))
            numbers[i]->fact.state = FACT_INVALID;
        numbers[i]->value = (int64_t)id;
    }
}

static void read_image(struct compose_reader *reader)
{
    struct workload *workload = reader->workload;
    workload->image = compose_text(reader, "image");
    if (fact_said(&workload->image.fact) &&
        image_name_read(workload->image.value, reader->arena, &workload->image_name, NULL) != 0)
        reader->nomem = true;
    const struct data_node *build = data_get(reader->service, "build");
    workload->built.fact = compose_fact(reader, build, reader->service, "build");
    workload->built.value = !data_absent(build);
    if (!workload->built.value)
        workload->built.fact.state = FACT_DEFAULT;
    bool mapping = build && build->kind == DATA_OBJECT;
    const struct data_node *holder = mapping ? build : reader->service;
    const char *context = mapping ? "context" : "build";
    workload->build_context = compose_text_of(reader, data_get(holder, context), holder, context);
    const struct data_node *options = mapping ? build : NULL;
    workload->build_file = compose_text_of(reader, data_get(options, "dockerfile"), holder, "dockerfile");
    workload->build_target = compose_text_of(reader, data_get(options, "target"), holder, "target");
}

/* A service that another one waits for until it has ended well, or a job of a swarm. */
static bool is_job(const struct compose_reader *reader)
{
    struct str mode = STR("");
    data_str(compose_find(reader->service, "deploy.mode").node, &mode, NULL);
    if (str_eq_z(mode, "replicated-job") || str_eq_z(mode, "global-job"))
        return true;
    return map_has(&reader->jobs, reader->service->key);
}

static void read_pod(struct compose_reader *reader)
{
    struct pod *pod = reader->pod;
    struct fact absent = compose_fact(reader, NULL, reader->service, "");
    *pod = (struct pod){
        .surface = SURFACE_COMPOSE,
        .kind = STR("service"),
        .name = reader->service->key,
        .at = place_of_key(reader->sources, reader->service),
        .object = reader->service,
        .node = reader->service,
        .run_as_non_root.fact = absent,
        .run_as_user.fact = absent,
        .run_as_group.fact = absent,
        .fs_group.fact = absent,
        .supplemental_groups.fact = absent,
        .seccomp.fact = absent,
        .apparmor.fact = absent,
        .selinux.fact = absent,
        .host_process.fact = absent,
        .apparmor_annotations.fact = absent,
        .seccomp_annotations.fact = absent,
        .automount_token.fact = absent,
        .service_account.fact = absent,
    };
    pod->host_network = host_network(reader);
    pod->host_pid = host_mode(reader, "pid");
    pod->host_ipc = host_mode(reader, "ipc");
    pod->host_uts = host_mode(reader, "uts");
    pod->host_cgroup = host_mode(reader, "cgroup");
    pod->host_users = host_users(reader);
    pod->sysctls = compose_pairs(reader, "sysctls");
    pod->annotations = compose_pairs(reader, "labels");
    pod->labels = compose_pairs(reader, "deploy.labels");
    pod->restart_policy = compose_text(reader, "restart");
    if (pod->restart_policy.fact.state == FACT_ABSENT)
        pod->restart_policy = compose_text(reader, "deploy.restart_policy.condition");
    pod->serves = !is_job(reader);
}

static void read_workload(struct compose_reader *reader)
{
    struct workload *workload = reader->workload;
    struct fact absent = compose_fact(reader, NULL, reader->service, "");
    *workload = (struct workload){
        .kind = WORKLOAD_SERVICE,
        .pod = reader->pod,
        .name = reader->service->key,
        .at = reader->pod->at,
        .node = reader->service,
        .run_as_non_root.fact = absent,
        .proc_mount.fact = absent,
        .host_process.fact = absent,
        .ephemeral_bytes.fact = absent,
        .startup.fact = absent,
        .readiness.fact = absent,
        .liveness.fact = absent,
        .post_start.fact = absent,
        .pre_stop.fact = absent,
    };
    read_image(reader);
    read_user(reader);
    compose_read_commands(reader);
    compose_read_security(reader);
    compose_read_resources(reader);
    compose_read_env(reader);
    compose_read_ports(reader);
    compose_read_mounts(reader);
    compose_read_health(reader);
}

/* A service with a provider is no container: a program outside makes what it stands for. */
static const struct pod *read_service(struct compose_reader *reader)
{
    struct pod *pod = COMPOSE_ARRAY(reader, 1, struct pod);
    struct workload *workload = COMPOSE_ARRAY(reader, 1, struct workload);
    const struct workload **workloads = COMPOSE_ARRAY(reader, 1, const struct workload *);
    if (!pod || !workload || !workloads)
        return NULL;
    reader->pod = pod;
    reader->workload = workload;
    read_pod(reader);
    if (data_absent(data_get(reader->service, "provider"))) {
        read_workload(reader);
        workloads[0] = workload;
        pod->workloads = workloads;
        pod->workload_count = 1;
    }
    compose_read_keys(reader);
    return pod;
}

/* A node as a map's value: maps hand out what they were given, and nobody writes through it. */
static bool put(struct map *map, const struct data_node *node)
{
    union {
        const struct data_node *node;
        void *value;
    } entry = {node};
    return map_set(map, node->key, entry.value);
}

/* What services name is looked up by name; the lists may be long. */
static void fill_maps(struct compose_reader *reader, const struct data_node *services)
{
    bool fine = true;
    DATA_EACH(volume, data_get(reader->root, "volumes"))
    fine = fine && put(&reader->volumes, volume);
    DATA_EACH(network, data_get(reader->root, "networks"))
    fine = fine && put(&reader->networks, network);
    DATA_EACH(service, services)
    {
        const struct data_node *depends = data_get(service, "depends_on");
        DATA_EACH(dependency, depends)
        {
            struct str condition = STR("");
            data_str(data_get(dependency, "condition"), &condition, NULL);
            if (str_eq_z(condition, "service_completed_successfully"))
                fine = fine && put(&reader->jobs, dependency);
        }
    }
    reader->nomem |= !fine;
}

static void maps_done(struct compose_reader *reader)
{
    map_done(&reader->volumes);
    map_done(&reader->networks);
    map_done(&reader->jobs);
}

int facts_of_compose(const struct compose_project *project, const struct sources *sources, struct arena *arena,
                     const struct pod *const **ret_pods, size_t *ret_count, struct err *err)
{
    struct compose_reader reader = {.sources = sources, .arena = arena, .root = project->root};
    const struct data_node *services = data_get(project->root, "services");
    size_t count = 0;
    if (services && services->count > LIMIT_COMPOSE_SERVICES)
        return err_set(err, ERR_LIMIT, "the project has more than %d services", LIMIT_COMPOSE_SERVICES);
    const struct pod **pods = COMPOSE_ARRAY(&reader, services ? (size_t)services->count + 1 : 1, const struct pod *);
    if (services && services->kind == DATA_OBJECT) {
        fill_maps(&reader, services);
        DATA_EACH(service, services)
        {
            bool extension = str_starts(service->key, STR("x-")) && service->kind != DATA_OBJECT;
            if (reader.nomem || extension)
                continue;
            reader.service = service;
            pods[count++] = read_service(&reader);
        }
    }
    maps_done(&reader);
    if (reader.nomem)
        return err_nomem(err);
    *ret_pods = pods;
    *ret_count = count;
    return 0;
}
