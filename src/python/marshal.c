/* SPDX-License-Identifier: Apache-2.0 */
#include "python/marshal.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/num.h"
#include "python/marshal_graph.h"

#define VERSION_FIRST 0x030b /* code objects as they are since 3.11 */
#define VERSION_LAST  0x030e
#define VERSION_SLICE 0x030e

struct reading {
    struct marshal_graph *graph;
    size_t at;
    unsigned version;
    VEC(uint32_t) refs;
    VEC(uint32_t) stack; /* members of what is being read */
    struct map strings;  /* content -> object + 1 */
    struct map others;   /* key (object_key) -> object + 1, of what can't change */
    struct arena keys;
    uint32_t constants[128]; /* object + 1 of None, True, ... by type */
};

static int read_object(struct reading *reading, unsigned depth, uint32_t *ret_id, struct err *err);

void marshal_graph_done(struct marshal_graph *graph)
{
    VEC_DONE(&graph->objects);
    VEC_DONE(&graph->edges);
}

static int damaged(const struct reading *reading, const char *what, struct err *err)
{
    return err_set(err, ERR_INVALID, "marshalled code has %s at byte %zu", what, reading->at);
}

/* The next LEN bytes; NULL at the end. */
static const char *take(struct reading *reading, size_t len)
{
    struct str text = reading->graph->text;
    if (len > text.len - reading->at)
        return NULL;
    const char *bytes = text.ptr + reading->at;
    reading->at += len;
    return bytes;
}

static int skip(struct reading *reading, size_t len, struct err *err)
{
    return take(reading, len) ? 0 : damaged(reading, "its end", err);
}

/* A size of four bytes (a signed number) or, where SHORT, of one. */
static int read_size(struct reading *reading, bool is_short, uint32_t *ret_size, struct err *err)
{
    const char *bytes = take(reading, is_short ? 1 : 4);
    if (!bytes)
        return damaged(reading, "its end", err);
    *ret_size = is_short ? (uint8_t)*bytes : num_le32(bytes);
    return *ret_size > INT32_MAX ? damaged(reading, "a negative size", err) : 0;
}

/* An integer in digits of 15 bits; the sign is the size's. */
static int skip_long(struct reading *reading, struct err *err)
{
    const char *bytes = take(reading, 4);
    if (!bytes)
        return damaged(reading, "its end", err);
    int64_t size = (int32_t)num_le32(bytes);
    size_t count = (size_t)(size < 0 ? -size : size);
    const char *digits = take(reading, count * 2);
    if (!digits)
        return damaged(reading, "its end", err);
    for (size_t i = 0; i < count; i++)
        if (num_le16(digits + 2 * i) > 0x7fff)
            return damaged(reading, "a digit out of range", err);
    if (count && num_le16(digits + 2 * (count - 1)) == 0)
        return damaged(reading, "an integer with a leading zero", err);
    return 0;
}

static int skip_sized(struct reading *reading, bool is_short, struct err *err)
{
    uint32_t size;
    int r = read_size(reading, is_short, &size, err);
    return r == 0 ? skip(reading, size, err) : r;
}

/* The content of an object that holds no others; 1 for other types. */
static int skip_scalar(struct reading *reading, uint8_t type, struct err *err)
{
    int r;
    switch (type) {
    case 'i':
        return skip(reading, 4, err);
    case 'I':
    case 'g':
        return skip(reading, 8, err);
    case 'y':
        return skip(reading, 16, err);
    case 'f':
    case 'z':
    case 'Z':
        return skip_sized(reading, true, err);
    case 'x':
        r = skip_sized(reading, true, err);
        return r == 0 ? skip_sized(reading, true, err) : r;
    case 'l':
        return skip_long(reading, err);
    case 's':
    case 't':
    case 'u':
    case 'a':
    case 'A':
        return skip_sized(reading, false, err);
    default:
        return 1;
    }
}

static bool is_name(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!char_is_alnum(text.ptr[i]) && text.ptr[i] != '_')
            return false;
    return true;
}

static bool is_latin1_char(struct str text)
{
    return text.len == 1 || (text.len == 2 && ((uint8_t)text.ptr[0] == 0xc2 || (uint8_t)text.ptr[0] == 0xc3));
}

