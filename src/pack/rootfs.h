/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/rootfs.h - the parts of an image's root that no package brings as they are.
 *
 * The merged root (links /bin, /sbin, /lib, /lib64), accounts, name service, /tmp, homes, the bundle of CA
 * certificates, the records of packages. All times are 0, all owners 0:0 unless said.
 */
#include "base/err.h"
#include "elf/machine.h"
#include "io/tree.h"
#include "pack/user.h"

/*
 * The skeleton that every image's first layer starts from: directories with their modes, merged links for MACHINE,
 * /etc/passwd, /etc/group, /etc/nsswitch.conf, /tmp 1777, /home/nonroot (65532:0, 0775: an
 * arbitrary user in group 0 can use it).
 */
int rootfs_put_skeleton(struct tree *tree, struct arena *arena, enum elf_machine machine, struct err *err);

/* Account files and home of an account beyond the usual ones, for the application's layer. */
int rootfs_put_user(struct tree *tree, struct arena *arena, const struct image_user *user, struct err *err);

/*
 * Puts a file or directory of a later layer at PATH (relative, any form that is clean): rewrites it into the merged
 * root and gives the directories above it that the skeleton knows their modes, so that laying the layer over the
 * others changes none of them. The merged links themselves ("lib -> usr/lib") are left out. Errors: ERR_USAGE when it
 * is no directory and PATH is one that the skeleton has.
 */
int rootfs_put(struct tree *tree, const struct tree_node *node, struct err *err);

/* True for the place (in a merged root, relative) of a shell or a package manager. */
bool rootfs_is_shell(struct str path);

/*
 * Concatenates the certificates of a ca-certificates package (entries below usr/share/ca-certificates, sorted) and
 * EXTRA (PEM, may be empty) into etc/ssl/certs/ca-certificates.crt, and lets OpenSSL's default path lead to it.
 */
int rootfs_put_ca_bundle(struct tree *tree, struct arena *arena, const struct tree_node *entries, size_t count,
                         struct str extra, struct err *err);
