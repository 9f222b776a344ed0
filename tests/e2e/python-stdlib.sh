#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/python-stdlib.sh BUILD_DIR - the archive's interpreter, run hardened out of its own image: every module of
# the standard library imports in the full one (--base python3); the trimmed one lacks just what the build says that it
# leaves out; ctypes.util.find_library answers; and every file of both belongs to a package that a scanner can name.
# Debian 12 and Debian 13.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
engines_begin "$@"
barehull_begin "$@"
cache_share
need jq crun md5sum

# Top-level names come from the interpreter itself; what lies below them from its library's directory. Names that would
# open a browser or run a program when they are imported are passed over.
mkdir -p "$SCRATCH/app" "$SCRATCH/finds"
cat >"$SCRATCH/app/library.py" <<'END'
import importlib
import pkgutil
import sys
import warnings

warnings.simplefilter("ignore")
library = importlib.import_module("os").__file__.rpartition("/")[0]
names = set(sys.stdlib_module_names) - {"antigravity", "this"}


def below(package):
    for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if found.name.rpartition(".")[2] not in ("__main__", "antigravity", "this"):
            yield found.name


def load(name):
    try:
        module = importlib.import_module(name)
    except BaseException as problem:
        print(name, type(problem).__name__, problem)
        return
    if getattr(module, "__path__", None) and str(getattr(module, "__file__", "")).startswith(library):
        for name in sorted(below(module)):
            load(name)


for name in sorted(names):
    load(name)
print("done", len(names))
END
cat >"$SCRATCH/finds/finds.py" <<'END'
import ctypes
import ctypes.util

for name in ("c", "z", "ssl", "crypto", "sqlite3", "nosuch"):
    found = ctypes.util.find_library(name)
    print(name, found, bool(found and ctypes.CDLL(found)))
import sqlite3
END

# absent VERSION_COLUMN: top-level names of src/python/stdlib_names.c that other packages or other systems have.
absent() {
    sed -n 's/^    M("\([a-z0-9_]*\)", \([A-Z0-9]*\), \([A-Z0-9]*\)),$/\1 \2 \3/p' "$TESTS/../src/python/stdlib_names.c" |
        awk -v column="$1" '$column ~ /^(ELSEWHERE|TK|IDLE|VENV)$/ { print $1 }'
}

# owned NAME: every regular file of the packages' directories stands in a list, and the lists tell the truth.
owned() {
    rootfs=$SCRATCH/bundles/$1/rootfs
    cat "$rootfs"/var/lib/dpkg/status.d/*.md5sums >"$SCRATCH/$1.sums"
    check "$1: the lists of files tell the truth" sh -c 'cd "$1" && md5sum --quiet -c "$2"' sh "$rootfs" "$SCRATCH/$1.sums"
    cut -c 35- "$SCRATCH/$1.sums" | sort >"$SCRATCH/$1.listed"
    check_eq "$1: no file is in two lists" "" "$(uniq -d "$SCRATCH/$1.listed")"
    (cd "$rootfs" && find usr/bin usr/sbin usr/lib usr/share -type f) | sort |
        comm -23 - "$SCRATCH/$1.listed" >"$SCRATCH/$1.unowned"
    check_eq "$1: every file belongs to a package" "" "$(cat "$SCRATCH/$1.unowned")"
}

# image NAME DIR OPTIONS...: builds and unpacks.
image() {
    name=$1
    dir=$2
    shift 2
    build "$dir" -t "$name:1" -o "oci:$SCRATCH/$name.oci" --format json "$@" >"$SCRATCH/$name.json" 2>"$SCRATCH/$name.log" ||
        check_fail "$name: builds" "$(cat "$SCRATCH/$name.log" "$SCRATCH/$name.json")"
    bundle_new "$name" "$SCRATCH/$name.oci" 1
}

run() {
    run_oci crun "$SCRATCH/bundles/$1" >"$SCRATCH/$1.out" 2>"$SCRATCH/$1.err" ||
        check_fail "$1: runs" "$(cat "$SCRATCH/$1.err")"
}

# release SUITE COLUMN SUBMODULES LEFT_OUT
release() {
    mirror_begin amd64 "$1"
    image "full-$1" "$SCRATCH/app" --base python3
    run "full-$1"
    check_has "$1: all names were tried" "$(tail -n 1 "$SCRATCH/full-$1.out")" "done "
    # turtle itself is there, and draws with tkinter.
    check_eq "$1: all modules but those of other systems and other packages import" \
        "$({ absent "$2"; echo turtle; printf '%s' "$3" | tr ' ' '\n'; } | sort)" \
        "$(grep -v '^done' "$SCRATCH/full-$1.out" | cut -d ' ' -f 1 | sort)"
    owned "full-$1"

    image "trimmed-$1" "$SCRATCH/app"
    run "trimmed-$1"
    cut -d ' ' -f 1 "$SCRATCH/full-$1.out" | sort >"$SCRATCH/full"
    check_eq "$1: trimmed, these are missing besides" "$4" "$(grep -v '^done' "$SCRATCH/trimmed-$1.out" | cut -d ' ' -f 1 |
        sort | comm -23 - "$SCRATCH/full" | tr '\n' ' ' | sed 's/ $//')"
    for what in dbm.ndbm curses readline sqlite3 pydoc_data turtle; do
        check_has "$1: $what is told" "$(jq -r '.images[0].dropped[].what' "$SCRATCH/trimmed-$1.json")" "module $what"
    done
    owned "trimmed-$1"

    image "finds-$1" "$SCRATCH/finds"
    run "finds-$1"
    check_eq "$1: find_library answers" \
        'c libc.so.6 True,z libz.so.1 True,ssl libssl.so.3 True,crypto libcrypto.so.3 True,sqlite3 libsqlite3.so.0 True,nosuch None False' \
        "$(paste -sd , "$SCRATCH/finds-$1.out")"
}

# Of other systems below their packages, and the tables of 2to3 that only its own maker reads.
OTHERS='asyncio.windows_events asyncio.windows_utils encodings.mbcs encodings.oem multiprocessing.popen_spawn_win32'
CONSOLE=' _pyrepl._minimal_curses _pyrepl.curses _pyrepl.readline _pyrepl.simple_interact _pyrepl.unix_console'
CONSOLE="$CONSOLE _pyrepl.unix_eventqueue"
release bookworm 2 "$OTHERS distutils._msvccompiler distutils.msvc9compiler lib2to3.pgen2.conv" \
    '_crypt _curses _curses_panel _dbm _gdbm _sqlite3 crypt curses dbm.gnu dbm.ndbm lib2to3 nis pydoc_data readline sqlite3'
release trixie 3 "$OTHERS _ios_support _pyrepl.windows_console" "_curses _curses_panel _dbm _gdbm$CONSOLE _sqlite3 curses \
dbm.gnu dbm.ndbm dbm.sqlite3 pydoc_data readline sqlite3"
check_finish
