/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "facts/image_name.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct image_name read_name(const char *text)
{
    struct image_name name = {0};
    struct err err = ERR_INIT;
    assert_int_equal(image_name_read(str_z(text), &arena, &name, &err), 0);
    return name;
}

static void assert_text(struct str view, const char *text)
{
    if (!str_eq_z(view, text))
        fail_msg("'%.*s' is not '%s'", STR_ARG(view), text);
}

static void test_parts(void **state)
{
    (void)state;
    struct image_name name = read_name("python");
    assert_true(name.valid);
    assert_text(name.registry, "docker.io");
    assert_text(name.repository, "library/python");
    assert_text(name.tag, "");
    assert_text(name.digest, "");
    name = read_name("Registry.example:5000/a/b:1.2@sha256:" HEX);
    assert_true(name.valid);
    assert_text(name.registry, "Registry.example:5000");
    assert_text(name.repository, "a/b");
    assert_text(name.tag, "1.2");
    assert_text(name.digest, "sha256:" HEX);
    assert_int_equal(name.kind, IMAGE_OTHER);
    name = read_name("Upper/Case");
    assert_false(name.valid);
    assert_text(name.registry, "");
    assert_text(name.text, "Upper/Case");
    assert_false(read_name("").valid);
    assert_false(read_name("a b").valid);
    assert_false(read_name("a@sha256:12").valid);
}

static const struct {
    const char *text;
    enum image_kind kind;
    enum image_libc libc;
    enum image_answer shell, packages, nonroot;
    const char *user;
    bool debug;
    const char *flavour;
} cases[] = {
#define GLIBC IMAGE_LIBC_GLIBC
#define MUSL  IMAGE_LIBC_MUSL
#define NONE  IMAGE_LIBC_NONE
#define WHICH IMAGE_LIBC_UNKNOWN
#define M     IMAGE_MAYBE
#define N     IMAGE_NO
#define Y     IMAGE_YES
    {"scratch", IMAGE_SCRATCH, NONE, N, N, N, "root", false, NULL},
    {"gcr.io/distroless/static", IMAGE_DISTROLESS, NONE, N, N, N, "root", false, "static"},
    {"gcr.io/distroless/static-debian12:nonroot", IMAGE_DISTROLESS, NONE, N, N, Y, "65532", false, "static"},
    {"gcr.io/distroless/cc-debian12:nonroot", IMAGE_DISTROLESS, GLIBC, N, N, Y, "65532", false, "cc"},
    {"gcr.io/distroless/cc-debian13:debug", IMAGE_DISTROLESS, GLIBC, Y, N, N, "root", true, "cc"},
    {"gcr.io/distroless/base-nossl-debian12:debug-nonroot-arm64", IMAGE_DISTROLESS, GLIBC, Y, N, Y, "65532", true,
     "base-nossl"},
    {"gcr.io/distroless/python3-debian12:latest-amd64", IMAGE_DISTROLESS, GLIBC, N, N, N, "root", false, "python3"},
    {"gcr.io/distroless/nodejs22-debian12@sha256:" HEX, IMAGE_DISTROLESS, GLIBC, N, N, M, "", false, "nodejs22"},
    {"gcr.io/distroless/java17:3f5ab1c", IMAGE_DISTROLESS, GLIBC, N, N, M, "", false, "java17"},
    {"mirror.example:5000/gcr/distroless/java21-debian12:nonroot", IMAGE_DISTROLESS, GLIBC, N, N, Y, "65532", false,
     "java21"},
    {"mcr.microsoft.com/azurelinux/distroless/base:3.0", IMAGE_DISTROLESS, GLIBC, N, N, M, "", false, "base"},
    {"gcr.io/distroless/new-debianish", IMAGE_DISTROLESS, WHICH, N, N, M, "", false, NULL},
    {"gcr.io/my-distroless/app:debug", IMAGE_OTHER, WHICH, M, M, M, "", false, NULL},
    {"cgr.dev/chainguard/static:latest", IMAGE_DISTROLESS, NONE, N, N, Y, "65532", false, "static"},
    {"cgr.dev/chainguard/python:latest-dev", IMAGE_DISTROLESS, GLIBC, Y, Y, Y, "65532", true, NULL},
    {"cgr.dev/chainguard/postgres", IMAGE_DISTROLESS, GLIBC, M, M, M, "", false, NULL},
    {"cgr.dev/chainguard/wolfi-base", IMAGE_SLIM, GLIBC, Y, Y, M, "", false, NULL},
    {"mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled-extra", IMAGE_DISTROLESS, GLIBC, N, N, Y, "1654", false, NULL},
    {"mcr.microsoft.com/dotnet/runtime-deps:6.0-jammy-chiseled", IMAGE_DISTROLESS, GLIBC, N, N, Y, "app", false, NULL},
    {"mcr.microsoft.com/dotnet/aspnet:8.0", IMAGE_SLIM, GLIBC, Y, Y, N, "root", false, NULL},
    {"mcr.microsoft.com/dotnet/sdk:8.0-alpine3.20", IMAGE_ALPINE, MUSL, Y, Y, N, "root", false, NULL},
    {"mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-ltsc2022", IMAGE_OTHER, WHICH, Y, M, M, "", false, NULL},
    {"mcr.microsoft.com/windows/servercore:ltsc2022", IMAGE_OTHER, WHICH, Y, M, M, "", false, NULL},
    {"arm64v8/alpine:3.20", IMAGE_ALPINE, MUSL, Y, Y, N, "root", false, NULL},
    {"quay.io/amd64/debian:12", IMAGE_OTHER, WHICH, M, M, M, "", false, NULL},
    {"alpine:3.20", IMAGE_ALPINE, MUSL, Y, Y, N, "root", false, NULL},
    {"python:3.12-alpine3.20", IMAGE_ALPINE, MUSL, Y, Y, N, "root", false, NULL},
    {"python:3.12-slim-bookworm", IMAGE_SLIM, GLIBC, Y, Y, N, "root", false, NULL},
    {"python:3.12", IMAGE_FULL, GLIBC, Y, Y, N, "root", false, NULL},
    {"python@sha256:" HEX, IMAGE_FULL, WHICH, Y, Y, N, "root", false, NULL},
    {"public.ecr.aws/docker/library/debian:12-slim", IMAGE_SLIM, GLIBC, Y, Y, N, "root", false, NULL},
    {"registry.example/team/python:3.12", IMAGE_OTHER, WHICH, M, M, M, "", false, NULL},
    {"registry.example/app:1.0-alpine", IMAGE_ALPINE, MUSL, Y, Y, M, "", false, NULL},
    {"registry.example/app:alpinelinux", IMAGE_OTHER, WHICH, M, M, M, "", false, NULL},
    {"registry.example/app:1.0-slim", IMAGE_OTHER, WHICH, M, M, M, "", false, NULL},
    {"busybox:1.36", IMAGE_BUSYBOX, WHICH, Y, N, N, "root", false, NULL},
    {"busybox:1.36-musl", IMAGE_BUSYBOX, MUSL, Y, N, N, "root", false, NULL},
    {"nats:2.10", IMAGE_SCRATCH, NONE, N, N, N, "root", false, NULL},
    {"nats:2.10-alpine", IMAGE_ALPINE, MUSL, Y, Y, N, "root", false, NULL},
    {"nats@sha256:" HEX, IMAGE_SCRATCH, WHICH, M, M, N, "root", false, NULL},
    {"memcached:1.6", IMAGE_FULL, GLIBC, Y, Y, Y, "memcache", false, NULL},
    {"nginx:1.27", IMAGE_FULL, GLIBC, Y, Y, N, "root", false, NULL},
    {"nginxinc/nginx-unprivileged:1.27-alpine", IMAGE_ALPINE, MUSL, Y, Y, Y, "101", false, NULL},
    {"registry.access.redhat.com/ubi9/ubi-micro:9.4", IMAGE_SLIM, GLIBC, Y, N, N, "root", false, NULL},
    {"registry.access.redhat.com/ubi9/ubi-minimal", IMAGE_SLIM, GLIBC, Y, Y, N, "root", false, NULL},
    {"registry.access.redhat.com/ubi9-micro", IMAGE_SLIM, GLIBC, Y, N, N, "root", false, NULL},
    {"opensuse/leap:15.6", IMAGE_FULL, GLIBC, Y, Y, N, "root", false, NULL},
    {"rethinkdb:1.16.0", IMAGE_OTHER, WHICH, M, M, M, "", false, NULL},
    {"yolo/library/zookeeper", IMAGE_FULL, GLIBC, Y, Y, M, "", false, NULL},
};

