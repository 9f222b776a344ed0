/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a list may hold once ("Unique resources" of the Compose specification, and the further lists for which
 * compose-go holds the same). An item whose key hangs on a variable that is not set is equal to none.
 */
#include "compose/internal.h"

enum { FEW_ITEMS = 16 }; /* compared with each other; more go through a map */

enum index {
    INDEX_NONE,
    INDEX_KEY,    /* KEY=value */
    INDEX_TEXT,   /* the whole text */
    INDEX_PORT,   /* address, published port, target port, protocol */
    INDEX_VOLUME, /* the target */
    INDEX_DEVICE,
    INDEX_CONFIG, /* the target, which has a default */
    INDEX_SECRET,
    INDEX_FILE, /* the path */
};

static const struct {
    const char *holder; /* "" for the service itself; "networks" for each of its networks */
    const char *key;
    enum index index;
} lists[] = {
    {"", "annotations", INDEX_KEY},
    {"", "cap_add", INDEX_KEY},
    {"", "cap_drop", INDEX_KEY},
    {"", "configs", INDEX_CONFIG},
    {"", "depends_on", INDEX_TEXT},
    {"", "devices", INDEX_DEVICE},
    {"", "dns", INDEX_KEY},
    {"", "dns_opt", INDEX_KEY},
    {"", "dns_search", INDEX_KEY},
    {"", "env_file", INDEX_FILE},
    {"", "environment", INDEX_KEY},
    {"", "expose", INDEX_TEXT},
    {"", "extra_hosts", INDEX_TEXT},
    {"", "labels", INDEX_KEY},
    {"", "links", INDEX_KEY},
    {"", "networks", INDEX_TEXT},
    {"", "ports", INDEX_PORT},
    {"", "profiles", INDEX_KEY},
    {"", "secrets", INDEX_SECRET},
    {"", "sysctls", INDEX_KEY},
    {"", "tmpfs", INDEX_KEY},
    {"", "volumes", INDEX_VOLUME},
    {"build", "additional_contexts", INDEX_KEY},
    {"build", "args", INDEX_KEY},
    {"build", "labels", INDEX_KEY},
    {"build", "platforms", INDEX_KEY},
    {"build", "tags", INDEX_KEY},
    {"deploy", "labels", INDEX_KEY},
    {"networks", "aliases", INDEX_KEY},
    {"networks", "link_local_ips", INDEX_KEY},
};

static enum index index_of(const char *holder, struct str key)
{
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (str_eq_z(key, lists[i].key) && str_eq_z(str_z(holder), lists[i].holder))
            return lists[i].index;
    return INDEX_NONE;
}

struct str compose_key_of(struct str text)
{
    return str_head(text, str_find_char(text, '='));
}

/* The known text of the member KEY; DEFAULT when it is not there; ptr NULL when it can't be known. */
static struct str member_text(const struct data_node *item, const char *key, struct str fallback)
{
    const struct data_node *member = compose_member(item, key);
    if (data_absent(member))
        return fallback;
    bool scalar = member->kind != DATA_ARRAY && member->kind != DATA_OBJECT;
    return scalar && (member->flags & DATA_UNKNOWN) == 0 ? member->value : STR_NONE;
}

static struct str make_key(struct compose_loader *loader, struct str a, struct str b, struct str c, struct str d)
{
    if (!a.ptr || !b.ptr || !c.ptr || !d.ptr)
        return STR_NONE;
    return str_z(arena_printf(loader->arena, "%.*s|%.*s|%.*s|%.*s", STR_ARG(a), STR_ARG(b), STR_ARG(c), STR_ARG(d)));
}

/* Cuts what stands behind the last DELIMITER off *TEXT; FALLBACK when there is none. */
static struct str cut_last(struct str *text, char delimiter, struct str fallback)
{
    size_t at = str_rfind_char(*text, delimiter);
    if (at == text->len)
        return fallback;
    struct str last = str_skip(*text, at + 1);
    *text = str_head(*text, at);
    return last;
}

static struct str port_key(struct compose_loader *loader, const struct data_node *item)
{
    static const struct str any = STR_INIT("0.0.0.0"), tcp = STR_INIT("tcp");
    if (item->kind == DATA_OBJECT) {
        return make_key(loader, member_text(item, "host_ip", any), member_text(item, "published", STR("")),
                        member_text(item, "target", STR_NONE), member_text(item, "protocol", tcp));
    }
    struct str rest = item->value;
    struct str protocol = cut_last(&rest, '/', tcp);
    struct str target = cut_last(&rest, ':', STR_NONE);
    if (!target.ptr)
        return make_key(loader, any, STR(""), rest, protocol);
    struct str published = cut_last(&rest, ':', STR_NONE);
    if (!published.ptr)
        return make_key(loader, any, rest, target, protocol);
    return make_key(loader, rest, published, target, protocol);
}

/* Cuts the first field off *REST; a letter's colon belongs to a drive, as compose-go has it for each field. */
static struct str cut_field(struct str *rest)
{
    size_t start = rest->len > 1 && char_is_alpha(rest->ptr[0]) && rest->ptr[1] == ':' ? 2 : 0;
    size_t end = start + str_find_char(str_skip(*rest, start), ':');
    struct str field = str_head(*rest, end);
    *rest = str_skip(*rest, end + 1);
    return field;
}

