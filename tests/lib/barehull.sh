# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/barehull.sh - calls the barehull under test with a cache of its own against a loopback mirror.
# Needs tests/lib/check.sh and tests/lib/process.sh.

# What takes long to make or to fetch is kept between runs, outside the tree.
TEST_CACHE=${BAREHULL_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/barehull-test}

# barehull_begin BUILD_DIR: $BAREHULL is the program; packages come from the mirror once mirror_begin ran.
barehull_begin() {
    BAREHULL=$(realpath -- "${1:-build}/barehull")
    if [ ! -x "$BAREHULL" ]; then
        check_fail "'${1:-build}/barehull' is there" "build it first; usage: $0 BUILD_DIR"
        check_finish
    fi
    TESTS=$(cd "$LIB/.." && pwd)
    XDG_CACHE_HOME=$SCRATCH/cache
    export XDG_CACHE_HOME
    unset SOURCE_DATE_EPOCH BAREHULL_MIRROR
    MIRROR_ARGS=
}

# cache_share: from here on packages and layers come from a cache that scripts share, made by this very program. Not for
# tests of the cache itself. It takes 500 MB: those of the last two programs are kept.
cache_share() {
    XDG_CACHE_HOME=$TEST_CACHE/cache/$(sha256sum <"$BAREHULL" | head -c 12)
    mkdir -p "$XDG_CACHE_HOME"
    touch "$XDG_CACHE_HOME"
    # shellcheck disable=SC2012 # the names are digests
    ls -t "$TEST_CACHE/cache" | tail -n +3 | while read -r old; do
        rm -rf "$TEST_CACHE/cache/${old:?}"
    done
}

# build ARGS...: barehull build against the mirror of the test.
build() {
    # shellcheck disable=SC2086
    "$BAREHULL" build "$@" $MIRROR_ARGS
}

# apps NAME...: the sample applications; their directory in $APPS.
apps() {
    APPS=$TEST_CACHE/apps
    mkdir -p "$APPS"
    check "the sample applications compile" make -s -C "$TESTS/apps" "OUT=$APPS" "$@" || check_finish
}

# debian_unpack PACKAGE...: what `dpkg-deb -x` makes of them, in $DEBIAN; nothing of them is installed or started.
debian_unpack() {
    local package
    DEBIAN=$SCRATCH/debian
    mkdir -p "$DEBIAN" "$TEST_CACHE/debs"
    for package; do
        set -- "$TEST_CACHE/debs/${package}"_*.deb
        if [ ! -f "$1" ]; then
            check "$package: downloads" sh -c 'cd "$1" && apt-get download -q "$2"' sh "$TEST_CACHE/debs" "$package"
            set -- "$TEST_CACHE/debs/${package}"_*.deb
        fi
        check "$package: unpacks" dpkg-deb -x "$1" "$DEBIAN"
    done
}
