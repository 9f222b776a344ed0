/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "pkg/sonames.h"
#include "pkg/sonames_format.h"

#include <stdlib.h>
#include <string.h>

#define LINE_BYTES_MAX   (1U << 20) /* a path and the packages that share it */
#define HEADER_BYTES_MAX (1U << 16) /* how far a "FILE LOCATION" line is looked for */
#define DEFAULTS_MAX     6

/* A library of one package; strings live in the arena. */
struct library {
    struct str name;
    uint32_t directory;
    uint32_t package;
};

struct sonames_builder {
    struct arena arena;
    struct str defaults[DEFAULTS_MAX];
    struct map directories; /* to number + 1 */
    struct map packages;
    struct {
        struct library *ptr;
        size_t len;
        size_t cap;
    } libraries;
    size_t text_start;   /* how many libraries there were before the text that is being fed */
    uint64_t text_bytes; /* of it, so far */
    struct buf carry;    /* the start of a line whose end hasn't come */
};

void sonames_builder_free(struct sonames_builder *builder)
{
    if (!builder)
        return;
    VEC_DONE(&builder->libraries);
    map_done(&builder->directories);
    map_done(&builder->packages);
    buf_done(&builder->carry);
    arena_done(&builder->arena);
    mem_free(builder);
}

void sonames_builder_cleanup(struct sonames_builder **builder)
{
    sonames_builder_free(*builder);
}

int sonames_builder_new(struct str triplet, struct sonames_builder **ret_builder, struct err *err)
{
    struct sonames_builder *builder = mem_calloc(1, sizeof(*builder));
    if (!builder)
        return err_nomem(err);
    const char *lib = arena_printf(&builder->arena, "lib/%.*s", STR_ARG(triplet));
    const char *usr_lib = arena_printf(&builder->arena, "usr/lib/%.*s", STR_ARG(triplet));
    if (!lib || !usr_lib) {
        sonames_builder_free(builder);
        return err_nomem(err);
    }
    const struct str defaults[DEFAULTS_MAX] = {str_z(lib),     str_z(usr_lib), STR("lib"),
                                               STR("usr/lib"), STR("lib64"),   STR("usr/lib64")};
    memcpy(builder->defaults, defaults, sizeof(defaults));
    *ret_builder = builder;
    return 0;
}

static bool is_default(const struct sonames_builder *builder, struct str directory)
{
    for (size_t i = 0; i < DEFAULTS_MAX; i++)
        if (str_eq(builder->defaults[i], directory))
            return true;
    return false;
}

/* "*.so" and "*.so.*" */
static bool is_shared_object(struct str name)
{
    return str_ends(name, STR(".so")) || str_find(name, STR(".so.")) < name.len;
}

/* Outside the default directories modules abound: only what looks like a library is kept. */
static bool looks_like_library(struct str name)
{
    size_t at = str_find(name, STR(".so."));
    bool versioned = at + 4 < name.len && char_is_digit(name.ptr[at + 4]);
    return versioned || str_starts(name, STR("lib"));
}

/* The number of WORD, a copy of which joins MAP if need be. */
static int intern(struct sonames_builder *builder, struct map *map, struct str word, uint32_t *ret_number,
                  struct err *err)
{
    uintptr_t number = (uintptr_t)map_get(map, word);
    if (!number) {
        struct str copy = arena_str(&builder->arena, word);
        number = map->len + 1;
        if (!copy.ptr || !map_set(map, copy, (void *)number))
            return err_nomem(err);
    }
    *ret_number = (uint32_t)(number - 1);
    return 0;
}

/* LOCATION is "section/package[,section/package...]", a section may be "contrib/libs". */
static int add_library(struct sonames_builder *builder, struct str directory, struct str name, struct str location,
                       struct err *err)
{
    struct library library = {.name = arena_str(&builder->arena, name)};
    if (!library.name.ptr)
        return err_nomem(err);
    int rc = intern(builder, &builder->directories, directory, &library.directory, err);
    struct str item;
    while (!rc && str_next(&location, ',', &item)) {
        size_t slash = str_rfind_char(item, '/');
        struct str package = slash < item.len ? str_skip(item, slash + 1) : item;
        if (package.len == 0)
            continue;
        rc = intern(builder, &builder->packages, package, &library.package, err);
        if (!rc && !VEC_PUSH(&builder->libraries, library))
            rc = err_nomem(err);
    }
    return rc;
}

