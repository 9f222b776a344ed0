/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/index_choice.h"

#include "archive/download.h"
#include "base/path.h"

#include <string.h>

/* Bytes of text a second that each compression expands to on a core of today; they only weigh choices. */
static const struct kind {
    enum compression compression;
    const char *suffix;
    double bytes_per_second;
} kinds[] = {
    {COMPRESS_XZ, ".xz", 120e6},
    {COMPRESS_GZIP, ".gz", 500e6},
    {COMPRESS_ZSTD, ".zst", 700e6},
    {COMPRESS_NONE, "", 4e9},
};

/* A link of which nothing was measured. */
static const double usual_bytes_per_second = 10e6;

struct chooser {
    const struct archive_options *options;
    const struct inreleases *releases;
    struct arena *arena;
    struct index_file *files;
    size_t count, cap;
    struct digester digester;
    struct err *err;
};

static int add_file(struct chooser *chooser, const struct index_file *file)
{
    if (chooser->count == chooser->cap) {
        size_t cap = chooser->cap ? 2 * chooser->cap : 8;
        struct index_file *longer = ARENA_ARRAY(chooser->arena, cap, struct index_file);
        if (!longer)
            return err_nomem(chooser->err);
        if (chooser->count > 0)
            memcpy(longer, chooser->files, chooser->count * sizeof(*longer));
        chooser->files = longer;
        chooser->cap = cap;
    }
    chooser->files[chooser->count++] = *file;
    return 0;
}

/* Chooses among the compressions of PATH; *ret_found is false when Release lists none. */
static int choose(struct chooser *chooser, uint32_t at, const char *path, bool *ret_found)
{
    const struct release *release = &chooser->releases->ptr[at].release;
    double speed = chooser->releases->bytes_per_second;
    struct index_file best = {.release = at};
    double best_time = 0;
    const struct release_file *plain = release_find(release, str_z(path));
    uint64_t unpacked = plain ? plain->size_bytes : 0;
    if (speed <= 0)
        speed = usual_bytes_per_second;
    *ret_found = false;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const char *name = arena_printf(chooser->arena, "%s%s", path, kinds[i].suffix);
        if (!name)
            return err_nomem(chooser->err);
        const struct release_file *file = release_find(release, str_z(name));
        if (!file)
            continue;
        digester_update(&chooser->digester, file->digest.bytes, digest_size(file->digest.algorithm));
        /* Mirrors list the plain file and seldom have it: the last choice. */
        if (kinds[i].compression == COMPRESS_NONE && best.file)
            continue;
        double expanded = (double)(unpacked ? unpacked : 6 * file->size_bytes);
        double time = (double)file->size_bytes / speed + expanded / kinds[i].bytes_per_second;
        if (best.file && time >= best_time)
            continue;
        best.file = file;
        best.compression = kinds[i].compression;
        best_time = time;
    }
    if (!best.file)
        return 0;
    best.unpacked_bytes = unpacked;
    *ret_found = true;
    return add_file(chooser, &best);
}

static void begin(struct chooser *chooser, const char *what)
{
    digester_init(&chooser->digester, DIGEST_SHA256);
    digester_update(&chooser->digester, what, strlen(what) + 1);
    digester_update(&chooser->digester, chooser->options->architecture.ptr, chooser->options->architecture.len);
}

static void finish(struct chooser *chooser, struct index_files *ret_files)
{
    struct digest digest = digester_final(&chooser->digester);
    *ret_files = (struct index_files){.ptr = chooser->files, .len = chooser->count};
    digest_hex(&digest, ret_files->key);
}

static int choose_one_packages(struct chooser *chooser, uint32_t at, struct str component)
{
    const struct inrelease *in = &chooser->releases->ptr[at];
    struct str architecture = chooser->options->architecture;
    /* not_automatic changes what the index says of the same files */
    digester_update(&chooser->digester, in->release.not_automatic ? "n" : "a", 1);
    const char *path = component.ptr ? arena_printf(chooser->arena, "%.*s/binary-%.*s/Packages", STR_ARG(component),
                                                    STR_ARG(architecture))
                                     : "Packages";
    bool found = false, all = false;
    int rc = path ? choose(chooser, at, path, &found) : err_nomem(chooser->err);
    if (rc == 0 && component.ptr && !in->release.no_support_for_all &&
        release_has_architecture(&in->release, STR("all"))) {
        path = arena_printf(chooser->arena, "%.*s/binary-all/Packages", STR_ARG(component));
        rc = path ? choose(chooser, at, path, &all) : err_nomem(chooser->err);
    }
    if (rc == 0 && !found && !all)
        return err_set(chooser->err, ERR_NOT_FOUND, "'%.*s' lists no Packages for '%.*s' in '%.*s'",
                       STR_ARG(in->place->name), STR_ARG(architecture), STR_ARG(component));
    return rc;
}

