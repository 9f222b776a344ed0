#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/python-bytecode.sh BUILD_DIR - what bytecode in an image is good for: nothing is compiled at the start, a
# traceback shows the source, --bytecode none leaves it out; another machine's image; a build that is killed.
# (Servers and their packages: python-apps.sh, python-layouts.sh; equal bytes: python-determinism.sh.)

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/python_image.sh"
engines_begin "$@"
barehull_begin "$@"
need crun umoci jq
mirror_begin

LAYOUT=$SCRATCH/images
APP=$SCRATCH/app
mkdir "$APP"
cat >"$APP/orders.py" <<'PY'
"""Orders."""


def total(orders):
    return sum(order["cents"] for order in orders)
PY
cat >"$APP/main.py" <<'PY'
import asyncio
import decimal
import http.client
import json
import logging.config
import pathlib
import unittest
import wsgiref.handlers

import orders

print(orders.total([{"cents": 40}, {"cents": 2}]), flush=True)
orders.total([{}])
PY

compiled() {
    sed -n 's/^# code object from \([^'"'"']\)/\1/p' "$SCRATCH/run.log" | sort -u
}

# runs WHAT: the traceback is the same with bytecode and without.
runs() {
    python_tells
    run_oci crun "$BUNDLE" >"$SCRATCH/run.log" 2>&1
    check_eq "$1: the traceback is the failure's" 1 "$?"
    check_eq "$1: it shows places, lines and sources" '42
Traceback (most recent call last):
  File "/app/main.py", line 13, in <module>
    orders.total([{}])
  File "/app/orders.py", line 5, in total
    return sum(order["cents"] for order in orders)
  File "/app/orders.py", line 5, in <genexpr>
    return sum(order["cents"] for order in orders)
KeyError: '"'cents'" "$(sed -n '/^42$/,/^KeyError/p' "$SCRATCH/run.log" |
        grep -v -e '^# ' -e "^import '" -e '<frozen runpy>' -e '^ *~*^')"
}

bytecode() {
    find "$BUNDLE/rootfs" -name '*.pyc'
}

# --- the start -----------------------------------------------------------------------------------------------------

# Killed while interpreters are at work: neither they nor their files outlive it for long.
work_dirs() {
    find "$SCRATCH/cache" -maxdepth 2 -name '.work-*'
}
interpreters() {
    for exe in /proc/[0-9]*/maps; do
        grep -sqF "$SCRATCH/cache" "$exe" && echo "$exe"
    done
}
has_work_dirs() {
    [ -n "$(work_dirs)" ]
}
no_interpreters() {
    [ -z "$(interpreters)" ]
}
# shellcheck disable=SC2086
process_start killed "$BAREHULL" build "$APP" -t app $MIRROR_ARGS -o "oci:$LAYOUT"
check "an interpreter comes to work" wait_until 20 has_work_dirs
kill -KILL "$PROCESS_PID"
wait "$PROCESS_PID" 2>/dev/null
check "a killed build takes its interpreters with it" wait_until 5 no_interpreters || interpreters
check "and leaves their directory" has_work_dirs

if python_image all "$APP"; then
    check_eq "the next build removes it" "" "$(work_dirs)"
    check_eq "told: nothing" "" "$WARNINGS"
    runs "with bytecode"
    check_eq "with bytecode: no module is compiled" "" "$(compiled)"
    check "with bytecode: they come from it" test "$(grep -c "^# code object from '.*\.pyc'" "$SCRATCH/run.log")" -gt 60
    check_eq "with bytecode: it is root's, for all to read" "0:0 644" "$(bytecode | xargs stat -c '%u:%g %a' | sort -u)"
    check_has "with bytecode: records list it" "$(cat "$BUNDLE"/rootfs/var/lib/dpkg/status.d/libpython3.11-minimal.md5sums)" \
        "usr/lib/python3.11/__pycache__/sitecustomize.cpython-311.pyc"
    (cd "$BUNDLE/rootfs" && cat var/lib/dpkg/status.d/*python*.md5sums | md5sum --quiet -c) >"$SCRATCH/sums" 2>&1
    check_eq "with bytecode: and rightly" 0 "$?" || cat "$SCRATCH/sums"
fi
if python_image none "$APP" --bytecode none; then
    check_eq "--bytecode none: nothing ships" "" "$(bytecode)"
    runs "--bytecode none"
    check_has "--bytecode none: modules are compiled" "$(compiled)" /app/orders.py
fi

# --- a module that can't be compiled, in an application that can ---------------------------------------------------

printf 'print "old"\n' >"$APP/old.py"
if python_image old "$APP"; then
    check_has "told: a module of the application that can't be compiled" "$WARNINGS" "'/app/old.py' ships without bytecode: line 1: "
    check_eq "the others are" "/app/__pycache__/main.cpython-311.pyc /app/__pycache__/orders.cpython-311.pyc" \
        "$(cd "$BUNDLE/rootfs" && find app -name '*.pyc' -printf "/%p\n" | sort | paste -sd" " -)"
fi
rm "$APP/old.py"

# --- another machine -----------------------------------------------------------------------------------------------

mirror_begin arm64
if python_image foreign "$APP" --arch arm64; then
    if grep -qs enabled /proc/sys/fs/binfmt_misc/*aarch64*; then
        check_has "another machine's interpreter runs by emulation: bytecode" "$(bytecode)" "/app/__pycache__/orders.cpython-311.pyc"
    else
        check_eq "another machine's interpreter doesn't run: no bytecode" "" "$(bytecode)"
        check_has "another machine's interpreter doesn't run: told" "$WARNINGS" \
            "no bytecode ships: this machine can't run the image's interpreter; the application starts more slowly"
        check_eq "another machine's interpreter doesn't run: told once" 1 "$(grep -c bytecode "$SCRATCH/foreign.err")"
        python_image foreign-again "$APP" --arch arm64
        check_has "another machine's interpreter doesn't run: told again" "$WARNINGS" "no bytecode ships"
    fi
fi

check_finish
