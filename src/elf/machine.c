/* SPDX-License-Identifier: Apache-2.0 */
#include "elf/machine.h"

#include <elf.h>
#include <stdio.h>

#ifndef EM_RISCV
#define EM_RISCV 243
#endif

#define MACHINE(id, debian_, triplet_, oci_, variant_, loader_, musl_, platform_, slib_)                               \
    .machine = (id), .debian = STR_INIT(debian_), .triplet = STR_INIT(triplet_), .oci_arch = STR_INIT(oci_),           \
    .oci_variant = STR_INIT(variant_), .loader = STR_INIT(loader_), .musl_loader = STR_INIT(musl_),                    \
    .platform = STR_INIT(platform_), .slib = STR_INIT(slib_)

static const struct elf_machine_info machines[ELF_MACHINES] = {
    [ELF_MACHINE_UNKNOWN] = {MACHINE(ELF_MACHINE_UNKNOWN, "", "", "", "", "", "", "", "")},
    [ELF_MACHINE_AMD64] = {MACHINE(ELF_MACHINE_AMD64, "amd64", "x86_64-linux-gnu", "amd64", "",
                                   "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1", "x86_64", "lib64"),
                           .code = EM_X86_64, .is_64 = true, .cache_flags = 0x0303, .stack_executable = true},
    [ELF_MACHINE_ARM64] = {MACHINE(ELF_MACHINE_ARM64, "arm64", "aarch64-linux-gnu", "arm64", "v8",
                                   "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1", "aarch64", "lib64"),
                           .code = EM_AARCH64, .is_64 = true, .cache_flags = 0x0a03},
    [ELF_MACHINE_ARMEL] = {MACHINE(ELF_MACHINE_ARMEL, "armel", "arm-linux-gnueabi", "arm", "v5", "/lib/ld-linux.so.3",
                                   "/lib/ld-musl-arm.so.1", "v5l", "lib"),
                           .code = EM_ARM, .cache_flags = 0x0b03, .stack_executable = true},
    [ELF_MACHINE_ARMHF] = {MACHINE(ELF_MACHINE_ARMHF, "armhf", "arm-linux-gnueabihf", "arm", "v7",
                                   "/lib/ld-linux-armhf.so.3", "/lib/ld-musl-armhf.so.1", "v7l", "lib"),
                           .code = EM_ARM, .cache_flags = 0x0903, .stack_executable = true},
    [ELF_MACHINE_I386] = {MACHINE(ELF_MACHINE_I386, "i386", "i386-linux-gnu", "386", "", "/lib/ld-linux.so.2",
                                  "/lib/ld-musl-i386.so.1", "i686", "lib"),
                          .code = EM_386, .cache_flags = 0x0003, .stack_executable = true},
    [ELF_MACHINE_MIPS64EL] = {MACHINE(ELF_MACHINE_MIPS64EL, "mips64el", "mips64el-linux-gnuabi64", "mips64le", "",
                                      "/lib64/ld.so.1", "/lib/ld-musl-mips64el.so.1", "mips64r2", "lib64"),
                              .code = EM_MIPS, .is_64 = true, .cache_flags = 0x0703, .stack_executable = true},
    [ELF_MACHINE_PPC64EL] = {MACHINE(ELF_MACHINE_PPC64EL, "ppc64el", "powerpc64le-linux-gnu", "ppc64le", "",
                                     "/lib64/ld64.so.2", "/lib/ld-musl-powerpc64le.so.1", "power8", "lib64"),
                             .code = EM_PPC64, .is_64 = true, .cache_flags = 0x0503},
    [ELF_MACHINE_RISCV64] = {MACHINE(ELF_MACHINE_RISCV64, "riscv64", "riscv64-linux-gnu", "riscv64", "",
                                     "/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-musl-riscv64.so.1", "",
                                     "lib64/lp64d"),
                             .code = EM_RISCV, .is_64 = true, .cache_flags = 0x1003, .stack_executable = true},
    [ELF_MACHINE_S390X] = {MACHINE(ELF_MACHINE_S390X, "s390x", "s390x-linux-gnu", "s390x", "", "/lib/ld64.so.1",
                                   "/lib/ld-musl-s390x.so.1", "z900", "lib64"),
                           .code = EM_S390, .is_64 = true, .is_big_endian = true, .cache_flags = 0x0403,
                           .stack_executable = true},
};

