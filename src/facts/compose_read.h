/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/compose_read.h - what the parts of the Compose reader (facts/compose_*.c) share.
 *
 * One reader goes over one service after the other. Memory is short: `nomem` stays set, and what is read from then on
 * does not matter. Values follow compose-go: a text where a boolean or a number belongs is cast (true, yes, y, on and
 * their opposites, in any case), null is as if the key were not there.
 */
#include "base/map.h"
#include "facts/read.h"
#include "facts/value_map.h"

struct compose_reader {
    const struct sources *sources;
    struct arena *arena;
    const struct data_node *root;    /* the project */
    const struct data_node *service; /* the one that is read */
    struct pod *pod;
    struct workload *workload;
    struct mount_fact *mounts;    /* the workload's, while they are read */
    struct map volumes, networks; /* the project's, by name */
    struct map jobs;              /* services that another one waits for until they have ended well */
    size_t strange_keys;          /* so far */
    bool nomem;
};

/* --- facts/compose_value.c ---------------------------------------------------------------------------------- */

/* ARENA_ARRAY with the reader's sticky failure: NULL then, or when COUNT is 0. */
#define COMPOSE_ARRAY(reader, count, type) ((type *)compose_array((reader), (count), sizeof(type)))
void *compose_array(struct compose_reader *reader, size_t count, size_t size);

/* Where a dotted way from a mapping leads. */
struct compose_way {
    const struct data_node *node;   /* what is there, or NULL; a value on the way that is no mapping counts as it */
    const struct data_node *holder; /* the last mapping on the way */
    const char *path;               /* the rest of the way from there */
    bool blocked;                   /* `node` stands on the way, not at its end */
};
struct compose_way compose_find(const struct data_node *from, const char *path);

/* The frame of a fact about NODE, which HOLDER has or lacks at PATH: state, places. */
struct fact compose_fact(const struct compose_reader *reader, const struct data_node *node,
                         const struct data_node *holder, const char *path);
/* The same of what `way` found. */
struct fact compose_fact_at(const struct compose_reader *reader, const char *path);

/* Of the service's PATH. */
struct fact_bool compose_flag(const struct compose_reader *reader, const char *path, bool otherwise);
struct fact_text compose_text(const struct compose_reader *reader, const char *path);

/* Of a node that may be absent. */
struct fact_bool compose_bool_of(const struct compose_reader *reader, const struct data_node *node,
                                 const struct data_node *holder, const char *path, bool otherwise);
struct fact_text compose_text_of(const struct compose_reader *reader, const struct data_node *node,
                                 const struct data_node *holder, const char *path);
/* A whole number with a sign, also as a text. */
struct fact_number compose_number_of(const struct compose_reader *reader, const struct data_node *node,
                                     const struct data_node *holder, const char *path);
/* Bytes: a number, or a text with a unit. */
struct fact_number compose_bytes_of(const struct compose_reader *reader, const struct data_node *node,
                                    const struct data_node *holder, const char *path);

/* A scalar that is taken apart. */
struct compose_scalar {
    const struct data_node *node;
    struct str text;
    struct value_map map;
};
/* False when NODE is no scalar, or null. */
bool compose_scalar(struct compose_reader *reader, const struct data_node *node, struct compose_scalar *ret_scalar);
/* Bytes [OFFSET, OFFSET+LEN) of the scalar as a fact: UNKNOWN when that very part hangs on a variable. */
struct fact_text compose_part(const struct compose_reader *reader, const struct compose_scalar *scalar, size_t offset,
                              size_t len);
/* As str_find_char from FROM on, but not inside "${...}" of a value that is not resolved. */
size_t compose_find_char(const struct compose_scalar *scalar, size_t from, char c);
/* Part of an unresolved value: does it name a variable? */
bool compose_has_variable(struct str text);

/* A list of texts; one text is a list of one; mappings are INVALID. */
struct fact_list compose_list(struct compose_reader *reader, const char *path);
/* A list of "NAME=VALUE" and "NAME", or a mapping. */
struct fact_list compose_pairs(struct compose_reader *reader, const char *path);
/* As compose_pairs: of NODE, for the fact that FACT frames. */
struct fact_list compose_pairs_of(struct compose_reader *reader, struct fact fact, const struct data_node *node);

/* --- the parts: each fills its share of reader->workload and reader->pod ------------------------------------- */

void compose_read_security(struct compose_reader *reader);
void compose_read_resources(struct compose_reader *reader);
void compose_read_ports(struct compose_reader *reader);
void compose_read_mounts(struct compose_reader *reader);
void compose_read_env(struct compose_reader *reader);
void compose_read_commands(struct compose_reader *reader);
void compose_read_health(struct compose_reader *reader);
void compose_read_keys(struct compose_reader *reader);

/* The command that NODE gives: an array as it is, a text split into words (facts/compose_command.c). */
struct fact_command compose_command_of(struct compose_reader *reader, struct fact fact, const struct data_node *node);
/* ITEMS from FIRST on as an argument vector. */
void compose_exec_of(struct compose_reader *reader, const struct data_node *first, struct fact_command *command);
/* A text for the container's shell. */
void compose_shell_of(struct compose_reader *reader, const struct data_node *text, struct fact_command *command);