/* Where MAP has the object that equals ID, that is the one from now on; else ID is entered. */
static int unite(struct map *map, struct str key, uint32_t *id, bool *ret_known, struct err *err)
{
    void **slot = map_slot(map, key);
    if (!slot)
        return err_nomem(err);
    *ret_known = *slot != NULL;
    if (*slot)
        *id = (uint32_t)((uintptr_t)*slot - 1);
    else
        *slot = (void *)((uintptr_t)*id + 1);
    return 0;
}

/*
 * Whether two equal strings are one object, and whether it is interned, depends on what else the process did: the
 * constant 'A.b' is the class's interned name, unless another module has interned that name before. So they become one,
 * interned if any is or if it looks like a name (the compiler interns these). Single characters are objects of the
 * process, which anybody may have interned: they are not, since a code object interns its names itself.
 */
static int settle_string(struct reading *reading, uint32_t *id, struct err *err)
{
    struct marshal_graph *graph = reading->graph;
    struct marshal_object *object = &graph->objects.ptr[*id];
    size_t size_bytes = object->type == 'z' || object->type == 'Z' ? 1 : 4;
    struct str content = str_of(graph->text.ptr + object->at + size_bytes, object->len - size_bytes);
    bool interned = object->type == 'Z' || object->type == 'A' || object->type == 't';
    bool known = false;
    uint32_t fresh = *id;
    int r = unite(&reading->strings, content, id, &known, err);
    if (r < 0)
        return r;
    object = &graph->objects.ptr[*id];
    if (known && fresh == graph->objects.len - 1)
        graph->objects.len--;
    bool ascii = object->type != 'u' && object->type != 't';
    interned = ascii && is_name(content) ? true : interned && !is_latin1_char(content);
    if (interned)
        object->type = object->type == 'z' ? 'Z' : object->type == 'a' ? 'A' : object->type == 'u' ? 't' : object->type;
    else if (is_latin1_char(content))
        object->type = object->type == 'Z' ? 'z' : object->type == 'A' ? 'a' : object->type == 't' ? 'u' : object->type;
    return 0;
}

/* Type, own bytes and members of ID; NULL when memory is short. */
static struct str object_key(struct reading *reading, uint32_t id)
{
    struct marshal_graph *graph = reading->graph;
    const struct marshal_object *object = &graph->objects.ptr[id];
    size_t members_bytes = object->count * sizeof(uint32_t);
    char *key = arena_alloc(&reading->keys, 1 + object->len + members_bytes);
    if (!key)
        return STR_NONE;
    key[0] = (char)object->type;
    if (object->len)
        memcpy(key + 1, graph->text.ptr + object->at, object->len);
    if (members_bytes)
        memcpy(key + 1 + object->len, graph->edges.ptr + object->first, members_bytes);
    return str_of(key, 1 + object->len + members_bytes);
}

/* Lists, dicts and sets can change, and a code object is one of its own. */
static bool can_change(uint8_t type)
{
    return type == '[' || type == '{' || type == '<' || type == 'c';
}

/* Makes ID and an equal object before it one. */
static int settle_other(struct reading *reading, uint32_t *id, struct err *err)
{
    struct marshal_graph *graph = reading->graph;
    struct marshal_object *object = &graph->objects.ptr[*id];
    if (can_change(object->type))
        return 0;
    struct str key = object_key(reading, *id);
    bool known = false;
    int r = key.ptr ? unite(&reading->others, key, id, &known, err) : err_nomem(err);
    if (r < 0 || !known)
        return r;
    for (uint32_t i = 0; i < object->count; i++)
        graph->objects.ptr[graph->edges.ptr[object->first + i]].uses--;
    if (object->count)
        graph->edges.len = object->first;
    return 0;
}

static bool is_string(uint8_t type)
{
    return type == 'z' || type == 'Z' || type == 'a' || type == 'A' || type == 'u' || type == 't';
}

static bool is_constant(uint8_t type)
{
    return type == 'N' || type == 'T' || type == 'F' || type == '.' || type == 'S';
}

static int new_object(struct reading *reading, uint8_t type, uint32_t *ret_id, struct err *err)
{
    struct marshal_graph *graph = reading->graph;
    if (graph->objects.len >= LIMIT_MARSHAL_REFS)
        return err_set(err, ERR_LIMIT, "marshalled code has more than %u objects", LIMIT_MARSHAL_REFS);
    struct marshal_object *object = VEC_ADD(&graph->objects);
    if (!object)
        return err_nomem(err);
    object->type = type;
    object->at = (uint32_t)reading->at;
    *ret_id = (uint32_t)(graph->objects.len - 1);
    return 0;
}

