/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/compose_read.h"

/* What one line of security_opt says. */
struct option {
    const struct data_node *node;
    struct fact fact;
    struct fact_text name, value;
};

/* As docker's command line splits it: at '=', else at ':'; a bare no-new-privileges is a whole. */
static bool read_option(struct compose_reader *reader, const struct data_node *node, struct option *ret_option)
{
    struct compose_scalar scalar;
    if (!compose_scalar(reader, node, &scalar))
        return false;
    size_t cut = compose_find_char(&scalar, 0, '=');
    if (cut == scalar.text.len)
        cut = compose_find_char(&scalar, 0, ':');
    *ret_option = (struct option){
        .node = node,
        .fact = compose_fact(reader, node, node->parent, ""),
        .name = compose_part(reader, &scalar, 0, cut),
        .value = compose_part(reader, &scalar, cut, 0),
    };
    ret_option->value.fact.state = FACT_ABSENT;
    if (cut < scalar.text.len)
        ret_option->value = compose_part(reader, &scalar, cut + 1, scalar.text.len - cut - 1);
    return true;
}

/* Go's strconv.ParseBool. */
static bool go_bool(struct str text, bool *ret_value)
{
    static const char *const words[] = {"0",     "1",    "f",     "t",    "F",     "T",
                                        "false", "true", "FALSE", "TRUE", "False", "True"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_z(text, words[i])) {
            *ret_value = i % 2 != 0;
            return true;
        }
    return false;
}

static void read_escalation(const struct option *option, struct fact_bool *escalation)
{
    escalation->fact = option->fact;
    bool forbidden = true;
    if (option->value.fact.state == FACT_UNKNOWN)
        escalation->fact.state = FACT_UNKNOWN;
    else if (option->value.fact.state != FACT_ABSENT && !go_bool(option->value.value, &forbidden))
        escalation->fact.state = FACT_INVALID;
    escalation->value = !forbidden;
}

static void read_profile(const struct option *option, struct str builtin, struct seccomp_fact *profile)
{
    struct str value = option->value.value;
    profile->fact = option->fact;
    profile->localhost = STR("");
    if (option->value.fact.state == FACT_ABSENT)
        profile->fact.state = FACT_INVALID;
    if (str_eq_z(value, "unconfined")) {
        profile->type = STR("Unconfined");
    } else if (str_eq(value, builtin)) {
        profile->type = STR("RuntimeDefault");
    } else {
        profile->type = STR("Localhost");
        profile->localhost = value;
    }
}

/* "type:NAME", "user:NAME", "role:NAME", "level:...", and "disable", which is told as the type. */
static void read_label(const struct option *option, struct selinux_fact *selinux)
{
    struct str rest = option->value.value, name;
    selinux->fact = option->fact;
    str_next(&rest, ':', &name);
    struct fact_text text = option->value;
    text.value = rest;
    if (str_eq_z(name, "disable"))
        selinux->type = option->value;
    else if (str_eq_z(name, "type"))
        selinux->type = text;
    else if (str_eq_z(name, "user"))
        selinux->user = text;
    else if (str_eq_z(name, "role"))
        selinux->role = text;
}

/* An option whose name hangs on a variable may be any: what no other line says is then not known. */
static void settle_unknown(const struct option *option, struct workload *workload)
{
    struct fact *facts[] = {&workload->escalation.fact, &workload->seccomp.fact, &workload->apparmor.fact,
                            &workload->selinux.fact, &workload->unmasked.fact};
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        if (facts[i]->state == FACT_DEFAULT || facts[i]->state == FACT_ABSENT) {
            *facts[i] = option->fact;
            facts[i]->state = FACT_UNKNOWN;
        }
}

static void read_options(struct compose_reader *reader, const struct data_node *list, struct fact_item *unmasked)
{
    struct workload *workload = reader->workload;
    struct option option, unknown = {0};
    DATA_EACH(node, list)
    {
        if (!read_option(reader, node, &option))
            continue;
        struct str name = option.name.value;
        if (option.name.fact.state == FACT_UNKNOWN)
            unknown = option;
        else if (str_eq_z(name, "no-new-privileges"))
            read_escalation(&option, &workload->escalation);
        else if (str_eq_z(name, "seccomp"))
            read_profile(&option, STR("builtin"), &workload->seccomp);
        else if (str_eq_z(name, "apparmor"))
            read_profile(&option, STR("docker-default"), &workload->apparmor);
        else if (str_eq_z(name, "label"))
            read_label(&option, &workload->selinux);
        else if (str_eq_z(name, "systempaths") && str_eq_z(option.value.value, "unconfined") && unmasked)
            unmasked[workload->unmasked.count++] = (struct fact_item){.text = option.name, .value = option.value};
    }
    if (workload->unmasked.count) {
        workload->unmasked.items = unmasked;
        workload->unmasked.fact = unmasked[0].text.fact;
        workload->unmasked.fact.at = place_of(reader->sources, unmasked[0].text.fact.node);
    }
    if (unknown.node)
        settle_unknown(&unknown, workload);
}

