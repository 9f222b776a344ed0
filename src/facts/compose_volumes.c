/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/compose_read.h"
#include "facts/quantity.h"

#include <string.h>

#define ENGINE_SOCKET "/var/run/docker.sock"

static struct mount_fact *add_mount(struct compose_reader *reader, const struct data_node *entry)
{
    struct mount_fact *mount = &reader->mounts[reader->workload->mount_count++];
    struct fact none = compose_fact(reader, NULL, entry->kind == DATA_OBJECT ? entry : entry->parent, "");
    none.at = place_of(reader->sources, entry);
    none.node = entry;
    *mount = (struct mount_fact){
        .at = none.at,
        .target.fact = none,
        .source.fact = none,
        .read_only.fact = none,
        .size_bytes.fact = none,
        .options.fact = none,
        .propagation.fact = none,
    };
    mount->read_only.fact.state = FACT_DEFAULT;
    return mount;
}

/* --- options ------------------------------------------------------------------------------------------------ */

/* "size=64m,noexec" from FROM on: each word, with what stands behind its '='. */
static struct fact_list options_of(struct compose_reader *reader, const struct compose_scalar *scalar, size_t from)
{
    struct fact_list list = {.fact = compose_part(reader, scalar, from, scalar->text.len - from).fact};
    if (from >= scalar->text.len) {
        list.fact.state = FACT_ABSENT;
        return list;
    }
    list.fact.state = scalar->node->flags & DATA_INHERITED ? FACT_INHERITED : FACT_KNOWN;
    size_t count = 1;
    for (size_t i = from; (i = compose_find_char(scalar, i, ',')) < scalar->text.len; i++)
        count++;
    struct fact_item *items = COMPOSE_ARRAY(reader, count, struct fact_item);
    if (!items)
        return list;
    for (size_t at = from; list.count < count; list.count++) {
        size_t end = compose_find_char(scalar, at, ',');
        struct compose_scalar one = *scalar;
        one.text.len = end;
        size_t equals = compose_find_char(&one, at, '=');
        struct fact_item *item = &items[list.count];
        item->text = compose_part(reader, scalar, at, (equals < end ? equals : end) - at);
        item->value.fact = item->text.fact;
        item->value.fact.state = FACT_ABSENT;
        if (equals < end)
            item->value = compose_part(reader, scalar, equals + 1, end - equals - 1);
        at = end + 1;
    }
    list.items = items;
    return list;
}

static const struct fact_item *option(const struct fact_list *options, const char *name)
{
    const struct fact_item *found = NULL;
    for (size_t i = 0; i < options->count; i++)
        if (options->items[i].text.fact.state != FACT_UNKNOWN && str_eq_z(options->items[i].text.value, name))
            found = &options->items[i];
    return found;
}

/* A size option, or UNKNOWN when an option is a variable as a whole. The kernel takes k, m, g and percents. */
static void size_from_options(struct mount_fact *mount)
{
    const struct fact_item *size = option(&mount->options, "size");
    for (size_t i = 0; !size && i < mount->options.count; i++)
        if (mount->options.items[i].text.fact.state == FACT_UNKNOWN) {
            mount->size_bytes.fact = mount->options.items[i].text.fact;
            return;
        }
    if (!size)
        return;
    mount->size_bytes.fact = size->value.fact;
    if (size->value.fact.state == FACT_ABSENT || size->value.fact.state == FACT_UNKNOWN)
        return;
    struct str text = size->value.value;
    if (str_ends(text, STR("%"))) /* of the machine's memory: a limit, but how much is not known here */
        mount->size_bytes.fact.state = FACT_UNKNOWN;
    else if (!byte_size_parse(text, &mount->size_bytes.value))
        mount->size_bytes.fact.state = FACT_INVALID;
}

/* --- named volumes ------------------------------------------------------------------------------------------ */

/* What the local driver makes of "type", "o" and "device": a tmpfs, or a bind of the machine's directory. */
static void driver_options(struct compose_reader *reader, const struct data_node *driver_opts, struct mount_fact *mount)
{
    struct compose_scalar scalar;
    struct str type = STR("");
    data_str(data_get(driver_opts, "type"), &type, NULL);
    const struct data_node *o = data_get(driver_opts, "o");
    struct fact_list options = {.fact = compose_fact(reader, o, driver_opts, "o")};
    if (compose_scalar(reader, o, &scalar))
        options = options_of(reader, &scalar, 0);
    if (str_eq_z(type, "tmpfs")) {
        mount->kind = MOUNT_TMPFS;
        mount->options = options;
        size_from_options(mount);
    } else if (option(&options, "bind") || option(&options, "rbind")) {
        mount->kind = MOUNT_BIND;
        mount->source = compose_text_of(reader, data_get(driver_opts, "device"), driver_opts, "device");
    }
}

static void named_volume(struct compose_reader *reader, struct mount_fact *mount)
{
    const struct data_node *volume = map_get(&reader->volumes, mount->source.value);
    struct str driver = STR("local");
    mount->kind = volume ? MOUNT_VOLUME : MOUNT_UNKNOWN;
    data_str(data_get(volume, "driver"), &driver, NULL);
    if (volume && str_eq_z(driver, "local"))
        driver_options(reader, data_get(volume, "driver_opts"), mount);
}