static void test_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct image_name name = read_name(cases[i].text);
        bool flavour = cases[i].flavour ? name.flavour && strcmp(name.flavour, cases[i].flavour) == 0 : !name.flavour;
        if (!name.valid || name.kind != cases[i].kind || name.libc != cases[i].libc || name.shell != cases[i].shell ||
            name.package_manager != cases[i].packages || name.nonroot != cases[i].nonroot ||
            !str_eq_z(name.user, cases[i].user) || name.debug != cases[i].debug || !flavour)
            fail_msg("%s: kind %d libc %d shell %d packages %d nonroot %d user '%.*s' debug %d flavour %s",
                     cases[i].text, name.kind, name.libc, name.shell, name.package_manager, name.nonroot,
                     STR_ARG(name.user), name.debug, name.flavour ? name.flavour : "-");
    }
}

static void test_faults(void **state)
{
    (void)state;
    bool failed = true;
    for (uint64_t n = 1; failed; n++) {
        struct arena own = ARENA_INIT;
        struct err err = ERR_INIT;
        struct image_name name;
        fault_arm(FAULT_ALLOC, n);
        int r = image_name_read(STR("python:3.12"), &own, &name, &err);
        failed = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        assert_int_equal(r, failed ? -ERR_NOMEM : 0);
        arena_done(&own);
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_parts, teardown),
        cmocka_unit_test_teardown(test_known, teardown),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
