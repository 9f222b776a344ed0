/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "oci/config.h"
#include "oci/descriptor.h"

#include <stdlib.h>

struct config_writer {
    struct json_writer json;
    struct err *err;
    int failed;
};

/* A text that JSON or a process can't hold would silently become another one. */
static struct str checked(struct config_writer *writer, const char *field, struct str text)
{
    if (writer->failed == 0 && (str_has_char(text, '\0') || str_utf8_valid(text) < text.len)) {
        writer->failed = err_set(writer->err, ERR_INVALID, "'%s' of the image's config holds %s", field,
                                 str_has_char(text, '\0') ? "a NUL" : "bytes that are no UTF-8");
    }
    return text;
}

static void optional(struct config_writer *writer, const char *field, struct str text)
{
    if (text.len > 0)
        json_field_str(&writer->json, field, checked(writer, field, text));
}

static void list(struct config_writer *writer, const char *field, const struct data_strs *strs)
{
    if (!strs->items)
        return;
    json_field_array(&writer->json, field);
    for (size_t i = 0; i < strs->count; i++)
        json_str(&writer->json, checked(writer, field, strs->items[i]));
    json_end(&writer->json);
}

/* {"80/tcp":{}}, sorted, each once. */
static void key_set(struct config_writer *writer, const char *field, const struct data_strs *strs)
{
    if (strs->count == 0)
        return;
    CLEANUP_MEM struct str *sorted = mem_calloc(strs->count, sizeof(*sorted));
    if (!sorted) {
        writer->failed = err_nomem(writer->err);
        return;
    }
    for (size_t i = 0; i < strs->count; i++)
        sorted[i] = checked(writer, field, strs->items[i]);
    str_sort(sorted, strs->count);
    json_field_object(&writer->json, field);
    for (size_t i = 0; i < strs->count; i++) {
        if (i > 0 && str_eq(sorted[i], sorted[i - 1]))
            continue;
        json_key_str(&writer->json, sorted[i]);
        json_object(&writer->json);
        json_end(&writer->json);
    }
    json_end(&writer->json);
}

static int compare_pairs(const void *a, const void *b)
{
    return str_cmp(((const struct data_pair *)a)->key, ((const struct data_pair *)b)->key);
}

static void labels(struct config_writer *writer, const struct data_pairs *pairs)
{
    if (pairs->count == 0)
        return;
    CLEANUP_MEM struct data_pair *sorted = mem_calloc(pairs->count, sizeof(*sorted));
    if (!sorted) {
        writer->failed = err_nomem(writer->err);
        return;
    }
    for (size_t i = 0; i < pairs->count; i++) {
        checked(writer, "Labels", pairs->items[i].key);
        checked(writer, "Labels", pairs->items[i].value);
        sorted[i] = pairs->items[i];
    }
    qsort(sorted, pairs->count, sizeof(*sorted), compare_pairs);
    for (size_t i = 1; i < pairs->count && writer->failed == 0; i++) {
        if (str_eq(sorted[i].key, sorted[i - 1].key)) {
            writer->failed =
                err_set(writer->err, ERR_INVALID, "the label '%.*s' is given twice", STR_ARG(sorted[i].key));
        }
    }
    json_key(&writer->json, "Labels");
    oci_pairs_write(&writer->json, &(struct data_pairs){sorted, pairs->count});
}

static void duration(struct config_writer *writer, const char *field, int64_t value)
{
    if (value != 0)
        json_field_i64(&writer->json, field, value);
}

static void healthcheck(struct config_writer *writer, const struct oci_healthcheck *health)
{
    if (!health->test.items)
        return;
    json_field_object(&writer->json, "Healthcheck");
    list(writer, "Test", &health->test);
    duration(writer, "Interval", health->interval_ns);
    duration(writer, "Timeout", health->timeout_ns);
    duration(writer, "StartPeriod", health->start_period_ns);
    duration(writer, "StartInterval", health->start_interval_ns);
    duration(writer, "Retries", health->retries);
    json_end(&writer->json);
}

static void runtime(struct config_writer *writer, const struct oci_config *config)
{
    json_field_object(&writer->json, "config");
    optional(writer, "User", config->user);
    key_set(writer, "ExposedPorts", &config->exposed_ports);
    list(writer, "Env", &config->env);
    list(writer, "Entrypoint", &config->entrypoint);
    list(writer, "Cmd", &config->cmd);
    healthcheck(writer, &config->healthcheck);
    key_set(writer, "Volumes", &config->volumes);
    optional(writer, "WorkingDir", config->working_dir);
    labels(writer, &config->labels);
    optional(writer, "StopSignal", config->stop_signal);
    if (config->args_escaped)
        json_field_bool(&writer->json, "ArgsEscaped", true);
    list(writer, "Shell", &config->shell);
    json_end(&writer->json);
}

static void rootfs(struct config_writer *writer, const struct oci_config *config)
{
    char text[DIGEST_TEXT_MAX];
    json_field_object(&writer->json, "rootfs");
    json_field_z(&writer->json, "type", "layers");
    json_field_array(&writer->json, "diff_ids");
    for (size_t i = 0; i < config->diff_id_count; i++)
        json_z(&writer->json, digest_text(&config->diff_ids[i], text));
    json_end(&writer->json);
    json_end(&writer->json);
}

static void history(struct config_writer *writer, const struct oci_config *config)
{
    if (config->history_count == 0)
        return;
    json_field_array(&writer->json, "history");
    for (size_t i = 0; i < config->history_count; i++) {
        const struct oci_history *item = &config->history[i];
        json_object(&writer->json);
        optional(writer, "created", item->created);
        optional(writer, "author", item->author);
        optional(writer, "created_by", item->created_by);
        optional(writer, "comment", item->comment);
        if (item->empty_layer)
            json_field_bool(&writer->json, "empty_layer", true);
        json_end(&writer->json);
    }
    json_end(&writer->json);
}

int oci_config_write(const struct oci_config *config, struct buf *out, struct err *err)
{
    struct config_writer writer = {.err = err, .failed = 0};
    size_t before = out->len;
    json_writer_init(&writer.json, out, JSON_COMPACT);
    json_object(&writer.json);
    optional(&writer, "created", config->created);
    optional(&writer, "author", config->author);
    json_field_str(&writer.json, "architecture", checked(&writer, "architecture", config->platform.architecture));
    optional(&writer, "variant", config->platform.variant);
    json_field_str(&writer.json, "os", checked(&writer, "os", config->platform.os));
    optional(&writer, "os.version", config->platform.os_version);
    runtime(&writer, config);
    rootfs(&writer, config);
    history(&writer, config);
    json_end(&writer.json);
    int r = writer.failed != 0 ? writer.failed : json_writer_check(&writer.json, err);
    if (r != 0)
        buf_truncate(out, before);
    return r;
}