static int read_constant(struct reading *reading, uint8_t type, uint32_t *ret_id, struct err *err)
{
    if (reading->constants[type] == 0) {
        int r = new_object(reading, type, ret_id, err);
        if (r < 0)
            return r;
        reading->graph->objects.ptr[*ret_id].complete = true;
        reading->constants[type] = *ret_id + 1;
    }
    *ret_id = reading->constants[type] - 1;
    return 0;
}

static int read_reference(struct reading *reading, uint32_t *ret_id, struct err *err)
{
    const char *bytes = take(reading, 4);
    if (!bytes)
        return damaged(reading, "its end", err);
    uint32_t number = num_le32(bytes);
    if (number >= reading->refs.len || !reading->graph->objects.ptr[reading->refs.ptr[number]].complete)
        return damaged(reading, "a reference to nothing", err);
    *ret_id = reading->refs.ptr[number];
    return 0;
}

static int read_member(struct reading *reading, unsigned depth, struct err *err)
{
    uint32_t id;
    int r = read_object(reading, depth + 1, &id, err);
    return r < 0 || VEC_PUSH(&reading->stack, id) ? r : err_nomem(err);
}

static int read_members(struct reading *reading, unsigned depth, uint32_t count, struct err *err)
{
    if (count > reading->graph->text.len - reading->at)
        return damaged(reading, "more members than bytes", err); /* each takes one at least */
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < count; i++)
        r = read_member(reading, depth, err);
    return r;
}

static int read_dict(struct reading *reading, unsigned depth, struct err *err)
{
    for (;;) {
        struct str text = reading->graph->text;
        if (reading->at < text.len && text.ptr[reading->at] == '0') {
            reading->at++;
            return 0;
        }
        int r = read_member(reading, depth, err);
        if (r == 0)
            r = read_member(reading, depth, err);
        if (r < 0)
            return r;
    }
}

static uint8_t member_type(const struct reading *reading, size_t stack_index)
{
    return reading->graph->objects.ptr[reading->stack.ptr[stack_index]].type;
}

/* The types of a code object's parts; an interpreter relies on them. */
static int check_code(const struct reading *reading, size_t first, struct err *err)
{
    static const char expected[] = "s(((suuuss"; /* code consts names locals kinds filename name qualname tables */
    for (size_t i = 0; i < MARSHAL_CODE_EDGES; i++) {
        uint8_t type = member_type(reading, first + i);
        type = is_string(type) ? 'u' : type == ')' ? '(' : type;
        if (type != (uint8_t)expected[i])
            return damaged(reading, "a part of another type than code objects have", err);
    }
    const struct marshal_object *locals = &reading->graph->objects.ptr[reading->stack.ptr[first + 3]];
    const struct marshal_object *kinds = &reading->graph->objects.ptr[reading->stack.ptr[first + 4]];
    return locals->count == kinds->len - 4 ? 0 : damaged(reading, "local variables without a kind", err);
}

static int read_code(struct reading *reading, uint32_t id, unsigned depth, struct err *err)
{
    size_t first = reading->stack.len;
    int r = skip(reading, MARSHAL_CODE_NUMBERS_BYTES, err);
    if (r == 0)
        r = read_members(reading, depth, MARSHAL_CODE_BEFORE_LINE, err);
    if (r < 0)
        return r;
    reading->graph->objects.ptr[id].line_at = (uint32_t)reading->at;
    r = skip(reading, MARSHAL_CODE_LINE_BYTES, err);
    if (r == 0)
        r = read_members(reading, depth, MARSHAL_CODE_EDGES - MARSHAL_CODE_BEFORE_LINE, err);
    return r == 0 ? check_code(reading, first, err) : r;
}

/* Makes the members from FIRST of the stack on those of ID. */
static int finish_container(struct reading *reading, uint32_t id, size_t first, struct err *err)
{
    struct marshal_graph *graph = reading->graph;
    struct marshal_object *object = &graph->objects.ptr[id];
    object->first = (uint32_t)graph->edges.len;
    object->count = (uint32_t)(reading->stack.len - first);
    for (size_t i = first; i < reading->stack.len; i++) {
        if (!VEC_PUSH(&graph->edges, reading->stack.ptr[i]))
            return err_nomem(err);
        graph->objects.ptr[reading->stack.ptr[i]].uses++;
    }
    reading->stack.len = first;
    bool is_set = object->type == '<' || object->type == '>';
    if (!is_set || object->count < 2)
        return 0;
    return marshal_graph_sort(graph, graph->edges.ptr + object->first, object->count, err);
}

