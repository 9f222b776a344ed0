/* SPDX-License-Identifier: Apache-2.0 */
#include "elf/machine.h"

#include <elf.h>
#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void test_names_lead_to_the_same_machine(void **state)
{
    (void)state;
    for (int i = 1; i < ELF_MACHINES; i++) {
        const struct elf_machine_info *info = elf_machine_info((enum elf_machine)i);
        assert_int_equal(info->machine, i);
        assert_int_equal(elf_machine_of_debian(info->debian), i);
        assert_int_equal(elf_machine_of_triplet(info->triplet), i);
        assert_int_equal(elf_machine_of_oci(info->oci_arch, info->oci_variant), i);
        uint32_t flags = i == ELF_MACHINE_ARMHF ? EF_ARM_ABI_FLOAT_HARD : 0;
        assert_int_equal(elf_machine_of_header(info->code, info->is_64, info->is_big_endian, flags), i);
        assert_int_equal(info->loader.ptr[0], '/');
        assert_true(str_starts(info->musl_loader, STR("/lib/ld-musl-")));
    }
}

static void test_known_values(void **state)
{
    (void)state;
    const struct elf_machine_info *amd64 = elf_machine_info(ELF_MACHINE_AMD64);
    assert_string_equal(amd64->loader.ptr, "/lib64/ld-linux-x86-64.so.2");
    assert_string_equal(amd64->triplet.ptr, "x86_64-linux-gnu");
    assert_int_equal(amd64->cache_flags, 0x303);
    const struct elf_machine_info *arm64 = elf_machine_info(ELF_MACHINE_ARM64);
    assert_string_equal(arm64->loader.ptr, "/lib/ld-linux-aarch64.so.1");
    assert_int_equal(arm64->cache_flags, 0xa03);
    assert_true(elf_machine_info(ELF_MACHINE_S390X)->is_big_endian);
    assert_string_equal(elf_machine_info(ELF_MACHINE_PPC64EL)->oci_arch.ptr, "ppc64le");
}

static void test_unknown_names(void **state)
{
    (void)state;
    assert_int_equal(elf_machine_of_debian(STR("")), ELF_MACHINE_UNKNOWN);
    assert_int_equal(elf_machine_of_debian(STR("AMD64")), ELF_MACHINE_UNKNOWN);
    assert_int_equal(elf_machine_of_triplet(STR("x86_64-pc-linux-gnu")), ELF_MACHINE_UNKNOWN);
    assert_int_equal(elf_machine_of_oci(STR("wasm"), STR("")), ELF_MACHINE_UNKNOWN);
    assert_int_equal(elf_machine_info((enum elf_machine)99)->machine, ELF_MACHINE_UNKNOWN);
    assert_int_equal(elf_machine_info(ELF_MACHINE_UNKNOWN)->debian.len, 0);
}

static void test_arm_of_oci(void **state)
{
    (void)state;
    assert_int_equal(elf_machine_of_oci(STR("arm"), STR("")), ELF_MACHINE_ARMHF);
    assert_int_equal(elf_machine_of_oci(STR("arm"), STR("v7")), ELF_MACHINE_ARMHF);
    assert_int_equal(elf_machine_of_oci(STR("arm"), STR("v6")), ELF_MACHINE_ARMEL);
    assert_int_equal(elf_machine_of_oci(STR("arm64"), STR("v8")), ELF_MACHINE_ARM64);
}

static void test_processors_without_a_port(void **state)
{
    (void)state;
    char scratch[ELF_MACHINE_NAME_MAX];
    assert_int_equal(elf_machine_of_header(EM_X86_64, false, false, 0), ELF_MACHINE_UNKNOWN);
    assert_string_equal(elf_machine_name(EM_X86_64, false, false, 0, scratch), "x32");
    assert_string_equal(elf_machine_name(EM_X86_64, true, false, 0, scratch), "amd64");
    assert_string_equal(elf_machine_name(EM_AARCH64, true, true, 0, scratch), "big-endian arm64");
    assert_string_equal(elf_machine_name(EM_SPARCV9, true, true, 0, scratch), "SPARC V9");
    assert_string_equal(elf_machine_name(65535, true, true, 0, scratch), "machine 65535");
    assert_string_equal(elf_machine_name(EM_ARM, false, false, EF_ARM_ABI_FLOAT_HARD, scratch), "armhf");
    assert_string_equal(elf_machine_name(EM_ARM, false, false, EF_ARM_ABI_FLOAT_SOFT, scratch), "armel");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_lead_to_the_same_machine),
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_arm_of_oci),
        cmocka_unit_test(test_processors_without_a_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