static int add_line(struct sonames_builder *builder, struct str line, struct err *err)
{
    line = str_trim_right(line);
    size_t start = line.len;
    while (start > 0 && line.ptr[start - 1] != ' ' && line.ptr[start - 1] != '\t')
        start--;
    struct str location = str_skip(line, start);
    struct str path = str_trim_right(str_head(line, start));
    if (str_starts(path, STR("./")))
        path = str_skip(path, 2);
    else if (str_starts(path, STR("/")))
        path = str_skip(path, 1);
    size_t slash = str_rfind_char(path, '/');
    if (slash == path.len || path.len > LIMIT_TAR_NAME_BYTES)
        return 0;
    struct str directory = str_head(path, slash);
    struct str name = str_skip(path, slash + 1);
    if (!is_shared_object(name) || !(is_default(builder, directory) || looks_like_library(name)))
        return 0;
    return add_library(builder, directory, name, location, err);
}

/* Above "FILE  LOCATION" old files have free text, which may look like anything. */
static bool ends_header(struct str line)
{
    struct str word;
    return str_next_word(&line, &word) && str_eq(word, STR("FILE")) && str_eq(str_trim(line), STR("LOCATION"));
}

/* Whole lines, one by one, while a header may come. */
static int add_first_lines(struct sonames_builder *builder, struct str *text, uint64_t consumed, struct err *err)
{
    int rc = 0;
    const char *start = text->ptr;
    struct str line;
    while (!rc && consumed + (uint64_t)(text->ptr - start) < HEADER_BYTES_MAX && str_next_line(text, &line)) {
        if (ends_header(line))
            builder->libraries.len = builder->text_start;
        else
            rc = add_line(builder, line, err);
    }
    return rc;
}

/* Whole lines; CONSUMED bytes of the text came before them. Few lines name a library: those alone are looked for. */
static int add_lines(struct sonames_builder *builder, struct str text, uint64_t consumed, struct err *err)
{
    int rc = add_first_lines(builder, &text, consumed, err);
    while (!rc && text.len > 0) {
        size_t at = str_find(text, STR(".so"));
        if (at == text.len)
            break;
        size_t before = str_rfind_char(str_head(text, at), '\n');
        text = str_skip(text, before < at ? before + 1 : 0);
        size_t end = str_find_char(text, '\n');
        rc = add_line(builder, str_head(text, end), err);
        text = str_skip(text, end + 1);
    }
    return rc;
}

/* Adds to the unfinished line. */
static int carry_on(struct sonames_builder *builder, struct str piece, struct err *err)
{
    if (builder->carry.len + piece.len > LINE_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "a line of Contents is longer than %u bytes", LINE_BYTES_MAX);
    buf_add_str(&builder->carry, piece);
    return buf_check(&builder->carry, err);
}

int sonames_builder_feed(struct sonames_builder *builder, const void *data, size_t size, struct err *err)
{
    struct str piece = str_of(data, size);
    if (size > LIMIT_INDEX_BYTES - builder->text_bytes)
        return err_set(err, ERR_LIMIT, "Contents is larger than %llu bytes", LIMIT_INDEX_BYTES);
    uint64_t consumed = builder->text_bytes - builder->carry.len;
    builder->text_bytes += size;
    int rc = 0;
    if (builder->carry.len > 0) {
        size_t end = str_find_char(piece, '\n');
        rc = carry_on(builder, str_head(piece, end), err);
        if (rc || end == piece.len)
            return rc;
        rc = add_lines(builder, buf_str(&builder->carry), consumed, err);
        consumed += builder->carry.len + 1;
        buf_reset(&builder->carry);
        piece = str_skip(piece, end + 1);
    }
    size_t last = str_rfind_char(piece, '\n');
    size_t whole = last < piece.len ? last + 1 : 0;
    if (!rc && whole > 0)
        rc = add_lines(builder, str_head(piece, whole), consumed, err);
    return rc ? rc : carry_on(builder, str_skip(piece, whole), err);
}

