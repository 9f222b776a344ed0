#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/ldcache.sh BUILD_DIR - holds elf/ldcache.h against ldconfig: the machine's own cache written anew, and
# caches for made-up trees of libraries (several directories, numbers of all lengths, 32 bit, glibc-hwcaps, links,
# no libraries at all), byte for byte.

BUILD=$(cd "${1:?usage: ldcache.sh BUILD_DIR}" && pwd) || exit 3
# shellcheck source=tests/lib/check.sh
. "$(dirname "$0")/../lib/check.sh"
PATH=$PATH:/usr/sbin:/sbin
need ldconfig gcc cmp
DUMP=$BUILD/tests/tools/elfdump

# same_cache WHAT CACHE: read, written anew, unchanged.
same_cache() {
    "$DUMP" cache "$2" >"$SCRATCH/again" && check "$1" cmp "$2" "$SCRATCH/again"
}

# library FILE SONAME [FLAGS...]: a tiny shared library; an empty SONAME for none.
library() {
    local file="$1" soname="$2"
    shift 2
    mkdir -p "$(dirname "$file")"
    echo 'int made(void) { return 1; }' |
        gcc -shared -nostdlib -fPIC ${soname:+-Wl,-soname,"$soname"} "$@" -x c - -o "$file"
}

# cache_of ROOT DIR...: ldconfig's cache for a tree and ours must be equal.
cache_of() {
    local root="$1"
    shift
    mkdir -p "$root/etc"
    printf '%s\n' "$@" >"$root/etc/ld.so.conf"
    ldconfig -r "$root" -C /etc/ld.so.cache -i 2>/dev/null
    same_cache "$(basename "$root"): read and written anew" "$root/etc/ld.so.cache"
    "$DUMP" cache-of "$root" "$@" >"$SCRATCH/ours"
    check "$(basename "$root"): made from the directories" cmp "$root/etc/ld.so.cache" "$SCRATCH/ours"
}

[ ! -f /etc/ld.so.cache ] || same_cache "/etc/ld.so.cache" /etc/ld.so.cache

mkdir -p "$SCRATCH/empty/usr/local/lib"
cache_of "$SCRATCH/empty" /usr/local/lib

plain=$SCRATCH/plain
library "$plain/usr/local/lib/libone.so.1.2.3" libone.so.1
library "$plain/usr/local/lib/libtwo.so" ""
library "$plain/usr/local/lib/not-a-library.so" ""
echo 'INPUT(-lone)' >"$plain/usr/local/lib/libscript.so"
cache_of "$plain" /usr/local/lib

numbers=$SCRATCH/numbers
for n in 1 2 9 10 11 99 100 101 0 007; do
    library "$numbers/opt/a/libn.so.$n" "libn.so.$n"
    library "$numbers/opt/a/libn$n.so" "libn$n.so"
    library "$numbers/opt/b/libn-$n.1.so.2" "libn-$n.1.so.2"
done
for name in a A _ - + ~ aa ab a1b a10b a2b; do
    library "$numbers/opt/b/lib$name.so.1" "lib$name.so.1"
done
cache_of "$numbers" /opt/a /opt/b

twice=$SCRATCH/twice
for dir in /opt/z /opt/a /opt/m; do
    library "$twice$dir/libsame.so.1" libsame.so.1
    library "$twice$dir/libsame.so.1.1" libother.so.1
done
cache_of "$twice" /opt/z /opt/a /opt/m

capable=$SCRATCH/capable
library "$capable/usr/local/lib/libfast.so.1" libfast.so.1
library "$capable/opt/lib/libfast.so.1" libfast.so.1
for level in 2 3 4; do
    library "$capable/usr/local/lib/glibc-hwcaps/x86-64-v$level/libfast.so.1" libfast.so.1 \
        -march=x86-64-v$level -Wl,-z,x86-64-v$level
done
library "$capable/opt/lib/glibc-hwcaps/x86-64-v3/libfast.so.1" libfast.so.1 -Wl,-z,x86-64-v2
cache_of "$capable" /usr/local/lib /opt/lib

mixed=$SCRATCH/mixed
library "$mixed/opt/lib/libwide.so.1" libwide.so.1
if library "$mixed/opt/lib32/libwide.so.1" libwide.so.1 -m32 2>/dev/null; then
    cache_of "$mixed" /opt/lib32 /opt/lib
else
    cache_of "$mixed" /opt/lib
fi

check_finish
