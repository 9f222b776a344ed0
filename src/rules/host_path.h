/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/host_path.h - what a path of the machine is, where a container gets to see it.
 *
 * Paths are as a manifest writes them: not resolved, maybe relative, maybe with variables ("$HOME/x", "/etc/${NAME}")
 * that nobody knows here; what stands before the first variable is judged. Windows' paths are judged by their shape.
 */
#include "base/str.h"

enum host_path_kind {
    HOST_PATH_ORDINARY, /* relative, or a directory that is made for data (/srv, /opt, /mnt, /data) */
    HOST_PATH_SYSTEM,   /* the root, or a directory that the system lives in */
    HOST_PATH_HOME,     /* of a person or of root, as a whole, or something hidden in it: keys and settings */
    HOST_PATH_IN_HOME,  /* another directory in one */
    HOST_PATH_OPEN,     /* hangs on a variable */
};

/* READ_ONLY: how it is mounted; a few files of the system are no harm then. */
enum host_path_kind host_path_kind(struct str path, bool read_only);

/*
 * The engine ("Docker", "containerd", ...) whose socket PATH is, by its last component; when that is a variable, by
 * TARGET's (where it is mounted). Empty: none.
 */
struct str host_path_engine_socket(struct str path, struct str target);

/* PATH is DIRECTORY or below it, by components; "/" holds every absolute path. "." and ".." are followed in PATH. */
bool host_path_below(struct str path, struct str directory);
