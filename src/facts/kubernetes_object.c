/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/read.h"

#include "base/limits.h"
#include "facts/kubernetes.h"

/* --- what an object is -------------------------------------------------------------------------------------- */

struct object {
    const struct data_node *node;
    struct str api_version;
    const struct data_node *kind_node; /* NULL: the list says it */
    struct str kind;
};

static struct str text_of(const struct data_node *node)
{
    return node && node->kind == DATA_STRING ? node->value : STR("");
}

/* "apps" of "apps/v1"; "" of "v1". */
static struct str group_of(struct str api_version)
{
    size_t slash = str_find_char(api_version, '/');
    return slash < api_version.len ? str_head(api_version, slash) : STR("");
}

static struct object object_of(const struct data_node *node)
{
    const struct data_node *kind = data_get(node, "kind");
    return (struct object){node, text_of(data_get(node, "apiVersion")), kind, text_of(kind)};
}

bool kubernetes_is_object(const struct data_node *root)
{
    const struct object object = object_of(root);
    return object.api_version.len > 0 && object.kind.len > 0;
}

/* The items of "List" and of "PodList", "DeploymentList": any kind of that name with a list of items. */
static const struct data_node *items_of(const struct object *object)
{
    const struct data_node *items = str_ends(object->kind, STR("List")) ? data_get(object->node, "items") : NULL;
    return items && items->kind == DATA_ARRAY ? items : NULL;
}

/* What an item of a typed list leaves out. */
static struct object item_of(const struct object *list, const struct data_node *node)
{
    struct object item = object_of(node);
    bool typed = list->kind.len > sizeof("List") - 1;
    if (typed && item.api_version.len == 0)
        item.api_version = list->api_version;
    if (typed && item.kind.len == 0) {
        item.kind = str_head(list->kind, list->kind.len - (sizeof("List") - 1));
        item.kind_node = list->kind_node;
    }
    return item;
}

/* --- where its template is ---------------------------------------------------------------------------------- */

struct template_place {
    const char *kind;
    const char *group;
    const char *path[5]; /* from the object to what has the metadata and the spec; ends with NULL */
    bool serves;
    const struct key_table *around[3]; /* the keys of what each but the last of the path leads to */
};

static const struct template_place templates[] = {
    {"Deployment", "apps", {"spec", "template"}, true, {&key_deployment}},
    {"Pod", "", {NULL}, true},
    {"StatefulSet", "apps", {"spec", "template"}, true, {&key_stateful_set}},
    {"DaemonSet", "apps", {"spec", "template"}, true, {&key_daemon_set}},
    {"Job", "batch", {"spec", "template"}, false, {&key_job}},
    {"CronJob",
     "batch",
     {"spec", "jobTemplate", "spec", "template"},
     false,
     {&key_cron_job, &key_job_template, &key_job}},
    {"ReplicaSet", "apps", {"spec", "template"}, true, {&key_replica_set}},
    {"ReplicationController", "", {"spec", "template"}, true, {&key_replication_controller}},
    {"PodTemplate", "", {"template"}, true},
    /* The group that these were in before they had their own. */
    {"Deployment", "extensions", {"spec", "template"}, true, {&key_deployment}},
    {"DaemonSet", "extensions", {"spec", "template"}, true, {&key_daemon_set}},
    {"ReplicaSet", "extensions", {"spec", "template"}, true, {&key_replica_set}},
};

/*
 * Kinds of others' making (an Argo Rollout, a Knative Service) that carry a pod template where a Deployment does. What
 * they add to its keys is not known here.
 */
static const struct template_place custom = {"", "", {"spec", "template"}, true, {NULL}};

static bool is_custom(const struct object *object, struct str group)
{
    const struct data_node *template = data_get(data_get(object->node, "spec"), "template");
    const struct data_node *containers = data_get(data_get(template, "spec"), "containers");
    return str_has_char(group, '.') && containers && containers->kind == DATA_ARRAY;
}

