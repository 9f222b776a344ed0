/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/platform.h - what an image runs on: os/architecture[/variant] (image-spec 1.1 image-index.md "platform").
 *
 * Names are Go's (GOOS, GOARCH): linux, amd64, arm64, arm with variants v5 to v8. Reading takes the usual other
 * spellings (x86_64, aarch64, armhf, i386); arm64 without variant equals arm64/v8, arm without one equals arm/v7.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/json_writer.h"
#include "data/node.h"

struct oci_platform {
    struct str os;           /* empty: not stated */
    struct str architecture; /* likewise */
    struct str variant;      /* may be empty */
    struct str os_version;   /* may be empty */
};

/* "linux/arm64", "linux/arm/v7", or an architecture alone ("arm64": linux). The views point into TEXT or constants. */
int oci_platform_parse(struct str text, struct oci_platform *ret_platform, struct err *err);

/* Appends "linux/arm64/v8"; "unknown" for what is not stated. */
void oci_platform_text(struct buf *out, const struct oci_platform *platform);

/* True when an image for IMAGE is what WANTED asks for. */
bool oci_platform_matches(const struct oci_platform *image, const struct oci_platform *wanted);

/* What this program runs on. */
struct oci_platform oci_platform_host(void);

/* The member "platform"; NODE may be absent. */
int oci_platform_read(const struct data_node *node, struct oci_platform *ret_platform, struct err *err);
/* Writes an object. */
void oci_platform_write(struct json_writer *json, const struct oci_platform *platform);
