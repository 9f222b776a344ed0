# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/check.sh - counts what held and what did not; cleans up whatever happened.
#
# A script sources this first, calls the check_* functions, and ends with `check_finish`, which prints
# "N passed, N failed" as the last line and exits 0 only when nothing failed and something was checked.
# What a script starts or makes is undone through `at_exit`, last first, on every way out (end, error, Ctrl-C).
# `local` is used although POSIX does not have it: dash, bash and busybox do.

set -u
CHECK_PASSED=0
CHECK_FAILED=0
CHECK_NAME=$(basename "$0" .sh)

# Everything a script writes goes here; removed at the end (BAREHULL_TEST_KEEP=1 keeps it).
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/barehull-$CHECK_NAME.XXXXXX") || exit 3
chmod 755 "$SCRATCH"

# at_exit COMMAND: shell text, run last-first. In a file, so that helpers may call it inside $(...).
at_exit() {
    printf '%s\n' "$1" >>"$SCRATCH/.at-exit"
}

check_cleanup() {
    trap - EXIT INT TERM HUP
    if [ -f "$SCRATCH/.at-exit" ]; then
        tac "$SCRATCH/.at-exit" >"$SCRATCH/.undo"
        # shellcheck disable=SC1091
        . "$SCRATCH/.undo"
    fi
    if [ -n "${BAREHULL_TEST_KEEP:-}" ]; then
        echo "kept: $SCRATCH"
    else
        rm -rf --one-file-system "$SCRATCH"
    fi
}

check_abort() {
    check_cleanup >/dev/null 2>&1
    echo "$CHECK_PASSED passed, $((CHECK_FAILED + 1)) failed"
    exit "$1"
}
trap 'check_abort 3' EXIT
trap 'check_abort 130' INT
trap 'check_abort 143' TERM HUP

check_pass() {
    CHECK_PASSED=$((CHECK_PASSED + 1))
    [ -z "${BAREHULL_TEST_VERBOSE:-}" ] || echo "ok: $1"
}

# check_fail WHAT [DETAIL]
check_fail() {
    CHECK_FAILED=$((CHECK_FAILED + 1))
    echo "FAILED: $1"
    [ -z "${2:-}" ] || printf '%s\n' "$2" | head -n 40 | sed 's/^/    /'
}

# check WHAT COMMAND...: the command must succeed; its output is shown only when it does not.
check() {
    local what="$1" out
    shift
    if out=$("$@" 2>&1); then
        check_pass "$what"
    else
        check_fail "$what" "exit status $? of: $*
$out"
        return 1
    fi
}

# check_not WHAT COMMAND...: the command must fail.
check_not() {
    local what="$1" out
    shift
    if out=$("$@" 2>&1); then
        check_fail "$what" "should have failed: $*
$out"
        return 1
    fi
    check_pass "$what"
}

# check_eq WHAT EXPECTED ACTUAL
check_eq() {
    if [ "$2" = "$3" ]; then
        check_pass "$1"
    else
        check_fail "$1" "expected: $2
actual:   $3"
        return 1
    fi
}

# check_ne WHAT UNEXPECTED ACTUAL
check_ne() {
    if [ "$2" != "$3" ]; then
        check_pass "$1"
    else
        check_fail "$1" "both are: $2"
        return 1
    fi
}

# check_has WHAT TEXT PART: PART occurs in TEXT as it stands.
check_has() {
    case $2 in
    *"$3"*) check_pass "$1" ;;
    *)
        check_fail "$1" "missing: $3
in: $2"
        return 1
        ;;
    esac
}

# check_lacks WHAT TEXT PART
check_lacks() {
    case $2 in
    *"$3"*)
        check_fail "$1" "should not have: $3
in: $2"
        return 1
        ;;
    *) check_pass "$1" ;;
    esac
}

# need PROGRAM...: a missing engine is a failure, told at once with the remedy, never a skip.
need() {
    local program missing=
    for program; do
        command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
    done
    [ -n "$missing" ] || return 0
    check_fail "needs$missing" "install the packages listed in tools/packages/engines.txt"
    check_finish
}

# npm comes from Debian only where none is there: the one that a newer node brings conflicts with Debian's.
need_npm() {
    command -v npm >/dev/null 2>&1 || "$(dirname "$0")/../../tools/setup" npm || true
    need npm
}

check_finish() {
    check_cleanup
    echo "$CHECK_PASSED passed, $CHECK_FAILED failed"
    [ "$CHECK_FAILED" -eq 0 ] && [ "$CHECK_PASSED" -gt 0 ] && exit 0
    exit 1
}
