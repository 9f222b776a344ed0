/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/store.h - the cache on disk: files by kind and key, whole or not there.
 *
 * Layout: DIR/<kind>/<key>, both made of [A-Za-z0-9._+~-] without a leading dot (else ERR_INTERNAL), kinds of at most
 * 31 bytes; DIR/locks/<name>. Directories are 0700, files 0600. Files appear by rename, are never changed in place,
 * and may vanish at any time (another process clears the cache): a miss is never an error. Safe under parallel runs
 * and kill -9, not against a loss of power (io/file.h): a reader checks what it takes by its digest. Temporary files
 * of dead processes are removed by store_clear and, once a day, by store_open, when they are older than an hour;
 * their directories (store_work_dir) by either at once.
 * A store without a directory is NULL (store_open with dir ""), and keeps nothing: every get misses, every put drops.
 * Threads: any number.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/op.h"
#include "base/str.h"

#include <sys/types.h>

struct store;

/* Makes DIR (0700) if need be. Owner frees with store_free. Errors: ERR_PERMISSION, ERR_IO... with a remedy. */
int store_open(const char *dir, struct store **ret_store, struct err *err);
void store_free(struct store *store); /* NULL is fine */
void store_cleanup(struct store **store);
#define CLEANUP_STORE CLEANUP(store_cleanup)

/* Maps the file; false when it is not there. *ret_bytes until file_unmap (io/file.h). Updates its time of use. */
bool store_map(struct store *store, const char *kind, const char *key, struct str *ret_bytes);

/* Opens it for reading; -1 when it is not there. */
int store_open_fd(struct store *store, const char *kind, const char *key);

/* A file that appears when the writer closes. */
int store_writer_new(struct store *store, const char *kind, const char *key, struct writer **ret_writer,
                     struct err *err);
int store_put(struct store *store, const char *kind, const char *key, struct str bytes, struct err *err);

void store_remove(struct store *store, const char *kind, const char *key);

/*
 * Waits for and holds an exclusive lock on NAME, so that one process (or thread) does a work and the others find it
 * done; closing *ret_lock_fd, or the end of the process, lets it go. It spares work and is no condition of safety:
 * where the file system can't lock, and without a store, it succeeds at once (-1 without a store).
 */
int store_lock(struct store *store, const char *name, const struct op_ctx *ctx, int *ret_lock_fd, struct err *err);

/*
 * Makes a directory (0700) inside the store for what a program of the file system's needs for a while, and appends its
 * path to PATH. The owner removes it (file_remove_tree), then closes *ret_lock_fd, whose lock says that it lives: what
 * a killed process left goes when the store is opened or cleared next. ERR_NOT_FOUND without a store.
 */
int store_work_dir(struct store *store, struct buf *path, int *ret_lock_fd, struct err *err);

struct store_usage {
    char kind[32];
    uint64_t files;
    uint64_t bytes;
};

/* What is there, by kind, sorted by kind; at most MAX entries, returns how many. */
size_t store_usage(struct store *store, struct store_usage *ret_usage, size_t max);

/* Removes files; KIND NULL for all kinds (and locks that nobody holds). What was removed may be NULL. */
int store_clear(struct store *store, const char *kind, uint64_t *ret_files, uint64_t *ret_bytes, struct err *err);

/* As given to store_open; "" without a store. */
const char *store_dir(const struct store *store);
