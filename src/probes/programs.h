/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probes/programs.h - the health probes that this program carries, to lay them into images and beside Dockerfiles. Made
 * by tools/embed from what src/probe was compiled to, for this machine's architecture and, where its compiler was
 * there, the other.
 */
#include <stddef.h>

struct probe_program {
    const char *architecture; /* Debian's name */
    const unsigned char *bytes;
    size_t len;
};

/* Ends with a NULL architecture. Builds for sanitizers and fuzzers carry none. */
extern const struct probe_program probe_programs[];