int sonames_builder_end_text(struct sonames_builder *builder, struct err *err)
{
    int rc = add_lines(builder, buf_str(&builder->carry), builder->text_bytes - builder->carry.len, err);
    buf_reset(&builder->carry);
    builder->text_bytes = 0;
    builder->text_start = builder->libraries.len;
    return rc;
}

static struct str word_of(const struct map *map, uint32_t number)
{
    return map->entries[number].key;
}

static int compare_libraries(const void *a, const void *b, void *self)
{
    const struct library *x = a;
    const struct library *y = b;
    const struct sonames_builder *builder = self;
    int order = str_cmp(x->name, y->name);
    if (order)
        return order;
    struct str directory_x = word_of(&builder->directories, x->directory);
    struct str directory_y = word_of(&builder->directories, y->directory);
    if (x->directory != y->directory) {
        bool default_x = is_default(builder, directory_x);
        if (default_x != is_default(builder, directory_y))
            return default_x ? -1 : 1;
        return str_cmp(directory_x, directory_y);
    }
    return str_cmp(word_of(&builder->packages, x->package), word_of(&builder->packages, y->package));
}

/* Sorts the libraries and leaves one of each. */
static void sort_libraries(struct sonames_builder *builder)
{
    size_t kept = 0;
    struct library *all = builder->libraries.ptr;
    if (builder->libraries.len > 0)
        qsort_r(all, builder->libraries.len, sizeof(*all), compare_libraries, builder);
    for (size_t i = 0; i < builder->libraries.len; i++)
        if (kept == 0 || compare_libraries(&all[kept - 1], &all[i], builder) != 0)
            all[kept++] = all[i];
    builder->libraries.len = kept;
    builder->text_start = kept;
}

static void write_entries(const struct sonames_builder *builder, struct buf *out, struct buf *text)
{
    for (size_t i = 0; i < builder->libraries.len; i++) {
        const struct library *library = &builder->libraries.ptr[i];
        bool again = i > 0 && str_eq(builder->libraries.ptr[i - 1].name, library->name);
        if (!again)
            buf_add_str(text, library->name);
        struct sonames_entry entry = {
            .text = (uint32_t)(text->len - library->name.len),
            .text_len = (uint32_t)library->name.len,
            .directory = library->directory,
            .package = library->package,
        };
        buf_add(out, &entry, sizeof(entry));
    }
}

static void write_words(const struct sonames_builder *builder, const struct map *map, struct buf *out, struct buf *text)
{
    for (size_t i = 0; i < map->len; i++) {
        struct str key = map->entries[i].key;
        struct sonames_word word = {
            .text = (uint32_t)text->len,
            .text_len = (uint32_t)key.len,
            .is_default = map == &builder->directories && is_default(builder, key),
        };
        buf_add_str(text, key);
        buf_add(out, &word, sizeof(word));
    }
}

static int write_block(const struct sonames_builder *builder, struct buf *out, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    size_t start = out->len;
    struct sonames_header header = {
        .magic = SONAMES_MAGIC,
        .byte_order = SONAMES_BYTE_ORDER,
        .version = SONAMES_VERSION,
        .entry_count = (uint32_t)builder->libraries.len,
        .directory_count = (uint32_t)builder->directories.len,
        .package_count = (uint32_t)builder->packages.len,
    };
    buf_add(out, &header, sizeof(header));
    write_entries(builder, out, &text);
    write_words(builder, &builder->directories, out, &text);
    write_words(builder, &builder->packages, out, &text);
    buf_add_str(out, buf_str(&text));
    if (text.failed || out->failed || text.len > UINT32_MAX) {
        buf_truncate(out, start);
        return err_nomem(err);
    }
    header.text_size = text.len;
    memcpy(out->ptr + start, &header, sizeof(header));
    return 0;
}

int sonames_builder_finish(struct sonames_builder *builder, struct buf *out, struct err *err)
{
    int rc = buf_check(out, err);
    if (!rc)
        rc = sonames_builder_end_text(builder, err);
    if (rc)
        return rc;
    sort_libraries(builder);
    return write_block(builder, out, err);
}