int index_choose_packages(const struct archive_options *options, const struct inreleases *releases, struct arena *arena,
                          struct index_files *ret_files, struct err *err)
{
    struct chooser chooser = {.options = options, .releases = releases, .arena = arena, .err = err};
    begin(&chooser, "packages 1");
    for (size_t i = 0; i < releases->len; i++) {
        const struct inrelease *in = &releases->ptr[i];
        const struct source_words *components = &in->place->components;
        int rc = 0;
        if (in->used && components->len == 0)
            rc = choose_one_packages(&chooser, (uint32_t)i, STR_NONE);
        for (size_t c = 0; in->used && c < components->len && rc == 0; c++)
            rc = choose_one_packages(&chooser, (uint32_t)i, components->ptr[c]);
        if (rc != 0)
            return rc;
    }
    finish(&chooser, ret_files);
    return 0;
}

int index_choose_contents(const struct archive_options *options, const struct inreleases *releases, struct arena *arena,
                          struct index_files *ret_files, struct err *err)
{
    struct chooser chooser = {.options = options, .releases = releases, .arena = arena, .err = err};
    begin(&chooser, "sonames 1");
    for (size_t i = 0; i < releases->len; i++) {
        const struct inrelease *in = &releases->ptr[i];
        bool any = false, found = false;
        const char *path = NULL;
        for (size_t c = 0; in->used && c < in->place->components.len; c++) {
            path = arena_printf(arena, "%.*s/Contents-%.*s", STR_ARG(in->place->components.ptr[c]),
                                STR_ARG(options->architecture));
            int rc = path ? choose(&chooser, (uint32_t)i, path, &found) : err_nomem(err);
            if (rc != 0)
                return rc;
            any = any || found;
        }
        if (!in->used || any)
            continue;
        path = arena_printf(arena, "Contents-%.*s", STR_ARG(options->architecture)); /* where other archives have it */
        int rc = path ? choose(&chooser, (uint32_t)i, path, &found) : err_nomem(err);
        if (rc != 0)
            return rc;
    }
    finish(&chooser, ret_files);
    return 0;
}

int index_file_urls(const struct inreleases *releases, const struct index_file *file, struct arena *arena,
                    const char **ret_url, const char **ret_other, struct err *err)
{
    const struct inrelease *in = &releases->ptr[file->release];
    struct buf url CLEANUP_BUF = BUF_INIT;
    char hex[DIGEST_TEXT_MAX];
    if (!path_is_clean_relative(file->file->path))
        return err_set(err, ERR_INVALID, "'%.*s' lists a file '%.*s' that is not below it", STR_ARG(in->place->name),
                       STR_ARG(file->file->path));
    buf_add_str(&url, in->place->dist_uri);
    download_add_path(&url, file->file->path);
    const char *by_name = url.failed ? NULL : arena_z(arena, buf_str(&url));
    struct str dir = path_dir(file->file->path);
    const char *by_hash = arena_printf(
        arena, "%.*s%.*s%sby-hash/%s/%s", STR_ARG(in->place->dist_uri), STR_ARG(dir), dir.len > 0 ? "/" : "",
        file->file->digest.algorithm == DIGEST_SHA512 ? "SHA512" : "SHA256", digest_hex(&file->file->digest, hex));
    if (!by_name || !by_hash)
        return err_nomem(err);
    *ret_url = in->release.acquire_by_hash ? by_hash : by_name;
    *ret_other = in->release.acquire_by_hash ? by_name : NULL;
    return 0;
}

struct str index_triplet(struct str architecture)
{
    static const struct {
        struct str architecture;
        struct str triplet;
    } known[] = {
        {STR_INIT("amd64"), STR_INIT("x86_64-linux-gnu")},
        {STR_INIT("arm64"), STR_INIT("aarch64-linux-gnu")},
        {STR_INIT("armhf"), STR_INIT("arm-linux-gnueabihf")},
        {STR_INIT("armel"), STR_INIT("arm-linux-gnueabi")},
        {STR_INIT("i386"), STR_INIT("i386-linux-gnu")},
        {STR_INIT("ppc64el"), STR_INIT("powerpc64le-linux-gnu")},
        {STR_INIT("s390x"), STR_INIT("s390x-linux-gnu")},
        {STR_INIT("riscv64"), STR_INIT("riscv64-linux-gnu")},
        {STR_INIT("mips64el"), STR_INIT("mips64el-linux-gnuabi64")},
        {STR_INIT("mipsel"), STR_INIT("mipsel-linux-gnu")},
        {STR_INIT("loong64"), STR_INIT("loongarch64-linux-gnu")},
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq(known[i].architecture, architecture))
            return known[i].triplet;
    return STR_NONE;
}