/* --- short form --------------------------------------------------------------------------------------------- */

static bool is_path(struct str source)
{
    if (source.len == 0)
        return false;
    if (memchr("./~", source.ptr[0], 3) || str_starts(source, STR("\\\\")))
        return true;
    return source.len > 1 && source.ptr[1] == ':' && char_is_alpha(source.ptr[0]);
}

/* The next ':' from FROM on that is not a drive's. */
static size_t part_end(const struct compose_scalar *scalar, size_t from)
{
    size_t end = compose_find_char(scalar, from, ':');
    if (end == from + 1 && end < scalar->text.len && char_is_alpha(scalar->text.ptr[from]))
        end = compose_find_char(scalar, end + 1, ':');
    return end;
}

static void short_options(const struct compose_reader *reader, struct mount_fact *mount)
{
    (void)reader;
    for (size_t i = 0; i < mount->options.count; i++) {
        const struct fact_item *item = &mount->options.items[i];
        struct str text = item->text.value;
        if (item->text.fact.state == FACT_UNKNOWN && mount->read_only.fact.state == FACT_DEFAULT) {
            mount->read_only.fact = item->text.fact;
        } else if (str_eq_z(text, "ro") || str_eq_z(text, "rw")) {
            mount->read_only.fact = item->text.fact;
            mount->read_only.value = str_eq_z(text, "ro");
        } else if (str_ends(text, STR("shared")) || str_ends(text, STR("slave")) || str_ends(text, STR("private"))) {
            mount->propagation = item->text;
        }
    }
}

static void read_short(struct compose_reader *reader, const struct compose_scalar *scalar, struct mount_fact *mount)
{
    size_t first = part_end(scalar, 0);
    mount->kind = MOUNT_VOLUME;
    if (first == scalar->text.len) {
        mount->target = compose_part(reader, scalar, 0, first);
        if (mount->target.fact.state == FACT_UNKNOWN)
            mount->kind = MOUNT_UNKNOWN;
        return;
    }
    size_t second = part_end(scalar, first + 1);
    mount->source = compose_part(reader, scalar, 0, first);
    mount->target = compose_part(reader, scalar, first + 1, second - first - 1);
    if (second < scalar->text.len) {
        mount->options = options_of(reader, scalar, second + 1);
        short_options(reader, mount);
    }
    if (is_path(mount->source.value))
        mount->kind = MOUNT_BIND;
    else if (mount->source.fact.state == FACT_UNKNOWN)
        mount->kind = MOUNT_UNKNOWN;
    else
        named_volume(reader, mount);
}

/* --- long form ---------------------------------------------------------------------------------------------- */

static enum mount_kind kind_of(struct str type, struct str source)
{
    static const struct {
        const char *name;
        enum mount_kind kind;
    } kinds[] = {
        {"volume", MOUNT_VOLUME}, {"bind", MOUNT_BIND},      {"npipe", MOUNT_BIND},
        {"tmpfs", MOUNT_TMPFS},   {"cluster", MOUNT_VOLUME}, {"image", MOUNT_OTHER},
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq_z(type, kinds[i].name))
            return kinds[i].kind;
    return type.len ? MOUNT_OTHER : is_path(source) ? MOUNT_BIND : MOUNT_VOLUME;
}

/* "size" and "mode" as options, like those of the short form. */
static void long_tmpfs(struct compose_reader *reader, const struct data_node *entry, struct mount_fact *mount)
{
    struct compose_way way = compose_find(entry, "tmpfs.size");
    mount->size_bytes = compose_bytes_of(reader, way.node, way.holder, way.path);
    const struct data_node *tmpfs = data_get(entry, "tmpfs");
    struct fact_list options = compose_pairs_of(reader, compose_fact(reader, tmpfs, entry, "tmpfs"), tmpfs);
    if (options.count)
        mount->options = options;
}

static void read_long(struct compose_reader *reader, const struct data_node *entry, struct mount_fact *mount)
{
    struct fact_text type = compose_text_of(reader, data_get(entry, "type"), entry, "type");
    mount->target = compose_text_of(reader, data_get(entry, "target"), entry, "target");
    mount->source = compose_text_of(reader, data_get(entry, "source"), entry, "source");
    mount->read_only = compose_bool_of(reader, data_get(entry, "read_only"), entry, "read_only", false);
    struct compose_way way = compose_find(entry, "bind.propagation");
    mount->propagation = compose_text_of(reader, way.node, way.holder, way.path);
    if (type.fact.state == FACT_UNKNOWN) {
        mount->kind = MOUNT_UNKNOWN;
        return;
    }
    mount->kind = kind_of(type.value, mount->source.value);
    if (mount->kind == MOUNT_TMPFS)
        long_tmpfs(reader, entry, mount);
    if (mount->kind != MOUNT_VOLUME || !fact_said(&mount->source.fact) || str_eq_z(type.value, "cluster"))
        return;
    if (is_path(mount->source.value))
        mount->kind = MOUNT_BIND;
    else
        named_volume(reader, mount);
}

