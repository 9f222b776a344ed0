/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/kubernetes.h"

/* --- volumes ------------------------------------------------------------------------------------------------ */

/* The member that says what the volume is. Null ones count as not written. */
static const struct data_node *source_of(const struct data_node *entry)
{
    const struct data_node *unset = NULL;
    DATA_EACH(child, entry)
    {
        if (str_eq_z(child->key, "name"))
            continue;
        if (child->kind != DATA_NULL)
            return child;
        unset = child;
    }
    return unset;
}

static void read_source(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *source,
                        struct volume_fact *volume)
{
    const struct data_node *directory[EMPTY_DIR_SLOTS], *path[HOST_PATH_SLOTS];
    bool empty_dir = str_eq_z(volume->type, "emptyDir"), host_path = str_eq_z(volume->type, "hostPath");
    kube_members(reader, empty_dir ? source : NULL, &key_empty_dir, directory);
    kube_members(reader, host_path ? source : NULL, &key_host_path, path);
    const struct kube_scope below = source ? kube_scope_below(reader, scope, source, volume->type) : *scope;
    struct kube_scope of_directory = empty_dir ? below : *scope, of_path = host_path ? below : *scope;
    volume->size_bytes =
        kube_quantity(reader, &of_directory, directory[EMPTY_DIR_SIZE], "emptyDir.sizeLimit", QUANTITY_WHOLE);
    volume->medium = kube_text(reader, &of_directory, directory[EMPTY_DIR_MEDIUM], "emptyDir.medium", STR_NONE);
    volume->host_path = kube_text(reader, &of_path, path[HOST_PATH_PATH], "hostPath.path", STR_NONE);
    volume->host_path_type = kube_text(reader, &of_path, path[HOST_PATH_TYPE], "hostPath.type", STR_NONE);
    struct kube_scope inside = below;
    inside.skip = 0;
    volume->read_only = kube_bool(reader, &inside, data_get(source, "readOnly"), "readOnly", KUBE_FALSE);
}

static void read_volume(struct kube_reader *reader, const struct data_node *entry, struct volume_fact *volume)
{
    const struct data_node *slots[VOLUME_SLOTS];
    kube_members(reader, entry, &key_volume, slots);
    const struct data_node *name = slots[VOLUME_NAME], *source = source_of(entry);
    volume->name = name && name->kind == DATA_STRING ? name->value : STR("");
    volume->at = kube_name_place(reader, entry, name);
    volume->type = STR("emptyDir"); /* what the platform takes when nothing is said */
    volume->type_at = source ? place_of_key(reader->sources, source) : volume->at;
    if (!data_absent(source)) {
        volume->type = source->key;
        volume->unknown_type = !key_find(&key_volume, source->key);
    }
    const struct kube_scope scope = {.holder = entry, .at = volume->at};
    read_source(reader, &scope, data_absent(source) ? NULL : source, volume);
}

/* A StatefulSet gives each pod a claim for each template, mounted by its name; it hides a volume of the same name. */
static void read_claim(struct kube_reader *reader, const struct data_node *entry, struct volume_fact *volume)
{
    const struct data_node *name = data_get(data_get(entry, "metadata"), "name");
    volume->name = name && name->kind == DATA_STRING ? name->value : STR("");
    volume->at = kube_name_place(reader, entry, name);
    volume->type = STR("persistentVolumeClaim");
    volume->type_at = volume->at;
    const struct kube_scope scope = {.holder = entry, .at = volume->at};
    read_source(reader, &scope, NULL, volume);
}

void kube_volumes(struct kube_reader *reader, const struct data_node *volumes, const struct data_node *claims)
{
    size_t room = kube_count(volumes) + kube_count(claims) + 1, count = 0;
    struct volume_fact *facts = ARENA_ARRAY(reader->arena, room, struct volume_fact);
    if (!facts) {
        reader->nomem = true;
        return;
    }
    for (const struct data_node *entry = kube_first(volumes); entry; entry = kube_next(entry))
        read_volume(reader, entry, &facts[count++]);
    for (const struct data_node *entry = kube_first(claims); entry; entry = kube_next(entry))
        read_claim(reader, entry, &facts[count++]);
    for (size_t i = 0; i < count; i++)
        if (!map_set(&reader->volumes, facts[i].name, &facts[i]))
            reader->nomem = true;
    reader->pod->volumes = facts;
    reader->pod->volume_count = count;
}

/* --- mounts ------------------------------------------------------------------------------------------------- */

static enum mount_kind kind_of(const struct volume_fact *volume)
{
    static const struct {
        const char *type;
        enum mount_kind kind;
    } kinds[] = {
        {"hostPath", MOUNT_BIND},      {"configMap", MOUNT_CONFIG}, {"secret", MOUNT_CONFIG},
        {"downwardAPI", MOUNT_CONFIG}, {"projected", MOUNT_CONFIG}, {"persistentVolumeClaim", MOUNT_VOLUME},
        {"ephemeral", MOUNT_VOLUME},
    };
    if (!volume)
        return MOUNT_UNKNOWN;
    if (str_eq_z(volume->type, "emptyDir"))
        return fact_said(&volume->medium.fact) && str_eq_z(volume->medium.value, "Memory") ? MOUNT_TMPFS
                                                                                           : MOUNT_EMPTY_DIR;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq_z(volume->type, kinds[i].type))
            return kinds[i].kind;
    return MOUNT_OTHER;
}

/* The platform mounts these for reading, whatever the mount says. */
static bool always_read_only(const struct volume_fact *volume)
{
    return volume && (kind_of(volume) == MOUNT_CONFIG || str_eq_z(volume->type, "image"));
}

void kube_mounts(struct kube_reader *reader, const struct data_node *list, struct workload *workload)
{
    struct mount_fact *mounts = ARENA_ARRAY(reader->arena, kube_count(list) + 1, struct mount_fact);
    if (!mounts) {
        reader->nomem = true;
        return;
    }
    size_t count = 0;
    for (const struct data_node *entry = kube_first(list); entry; entry = kube_next(entry)) {
        const struct data_node *slots[MOUNT_SLOTS];
        kube_members(reader, entry, &key_mount, slots);
        const struct kube_scope inside = {.holder = entry, .at = kube_name_place(reader, entry, slots[MOUNT_NAME])};
        struct mount_fact *mount = &mounts[count++];
        mount->at = place_of(reader->sources, entry);
        mount->source = kube_text(reader, &inside, slots[MOUNT_NAME], "name", STR_NONE);
        if (fact_said(&mount->source.fact))
            mount->volume = map_get(&reader->volumes, mount->source.value);
        mount->kind = kind_of(mount->volume);
        mount->target = kube_text(reader, &inside, slots[MOUNT_PATH], "mountPath", STR_NONE);
        mount->read_only = kube_bool(reader, &inside, slots[MOUNT_READ_ONLY], "readOnly",
                                     always_read_only(mount->volume) ? KUBE_TRUE : KUBE_FALSE);
        mount->propagation = kube_text(reader, &inside, slots[MOUNT_PROPAGATION], "mountPropagation", STR("None"));
        mount->options.fact = kube_fact(reader, &inside, NULL, "");
        mount->size_bytes.fact = mount->options.fact;
        if (mount->volume)
            mount->size_bytes = mount->volume->size_bytes;
        if (mount->kind == MOUNT_BIND)
            mount->source = mount->volume->host_path;
    }
    workload->mounts = mounts;
    workload->mount_count = count;
}
