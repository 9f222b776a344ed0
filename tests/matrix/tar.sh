#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/tar.sh BUILD_DIR - GNU tar and bsdtar judge io/tar.h: archives that they wrote, in each of their formats,
# go through a tree and come out again (tests/tools/tarcopy); what they then list and extract is what went in.

BUILD=$(cd "${1:?usage: tar.sh BUILD_DIR}" && pwd) || exit 3
. "$(dirname "$0")/../lib/check.sh"
need tar bsdtar
COPY=$BUILD/tests/tools/tarcopy
[ -x "$COPY" ] || { echo "tar.sh: build $COPY first"; exit 3; }
export LC_ALL=C.UTF-8 TZ=UTC

# make_tree DIR: names, links, modes and times that are hard to say.
make_tree() {
    local long=nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn
    mkdir -p "$1/plain" "$1/$long/$long/$long/$long" "$1/Ünïcödé" || return
    echo hello >"$1/plain/file"
    : >"$1/plain/empty"
    head -c 70000 /dev/urandom >"$1/plain/large"
    ln "$1/plain/file" "$1/a-hard-link"
    ln "$1/plain/file" "$1/zz-hard-link"
    ln -s plain/file "$1/link"
    ln -s "/$long/$long/$long/$long" "$1/long-link"
    ln -s nowhere "$1/dangling"
    echo deep >"$1/$long/$long/$long/$long/$long"
    echo x >"$1/$long$long"
    echo x >"$1/Ünïcödé/ñ"
    echo x >"$1/ spaces and	tab "
    chmod 4755 "$1/plain/file"
    chmod 1777 "$1/plain"
    chmod 0 "$1/plain/empty"
    find "$1" -exec touch -h -d @1700000000 {} + # whole seconds
    touch -h -d @-5 "$1/link"
    touch -d '2300-01-01' "$1/plain/empty"
}

# facts DIR: all that an archive keeps of it, directories' times apart.
facts() {
    (cd "$1" && find . \( -type d -printf '%P d %m %U %G\n' \) -o -printf '%P %y %m %U %G %Ts %s %n %l\n' | sort
        find . -type f -printf '%P\0' | sort -z | xargs -0r sha256sum -z | tr '\0' '\n')
}

# extracts_to WITH ARCHIVE DIR
extracts_to() {
    rm -rf "$3"
    mkdir "$3" && case $1 in
    tar) tar -C "$3" -xpf "$2" ;;
    bsdtar) bsdtar -C "$3" -xpf "$2" ;;
    esac
}

# check_facts WHAT DIR
check_facts() {
    facts "$2" >"$SCRATCH/facts" 2>&1
    check "$1" diff "$SCRATCH/wanted" "$SCRATCH/facts"
}

judge() {
    local name="$1" archive="$2"
    check "$name: read and written" sh -c '"$0" <"$1" >"$2" 2>"$3"' "$COPY" "$archive" "$SCRATCH/ours.tar" \
        "$SCRATCH/copy.log" || return
    check_eq "$name: the size foretold" "$(sed -n 's/.* nodes, \([0-9]*\) bytes/\1/p' "$SCRATCH/copy.log")" \
        "$(stat -c %s "$SCRATCH/ours.tar")"
    for with in tar bsdtar; do
        check "$name: $with lists it" sh -c "$with tvf '$SCRATCH/ours.tar'"
        check "$name: $with extracts it" extracts_to "$with" "$SCRATCH/ours.tar" "$SCRATCH/out"
        check_facts "$name: as $with extracted it" "$SCRATCH/out"
    done
    check "$name: the same once more" sh -c '"$0" <"$1" 2>/dev/null | cmp - "$1"' "$COPY" "$SCRATCH/ours.tar"
}

mkdir "$SCRATCH/in"
make_tree "$SCRATCH/in" || exit 3
facts "$SCRATCH/in" >"$SCRATCH/wanted"
for format in gnu pax; do
    tar -C "$SCRATCH/in" --format=$format --sort=name -cf "$SCRATCH/in.tar" .
    judge "tar $format" "$SCRATCH/in.tar"
    check "tar $format: compared by tar" tar -C "$SCRATCH/in" --compare -f "$SCRATCH/ours.tar"
done
bsdtar -C "$SCRATCH/in" --format=pax --no-xattrs --no-acls -cf "$SCRATCH/in.tar" .
judge "bsdtar pax" "$SCRATCH/in.tar"
# bsdtar clamps times in this format.
touch -h -d @1700000000 "$SCRATCH/in/link" "$SCRATCH/in/plain/empty"
facts "$SCRATCH/in" >"$SCRATCH/wanted"
bsdtar -C "$SCRATCH/in" --format=gnutar --no-xattrs --no-acls -cf "$SCRATCH/in.tar" .
judge "bsdtar gnutar" "$SCRATCH/in.tar"
# What ustar can say of it.
find "$SCRATCH/in" \( -name '*nnnnnnnnnnnnnnn*' -o -name long-link -o -name link -o -name empty \) -prune -exec rm -r {} +
facts "$SCRATCH/in" >"$SCRATCH/wanted"
for format in ustar v7 oldgnu posix; do
    tar -C "$SCRATCH/in" --format=$format --sort=name -cf "$SCRATCH/in.tar" .
    judge "tar $format" "$SCRATCH/in.tar"
done
check_finish