static int read_container(struct reading *reading, uint32_t id, uint8_t type, unsigned depth, struct err *err)
{
    size_t first = reading->stack.len;
    uint32_t count = 0;
    int r = 0;
    if (type == ')' || type == '(' || type == '[' || type == '<' || type == '>') {
        r = read_size(reading, type == ')', &count, err);
        reading->graph->objects.ptr[id].len = type == ')' ? 1 : 4;
        if (r == 0)
            r = read_members(reading, depth, count, err);
    } else if (type == '{') {
        r = read_dict(reading, depth, err);
    } else if (type == ':' && reading->version >= VERSION_SLICE) {
        r = read_members(reading, depth, 3, err);
    } else if (type == 'c') {
        reading->graph->objects.ptr[id].len = MARSHAL_CODE_NUMBERS_BYTES;
        r = read_code(reading, id, depth, err);
    } else {
        reading->at--;
        return err_set(err, ERR_UNSUPPORTED, "marshalled code has an object of unknown type 0x%02x at byte %zu", type,
                       reading->at);
    }
    return r == 0 ? finish_container(reading, id, first, err) : r;
}

static int read_object(struct reading *reading, unsigned depth, uint32_t *ret_id, struct err *err)
{
    if (depth > LIMIT_MARSHAL_DEPTH)
        return err_set(err, ERR_LIMIT, "marshalled code is nested deeper than %d levels", LIMIT_MARSHAL_DEPTH);
    const char *byte = take(reading, 1);
    if (!byte)
        return damaged(reading, "its end", err);
    uint8_t type = (uint8_t)*byte & 0x7f;
    if (type == 'r')
        return read_reference(reading, ret_id, err);
    if (is_constant(type))
        return read_constant(reading, type, ret_id, err); /* CPython takes no notice of a flag here */
    uint32_t id;
    bool flagged = (uint8_t)*byte & MARSHAL_FLAG_REF;
    size_t ref = reading->refs.len;
    int r = new_object(reading, type, &id, err);
    if (r == 0 && flagged && !VEC_PUSH(&reading->refs, id))
        r = err_nomem(err);
    if (r == 0)
        r = skip_scalar(reading, type, err);
    struct marshal_object *object = r < 0 ? NULL : &reading->graph->objects.ptr[id];
    if (r == 0)
        object->len = (uint32_t)reading->at - object->at;
    else if (r > 0)
        r = read_container(reading, id, type, depth, err);
    if (r == 0)
        reading->graph->objects.ptr[id].complete = true;
    if (r == 0)
        r = is_string(type) ? settle_string(reading, &id, err) : settle_other(reading, &id, err);
    if (r < 0)
        return r;
    if (flagged)
        reading->refs.ptr[ref] = id;
    *ret_id = id;
    return 0;
}

static int read_graph(struct marshal_graph *graph, unsigned version, struct err *err)
{
    struct reading reading = {.graph = graph, .version = version};
    int r = read_object(&reading, 1, &graph->root, err);
    if (r == 0 && reading.at < graph->text.len)
        r = damaged(&reading, "something behind it", err);
    if (r == 0)
        graph->objects.ptr[graph->root].uses++;
    VEC_DONE(&reading.refs);
    VEC_DONE(&reading.stack);
    map_done(&reading.strings);
    map_done(&reading.others);
    arena_done(&reading.keys);
    return r;
}

bool python_marshal_knows(unsigned version)
{
    return version >= VERSION_FIRST && version <= VERSION_LAST;
}

int python_marshal_canonical(struct str code, unsigned version, struct buf *out, struct err *err)
{
    if (!python_marshal_knows(version))
        return err_set(err, ERR_UNSUPPORTED, "the code of Python %u.%u is of a format that is not known", version >> 8,
                       version & 0xff);
    if (code.len > LIMIT_PYTHON_CODE_BYTES)
        return err_set(err, ERR_LIMIT, "marshalled code is larger than %llu bytes", LIMIT_PYTHON_CODE_BYTES);
    struct marshal_graph graph = {.text = code};
    int r = read_graph(&graph, version, err);
    if (r == 0)
        r = marshal_graph_write(&graph, out, err);
    marshal_graph_done(&graph);
    return r;
}
