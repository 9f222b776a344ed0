#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/tsan-serve.sh BUILD_DIR - `barehull serve`, built with ThreadSanitizer (BUILD_DIR-tsan), under a mixed load
# of good and bad peers and through its drain: no report, and no suppressions.

. "$(dirname "$0")/../lib/check.sh"
BUILD=$(realpath "${1:?usage: tsan-serve.sh BUILD_DIR}")
HERE=$(cd "$(dirname "$0")/.." && pwd)
need meson ninja clang python3
TSAN=${BAREHULL_TSAN_BUILD:-$BUILD-tsan}
cd "$HERE/.." || exit 3
[ -f "$TSAN/build.ninja" ] || check "a build with ThreadSanitizer is set up" \
    env CC=clang meson setup "$TSAN" -Db_sanitize=thread -Db_lundef=false || check_finish
check "it compiles" ninja -C "$TSAN" barehull || check_finish
export TSAN_OPTIONS="halt_on_error=0 exitcode=66 second_deadlock_stack=1"
check "a mixed load for ${TSAN_SECONDS:-20} s, and the drain, have no race" \
    python3 "$HERE/matrix/tsan_serve.py" "$TSAN" "${TSAN_SECONDS:-20}"
check_finish
