#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/smuggling.sh BUILD_DIR - the shapes of request smuggling (tests/data/http/smuggling.test) against a live
# service, alone and behind a real nginx that keeps its connections to it open: no shape makes the two read a connection
# in two ways.

. "$(dirname "$0")/../lib/check.sh"
. "$(dirname "$0")/../lib/nginx.sh"
BUILD=$(realpath "${1:?usage: smuggling.sh BUILD_DIR}")
need python3 setpriv
need_nginx
HERE=$(cd "$(dirname "$0")/.." && pwd)
out=$(python3 "$HERE/matrix/smuggling.py" "$BUILD" "$HERE/data/http" "$SCRATCH" 2>&1)
status=$?
printf '%s\n' "$out" | sed '$d'
sum=$(printf '%s\n' "$out" | tail -n 1)
CHECK_PASSED=$(printf '%s\n' "$sum" | sed -n 's/^\([0-9]*\) passed, .*/\1/p')
CHECK_FAILED=$(printf '%s\n' "$sum" | sed -n 's/.* passed, \([0-9]*\) failed$/\1/p')
CHECK_PASSED=${CHECK_PASSED:-0} CHECK_FAILED=${CHECK_FAILED:-1}
[ "$status" -eq 0 ] || [ "$CHECK_FAILED" -gt 0 ] || check_fail "the shapes are run" "$out"
check_finish
