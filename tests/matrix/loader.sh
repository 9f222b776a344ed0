#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC2016
#
# tests/matrix/loader.sh BUILD_DIR - holds the search and the closure of src/elf against the loaders themselves, glibc's
# and musl's, on programs that are built to be awkward: RPATH and RUNPATH at all levels, $ORIGIN behind links and with
# "..", $LIB, paths as names, the same SONAME twice, libraries of the wrong class, filters, versions that are missing.

BUILD=$(cd "${1:?usage: loader.sh BUILD_DIR}" && pwd) || exit 3
# shellcheck source=tests/lib/check.sh
. "$(dirname "$0")/../lib/check.sh"
need gcc ldd realpath
DUMP=$BUILD/tests/tools/elfdump
export LC_ALL=C
OLD=-Wl,--disable-new-dtags
NEW=-Wl,--enable-new-dtags
INTERPRETER=$(realpath /lib64/ld-linux-x86-64.so.2)
CASE=
COUNT=0

# case_of NAME: a directory of its own.
case_of() {
    CASE=$1
    COUNT=$((COUNT + 1))
    mkdir -p "$SCRATCH/$COUNT"
    cd "$SCRATCH/$COUNT" || exit 3
}

# lib PATH SONAME [ARGS...]: a library; ARGS name what it needs, and flags. Undefined symbols don't matter to the search.
lib() {
    local path="$1" soname="$2"
    shift 2
    mkdir -p "$(dirname "$path")"
    echo 'int made(void) { return 1; }' | "${CC:-gcc}" -shared -fPIC -Wl,--no-as-needed \
        ${soname:+-Wl,-soname,"$soname"} -x c - -x none "$@" -o "$path" || exit 3
}

# program PATH [ARGS...]
program() {
    local path="$1"
    shift
    mkdir -p "$(dirname "$path")"
    echo 'int main(void) { return 0; }' | "${CC:-gcc}" -Wl,--no-as-needed -Wl,--unresolved-symbols=ignore-all \
        -x c - -x none "$@" -o "$path" || exit 3
}

# theirs COMMAND...: what a loader lists, as sorted lines "lib REAL-PATH", "missing NAME", "version VERSION".
theirs() {
    "$@" 2>&1 | awk '
        /=> not found/ { print "missing " $1; next }
        /: version `/  { sub(/.*: version `/, ""); sub(/\047 not found.*/, ""); print "version " $0; next }
        /^Error loading shared library / { sub(/:$/, "", $5); print "missing " $5; next }
        / => [^ ]*\//  { print "lib " $3; next }
        /^\t[^ ]*\/[^ ]* \(0x/ { print "lib " $1 }' |
        while read -r what value; do
            [ "$what" != lib ] || value=$(realpath "$value")
            echo "$what $value"
        done | sort -u
}

