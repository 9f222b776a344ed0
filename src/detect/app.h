/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * detect/app.h - what a file is that somebody wants to make an image of, and what to do when it can't be one.
 *
 * Looks at the bytes alone (the name only helps to tell kinds of text apart) and never fails over odd content: what
 * has no name is data. Nouns carry their article, "a shell script (#!/bin/sh)", so that a message reads "'run' is a
 * shell script (#!/bin/sh)"; they hold printable ASCII only. Views belong to the arena or are static.
 */
#include "elf/file.h"

enum app_kind {
    APP_DYNAMIC,      /* ELF program with glibc's loader (or one that can't be told) */
    APP_STATIC,       /* ELF program without loader and libraries: any language, any C library */
    APP_MUSL,         /* ELF program with musl's loader */
    APP_OTHER_LIBC,   /* ELF program for Android or uClibc */
    APP_OTHER_SYSTEM, /* ELF file for another system than Linux */
    APP_PACKED,       /* ELF program packed with UPX */
    APP_APPIMAGE,
    APP_LIBRARY, /* ELF shared library */
    APP_OBJECT,  /* ELF object file, LLVM bitcode, archive of objects: not linked yet */
    APP_CORE,
    APP_DEBUG,       /* debugging information without its program */
    APP_DAMAGED_ELF, /* says it is ELF, and isn't readable as such; detail has the reason */
    APP_SCRIPT,      /* begins with #! */
    APP_WINDOWS,     /* PE and DOS programs and libraries */
    APP_MACOS,       /* Mach-O */
    APP_JAVA_CLASS,
    APP_JAR,
    APP_WASM,
    APP_ARCHIVE, /* zip, tar, compressed files, packages */
    APP_DIRECTORY,
    APP_TEXT,
    APP_EMPTY,
    APP_SPECIAL, /* device, FIFO, socket */
    APP_DATA,
};

struct app {
    enum app_kind kind;
    struct str noun;        /* "a static program (Go)" */
    struct str remedy;      /* for err_hint; empty when it can be packaged as it is */
    struct str interpreter; /* scripts: what runs them, "/bin/sh", or the name that env looks for, "python3" */
    struct str detail;      /* APP_DAMAGED_ELF: what is wrong with it */
    struct str language;    /* programs: "Go", "Rust", "C++" or empty; scripts and directories: theirs */
    struct elf_file elf;    /* filled in for ELF files that could be read */
};

/*
 * PATH serves for its extension; MODE is st_mode. BYTES is the whole file for ELF (the first DETECT_HEAD_BYTES decide
 * all else), and empty for what is no regular file. ERR_NOMEM is the only error.
 */
#define DETECT_HEAD_BYTES 65536
int detect_app(struct str path, uint32_t mode, struct str bytes, struct arena *arena, struct app *ret, struct err *err);

/* A directory by the names in it (not below): "a Python project", "a Node.js project", "a directory"... */
void detect_directory(const struct str *names, size_t count, struct app *ret);

/* True for what can be put into an image as a program: APP_DYNAMIC and APP_STATIC. */
bool detect_is_program(const struct app *app);

/* Sets ERR_INVALID "'PATH' is NOUN" (ERR_LIBC, ERR_ARCHITECTURE, ERR_ELF where they fit) with the remedy. */
int detect_refuse(const struct app *app, struct str path, struct err *err);
