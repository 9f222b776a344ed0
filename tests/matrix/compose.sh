#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC2317
#
# tests/matrix/compose.sh BUILD_DIR - holds resolved Compose projects (tests/data/compose-projects) against judges.
#
# Most directories are held against `docker-compose config` (1.29, which knows neither include nor !reset): the same
# values, or both refuse. A directory with an expected.json is held against that, byte by byte: composedump's output.
# UPDATE=1 writes the expected.json of directories whose name starts with "exact-" anew.

BUILD=$(cd "${1:?usage: compose.sh BUILD_DIR}" && pwd) || exit 3
HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib/check.sh
. "$HERE/../lib/check.sh"
need docker-compose python3
DUMP=$BUILD/tests/tools/composedump
PROJECTS=$HERE/../data/compose-projects
export LC_ALL=C.UTF-8

# resolve DIRECTORY: by composedump, to $SCRATCH/ours.
resolve() {
    set -- "$1" compose.yaml
    [ ! -e "$1/compose.override.yaml" ] || set -- "$@" compose.override.yaml
    (cd "$1" && shift && "$DUMP" "$@") >"$SCRATCH/ours"
}

# judge DIRECTORY: by docker-compose, to $SCRATCH/theirs, with nothing of this environment's variables.
judge() {
    set -- "$1" -f compose.yaml
    [ ! -e "$1/compose.override.yaml" ] || set -- "$@" -f compose.override.yaml
    (cd "$1" && shift && env -i PATH="$PATH" LC_ALL=C.UTF-8 HOME="$SCRATCH" docker-compose "$@" config) \
        >"$SCRATCH/theirs" 2>"$SCRATCH/theirs.err"
}

# same DIRECTORY: both read it alike, or both refuse it.
same() {
    if judge "$1"; then
        python3 "$HERE/compose.py" "$SCRATCH/ours" "$SCRATCH/theirs" "$1"
    elif python3 -c 'import json, sys; sys.exit(len(json.load(open(sys.argv[1]))["problems"]) > 0)' "$SCRATCH/ours"; then
        echo "docker-compose refuses it:"
        cat "$SCRATCH/theirs.err"
        return 1
    fi
}

for directory in "$PROJECTS"/*/; do
    directory=$(cd "$directory" && pwd)
    name=$(basename "$directory")
    if ! resolve "$directory"; then
        check_fail "$name: composedump fails"
        continue
    fi
    case $name in
    exact-*)
        [ -z "${UPDATE:-}" ] || cp "$SCRATCH/ours" "$directory/expected.json"
        check "$name is as expected" diff "$directory/expected.json" "$SCRATCH/ours"
        ;;
    *) check "$name is read as docker-compose reads it" same "$directory" ;;
    esac
done

check_finish
