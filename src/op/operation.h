/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * op/operation.h - what an operation is, said once.
 *
 * One `static const struct operation` per operation drives the command line, --help, the man page, completions and
 * the reference docs now, and REST routes, OpenAPI and MCP tool schemas later; what a surface may offer follows from
 * the effects. Nothing here runs anything: op/decode.h fills the arguments, op/result.h writes the result as JSON,
 * op/schema.h writes both schemas, op/table.h finds operations and checks tables.
 *
 * Tables end with an entry whose name (or title, command, summary) is NULL; a NULL table is an empty one. All text is
 * static, UTF-8, English, without a full stop in one-line summaries; descriptions hold paragraphs split by "\n\n"
 * (lines that begin with two spaces are kept as they are).
 *
 * A name is written as on the command line ("dry-run"); in JSON "-" becomes "_" ("dry_run").
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/op.h"
#include "base/str.h"

struct json_writer;
struct op_services;
struct text_out;

/* Parameters that one operation can have; bytes of a parameter's name with its NUL. */
#define OP_PARAMS_MAX 64
#define OP_NAME_MAX   32

/* --- values ------------------------------------------------------------------------------------------------- */

/* Lists and maps in arguments and results; the memory is the context's arena. */
struct op_pair {
    struct str key, value;
};
struct op_map {
    const struct op_pair *ptr;
    size_t len;
};
/* A list of structures in arguments or a result; VEC(type) has the same beginning and serves too. */
#define OP_LIST(type)                                                                                                  \
    struct {                                                                                                           \
        const type *ptr;                                                                                               \
        size_t len;                                                                                                    \
    }

/* --- parameters --------------------------------------------------------------------------------------------- */

enum op_type {              /* the field in the argument structure */
               OP_STRING,   /* struct str: never holds a NUL, has one behind it; ptr NULL when absent */
               OP_BOOL,     /* bool */
               OP_INTEGER,  /* int64_t within min..max (both 0: any) */
               OP_SIZE,     /* uint64_t, bytes: "10M" on the command line, a number or such text in JSON */
               OP_ENUM,     /* int: index into choices */
               OP_PATH_IN,  /* struct str: names something that is there */
               OP_PATH_OUT, /* struct str: names something to be made */
               OP_MAP,      /* struct op_map: KEY=VALUE, repeated; a later KEY replaces. An object of strings in JSON */
               OP_ARGV,     /* struct str_list: a JSON array of strings in both worlds; ptr NULL when absent */
               OP_OBJECTS,  /* OP_LIST of the structure of `object`: an array of objects, in JSON only */
               OP_TYPES,
};

enum op_param_flag {
    OP_REQUIRED = 1 << 0,
    OP_POSITIONAL = 1 << 1,   /* an argument, in the order of the table; otherwise an option */
    OP_REPEATED = 1 << 2,     /* STRING, PATH_IN, PATH_OUT: the field is struct str_list. A positional one is the last
                                 and takes the rest */
    OP_DIRECTORY = 1 << 3,    /* PATH_*: completions offer directories only */
    OP_NEGATABLE = 1 << 4,    /* BOOL: "--no-NAME" is an option too (for a default of "true") */
    OP_HIDDEN = 1 << 5,       /* works, but no help mentions it */
    OP_MAY_BE_EMPTY = 1 << 6, /* STRING that is REQUIRED: has to be given, but "" will do */
    OP_PAIRS = 1 << 7,        /* REPEATED STRING: each is KEY=VALUE. A file may write an object (op/decode_json.h) */
};

struct op_choice {
    const char *name;
    const char *summary;
};

/* What each element of an OP_OBJECTS is. */
struct op_object {
    const struct op_param *params; /* named by their JSON names in messages and schemas; none is OP_OBJECTS */
    size_t size;                   /* of the structure that they fill */
    size_t max;                    /* elements at most */
};

struct op_param {
    const char *name;
    char letter; /* short option, or 0 */
    enum op_type type;
    unsigned flags;
    const char *metavar;      /* "NAME[:TAG]"; NULL: from the type */
    const char *summary;      /* begins in lower case; one line of any length (help wraps it) */
    const char *details;      /* further paragraphs for the man page and the reference, or NULL */
    const char *default_text; /* as it would be typed; NULL: absent (false, 0, the first choice) */
    const char *env;          /* environment variable that gives the default; it is in config/env.h's table too */
    const struct op_choice *choices;
    const struct op_object *object;         /* OBJECTS */
    const char *(*candidate)(size_t index); /* STRING: words that completions offer, until NULL; or NULL */
    int64_t min, max;
    size_t offset, size; /* of the field: OP_AT(struct build_args, platform) */
};