# agree PROGRAM [LOADER]: the loader and elfdump list the same.
agree() {
    if [ $# -gt 1 ]; then
        theirs "$2" --list "$PWD/$1" >theirs.txt
    else
        theirs ldd "$PWD/$1" >theirs.txt
    fi
    "$DUMP" closure "$PWD/$1" 2>&1 | sed -n -e 's/^version [^ ]* /version /p' -e '/^lib /p' -e '/^missing /p' |
        sort -u >ours.txt
    # ld.so lists the interpreter only where a library that it could load needs it.
    sed -i "\\|^lib $INTERPRETER\$|d" theirs.txt ours.txt
    if [ -s theirs.txt ] && cmp -s theirs.txt ours.txt; then
        check_pass "$CASE"
    else
        check_fail "$CASE" "$(diff theirs.txt ours.txt)"
    fi
}

case_of "RUNPATH is not inherited"
lib app/lib/libdeep.so libdeep.so
lib app/lib/libtop.so libtop.so app/lib/libdeep.so
program app/bin/p app/lib/libtop.so $NEW '-Wl,-rpath,$ORIGIN/../lib'
agree app/bin/p

case_of "RPATH is inherited"
lib app/lib/libdeep.so libdeep.so
lib app/lib/libtop.so libtop.so app/lib/libdeep.so
program app/bin/p app/lib/libtop.so $OLD '-Wl,-rpath,${ORIGIN}/../lib'
agree app/bin/p

case_of "RUNPATH of a library bars the program's RPATH"
lib app/lib/libdeep.so libdeep.so
lib app/lib/libtop.so libtop.so app/lib/libdeep.so $NEW -Wl,-rpath,/nowhere
program app/bin/p app/lib/libtop.so $OLD '-Wl,-rpath,$ORIGIN/../lib'
agree app/bin/p

case_of "RPATH of a library under a program with RUNPATH"
lib app/private/libdeep.so libdeep.so
lib app/lib/libmiddle.so libmiddle.so app/private/libdeep.so
lib app/lib/libtop.so libtop.so app/lib/libmiddle.so $OLD '-Wl,-rpath,$ORIGIN:$ORIGIN/../private'
program app/bin/p app/lib/libtop.so $NEW '-Wl,-rpath,$ORIGIN/../lib'
agree app/bin/p

case_of "own RPATH before that of who loaded it"
lib a/libx.so libx.so
lib b/libx.so libx.so
lib b/libtop.so libtop.so b/libx.so $OLD '-Wl,-rpath,$ORIGIN'
program p b/libtop.so $OLD '-Wl,-rpath,$ORIGIN/a:$ORIGIN/b'
agree p

case_of "the first that is loaded serves all"
lib a/libx.so libx.so
lib b/libx.so libx.so
lib b/libtop.so libtop.so b/libx.so $NEW '-Wl,-rpath,$ORIGIN'
program p a/libx.so b/libtop.so $NEW '-Wl,-rpath,$ORIGIN/a:$ORIGIN/b'
agree p

case_of "breadth before depth"
lib a/libx.so libx.so
lib b/libx.so libx.so
lib l/libtop.so libtop.so a/libx.so $NEW '-Wl,-rpath,$ORIGIN/../a'
program p l/libtop.so b/libx.so $NEW '-Wl,-rpath,$ORIGIN/l:$ORIGIN/b'
agree p

case_of "SONAME other than the file's name"
lib l/libfile.so libname.so.1
ln -s libfile.so l/libname.so.1
lib l/libuser.so libuser.so l/libfile.so $NEW '-Wl,-rpath,$ORIGIN'
program p l/libfile.so l/libuser.so $NEW '-Wl,-rpath,$ORIGIN/l'
agree p

case_of "one file under two names"
lib l/libreal.so ""
cp l/libreal.so l/liba.so
program p l/liba.so "$PWD/l/libreal.so" $NEW '-Wl,-rpath,$ORIGIN/l'
ln -sf libreal.so l/liba.so
agree p

case_of "ORIGIN is where the link lies"
lib real/libtop.so libtop.so
lib links/libb.so libb.so
lib real/libtop.so libtop.so links/libb.so $NEW '-Wl,-rpath,$ORIGIN'
ln -s ../real/libtop.so links/libtop.so
program p links/libtop.so $NEW '-Wl,-rpath,$ORIGIN/links'
agree p

case_of "parents behind a link"
lib deep/er/lib/libx.so libx.so
mkdir deep/er/dir
ln -s deep/er/dir link
lib lib/libx.so libx.so
program p lib/libx.so $NEW '-Wl,-rpath,$ORIGIN/link/../lib'
agree p

case_of "LIB in a path"
lib lib/x86_64-linux-gnu/libx.so libx.so
program p lib/x86_64-linux-gnu/libx.so $NEW '-Wl,-rpath,$ORIGIN/$LIB'
agree p

case_of "names that are no tokens"
lib '$ORIGINAL/libx.so' libx.so
program p '$ORIGINAL/libx.so' $NEW '-Wl,-rpath,'"$PWD"'/$ORIGINAL'
agree p

case_of "a path as name"
lib l/libx.so ""
program p "$PWD/l/libx.so"
agree p

case_of "a path as name that is gone"
lib l/libx.so ""
program p "$PWD/l/libx.so"
rm l/libx.so
agree p

case_of "ORIGIN in a name"
lib l/libx.so '$ORIGIN/l/libx.so'
program p l/libx.so
agree p

case_of "no default directories"
program p -Wl,-z,nodefaultlib
agree p

case_of "no default directories, found by RUNPATH"
mkdir l
ln -s "$(realpath /lib/x86_64-linux-gnu/libc.so.6)" l/libc.so.6
program p -Wl,-z,nodefaultlib $NEW '-Wl,-rpath,$ORIGIN/l'
agree p

case_of "missing, empty and relative directories on the way"
lib good/libx.so libx.so
program p good/libx.so $NEW '-Wl,-rpath,$ORIGIN/none::$ORIGIN//./good/'
agree p

case_of "the working directory"
lib good/libx.so libx.so
program p good/libx.so $NEW '-Wl,-rpath,nowhere:good'
agree p

case_of "wrong class on the way"
lib good/libx.so libx.so
mkdir bad
echo 'int made(void) { return 1; }' | gcc -m32 -shared -nostdlib -fPIC -Wl,-soname,libx.so -x c - -o bad/libx.so
program p good/libx.so $NEW '-Wl,-rpath,$ORIGIN/bad:$ORIGIN/good'
agree p

if command -v aarch64-linux-gnu-gcc >/dev/null; then
    case_of "wrong machine on the way"
    lib good/libx.so libx.so
    CC=aarch64-linux-gnu-gcc lib bad/libx.so libx.so -nostdlib
    program p good/libx.so $NEW '-Wl,-rpath,$ORIGIN/bad:$ORIGIN/good'
    agree p
fi

case_of "auxiliary filter that is there"
lib l/libfast.so libfast.so
lib l/libx.so libx.so -Wl,-f,libfast.so $NEW '-Wl,-rpath,$ORIGIN'
program p l/libx.so $NEW '-Wl,-rpath,$ORIGIN/l'
agree p

case_of "filter that is there"
lib l/libfast.so libfast.so
lib l/libx.so libx.so -Wl,-F,libfast.so $NEW '-Wl,-rpath,$ORIGIN'
program p l/libx.so $NEW '-Wl,-rpath,$ORIGIN/l'
agree p

case_of "version that is missing"
mkdir l
echo 'int one(void) { return 1; } int two(void) { return 2; }' >x.c
echo 'X_1 { one; }; X_2 { two; } X_1;' >new.map
echo 'X_1 { one; };' >old.map
gcc -shared -fPIC x.c -Wl,-soname,libx.so -Wl,--version-script=new.map -o l/libx.so
echo 'int one(void), two(void); int main(void) { return one() + two(); }' >p.c
gcc p.c l/libx.so $NEW '-Wl,-rpath,$ORIGIN/l' -o p
agree p
gcc -shared -fPIC x.c -Wl,-soname,libx.so -Wl,--version-script=old.map -o l/libx.so
agree p
gcc -shared -fPIC x.c -Wl,-soname,libx.so -o l/libx.so
agree p

case_of "lazy chains of many"
previous=
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    # shellcheck disable=SC2086
    lib l/lib$n.so lib$n.so $previous $NEW '-Wl,-rpath,$ORIGIN'
    previous=l/lib$n.so
done
program p l/lib20.so l/lib3.so $NEW '-Wl,-rpath,$ORIGIN/l'
agree p

if command -v musl-gcc >/dev/null; then
    MUSL=/lib/ld-musl-x86_64.so.1
    CC=musl-gcc
    case_of "musl: RUNPATH is inherited"
    lib app/lib/libdeep.so libdeep.so
    lib app/lib/libtop.so libtop.so app/lib/libdeep.so
    program app/bin/p app/lib/libtop.so $NEW '-Wl,-rpath,$ORIGIN/../lib'
    agree app/bin/p "$MUSL"

    case_of "musl: SONAMEs don't count"
    lib l/libfile.so libname.so.1
    cp l/libfile.so l/libname.so.1
    program p l/libname.so.1 $NEW '-Wl,-rpath,$ORIGIN/l'
    agree p "$MUSL"

    case_of "musl: a library that is missing"
    lib l/libx.so libx.so
    program p l/libx.so
    agree p "$MUSL"
fi

check_finish