static const struct template_place *template_place_of(const struct object *object)
{
    struct str group = group_of(object->api_version);
    for (size_t i = 0; i < ARRAY_LEN(templates); i++)
        if (str_eq_z(object->kind, templates[i].kind) && str_eq_z(group, templates[i].group))
            return &templates[i];
    return is_custom(object, group) ? &custom : NULL;
}

/* What stands around the template is passed over as silently as what stands wrong in it. */
static void check_around(struct kube_reader *reader, const struct object *object, const struct template_place *place)
{
    const struct data_node *node = object->node;
    for (size_t i = 0; i < ARRAY_LEN(place->around) && place->around[i]; i++) {
        node = data_get(node, place->path[i]);
        kube_members(reader, node, place->around[i], NULL);
    }
}

static const struct data_node *template_of(const struct object *object, const struct template_place *place)
{
    const struct data_node *node = object->node;
    for (size_t i = 0; i < ARRAY_LEN(place->path) && place->path[i]; i++)
        node = data_get(node, place->path[i]);
    return node;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

struct walk {
    const struct sources *sources;
    const struct image_overrides *images;
    struct arena *arena;
    VEC(const struct pod *) pods;
    size_t objects;
    /* NULL: the pods are kept. */
    int (*visit)(void *self, const struct pod *pod, struct err *err);
    void *self;
};

static void name_pod(struct kube_reader *reader, const struct object *object)
{
    struct pod *pod = reader->pod;
    const struct data_node *metadata = data_get(object->node, "metadata");
    const struct data_node *name = data_get(metadata, "name");
    if (data_absent(name))
        name = data_get(metadata, "generateName");
    pod->surface = SURFACE_KUBERNETES;
    pod->kind = object->kind;
    pod->name = text_of(name);
    pod->namespace_ = text_of(data_get(metadata, "namespace"));
    pod->object = object->node;
    pod->at = place_of(reader->sources, pod->name.len ? name : object->kind_node);
    if (!pod->at.source)
        pod->at = kube_name_place(reader, object->node, NULL);
}

/* Values below NODE, or MAX when there are as many. */
static size_t count_values(const struct data_node *node, size_t max)
{
    size_t count = 0;
    for (const struct data_node *child = node->first; child && count < max; child = child->next)
        count += 1 + (child->first ? count_values(child, max - count - 1) : 0);
    return count;
}

/* Says in pod.unread why SPEC is not read, if it is not. False: memory is short. */
static bool bound(struct walk *walk, struct pod *pod, const struct data_node *spec)
{
    static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers"};
    size_t containers = 0;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        containers += kube_count(data_get(spec, lists[i]));
    bool many = containers > LIMIT_KUBERNETES_CONTAINERS;
    if (!many && count_values(spec, LIMIT_KUBERNETES_POD_VALUES + 1) <= LIMIT_KUBERNETES_POD_VALUES)
        return true;
    struct str kind = str_head(pod->kind, 60), name = str_head(pod->name, 60);
    const char *what = many ? "containers" : "values in its pod";
    unsigned max = many ? LIMIT_KUBERNETES_CONTAINERS : LIMIT_KUBERNETES_POD_VALUES;
    pod->unread = name.len > 0 ? arena_printf(walk->arena, "%.*s '%.*s' has more than %u %s", STR_ARG(kind),
                                              STR_ARG(name), max, what)
                               : arena_printf(walk->arena, "a %.*s has more than %u %s", STR_ARG(kind), max, what);
    return pod->unread;
}

static bool read_pod(struct kube_reader *reader, const struct object *object, const struct template_place *place,
                     const struct data_node *template)
{
    check_around(reader, object, place);
    if (place->path[0] && place != &custom)
        kube_members(reader, template, &key_template, NULL);
    const struct data_node *claims =
        str_eq_z(object->kind, "StatefulSet") ? data_get(data_get(object->node, "spec"), "volumeClaimTemplates") : NULL;
    kube_pod(reader, data_get(template, "metadata"), data_get(template, "spec"), claims);
    if (place == &custom)
        reader->pod->key_problem_count = 0;
    VEC_DONE(&reader->problems);
    map_done(&reader->volumes);
    map_done(&reader->apparmor_annotations);
    return !reader->nomem;
}

static int read_template(struct walk *walk, const struct object *object, const struct template_place *place,
                         const struct data_node *template, struct err *err)
{
    struct pod *pod = ARENA_NEW(walk->arena, struct pod);
    if (!pod || (!walk->visit && !VEC_PUSH(&walk->pods, pod)))
        return err_nomem(err);
    struct kube_reader reader = {.sources = walk->sources, .arena = walk->arena, .images = walk->images, .pod = pod};
    pod->serves = place->serves;
    name_pod(&reader, object);
    if (!bound(walk, pod, data_get(template, "spec")) || (!pod->unread && !read_pod(&reader, object, place, template)))
        return err_nomem(err);
    return walk->visit ? walk->visit(walk->self, pod, err) : 0;
}

static int read_object(struct walk *walk, const struct object *object, struct err *err)
{
    walk->objects++;
    const struct template_place *place = template_place_of(object);
    const struct data_node *template = place ? template_of(object, place) : NULL;
    const struct data_node *spec = data_get(template, "spec");
    /* A patch of other members of the object has no template. */
    if (!spec || spec->kind != DATA_OBJECT)
        return 0;
    return read_template(walk, object, place, template, err);
}

/* Lists in lists: as deep as a tree may be (LIMIT_YAML_DEPTH). */
static int read_any(struct walk *walk, const struct object *object, struct err *err)
{
    const struct data_node *items = items_of(object);
    if (!items || !items->first)
        return read_object(walk, object, err);
    for (const struct data_node *node = kube_first(items); node; node = kube_next(node)) {
        const struct object item = item_of(object, node);
        int r = read_any(walk, &item, err);
        if (r != 0)
            return r;
    }
    return 0;
}

static int give_pods(struct walk *walk, const struct pod *const **ret_pods, struct err *err)
{
    const struct pod **pods = ARENA_ARRAY(walk->arena, walk->pods.len + 1, const struct pod *);
    if (!pods)
        return err_nomem(err);
    for (size_t i = 0; i < walk->pods.len; i++)
        pods[i] = walk->pods.ptr[i];
    *ret_pods = pods;
    return 0;
}

int facts_of_kubernetes(const struct data_node *root, const struct sources *sources,
                        const struct image_overrides *images, struct arena *arena, const struct pod *const **ret_pods,
                        size_t *ret_count, size_t *ret_objects, struct err *err)
{
    struct walk walk = {.sources = sources, .images = images, .arena = arena};
    const struct object object = object_of(root);
    int r = kubernetes_is_object(root) ? read_any(&walk, &object, err) : 0;
    if (r == 0)
        r = give_pods(&walk, ret_pods, err);
    if (r == 0) {
        *ret_count = walk.pods.len;
        *ret_objects = walk.objects;
    }
    VEC_DONE(&walk.pods);
    return r;
}

int facts_each_of_kubernetes(const struct data_node *root, const struct sources *sources,
                             const struct image_overrides *images, struct arena *arena,
                             int (*visit)(void *self, const struct pod *pod, struct err *err), void *self,
                             size_t *ret_objects, struct err *err)
{
    struct walk walk = {.sources = sources, .images = images, .arena = arena, .visit = visit, .self = self};
    const struct object object = object_of(root);
    int r = kubernetes_is_object(root) ? read_any(&walk, &object, err) : 0;
    *ret_objects = walk.objects;
    return r;
}

bool kubernetes_is_list(const struct data_node *root)
{
    const struct object object = object_of(root);
    return kubernetes_is_object(root) && items_of(&object);
}