/* The target of SOURCE:TARGET:OPTIONS; a single path is one. */
static struct str short_target(struct str text)
{
    struct str rest = text;
    struct str first = cut_field(&rest);
    return first.len < text.len ? cut_field(&rest) : first;
}

static struct str mount_key(struct compose_loader *loader, const struct data_node *item, const char *directory)
{
    struct str target = item->kind == DATA_OBJECT ? member_text(item, "target", STR("")) : STR("");
    if (target.len > 0 || !target.ptr)
        return target;
    struct str source = item->kind == DATA_OBJECT ? member_text(item, "source", STR_NONE) : item->value;
    if (!source.ptr)
        return STR_NONE;
    return str_z(arena_printf(loader->arena, "%s/%.*s", directory, STR_ARG(source)));
}

/* ptr NULL: the item has no key that is known (or memory is short). */
static struct str item_key(struct compose_loader *loader, const struct data_node *item, enum index index)
{
    bool scalar = item->kind != DATA_ARRAY && item->kind != DATA_OBJECT;
    if (item->kind == DATA_ARRAY)
        return STR_NONE;
    if ((item->flags & DATA_UNKNOWN) != 0) {
        struct str key = compose_key_of(item->value);
        return index == INDEX_KEY && key.len < item->value.len && !str_has_char(key, '$') ? key : STR_NONE;
    }
    switch (index) {
    case INDEX_KEY:
        return scalar ? compose_key_of(item->value) : STR_NONE;
    case INDEX_TEXT:
        return scalar ? item->value : STR_NONE;
    case INDEX_PORT:
        return port_key(loader, item);
    case INDEX_VOLUME:
    case INDEX_DEVICE:
        return scalar ? short_target(item->value) : member_text(item, "target", STR_NONE);
    case INDEX_CONFIG:
        return mount_key(loader, item, "");
    case INDEX_SECRET:
        return mount_key(loader, item, "/run/secrets");
    case INDEX_FILE:
        return scalar ? item->value : member_text(item, "path", STR_NONE);
    case INDEX_NONE:
        break;
    }
    return STR_NONE;
}

/* The items that stay, with the keys of the first few. */
struct kept {
    compose_items items;
    struct str few[FEW_ITEMS];
    struct map index; /* of all, when there are more */
    bool large;
};

/* The place of KEY among what is kept; items.len when it is new. False when memory is short. */
static bool place_of(struct kept *kept, struct str key, size_t *ret_place)
{
    *ret_place = kept->items.len;
    if (!kept->large) {
        for (size_t i = 0; i < kept->items.len; i++)
            if (kept->few[i].ptr && str_eq(kept->few[i], key))
                *ret_place = i;
        return true;
    }
    void **slot = map_slot(&kept->index, key);
    if (!slot)
        return false;
    if (*slot)
        *ret_place = (uintptr_t)*slot - 1;
    else
        *slot = (void *)(uintptr_t)(kept->items.len + 1);
    return true;
}

static int make_list_unique(struct compose_loader *loader, struct data_node *list, enum index index)
{
    struct kept kept = {.large = list->count > FEW_ITEMS};
    int r = 0;
    for (struct data_node *item = list->first; item && r == 0; item = item->next) {
        struct str key = item_key(loader, item, index);
        size_t place = kept.items.len;
        if (key.ptr && !place_of(&kept, key, &place))
            r = err_nomem(loader->err);
        else if (place < kept.items.len)
            kept.items.ptr[place] = item;
        else if (!VEC_PUSH(&kept.items, item))
            r = err_nomem(loader->err);
        else if (!kept.large)
            kept.few[place] = key;
    }
    if (r == 0 && kept.items.len < list->count)
        compose_relink(list, kept.items.ptr, kept.items.len);
    VEC_DONE(&kept.items);
    map_done(&kept.index);
    return r;
}

/* The lists that HOLDER has. */
static int make_members_unique(struct compose_loader *loader, const struct data_node *holder, const char *name)
{
    int r = 0;
    for (struct data_node *child = holder->first; child && r == 0; child = child->next) {
        enum index index = child->kind == DATA_ARRAY && child->count > 1 ? index_of(name, child->key) : INDEX_NONE;
        if (index != INDEX_NONE)
            r = make_list_unique(loader, child, index);
    }
    return r;
}

static int make_service_unique(struct compose_loader *loader, const struct data_node *service)
{
    int r = make_members_unique(loader, service, "");
    for (const struct data_node *child = service->first; child && r == 0; child = child->next) {
        if (child->kind != DATA_OBJECT)
            continue;
        if (str_eq_z(child->key, "build"))
            r = make_members_unique(loader, child, "build");
        else if (str_eq_z(child->key, "deploy"))
            r = make_members_unique(loader, child, "deploy");
        for (const struct data_node *network = str_eq_z(child->key, "networks") ? child->first : NULL;
             network && r == 0; network = network->next)
            r = make_members_unique(loader, network, "networks");
    }
    return r;
}

int compose_make_unique(struct compose_loader *loader, struct data_node *root)
{
    const struct data_node *services = compose_member(root, "services");
    int r = 0;
    for (const struct data_node *service = services ? services->first : NULL; service && r == 0;
         service = service->next)
        if (service->kind == DATA_OBJECT)
            r = make_service_unique(loader, service);
    return r;
}
