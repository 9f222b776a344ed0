/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/config.h"

#include "base/limits.h"
#include "oci/internal.h"

static int read_healthcheck(const struct data_node *node, struct arena *arena, struct oci_healthcheck *ret_health,
                            struct err *err)
{
    static const struct data_field fields[] = {
        {"Test", DATA_TO_STRS, offsetof(struct oci_healthcheck, test), false},
        {"Interval", DATA_TO_I64, offsetof(struct oci_healthcheck, interval_ns), false},
        {"Timeout", DATA_TO_I64, offsetof(struct oci_healthcheck, timeout_ns), false},
        {"StartPeriod", DATA_TO_I64, offsetof(struct oci_healthcheck, start_period_ns), false},
        {"StartInterval", DATA_TO_I64, offsetof(struct oci_healthcheck, start_interval_ns), false},
        {"Retries", DATA_TO_I64, offsetof(struct oci_healthcheck, retries), false},
    };
    return data_absent(node) ? 0 : data_decode(node, fields, ARRAY_LEN(fields), arena, ret_health, err);
}

static int read_runtime(const struct data_node *node, struct arena *arena, struct oci_config *config, struct err *err)
{
    static const struct data_field fields[] = {
        {"User", DATA_TO_STR, offsetof(struct oci_config, user), false},
        {"ExposedPorts", DATA_TO_KEYS, offsetof(struct oci_config, exposed_ports), false},
        {"Env", DATA_TO_STRS, offsetof(struct oci_config, env), false},
        {"Entrypoint", DATA_TO_STRS, offsetof(struct oci_config, entrypoint), false},
        {"Cmd", DATA_TO_STRS, offsetof(struct oci_config, cmd), false},
        {"Volumes", DATA_TO_KEYS, offsetof(struct oci_config, volumes), false},
        {"WorkingDir", DATA_TO_STR, offsetof(struct oci_config, working_dir), false},
        {"Labels", DATA_TO_PAIRS, offsetof(struct oci_config, labels), false},
        {"StopSignal", DATA_TO_STR, offsetof(struct oci_config, stop_signal), false},
        {"ArgsEscaped", DATA_TO_BOOL, offsetof(struct oci_config, args_escaped), false},
        {"Shell", DATA_TO_STRS, offsetof(struct oci_config, shell), false},
    };
    if (data_absent(node))
        return 0;
    int r = data_decode(node, fields, ARRAY_LEN(fields), arena, config, err);
    return r != 0 ? r : read_healthcheck(data_get(node, "Healthcheck"), arena, &config->healthcheck, err);
}

static int read_diff_ids(const struct data_node *root, struct arena *arena, struct oci_config *config, struct err *err)
{
    const struct data_node *rootfs = NULL;
    struct str type = STR("layers");
    struct data_strs texts = {0};
    int r = data_need(root, "rootfs", &rootfs, err);
    if (r == 0)
        r = data_expect(rootfs, DATA_OBJECT, err);
    if (r == 0)
        r = data_str(data_get(rootfs, "type"), &type, err);
    if (r == 0 && !str_eq(type, STR("layers")))
        r = data_err(err, data_get(rootfs, "type"), "is '%.*s', not 'layers'", STR_ARG(str_head(type, 100)));
    const struct data_node *list = data_get(rootfs, "diff_ids");
    if (r == 0)
        r = data_strs(list, arena, &texts, err);
    if (r == 0 && texts.count > LIMIT_LAYERS)
        r = err_set(err, ERR_LIMIT, "'rootfs.diff_ids' has %zu entries, the limit is %d", texts.count, LIMIT_LAYERS);
    if (r != 0)
        return r;
    config->diff_ids = ARENA_ARRAY(arena, texts.count, struct digest);
    if (!config->diff_ids)
        return err_nomem(err);
    for (const struct data_node *item = data_absent(list) ? NULL : list->first; item; item = item->next) {
        if (!digest_parse(item->value, &config->diff_ids[config->diff_id_count++]))
            return data_err(err, item, "is no digest: '%.*s'", STR_ARG(str_head(item->value, 160)));
    }
    return 0;
}

static int read_history(const struct data_node *list, struct arena *arena, struct oci_config *config, struct err *err)
{
    static const struct data_field fields[] = {
        {"created", DATA_TO_STR, offsetof(struct oci_history, created), false},
        {"author", DATA_TO_STR, offsetof(struct oci_history, author), false},
        {"created_by", DATA_TO_STR, offsetof(struct oci_history, created_by), false},
        {"comment", DATA_TO_STR, offsetof(struct oci_history, comment), false},
        {"empty_layer", DATA_TO_BOOL, offsetof(struct oci_history, empty_layer), false},
    };
    int r = data_expect(list, DATA_ARRAY, err);
    if (r != 0 || data_absent(list))
        return r;
    config->history = ARENA_ARRAY(arena, list->count, struct oci_history);
    if (!config->history)
        return err_nomem(err);
    DATA_EACH(item, list)
    {
        r = data_decode(item, fields, ARRAY_LEN(fields), arena, &config->history[config->history_count++], err);
        if (r != 0)
            return r;
    }
    return 0;
}

int oci_config_read(struct str bytes, struct arena *arena, struct oci_config *ret_config, struct err *err)
{
    struct oci_config config = {0};
    const struct data_node *root = NULL;
    int r = oci_json_read(bytes, LIMIT_CONFIG_BYTES, arena, &root, err);
    if (r == 0)
        r = oci_platform_read(root, &config.platform, err);
    if (r == 0)
        r = data_str(data_get(root, "created"), &config.created, err);
    if (r == 0)
        r = data_str(data_get(root, "author"), &config.author, err);
    if (r == 0)
        r = read_runtime(data_get(root, "config"), arena, &config, err);
    if (r == 0)
        r = read_diff_ids(root, arena, &config, err);
    if (r == 0)
        r = read_history(data_get(root, "history"), arena, &config, err);
    if (r == 0)
        *ret_config = config;
    return r;
}

struct str oci_config_env(const struct oci_config *config, const char *name)
{
    struct str wanted = str_z(name);
    for (size_t i = config->env.count; i-- > 0;) {
        struct str entry = config->env.items[i];
        if (str_starts(entry, wanted) && entry.len > wanted.len && entry.ptr[wanted.len] == '=')
            return str_skip(entry, wanted.len + 1);
    }
    return STR_NONE;
}