/* --- the lists ---------------------------------------------------------------------------------------------- */

static void read_volumes(struct compose_reader *reader, const struct data_node *list)
{
    DATA_EACH(entry, list)
    {
        struct compose_scalar scalar;
        if (entry->kind == DATA_OBJECT)
            read_long(reader, entry, add_mount(reader, entry));
        else if (compose_scalar(reader, entry, &scalar))
            read_short(reader, &scalar, add_mount(reader, entry));
    }
}

static void read_tmpfs_entry(struct compose_reader *reader, const struct data_node *entry)
{
    struct compose_scalar scalar;
    if (!compose_scalar(reader, entry, &scalar))
        return;
    struct mount_fact *mount = add_mount(reader, entry);
    size_t colon = compose_find_char(&scalar, 0, ':');
    mount->kind = MOUNT_TMPFS;
    mount->target = compose_part(reader, &scalar, 0, colon);
    if (colon < scalar.text.len)
        mount->options = options_of(reader, &scalar, colon + 1);
    size_from_options(mount);
    if (mount->size_bytes.fact.state == FACT_ABSENT && mount->target.fact.state == FACT_UNKNOWN)
        mount->size_bytes.fact = mount->target.fact;
}

static void read_tmpfs(struct compose_reader *reader, const struct data_node *tmpfs)
{
    if (tmpfs && tmpfs->kind != DATA_ARRAY) {
        read_tmpfs_entry(reader, tmpfs);
        return;
    }
    DATA_EACH(entry, tmpfs)
    read_tmpfs_entry(reader, entry);
}

/* Configs and secrets: files that nobody may write; without a target they have their place. */
static void read_files(struct compose_reader *reader, const struct data_node *list, const char *directory)
{
    DATA_EACH(entry, list)
    {
        bool mapping = entry->kind == DATA_OBJECT;
        if (entry->kind == DATA_ARRAY || data_absent(entry))
            continue;
        struct mount_fact *mount = add_mount(reader, entry);
        mount->kind = MOUNT_CONFIG;
        mount->source = mapping ? compose_text_of(reader, data_get(entry, "source"), entry, "source")
                                : compose_text_of(reader, entry, entry->parent, "");
        mount->target = mapping ? compose_text_of(reader, data_get(entry, "target"), entry, "target") : mount->target;
        mount->read_only.value = true;
        bool said = fact_said(&mount->target.fact);
        struct str name = said ? mount->target.value : mount->source.value;
        if (mount->target.fact.state == FACT_ABSENT)
            mount->target.fact.state = fact_said(&mount->source.fact) ? FACT_DEFAULT : mount->source.fact.state;
        if (!fact_said(&mount->target.fact) || str_starts(name, STR("/")))
            continue;
        char *path = arena_printf(reader->arena, "%s%.*s", directory, STR_ARG(name));
        if (!path)
            reader->nomem = true;
        mount->target.value = str_z(path);
    }
}

/* Whatever the other container has. */
static void read_volumes_from(struct compose_reader *reader, const struct data_node *list)
{
    DATA_EACH(entry, list)
    {
        struct mount_fact *mount = add_mount(reader, entry);
        mount->kind = MOUNT_UNKNOWN;
        mount->target.fact.state = mount->source.fact.state = FACT_UNKNOWN;
    }
}

static void read_api_socket(struct compose_reader *reader, const struct data_node *node)
{
    struct fact_bool asked = compose_bool_of(reader, node, reader->service, "use_api_socket", false);
    if (!fact_said(&asked.fact) || !asked.value)
        return;
    struct mount_fact *mount = add_mount(reader, node);
    mount->kind = MOUNT_BIND;
    mount->source = mount->target = (struct fact_text){.fact = asked.fact, .value = STR(ENGINE_SOCKET)};
}

void compose_read_mounts(struct compose_reader *reader)
{
    const struct data_node *service = reader->service;
    const struct data_node *volumes = data_get(service, "volumes"), *tmpfs = data_get(service, "tmpfs");
    const struct data_node *configs = data_get(service, "configs"), *secrets = data_get(service, "secrets");
    const struct data_node *from = data_get(service, "volumes_from"), *socket = data_get(service, "use_api_socket");
    const struct data_node *lists[] = {volumes, tmpfs, configs, secrets, from};
    size_t most = 2;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        most += lists[i] ? lists[i]->count : 0;
    reader->mounts = COMPOSE_ARRAY(reader, most, struct mount_fact);
    if (!reader->mounts)
        return;
    reader->workload->mounts = reader->mounts;
    if (volumes && volumes->kind == DATA_ARRAY)
        read_volumes(reader, volumes);
    read_tmpfs(reader, tmpfs);
    if (configs && configs->kind == DATA_ARRAY)
        read_files(reader, configs, "/");
    if (secrets && secrets->kind == DATA_ARRAY)
        read_files(reader, secrets, "/run/secrets/");
    if (from && from->kind == DATA_ARRAY)
        read_volumes_from(reader, from);
    if (socket)
        read_api_socket(reader, socket);
}
