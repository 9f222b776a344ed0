#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/python-bytecode.sh BUILD_DIR [PYTHON...] - holds src/python/marshal against CPython over the standard
# library and the packages of each interpreter: same code, same bytes in any company. Without PYTHON: Debian's with
# dist-packages, those of later versions that are in PATH, and Debian 13's where tests/lib/python.sh has made it.

BUILD=$(cd "${1:?usage: python-bytecode.sh BUILD_DIR [PYTHON...]}" && pwd) || exit 3
shift
# shellcheck source=tests/lib/check.sh
. "$(dirname "$0")/../lib/check.sh"
need python3
SCRIPT=$(dirname "$0")/python_bytecode.py
if [ $# -eq 0 ]; then
    made=${BAREHULL_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/barehull-test}/python/local-root/usr/local/bin/python3.13
    set -- /usr/bin/python3 python3.12 python3.13 python3.14 "$made"
fi
held=
for python; do
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case " $held " in *" $version "*) continue ;; esac
    held="$held $version"
    check "bytecode of $version" sh -c '"$@" >"$0" 2>&1 || { cat "$0"; exit 1; }' "$SCRATCH/said" \
        "$python" "$SCRIPT" "$BUILD/tests/tools/marshalcanon" && tail -n 1 "$SCRATCH/said"
done
check_ne "there is an interpreter" "" "$held"
check_finish
