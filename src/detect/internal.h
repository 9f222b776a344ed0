/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * detect/internal.h - the parts of detect_app, for the sources of this module only.
 */
#include "detect/app.h"

/* Fills in kind, noun, remedy and what an ELF file says. */
int detect_elf(struct str bytes, struct arena *arena, struct app *app, struct err *err);

/* A script, by its first line, which begins with "#!". */
int detect_script(struct str bytes, struct arena *arena, struct app *app, struct err *err);

/* By the bytes at its start; false when none is known. */
bool detect_magic(struct str bytes, struct app *app);

/* Text, or data, by the bytes and the extension. */
void detect_text(struct str path, struct str bytes, struct app *app);

static inline void detect_set(struct app *app, enum app_kind kind, const char *noun, const char *remedy)
{
    app->kind = kind;
    app->noun = str_z(noun);
    app->remedy = str_z(remedy);
}

#define REMEDY_COMPILE  "compile it for Linux, and give the program that comes of it"
#define REMEDY_LINUX    "build it for Linux (for Go GOOS=linux, for Rust --target x86_64-unknown-linux-gnu)"
#define REMEDY_UNPACK   "unpack it, and give the program in it"
#define REMEDY_SCRIPT   "an image without a shell can't start it; give a compiled program"
#define REMEDY_JAVA     "an image needs a Java runtime for it, which is not packaged yet"
#define REMEDY_ANYTHING "give a program that was compiled for Linux (an ELF executable)"
