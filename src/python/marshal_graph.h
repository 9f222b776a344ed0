/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/marshal_graph.h - a marshalled object as a graph: what marshal.c reads and marshal_write.c writes again.
 *
 * Private to the two. Objects are numbered in the order in which their type bytes stand in the text; an edge leads to
 * an object that was complete when the edge was read, so that there are no circles. Objects that can't change and are
 * equal in type and bytes are one object, whether they were one in the text or not. Everything is on the heap
 * (marshal_graph_done); texts are views of the text that was read.
 */
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#define MARSHAL_FLAG_REF 0x80

/* A code object: five numbers, eight objects (code to qualname), the first line, two objects (the tables). */
enum {
    MARSHAL_CODE_NUMBERS_BYTES = 20,
    MARSHAL_CODE_LINE_BYTES = 4,
    MARSHAL_CODE_BEFORE_LINE = 8,
    MARSHAL_CODE_EDGES = 10,
};

struct marshal_object {
    uint32_t at, len;      /* of its own bytes behind the type: sizes, numbers, content */
    uint32_t line_at;      /* code objects: of the first line */
    uint32_t first, count; /* of edges */
    uint32_t uses;         /* edges that lead here */
    uint32_t round;        /* of writing, in which NUMBER was given */
    uint32_t number;
    uint8_t type; /* without the flag */
    bool complete;
};

struct marshal_graph {
    struct str text;
    VEC(struct marshal_object) objects;
    VEC(uint32_t) edges;
    uint32_t root;
    uint32_t rounds;
};

void marshal_graph_done(struct marshal_graph *graph);

/* Puts the COUNT members of a set into an order that depends on nothing but what they are. ERR_LIMIT, ERR_NOMEM. */
int marshal_graph_sort(struct marshal_graph *graph, uint32_t *members, uint32_t count, struct err *err);

/* Appends the graph. ERR_LIMIT, ERR_NOMEM. */
int marshal_graph_write(struct marshal_graph *graph, struct buf *out, struct err *err);
