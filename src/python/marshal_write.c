/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "python/marshal_graph.h"

#include <stdlib.h>

/* One round of writing: numbers of earlier rounds don't count. */
struct writing {
    struct marshal_graph *graph;
    struct buf *out;
    uint32_t round;
    uint32_t next; /* reference */
    bool bare;     /* no flags: the text only serves to compare */
};

/* A member of a set, and what it is in bytes. */
struct member {
    size_t at, len;
    const struct buf *text;
    uint32_t id;
};

static int put_object(struct writing *writing, uint32_t id, unsigned depth, struct err *err);

static void put_bytes(struct writing *writing, size_t at, size_t len)
{
    buf_add_str(writing->out, str_of(writing->graph->text.ptr + at, len));
}

static int put_edges(struct writing *writing, uint32_t id, uint32_t from, uint32_t to, unsigned depth, struct err *err)
{
    int r = 0;
    for (uint32_t i = from; r == 0 && i < to; i++) {
        const struct marshal_object *object = &writing->graph->objects.ptr[id];
        r = put_object(writing, writing->graph->edges.ptr[object->first + i], depth + 1, err);
    }
    return r;
}

static bool is_constant(uint8_t type)
{
    return type == 'N' || type == 'T' || type == 'F' || type == '.' || type == 'S';
}

/* True when OBJECT was written before in this round, as a reference now. */
static bool put_reference(struct writing *writing, struct marshal_object *object)
{
    if (object->round != writing->round) {
        object->round = writing->round;
        object->number = writing->next++;
        return false;
    }
    char number[4];
    num_put_le32(number, object->number);
    buf_add_char(writing->out, 'r');
    buf_add(writing->out, number, sizeof(number));
    return true;
}

/* Without what is not known before all was read: who else refers to the object, or has its text interned. */
static uint8_t bare_type(uint8_t type)
{
    return type == 'Z' ? 'z' : type == 'A' ? 'a' : type == 't' ? 'u' : type;
}

static int put_object(struct writing *writing, uint32_t id, unsigned depth, struct err *err)
{
    struct marshal_object *object = &writing->graph->objects.ptr[id];
    bool shared = writing->bare ? object->count > 0 : object->uses > 1 && !is_constant(object->type);
    if (depth > LIMIT_MARSHAL_DEPTH)
        return err_set(err, ERR_LIMIT, "marshalled code is nested deeper than %d levels", LIMIT_MARSHAL_DEPTH);
    if (writing->out->len > LIMIT_PYTHON_CODE_BYTES)
        return err_set(err, ERR_LIMIT, "marshalled code is larger than %llu bytes", LIMIT_PYTHON_CODE_BYTES);
    if (shared && put_reference(writing, object))
        return 0;
    uint8_t type = writing->bare ? bare_type(object->type) : object->type;
    buf_add_char(writing->out, (char)(type | (shared && !writing->bare ? MARSHAL_FLAG_REF : 0)));
    put_bytes(writing, object->at, object->len);
    if (object->type == 'c') {
        int r = put_edges(writing, id, 0, MARSHAL_CODE_BEFORE_LINE, depth, err);
        put_bytes(writing, object->line_at, MARSHAL_CODE_LINE_BYTES);
        return r == 0 ? put_edges(writing, id, MARSHAL_CODE_BEFORE_LINE, MARSHAL_CODE_EDGES, depth, err) : r;
    }
    int r = put_edges(writing, id, 0, object->count, depth, err);
    if (r == 0 && object->type == '{')
        buf_add_char(writing->out, '0');
    return r;
}

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int order = str_cmp(str_of(a->text->ptr + a->at, a->len), str_of(b->text->ptr + b->at, b->len));
    return order ? order : a->id < b->id ? -1 : a->id > b->id;
}

int marshal_graph_sort(struct marshal_graph *graph, uint32_t *ids, uint32_t count, struct err *err)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    struct writing writing = {.graph = graph, .out = &text, .bare = true};
    struct member *members = mem_calloc((size_t)count + 1, sizeof(*members));
    if (!members)
        return err_nomem(err);
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < count; i++) {
        writing.round = ++graph->rounds;
        writing.next = 0;
        members[i] = (struct member){.at = text.len, .text = &text, .id = ids[i]};
        r = put_object(&writing, ids[i], 1, err);
        members[i].len = text.len - members[i].at;
    }
    if (r == 0)
        r = buf_check(&text, err);
    if (r == 0)
        qsort(members, count, sizeof(*members), compare_members);
    for (uint32_t i = 0; r == 0 && i < count; i++)
        ids[i] = members[i].id;
    mem_free(members);
    return r;
}

int marshal_graph_write(struct marshal_graph *graph, struct buf *out, struct err *err)
{
    size_t before = out->len;
    struct buf text CLEANUP_BUF = BUF_INIT;
    struct writing writing = {.graph = graph, .out = &text, .round = ++graph->rounds};
    buf_reserve(&text, graph->text.len);
    int r = put_object(&writing, graph->root, 1, err);
    if (r == 0)
        r = buf_check(&text, err);
    if (r == 0)
        buf_add_str(out, buf_str(&text));
    if (r == 0)
        r = buf_check(out, err);
    if (r < 0)
        buf_truncate(out, before);
    return r;
}
