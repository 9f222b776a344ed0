/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pkg/status.h - the records of /var/lib/dpkg/status.d, by which scanners know what an image holds.
 *
 * As in distroless images: `status.d/NAME` is the control paragraph of the package as it stands in the .deb, and
 * `status.d/NAME.md5sums` its md5sums file. Scanners (Syft, Grype, Trivy) read Package, Version, Architecture, Source,
 * Maintainer, Installed-Size and Depends; they take a record without a Status field as installed, and no scanner of
 * them asks for more, so the paragraph stays as the archive signed it: same fields, same order, no Status. Only its
 * line ends are made plain: "\n", one at the end (Syft drops an unended last line), blanks for tabs that continue a
 * field. Syft pairs the two files by name, Trivy passes over "*.md5sums".
 *
 * md5sums lists only what ships, where it ships: paths of a root that is merged-/usr are rewritten (lib/x becomes
 * usr/lib/x). Threads: no state. Limits: LIMIT_CONTROL_BYTES.
 */
#include "base/buf.h"

struct status_package {
    struct str name;
    struct str version;
    struct str architecture;
};

/*
 * Appends the record that CONTROL (the control file of a .deb) makes. ret_package points into CONTROL.
 * ERR_INVALID when it is not one paragraph with a valid Package, Version and Architecture.
 */
int status_record(struct str control, struct buf *out, struct status_package *ret_package, struct err *err);

/* Says whether PATH (relative, no leading slash, already rewritten) is in the image. */
typedef bool status_ships_fn(void *self, struct str path);

/*
 * Appends the lines of MD5SUMS ("<md5>  <path>") whose file ships, rewritten to a merged-/usr root when MERGED_USR,
 * sorted by path. SHIPS NULL keeps all. ERR_INVALID for a line that is not of that form.
 */
int status_md5sums(struct str md5sums, bool merged_usr, status_ships_fn *ships, void *self, struct buf *out,
                   struct err *err);

/* PATH in a merged-/usr root: "usr/" before bin, sbin, lib, lib32, lib64, libx32. Appends to OUT. */
void status_merged_path(struct buf *out, struct str path);