#define OP_AT(type, field) .offset = offsetof(type, field), .size = sizeof(((type *)0)->field)

/* --- results ------------------------------------------------------------------------------------------------ */

enum op_field_type {               /* the field in the result structure */
                     OP_F_STR,     /* struct str; absent: ptr NULL */
                     OP_F_U64,     /* uint64_t; absent: OP_ABSENT_U64 */
                     OP_F_I64,     /* int64_t; absent: OP_ABSENT_I64 */
                     OP_F_BOOL,    /* bool; never absent */
                     OP_F_OBJECT,  /* the structure of `record` in place; never absent */
                     OP_F_POINTER, /* pointer to the structure of `record`; absent: NULL */
                     OP_F_STRS,    /* struct str_list; absent: ptr NULL */
                     OP_F_OBJECTS, /* OP_LIST of the structure of `record`; absent: ptr NULL */
                     OP_F_MAP,     /* struct op_map; absent: ptr NULL */
                     OP_F_JSON,    /* struct str, a whole JSON value put in as it is; absent: ptr NULL */
                     OP_F_TYPES,
};

#define OP_ABSENT_U64 UINT64_MAX
#define OP_ABSENT_I64 INT64_MIN

/*
 * A field that is absent is left out of the JSON when it is optional; otherwise it is written empty ("", 0, [], {},
 * null). Names are snake_case; units stand in them ("size_bytes", "duration_ms").
 */
struct op_field {
    const char *name;
    enum op_field_type type;
    bool optional;
    const char *summary;
    const struct op_record *record;  /* OBJECT, POINTER, OBJECTS */
    const struct op_choice *choices; /* STR: the only values, for the schema; or NULL */
    size_t offset, size;             /* OP_AT(struct build_result, digest) */
};

struct op_record {
    const char *name; /* "layer": for the schema's $defs and messages */
    const struct op_field *fields;
    size_t size; /* of the structure */
};

/* --- the operation ------------------------------------------------------------------------------------------ */

enum op_effect {
    OP_PURE = 0,
    OP_READS_FILES = 1 << 0,
    OP_WRITES_FILES = 1 << 1,
    OP_NETWORK = 1 << 2,
    OP_RUNS_PROCESSES = 1 << 3,
};

struct op_example {
    const char *command; /* a whole line: "barehull build ./server -t server:1" */
    const char *summary;
};

/* What an exit status means here; 0 and 2 go without saying and are added. */
struct op_exit {
    int status;
    const char *summary;
};

struct op_section {
    const char *title; /* "Outputs" */
    const char *text;  /* paragraphs */
};

/* A variable of the environment that an operation reads itself, besides those of config/env.h. */
struct op_variable {
    const char *name;
    const char *default_text; /* or NULL */
    const char *summary;      /* one line, no full stop */
    const char *details;      /* further paragraphs for the man page and the reference, or NULL */
};

/* A form of the answer besides text and JSON. */
struct op_format {
    const char *name;       /* "sarif" */
    const char *media_type; /* "application/sarif+json" */
    const char *summary;
    /* Appends the answer. Errors: ERR_NOMEM. */
    int (*write)(const void *result, struct buf *out, struct err *err);
};

struct operation {
    const char *name;        /* "build" */
    const char *group;       /* heading in the list of commands: "Images" */
    const char *summary;     /* one line, no full stop: "make a distroless image from a program" */
    const char *description; /* paragraphs */
    const struct op_param *params;
    size_t args_size;
    size_t given_at; /* of a bool[OP_PARAMS_MAX] in the arguments: which parameters the caller gave; 0: none */
    const struct op_record *result;
    unsigned effects;
    bool quick; /* answers in microseconds whatever it is asked: an event loop may run it */
    const struct op_exit *exits;
    const struct op_example *examples;
    const struct op_section *sections;
    const char *const *see_also; /* names of operations */
    /* The JSON Schema of a file that can say what its parameters say; NULL: there is none. */
    void (*file_schema)(struct json_writer *json);
    /* Variables that it reads itself, in order; false behind the last one. NULL: none. */
    bool (*variable)(size_t index, struct op_variable *ret_variable);
    /*
     * Does it. ARGS and RESULT are cleared structures of args_size and result->size; what RESULT points to lives in
     * ctx->arena. Prints nothing. On failure RESULT is not looked at and nothing half-made stays behind.
     */
    int (*run)(const struct op_services *services, const struct op_ctx *ctx, const void *args, void *result,
               struct err *err);
    /* The result for people. */
    void (*render)(const void *result, struct text_out *out);
    const struct op_format *formats; /* ends with a NULL name; NULL: text and JSON only */
    /* Exit status of a success (findings give 1); NULL: 0. */
    int (*status)(const void *result);
};
