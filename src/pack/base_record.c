/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base_record.h"

#include "data/json.h"
#include "data/json_writer.h"
#include "data/node.h"

static void write_strings(struct json_writer *json, const char *key, struct data_strs list)
{
    json_field_array(json, key);
    for (size_t i = 0; i < list.count; i++)
        json_str(json, list.items[i]);
    json_end(json);
}

static void write_packages(struct json_writer *json, const struct base_record *record)
{
    json_field_array(json, "packages");
    for (size_t i = 0; i < record->package_count; i++) {
        const struct build_package *package = &record->packages[i];
        json_object(json);
        json_field_str(json, "name", package->name);
        json_field_str(json, "version", package->version);
        json_field_str(json, "architecture", package->architecture);
        json_field_bool(json, "whole", package->whole);
        json_field_u64(json, "files", package->files);
        json_field_u64(json, "unpacked_bytes", package->unpacked_bytes);
        json_end(json);
    }
    json_end(json);
}

static void write_libraries(struct json_writer *json, const struct base_record *record)
{
    json_field_array(json, "libraries");
    for (size_t i = 0; i < record->library_count; i++) {
        const struct base_library *library = &record->libraries[i];
        json_object(json);
        json_field_str(json, "soname", library->soname);
        json_field_str(json, "path", library->path);
        json_field_str(json, "package", library->package);
        write_strings(json, "versions", library->versions);
        json_end(json);
    }
    json_end(json);
}

int base_record_write(struct buf *out, const struct base_record *record, struct err *err)
{
    struct json_writer json;
    json_writer_init(&json, out, JSON_COMPACT);
    json_object(&json);
    json_field_str(&json, "layer_key", record->layer_key);
    write_packages(&json, record);
    write_libraries(&json, record);
    json_field_array(&json, "dropped");
    for (size_t i = 0; i < record->dropped_count; i++) {
        json_object(&json);
        json_field_str(&json, "what", record->dropped[i].what);
        json_field_str(&json, "reason", record->dropped[i].reason);
        json_field_u64(&json, "unpacked_bytes", record->dropped[i].unpacked_bytes);
        json_end(&json);
    }
    json_end(&json);
    write_strings(&json, "modules", record->modules);
    write_strings(&json, "distributions", record->distributions);
    write_strings(&json, "paths", record->paths);
    json_end(&json);
    return json_writer_check(&json, err);
}

static const struct data_field package_fields[] = {
    {"name", DATA_TO_STR, offsetof(struct build_package, name), true},
    {"version", DATA_TO_STR, offsetof(struct build_package, version), true},
    {"architecture", DATA_TO_STR, offsetof(struct build_package, architecture), true},
    {"whole", DATA_TO_BOOL, offsetof(struct build_package, whole), true},
    {"files", DATA_TO_U64, offsetof(struct build_package, files), true},
    {"unpacked_bytes", DATA_TO_U64, offsetof(struct build_package, unpacked_bytes), true},
};

static const struct data_field library_fields[] = {
    {"soname", DATA_TO_STR, offsetof(struct base_library, soname), true},
    {"path", DATA_TO_STR, offsetof(struct base_library, path), true},
    {"package", DATA_TO_STR, offsetof(struct base_library, package), true},
    {"versions", DATA_TO_STRS, offsetof(struct base_library, versions), true},
};

static const struct data_field dropped_fields[] = {
    {"what", DATA_TO_STR, offsetof(struct build_dropped, what), true},
    {"reason", DATA_TO_STR, offsetof(struct build_dropped, reason), true},
    {"unpacked_bytes", DATA_TO_U64, offsetof(struct build_dropped, unpacked_bytes), true},
};

static const struct data_field record_fields[] = {
    {"layer_key", DATA_TO_STR, offsetof(struct base_record, layer_key), true},
    {"modules", DATA_TO_STRS, offsetof(struct base_record, modules), true},
    {"distributions", DATA_TO_STRS, offsetof(struct base_record, distributions), true},
    {"paths", DATA_TO_STRS, offsetof(struct base_record, paths), true},
};

/* The objects of the array KEY, decoded by FIELDS into elements of SIZE bytes. */
static int read_objects(struct arena *arena, const struct data_node *root, const char *key,
                        const struct data_field *fields, size_t field_count, size_t size, void *ret_items,
                        size_t *ret_count, struct err *err)
{
    const struct data_node *array;
    int r = data_need(root, key, &array, err);
    if (r == 0)
        r = data_expect(array, DATA_ARRAY, err);
    if (r < 0)
        return r;
    char *items = arena_array(arena, (size_t)array->count + 1, size);
    if (!items)
        return err_nomem(err);
    size_t count = 0;
    DATA_EACH(node, array)
    {
        r = data_decode(node, fields, field_count, arena, items + size * count++, err);
        if (r < 0)
            return r;
    }
    *(void **)ret_items = items;
    *ret_count = count;
    return 0;
}

int base_record_read(struct arena *arena, struct str text, struct base_record *ret_record, struct err *err)
{
    const struct data_node *root;
    struct base_record record = {0};
    struct str kept = arena_str(arena, text);
    if (!kept.ptr)
        return err_nomem(err);
    int r = json_parse(kept, arena, &root, err);
    if (r == 0)
        r = data_expect(root, DATA_OBJECT, err);
    if (r == 0)
        r = read_objects(arena, root, "packages", package_fields, ARRAY_LEN(package_fields),
                         sizeof(struct build_package), &record.packages, &record.package_count, err);
    if (r == 0)
        r = read_objects(arena, root, "libraries", library_fields, ARRAY_LEN(library_fields),
                         sizeof(struct base_library), &record.libraries, &record.library_count, err);
    if (r == 0)
        r = read_objects(arena, root, "dropped", dropped_fields, ARRAY_LEN(dropped_fields),
                         sizeof(struct build_dropped), &record.dropped, &record.dropped_count, err);
    if (r == 0)
        r = data_decode(root, record_fields, ARRAY_LEN(record_fields), arena, &record, err);
    if (r == 0)
        *ret_record = record;
    return r;
}

const struct base_library *base_record_library(const struct base_record *record, struct str soname)
{
    for (size_t i = 0; i < record->library_count; i++)
        if (str_eq(record->libraries[i].soname, soname))
            return &record->libraries[i];
    return NULL;
}
