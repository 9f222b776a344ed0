/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch - opens an archive and fetches packages, as `barehull build` does; for the table of attacks and for timing.
 *
 *     fetch [OPTION...] [PACKAGE|SONAME...]
 *
 * --mirror "URL [SUITE...]" (repeatable), --root DIR (apt sources below it, when no mirror is named), --suite,
 * --arch, --component WORDS, --keyring FILE (repeatable), --store DIR, --offline, --max-age SECONDS, --allow-unsigned,
 * --now SECONDS, --sonames (prefetch), --resolve (with dependencies), --quiet.
 * Words with ".so" in them are looked up, others are fetched. Prints one line a fact; "warning: ..." on stderr. Fails
 * with "error NAME: MESSAGE" and "hint: ..." on stderr and the error's exit status.
 */
#include "archive/archive.h"
#include "archive/host.h"
#include "archive/resolve.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/pool.h"
#include "net/curl.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 256 };

struct job {
    struct archive_options options;
    struct str mirrors[8];
    const char *keyrings[8];
    const char *store_dir, *root;
    bool resolve, quiet;
    struct op_ctx ctx;
    uint64_t start_ns;
};

static void warn(void *self, struct str message)
{
    (void)self;
    fprintf(stderr, "warning: %.*s\n", STR_ARG(message));
}

static void phase(const struct job *job, const char *name)
{
    if (!job->quiet)
        printf("time %s %.1f ms\n", name, (double)(clock_monotonic_ns() - job->start_ns) / 1e6);
}

static int parse(int argc, char **argv, struct job *job)
{
    static const struct option known[] = {
        {"mirror", 1, NULL, 'm'},  {"root", 1, NULL, 'r'},      {"suite", 1, NULL, 's'},
        {"arch", 1, NULL, 'a'},    {"keyring", 1, NULL, 'k'},   {"store", 1, NULL, 'd'},
        {"offline", 0, NULL, 'o'}, {"max-age", 1, NULL, 'g'},   {"now", 1, NULL, 'n'},
        {"sonames", 0, NULL, 'S'}, {"resolve", 0, NULL, 'R'},   {"allow-unsigned", 0, NULL, 'u'},
        {"quiet", 0, NULL, 'q'},   {"component", 1, NULL, 'c'}, {NULL, 0, NULL, 0}};
    uint64_t number;
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (c) {
        case 'm':
            if (job->options.mirror_count < ARRAY_LEN(job->mirrors))
                job->mirrors[job->options.mirror_count++] = str_z(optarg);
            break;
        case 'k':
            if (job->options.keyring_count < ARRAY_LEN(job->keyrings))
                job->keyrings[job->options.keyring_count++] = optarg;
            break;
        case 'r':
            job->root = optarg;
            break;
        case 's':
            job->options.suite = str_z(optarg);
            break;
        case 'a':
            job->options.architecture = str_z(optarg);
            break;
        case 'c':
            job->options.components = str_z(optarg);
            break;
        case 'd':
            job->store_dir = optarg;
            break;
        case 'o':
            job->options.offline = true;
            break;
        case 'u':
            job->options.allow_unsigned = true;
            break;
        case 'S':
            job->options.want_sonames = true;
            break;
        case 'R':
            job->resolve = true;
            break;
        case 'q':
            job->quiet = true;
            break;
        case 'g':
        case 'n':
            if (!num_parse_u64(str_z(optarg), &number))
                return 2;
            if (c == 'g')
                job->options.max_age_s = number;
            else
                job->options.now_s = (int64_t)number;
            break;
        default:
            return 2;
        }
    }
    return 0;
}