const struct elf_machine_info *elf_machine_info(enum elf_machine machine)
{
    return &machines[(unsigned)machine < ELF_MACHINES ? machine : ELF_MACHINE_UNKNOWN];
}

enum elf_machine elf_machine_of_debian(struct str architecture)
{
    for (size_t i = 1; i < ELF_MACHINES; i++)
        if (str_eq(machines[i].debian, architecture))
            return machines[i].machine;
    return ELF_MACHINE_UNKNOWN;
}

enum elf_machine elf_machine_of_triplet(struct str triplet)
{
    for (size_t i = 1; i < ELF_MACHINES; i++)
        if (str_eq(machines[i].triplet, triplet))
            return machines[i].machine;
    return ELF_MACHINE_UNKNOWN;
}

enum elf_machine elf_machine_of_oci(struct str arch, struct str variant)
{
    if (str_eq(arch, STR("arm"))) /* v7 is what the field means when it is left out */
        return str_eq(variant, STR("v5")) || str_eq(variant, STR("v6")) ? ELF_MACHINE_ARMEL : ELF_MACHINE_ARMHF;
    for (size_t i = 1; i < ELF_MACHINES; i++)
        if (str_eq(machines[i].oci_arch, arch))
            return machines[i].machine;
    return ELF_MACHINE_UNKNOWN;
}

enum elf_machine elf_machine_of_header(uint16_t code, bool is_64, bool is_big_endian, uint32_t flags)
{
    if (code == EM_ARM && !is_64 && !is_big_endian)
        return flags & EF_ARM_ABI_FLOAT_HARD ? ELF_MACHINE_ARMHF : ELF_MACHINE_ARMEL;
    for (size_t i = 1; i < ELF_MACHINES; i++) {
        const struct elf_machine_info *info = &machines[i];
        if (info->code == code && info->is_64 == is_64 && info->is_big_endian == is_big_endian)
            return info->machine;
    }
    return ELF_MACHINE_UNKNOWN;
}

static const char *processor(uint16_t code, bool is_64, bool is_big_endian)
{
    switch (code) {
    case EM_X86_64:
        return "x32";
    case EM_AARCH64:
        return is_64 ? "big-endian arm64" : "arm64 ILP32";
    case EM_ARM:
        return "big-endian ARM";
    case EM_MIPS:
        return is_big_endian ? "big-endian MIPS" : "32-bit MIPS";
    case EM_PPC:
        return "32-bit PowerPC";
    case EM_PPC64:
        return "big-endian ppc64";
    case EM_RISCV:
        return "32-bit RISC-V";
    case EM_S390:
        return "31-bit S/390";
    case EM_SPARC:
    case EM_SPARC32PLUS:
        return "SPARC";
    case EM_SPARCV9:
        return "SPARC V9";
    case EM_ALPHA:
        return "Alpha";
    case EM_PARISC:
        return "PA-RISC";
    case EM_68K:
        return "m68k";
    case EM_IA_64:
        return "IA-64";
    case EM_SH:
        return "SuperH";
    case 258:
        return "LoongArch";
    case EM_BPF:
        return "BPF";
    default:
        return NULL;
    }
}

const char *elf_machine_name(uint16_t code, bool is_64, bool is_big_endian, uint32_t flags,
                             char scratch[ELF_MACHINE_NAME_MAX])
{
    enum elf_machine machine = elf_machine_of_header(code, is_64, is_big_endian, flags);
    if (machine != ELF_MACHINE_UNKNOWN)
        return machines[machine].debian.ptr;
    const char *name = processor(code, is_64, is_big_endian);
    if (name)
        return name;
    (void)snprintf(scratch, ELF_MACHINE_NAME_MAX, "machine %u", (unsigned)code);
    return scratch;
}
