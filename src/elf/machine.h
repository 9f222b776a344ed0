/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * elf/machine.h - the processors that Debian has (or had) a port for, and each port's names: Debian's architecture,
 * GNU triplet, OCI platform, loader, library directories.
 *
 * Static tables, nothing allocates. A machine is more than e_machine: class, byte order and, on ARM, the float ABI
 * belong to it, because objects that differ in these can't be loaded into one process.
 */
#include "base/str.h"

enum elf_machine {
    ELF_MACHINE_UNKNOWN,
    ELF_MACHINE_AMD64,
    ELF_MACHINE_ARM64,
    ELF_MACHINE_ARMEL,
    ELF_MACHINE_ARMHF,
    ELF_MACHINE_I386,
    ELF_MACHINE_MIPS64EL,
    ELF_MACHINE_PPC64EL,
    ELF_MACHINE_RISCV64,
    ELF_MACHINE_S390X,
    ELF_MACHINES,
};

struct elf_machine_info {
    enum elf_machine machine;
    struct str debian;      /* "amd64" */
    struct str triplet;     /* "x86_64-linux-gnu": the multiarch directory's name */
    struct str oci_arch;    /* "amd64": GOARCH, as image configurations write it */
    struct str oci_variant; /* "v7" for armhf, mostly empty */
    struct str loader;      /* glibc's, absolute: "/lib64/ld-linux-x86-64.so.2" */
    struct str musl_loader; /* "/lib/ld-musl-x86_64.so.1" */
    struct str platform;    /* what $PLATFORM gives on the plainest processor: "x86_64" */
    struct str slib;        /* upstream glibc's directory for libraries below / and /usr: "lib64", "lib" */
    uint32_t cache_flags;   /* of its libraries' entries in /etc/ld.so.cache, glibc's FLAG_ELF_LIBC6 included */
    uint16_t code;          /* e_machine */
    bool is_64;
    bool is_big_endian;
    bool stack_executable; /* glibc's default when a program has no PT_GNU_STACK */
};

/* Never NULL; for ELF_MACHINE_UNKNOWN (or a value out of range) all names are empty. Static storage. */
const struct elf_machine_info *elf_machine_info(enum elf_machine machine);

/* ELF_MACHINE_UNKNOWN when the name is none of them. */
enum elf_machine elf_machine_of_debian(struct str architecture);
enum elf_machine elf_machine_of_triplet(struct str triplet);
enum elf_machine elf_machine_of_oci(struct str arch, struct str variant);

/* The machine that these fields of an ELF header stand for. FLAGS is e_flags (tells armhf from armel). */
enum elf_machine elf_machine_of_header(uint16_t code, bool is_64, bool is_big_endian, uint32_t flags);

/*
 * A name for people: Debian's architecture when there is one, else the processor's ("SPARC V9", "x32"), else
 * "machine 123" written into SCRATCH.
 */
#define ELF_MACHINE_NAME_MAX 32
const char *elf_machine_name(uint16_t code, bool is_64, bool is_big_endian, uint32_t flags,
                             char scratch[ELF_MACHINE_NAME_MAX]);