static void read_security_opt(struct compose_reader *reader)
{
    struct workload *workload = reader->workload;
    struct compose_way way = compose_find(reader->service, "security_opt");
    struct fact none = compose_fact(reader, way.node, way.holder, way.path);
    bool list = way.node && way.node->kind == DATA_ARRAY;
    bool unknown = none.state == FACT_UNKNOWN;
    struct fact otherwise = none;
    otherwise.state = unknown ? FACT_UNKNOWN : FACT_DEFAULT;
    if (!unknown)
        none.state = FACT_ABSENT;
    /* What is missing is missing from the list, where there is one: its key. */
    if (list)
        otherwise.at = none.at = none.key;
    workload->escalation = (struct fact_bool){.fact = otherwise, .value = true};
    workload->seccomp = (struct seccomp_fact){.fact = otherwise, .type = STR("RuntimeDefault")};
    workload->apparmor = (struct seccomp_fact){.fact = otherwise, .type = STR("RuntimeDefault")};
    workload->selinux = (struct selinux_fact){.fact = none, .type.fact = none, .user.fact = none, .role.fact = none};
    workload->unmasked = (struct fact_list){.fact = none};
    if (list)
        read_options(reader, way.node, COMPOSE_ARRAY(reader, way.node->count, struct fact_item));
}

/* "CAP_net_raw" is NET_RAW. */
static struct str capability(struct compose_reader *reader, struct str text)
{
    char *upper = COMPOSE_ARRAY(reader, text.len, char);
    if (!upper)
        return text;
    for (size_t i = 0; i < text.len; i++)
        upper[i] = text.ptr[i] >= 'a' && text.ptr[i] <= 'z' ? (char)(text.ptr[i] - 'a' + 'A') : text.ptr[i];
    struct str name = str_of(upper, text.len);
    return str_starts(name, STR("CAP_")) ? str_skip(name, 4) : name;
}

static struct fact_list capabilities(struct compose_reader *reader, const char *key)
{
    struct fact_list list = compose_list(reader, key);
    struct fact_item *items = COMPOSE_ARRAY(reader, list.count, struct fact_item);
    if (!items)
        return list;
    for (size_t i = 0; i < list.count; i++) {
        items[i] = list.items[i];
        if (fact_said(&items[i].text.fact))
            items[i].text.value = capability(reader, items[i].text.value);
    }
    list.items = items;
    return list;
}

/* "SOURCE:TARGET:rwm": the source. */
static struct fact_text device_of(struct compose_reader *reader, const struct data_node *entry)
{
    struct compose_scalar scalar;
    if (entry->kind == DATA_OBJECT)
        return compose_text_of(reader, data_get(entry, "source"), entry, "source");
    if (!compose_scalar(reader, entry, &scalar))
        return compose_text_of(reader, entry, entry->parent, "");
    return compose_part(reader, &scalar, 0, compose_find_char(&scalar, 0, ':'));
}

static void read_devices(struct compose_reader *reader)
{
    struct fact_list *devices = &reader->workload->devices;
    devices->fact = compose_fact_at(reader, "devices");
    const struct data_node *list = devices->fact.node;
    if (devices->fact.state == FACT_ABSENT || list->kind != DATA_ARRAY)
        return;
    struct fact_item *items = COMPOSE_ARRAY(reader, list->count, struct fact_item);
    if (!items)
        return;
    DATA_EACH(entry, list)
    items[devices->count++].text = device_of(reader, entry);
    devices->items = items;
}

void compose_read_security(struct compose_reader *reader)
{
    struct workload *workload = reader->workload;
    workload->read_only_root = compose_flag(reader, "read_only", false);
    workload->privileged = compose_flag(reader, "privileged", false);
    workload->drop = capabilities(reader, "cap_drop");
    workload->add = capabilities(reader, "cap_add");
    read_security_opt(reader);
    read_devices(reader);
}
