#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/python-faults.sh BUILD_DIR - a Python application is built while the n-th allocation or system call fails,
# with and without what was kept of it, and while the build is called off at some moment: a clean error or the right
# result, nothing half-written, no temporary directory, no interpreter that lives on.
# Samples FAULT_SAMPLES places (8) of each kind; FAULT_SAMPLES=all takes every one.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/faults.sh"
barehull_begin "$@"
need python3
mirror_begin
FAULT_SAMPLES=${FAULT_SAMPLES:-8}
faults_begin "$@"

# An environment with a distribution and its script.
PROJECT=$SCRATCH/shop
SITE=$PROJECT/.venv/lib/python3.11/site-packages
check "an environment is made" /usr/bin/python3 -m venv --without-pip "$PROJECT/.venv" || check_finish
mkdir -p "$PROJECT/pkg" "$SITE/demo" "$SITE/demo-1.dist-info"
printf 'import demo\nimport pkg\nprint(demo.x)\n' >"$PROJECT/app.py"
echo 'y = 2' >"$PROJECT/pkg/__init__.py"
echo 'x = 1' >"$SITE/demo/__init__.py"
printf 'Metadata-Version: 2.1\nName: demo\nVersion: 1\n' >"$SITE/demo-1.dist-info/METADATA"
printf 'demo/__init__.py,,\ndemo-1.dist-info/METADATA,,\ndemo-1.dist-info/RECORD,,\n../../../bin/demo,,\n' \
    >"$SITE/demo-1.dist-info/RECORD"
printf '#!%s/bin/python\nprint(1)\n' "$PROJECT/.venv" >"$PROJECT/.venv/bin/demo"
chmod 755 "$PROJECT/.venv/bin/demo"
printf '*.log\n!keep.log\n' >"$PROJECT/.dockerignore"

# left WHAT: the next build on it is right, and takes away directories of work that could not be removed.
left() {
    fresh full
    check "a build on $1" build "$PROJECT" -t app:1 -o "oci:$SCRATCH/out/layout" \
        -o "oci-archive:$SCRATCH/out/oci.tar"
    check_eq "and it is the same" "$EXPECTED" "$(sha256sum <"$SCRATCH/out/oci.tar")"
    check_eq "$1: no work of others" "" "$(find "$XDG_CACHE_HOME" -name '.work-*' -o -name '.barehull*')"
}

# shellcheck disable=SC2086
set -- build "$PROJECT" -t app:1 $MIRROR_ARGS -o "oci:$SCRATCH/out/layout" -o "oci-archive:$SCRATCH/out/oci.tar"
fresh empty
check "a build without faults" "$BAREHULL" "$@"
EXPECTED=$(sha256sum <"$SCRATCH/out/oci.tar")
sweep "Python, all cached" alloc full "$@"
sweep "Python, all cached" io full "$@"
sweep "Python, compiled anew" alloc compiled "$@"
sweep "Python, compiled anew" io compiled "$@"
fresh full
left "what the faults left"

# children: interpreters that were started from this test's cache. The text to look for comes from a file: a search has
# it on no command line of its own.
printf '%s/barehull/' "$XDG_CACHE_HOME" >"$SCRATCH/wanted"
children() {
    grep -lsaF -f "$SCRATCH/wanted" /proc/[0-9]*/cmdline 2>/dev/null
}

# called_off SIGNAL SECONDS COMMAND...: what is wrong afterwards.
called_off() {
    local signal="$1" after="$2" status
    shift 2
    fresh empty
    timeout --preserve-status --signal "$signal" --kill-after 20 "$after" "$@" >"$SCRATCH/answer" 2>"$SCRATCH/err"
    status=$?
    case $status in
    0 | 3 | 130 | 143) ;;
    *) echo "$signal after $after s: ended with $status: $(tail -n 3 "$SCRATCH/err")" ;;
    esac
    [ -z "$(children)" ] || echo "$signal after $after s: left $(children)"
    [ "$status" = 0 ] || [ ! -e "$SCRATCH/out/oci.tar" ] || echo "$signal after $after s: wrote an archive"
    [ -z "$(ls -A "$TMPDIR")" ] || echo "$signal after $after s: left $(ls -A "$TMPDIR")"
    grep -m 3 -E 'Sanitizer|runtime error' "$SCRATCH/err"
}

check_eq "a build that is called off leaves nothing behind" "" "$(for after in 0.1 0.4 0.8 1.2 1.6; do
    called_off INT "$after" "$BAREHULL" "$@"
    called_off TERM "$after" "$BAREHULL" "$@"
done)"
left "what the signals left"
check_finish