static int find(struct job *job, struct archive *archive, struct str name, struct err *err)
{
    const struct soname_hit *hits;
    size_t count;
    int rc = archive_find_soname(archive, name, &job->ctx, &hits, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        printf("soname %.*s %.*s %.*s%s\n", STR_ARG(name), STR_ARG(hits[i].package), STR_ARG(hits[i].directory),
               hits[i].in_default_directory ? "" : " elsewhere");
    if (rc == 0 && count == 0)
        printf("soname %.*s none\n", STR_ARG(name));
    return rc;
}

static int fetch(struct job *job, struct archive *archive, const struct str *names, size_t count, struct err *err)
{
    struct resolution resolution = {0};
    struct package packages[WORDS_MAX] = {0};
    size_t len = 0;
    if (job->resolve) {
        struct resolve_request request = {.index = archive_packages(archive),
                                          .architecture = job->options.architecture,
                                          .wanted = names,
                                          .wanted_count = count};
        int rc = resolve_packages(&request, job->ctx.arena, &resolution, err);
        if (rc != 0)
            return rc;
        for (; len < resolution.count && len < WORDS_MAX; len++)
            packages[len] = resolution.packages[len].package;
    }
    for (size_t i = 0; i < count && !job->resolve; i++)
        if (!packages_find(archive_packages(archive), names[i], &packages[len++]))
            return err_set(err, ERR_PACKAGE_MISSING, "no package '%.*s'", STR_ARG(names[i]));
    struct archive_fetched fetched[WORDS_MAX];
    int rc = archive_fetch(archive, packages, len, &job->ctx, fetched, err);
    for (size_t i = 0; i < len && rc == 0; i++)
        printf("package %.*s %.*s %.*s %zu entries%s\n", STR_ARG(packages[i].name), STR_ARG(packages[i].version),
               STR_ARG(archive_release_of(archive, &packages[i])->suite), fetched[i].deb.entry_count,
               fetched[i].from_cache ? " cached" : "");
    return rc;
}

static int work(struct job *job, struct archive *archive, int argc, char **argv, struct err *err)
{
    struct str names[WORDS_MAX];
    size_t count = 0;
    int rc = 0;
    for (size_t i = 0; i < archive_release_count(archive); i++) {
        const struct archive_release *release = archive_release_at(archive, i);
        printf("release %.*s %.*s date=%" PRId64 "%s\n", STR_ARG(release->suite), STR_ARG(release->origin),
               release->date_s, release->stale ? " stale" : "");
    }
    if (!job->quiet)
        printf("identity %s\n", archive_identity(archive));
    for (int i = optind; i < argc && rc == 0; i++) {
        if (strstr(argv[i], ".so"))
            rc = find(job, archive, str_z(argv[i]), err);
        else if (count < WORDS_MAX)
            names[count++] = str_z(argv[i]);
    }
    if (rc == 0 && count > 0)
        rc = fetch(job, archive, names, count, err);
    return rc;
}

static int run(struct job *job, int argc, char **argv, struct err *err)
{
    struct archive *archive CLEANUP_ARCHIVE = NULL;
    struct store *store CLEANUP_STORE = NULL;
    struct pool *pool CLEANUP_POOL = NULL;
    struct transport *transport = NULL;
    struct host_sources host = {.sources = SOURCE_LIST_INIT};
    struct curl_options curl = {.attempts = 3, .first_wait_ms = 50};
    int rc = pool_new(0, &pool, err);
    if (rc == 0)
        rc = store_open(job->store_dir, &store, err);
    if (rc == 0)
        rc = curl_transport_new(&curl, &transport, err);
    if (rc == 0 && job->options.mirror_count == 0)
        rc = host_sources_read(job->root, job->options.architecture, job->ctx.arena, &host, err);
    job->options.sources = host.sources.ptr;
    job->options.source_count = host.sources.len;
    job->options.ignore_valid_until = host.ignore_valid_until;
    job->options.store = store;
    job->options.pool = pool;
    job->options.transport = transport;
    if (rc == 0)
        rc = archive_open(&job->options, &job->ctx, &archive, err);
    phase(job, "open");
    if (rc == 0)
        rc = work(job, archive, argc, argv, err);
    phase(job, "all");
    transport_free(transport);
    source_list_done(&host.sources);
    return rc;
}

int main(int argc, char **argv)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct op_sink sink = {.warning = warn};
    struct err err = ERR_INIT;
    struct job job = {
        .store_dir = "",
        .root = "/",
        .ctx = {.arena = &arena, .sink = &sink},
        .start_ns = clock_monotonic_ns(),
        .options = {.architecture = STR("amd64"), .now_s = clock_unix_seconds(), .max_age_s = ARCHIVE_MAX_AGE_DEFAULT},
    };
    job.options.mirrors = job.mirrors;
    job.options.keyrings = job.keyrings;
    if (parse(argc, argv, &job) != 0) {
        fprintf(stderr, "usage: fetch [OPTION...] [PACKAGE|SONAME...]\n");
        return 2;
    }
    if (run(&job, argc, argv, &err) == 0)
        return 0;
    fprintf(stderr, "error %s: %s\n", err_name(err.code), err.message);
    if (err.hint[0] != '\0')
        fprintf(stderr, "hint: %s\n", err.hint);
    return err_exit_status(err.code);
}
