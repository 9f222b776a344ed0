/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * data/yaml.h - a stream of YAML documents (1.1 and 1.2, as libyaml reads them) into document trees, one at a time.
 *
 *     for (bool more = true; more;) {
 *         const struct data_node *root = NULL;
 *         if (yaml_next_document(reader, &arena, &root, &more, &err) != 0)
 *             tell(&err);              one broken document; the next `---` line starts afresh
 *         else if (root)
 *             use(root);               NULL: the stream holds no document at all
 *         arena_done(&arena);          memory is bounded by the largest document
 *     }
 *
 * Spans (data/span.h) are bytes of the whole stream, whatever its characters: a value's own text without its tag and
 * anchor. A block collection ends with its last child, a block scalar with its last line that is not blank (before
 * that line's break). A value that is not written at all ("key:") is an empty span behind the ':' of its key.
 *
 * Aliases are copied in (data_use_span, data_origin, DATA_ALIASED), merge keys are resolved: shallow, the mapping's
 * own members win, then the first of a sequence; merged members stand where the '<<' stood (DATA_MERGED). Keys are
 * texts whatever their kind; a collection as a key is its source text. Comments are not in the tree (data/yaml_edit.h).
 *
 * Refused, each with its line and column and a remedy, and each costing one document only: what libyaml refuses,
 * bytes that are not UTF-8, duplicate keys (unless listed), unknown aliases, a node that contains itself, depth beyond
 * LIMIT_YAML_DEPTH, LIMIT_YAML_DOCUMENT_BYTES, LIMIT_YAML_NODES, LIMIT_YAML_ALIASES, LIMIT_YAML_EXPANDED_NODES.
 * UTF-16 and UTF-32 are refused for the stream as a whole. Time is in proportion to the bytes.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/op.h"
#include "data/node.h"

/* What a plain scalar means. All three know null, ~ and nothing, true and false, decimals, 0x1f, 0o17, .inf, .nan. */
enum yaml_schema {
    YAML_CORE,       /* YAML 1.2: 0755 is decimal, yes is a string */
    YAML_COMPOSE,    /* go-yaml 3: 0755 is octal, 1_000 and 0b11 are numbers, yes is a string */
    YAML_KUBERNETES, /* go-yaml 2: as go-yaml 3, and y, yes, on, n, no, off are booleans. No base 60, dates are strings
                      */
};

struct yaml_options {
    enum yaml_schema schema;
    bool keep_merge_keys;     /* '<<' is a key as any other */
    bool list_duplicates;     /* duplicate keys are no error: the later member stays, and both are told */
    uint8_t source;           /* data_node.source of every node */
    const struct op_ctx *ctx; /* asked every few KB whether to go on; NULL: nobody calls it off */
};

/* A key that one mapping has twice. The tree holds the second. */
struct yaml_duplicate {
    const struct data_node *object;
    struct str key;
    struct data_span first, second; /* of the keys */
};

/* What was last read. Lives in the arena that was given for it. */
struct yaml_document {
    struct data_span span; /* from behind the last document's end to this one's, with `---`, `...` and comments */
    uint32_t line;         /* of span.offset, from 1 */
    const struct yaml_duplicate *duplicates;
    size_t duplicate_count;
    uint32_t failed_at; /* the byte of the stream that a failure is told of */
};

struct yaml_reader;

/*
 * BYTES must outlive the reader and all trees. OPTIONS may be NULL (YAML_CORE, strict). The caller owns *ret_reader.
 * Errors: ERR_LIMIT (LIMIT_YAML_STREAM_BYTES), ERR_NOMEM; ERR_UNSUPPORTED for UTF-16 and UTF-32.
 */
int yaml_reader_new(struct str bytes, const struct yaml_options *options, struct yaml_reader **ret_reader,
                    struct err *err);
void yaml_reader_free(struct yaml_reader *reader);
void yaml_reader_cleanup(struct yaml_reader **reader);
#define CLEANUP_YAML_READER CLEANUP(yaml_reader_cleanup)

/*
 * The next document's tree, in ARENA. *ret_more is set in every case, failure too: whether another call is worth while.
 * *ret_root is set to NULL without an error when no document is left; an empty document is a null value.
 * Errors: ERR_INVALID and ERR_LIMIT, "line 3, column 5: ..." with the stream's line; ERR_NOMEM; op_check's, with a CTX.
 */
int yaml_next_document(struct yaml_reader *reader, struct arena *arena, const struct data_node **ret_root,
                       bool *ret_more, struct err *err);

/* About the document that yaml_next_document read last, whether it failed or not. */
const struct yaml_document *yaml_document(const struct yaml_reader *reader);

/*
 * The place of byte OFFSET of DOCUMENT, a document of SOURCE: as data_position_of, but in proportion to the document's
 * size and not to the stream's.
 */
struct data_position yaml_position_of(struct str source, const struct yaml_document *document, size_t offset);

/* A stream of exactly one document. Errors: as yaml_next_document; ERR_INVALID for none or several. */
int yaml_parse(struct str bytes, const struct yaml_options *options, struct arena *arena,
               const struct data_node **ret_root, struct err *err);

/* What the plain scalar TEXT means; *ret_octal when it is a number whose leading 0 makes it octal (may be NULL). */
enum data_kind yaml_plain_kind(enum yaml_schema schema, struct str text, bool *ret_octal);

/* How far the search for a place to cut a stream has come; {0} at its start and behind each cut. */
struct yaml_cutter {
    size_t at;    /* the lines before it are known */
    bool started; /* the document there has begun */
};

/*
 * The first place at or behind byte WANT where a stream that begins with BYTES, and of which more may follow, comes
 * apart between two documents: before a `---` that begins another (directives stay with theirs), or behind a `...`.
 * Both parts read as the whole does. False: there is none so far; ask again with the same CUTTER when BYTES has grown.
 */
bool yaml_cut(struct yaml_cutter *cutter, struct str bytes, size_t want, size_t *ret_cut);
