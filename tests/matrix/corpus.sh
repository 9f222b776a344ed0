#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/corpus.sh BUILD_DIR - judges real Dockerfiles, Compose files and manifests: those that Debian and npm
# packages carry (tests/data/corpus). Nothing crashes or takes long, and every place that a finding tells is the bytes
# that it quotes. What was gathered stays in the tests' cache.

. "$(dirname "$0")/../lib/check.sh"

BAREHULL=$(realpath "${1:?usage: corpus.sh BUILD_DIR}")/barehull
HERE=$(cd "$(dirname "$0")/.." && pwd)
CORPUS=${BAREHULL_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/barehull-test}/corpus
need apt-get dpkg-deb gzip python3
need_npm
[ -x "$BAREHULL" ] || { echo "corpus.sh: build $BAREHULL first"; exit 3; }
export LC_ALL=C.UTF-8

# names FILE: one a line.
names() {
    grep -v '^#' "$HERE/data/corpus/$1.txt"
}

# debian NAME, npm_archive NAME: the files of the package, in $SCRATCH/tar.
debian() {
    rm -rf "$SCRATCH/fetched" && mkdir -m 777 "$SCRATCH/fetched" &&
        (cd "$SCRATCH/fetched" && apt-get -q download "$1" >"$SCRATCH/log" 2>&1) &&
        dpkg-deb --fsys-tarfile "$SCRATCH/fetched/"*.deb >"$SCRATCH/tar"
}

npm_archive() {
    rm -rf "$SCRATCH/fetched" && mkdir "$SCRATCH/fetched" &&
        (cd "$SCRATCH/fetched" && npm pack --silent "$1" >"$SCRATCH/log" 2>&1) &&
        gzip -dc "$SCRATCH/fetched/"*.tgz >"$SCRATCH/tar"
}

# keep KIND COMMAND NAME: what the package carries, in $CORPUS/KIND; whole, or not there.
keep() {
    local folder
    folder=$(printf '%s' "$3" | tr '/' '_')
    [ ! -d "$CORPUS/$1/$folder" ] || return 0
    mkdir -p "$CORPUS/$1"
    if ! "$2" "$3"; then
        check_fail "$3 can be had" "$(cat "$SCRATCH/log")"
        return
    fi
    mkdir -p "$SCRATCH/kept/$folder"
    python3 "$HERE/lib/corpus.py" gather "$SCRATCH/kept" "$folder" <"$SCRATCH/tar" &&
        mv "$SCRATCH/kept/$folder" "$CORPUS/$1/"
}

for name in $(names debian); do keep debian debian "$name"; done
for name in $(names npm); do keep npm npm_archive "$name"; done

for kind in debian npm; do
    python3 "$HERE/lib/corpus.py" check "$BAREHULL" "$CORPUS/$kind" | tee "$SCRATCH/told"
    told=$(tail -n 1 "$SCRATCH/told")
    failed=${told#* passed, }
    CHECK_PASSED=$((CHECK_PASSED + ${told%% *}))
    CHECK_FAILED=$((CHECK_FAILED + ${failed%% *}))
done
check_finish
