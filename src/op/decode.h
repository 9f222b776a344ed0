/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * op/decode.h - fills an argument structure by the table of parameters, with the same checks on every surface.
 *
 * A surface gives values one by one (the command line: texts) or all at once (REST, MCP: a JSON object, see
 * op/decode_json.h), then calls op_decode_finish, which fills what was not given from the environment and from
 * defaults and asks for what is required. All values land in the arena; texts have a NUL behind them.
 * Errors: ERR_USAGE naming the parameter as the surface writes it, ERR_NOMEM.
 */
#include "base/buf.h"
#include "data/span.h"
#include "op/table.h"

enum op_surface {
    OP_SURFACE_CLI, /* "option '--jobs'", "argument 'APP'" */
    OP_SURFACE_JSON /* "'jobs'" */
};

struct op_decoder_list { /* the decoder's own, while a list grows */
    void *items;
    size_t len, cap;
};

struct op_decoder {
    const struct op_param *params;
    void *args; /* cleared by the caller */
    struct arena *arena;
    enum op_surface surface;
    bool given[OP_PARAMS_MAX];
    bool *ret_given; /* the operation's own copy of it, made when all is decoded; or NULL */
    struct op_decoder_list lists[OP_PARAMS_MAX];
    bool by_hand;             /* op/decode_json.h */
    size_t list_max;          /* items of one list; 0: any number */
    struct data_span refused; /* op_decode_member */
    const char *inside;   /* an OP_OBJECTS: what its elements' parameters are called behind, "files[2]." (an object of a
                             file: "images.web."); or NULL */
    const char *from_env; /* while a value of the environment is decoded: its variable, for messages */
};

struct op_decoder op_decoder_init(const struct op_param *params, void *args, struct arena *arena,
                                  enum op_surface surface);

/* For OPERATION's arguments, as above; tells them what was given, where they want to know. */
struct op_decoder op_decoder_of(const struct operation *operation, void *args, struct arena *arena,
                                enum op_surface surface);

/* Takes one value as it would be typed. Given twice: a repeated parameter or a map grows, anything else is replaced. */
int op_decode_text(struct op_decoder *decoder, const struct op_param *param, struct str value, struct err *err);

/* Sets an OP_BOOL. */
int op_decode_flag(struct op_decoder *decoder, const struct op_param *param, bool value, struct err *err);

bool op_decoder_was_given(const struct op_decoder *decoder, const struct op_param *param);

/* The environment as the configuration read it: the value of VARIABLE, or the empty view. */
struct op_environment {
    struct str (*get)(void *self, const char *variable);
    void *self;
};

/* ENVIRONMENT may be NULL (there is none over HTTP). */
int op_decode_finish(struct op_decoder *decoder, const struct op_environment *environment, struct err *err);

/* Appends how messages call PARAM: "option '--jobs'". */
void op_decoder_name(const struct op_decoder *decoder, const struct op_param *param, struct buf *out);

/* --- for op/decode_json.c --- */

/* ERR_USAGE: the parameter's name and behind it the text, which begins with " " or ": ". */
int op_decode_refuse(const struct op_decoder *decoder, const struct op_param *param, struct err *err,
                     const char *format, ...) PRINTF_LIKE(4, 5);
int op_decode_integer(struct op_decoder *decoder, const struct op_param *param, int64_t value, struct err *err);
int op_decode_pair(struct op_decoder *decoder, const struct op_param *param, struct str key, struct str value,
                   struct err *err);
/* Adds to a list of texts (OP_ARGV, OP_REPEATED). */
int op_decode_append(struct op_decoder *decoder, const struct op_param *param, struct str value, struct err *err);
/* A cleared structure at the end of the list of an OP_OBJECTS; NULL when memory is short. */
void *op_decode_add_object(struct op_decoder *decoder, const struct op_param *param);
/* Makes an OP_ARGV present and empty. */
int op_decode_empty_list(struct op_decoder *decoder, const struct op_param *param, struct err *err);
