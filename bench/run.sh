#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# bench/run.sh BUILD_DIR [--runs N] [--only KEYS] [--network] - measures barehull against its peers in one run, with one
# payload, in turns; prints a table and writes BUILD_DIR/bench.json. Says which goals are met; misses fail nothing, as
# a busy machine may cause them. docs/benchmarks.md tells what is compared.

BENCH=$(cd "$(dirname "$0")" && pwd)
LIB=$(cd "$BENCH/../tests/lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
engines_begin "$@"
barehull_begin "$@"
need gcc python3 ninja
build_dir=$(realpath "${1:-build}")
[ $# -eq 0 ] || shift

# What making images is measured with.
prepare_images() {
    need umoci buildah mmdebstrap skopeo cppcheck
    apps chello
    mirror_begin
    BARECOST=$SCRATCH/barecost
    check "barecost compiles" gcc -O2 -Wno-deprecated-declarations -o "$BARECOST" "$BENCH/barecost.c" \
        -l:libdeflate.a -l:libcrypto.a -lpthread -ldl
    HOST_SOURCE=$SCRATCH/host.list
    cp "$TEST_CACHE/apt-amd64/sources.list" "$HOST_SOURCE"
    export APPS BARECOST MIRROR_ARGS MIRROR_URL MIRROR_KEYRING HOST_SOURCE
}

# What `check` is measured with.
prepare_checks() {
    BENCH_YAML=$build_dir/tests/bench/bench_yaml
    check "bench_yaml is built" ninja -C "$build_dir" tests/bench/bench_yaml
    PEAK=$SCRATCH/peak
    check "peak compiles" gcc -O2 -o "$PEAK" "$BENCH/peak.c"
    export BENCH_YAML PEAK
}

# What the service is measured with.
prepare_service() {
    need nginx taskset
    need_npm
    check "the load client is built" ninja -C "$build_dir" tests/load/load tests/load/pipes tests/load/start \
        tests/bench/bench_check
    SERVER_BUILD=$(realpath "$BENCH/..")/build-server
    if [ ! -f "$SERVER_BUILD/build.ninja" ]; then
        check "the service alone is set up" meson setup "$SERVER_BUILD" "$BENCH/.." -Dclient=disabled
    fi
    check "the service alone is built" ninja -C "$SERVER_BUILD" barehull
    SERVER_BUILD=$SERVER_BUILD/barehull
    BENCH_LOAD=$build_dir/tests/load
    BENCH_CHECK=$build_dir/tests/bench/bench_check
    export BENCH_LOAD BENCH_CHECK SERVER_BUILD
}

keys=$(printf '%s\n' "$@" | sed -n '/^--only$/{n;p;}' | tr , '\n')
case $keys in
'')
    prepare_images
    prepare_checks
    prepare_service
    ;;
*)
    if echo "$keys" | grep -qv '^check-\|^serve-'; then prepare_images; fi
    if echo "$keys" | grep -q '^check-'; then prepare_checks; fi
    if echo "$keys" | grep -q '^serve-'; then prepare_service; fi
    ;;
esac
export BAREHULL SCRATCH TEST_CACHE

[ "$CHECK_FAILED" -eq 0 ] || check_finish
/usr/bin/python3 -B "$BENCH/bench.py" --out "$build_dir/bench.json" "$@"
status=$?
check_cleanup
exit $status
