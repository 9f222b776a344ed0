#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/badinput.sh BUILD_DIR - bad input, full disks, missing rights and interruptions: a clear message that names
# the thing and the remedy, the documented exit status, nothing on stdout, and nothing half-written left behind.

# shellcheck disable=SC2086 # MIRROR_ARGS is a list of words

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/refused.sh"
engines_begin "$@"
barehull_begin "$@"
need gcc g++ musl-gcc umoci jq setpriv
apps chello bad
mirror_begin

refused_begin

good() {
    local what="$1" layout="$2"
    shift 2
    check "$what" build "$APPS/chello" -t good:good -o "oci:$layout" "$@" &&
        check "$what: the image is whole" umoci unpack --image "$layout:good" "$SCRATCH/whole" &&
        check "$what: and has the program" sh -c 'find "$1" -type f -name chello | grep -q .' sh "$SCRATCH/whole/rootfs"
    rm -rf "$SCRATCH/whole" "$layout"
    no_litter "$what"
}

# --- what is given -------------------------------------------------------------------------------------------------

printf 'just text\n' >text
: >empty
mkdir directory
head -c 100 "$APPS/chello" >truncated-100
head -c 4000 "$APPS/chello" >truncated-4000
head -c 40 /dev/zero | cat "$APPS/chello" - | head -c 64 >header-only
printf '#!/bin/sh\necho hi\n' >script.sh
printf '#!/usr/bin/env perl\nprint 1;\n' >script.pl
cp "$APPS/bad/missing" "$APPS/bad/newglibc" "$APPS/bad/musl" "$APPS/bad/musl-static" .
# e_machine: 0x1234 is nobody's; 2 is SPARC, which the archive does not have.
cp "$APPS/chello" machine && printf '\064\022' | dd of=machine bs=1 seek=18 conv=notrunc status=none
cp "$APPS/chello" sparc && printf '\002\000' | dd of=sparc bs=1 seek=18 conv=notrunc status=none
gcc -c -o object.o "$TESTS/apps/chello.c"
gcc -shared -fPIC -o library.so "$TESTS/apps/bad/missing_lib.c"
chmod +x text empty truncated-* header-only script.* machine sparc
mkfifo fifo
ln -s nowhere dangling
ln -s loop loop

good "a good build first" "$SCRATCH/first"

bad "not an ELF" 3 "text|ELF" text
bad "an empty file" 3 "empty" empty
bad "a directory" 3 "directory" directory
bad "nothing there" 3 "nosuchfile" nosuchfile
bad "a dangling link" 3 "dangling" dangling
bad "a link to itself" 3 "loop" loop
bad "a FIFO" 3 "fifo" fifo
bad "cut after 100 bytes" 3 "truncated-100" truncated-100
bad "cut after 4000 bytes" 3 "truncated-4000" truncated-4000
bad "a header alone" 3 "header-only" header-only
bad "a shell script" 3 "script.sh|/bin/sh" script.sh
bad "a Perl script" 3 "script.pl|perl" script.pl
bad "an object file" 3 "object.o" object.o
bad "a shared library" 3 "library.so" library.so
bad "linked against musl" 3 "musl|glibc|-static" musl
bad "a machine that nobody knows" 3 "machine" machine
bad "a machine that the archive does not have" 3 "sparc" sparc
bad "another architecture than asked for" 3 "arm64" "$APPS/chello" --arch arm64
bad "a library that no package has" 3 "libnothere.so.1|missing|--include" missing
bad "a newer glibc" 3 "GLIBC_2.38|libc.so.6|newglibc|__isoc23_strtol|trixie" newglibc
bad "a package that is not there" 3 "nosuchpackage" "$APPS/chello" --package nosuchpackage
bad "an included file that is not there" 3 "nosuchfile" "$APPS/chello" --include nosuchfile:/etc/x
bad "an included file over the program's loader" 2 "/lib64|directory" "$APPS/chello" --include text:/lib64
check "a static musl program needs no glibc and is welcome" build musl-static -t good:good -o "oci:$SCRATCH/static"

# --- usage ---------------------------------------------------------------------------------------------------------

bad "an unknown option" 2 "--frobnicate|--help" "$APPS/chello" --frobnicate
bad "a misspelt option" 2 "--inclde|--include" "$APPS/chello" --inclde a:b
bad "an include without a target" 2 "text|SRC:DST" "$APPS/chello" --include text
bad "an include to a relative path" 2 "text:etc/x|absolute" "$APPS/chello" --include text:etc/x
bad "a user that is no number" 2 "nobody|number" "$APPS/chello" --user nobody
bad "a file where a directory must be" 2 "/etc|directory" "$APPS/chello" --include text:/etc
bad "an unknown base" 2 "--base|alpine" "$APPS/chello" --base alpine
bad "an unknown compression" 2 "--compress|lzma" "$APPS/chello" --compress lzma
bad "a text beside a program" 3 "text" "$APPS/chello" text
bad "two programs of one machine" 2 "amd64" "$APPS/chello" "$APPS/chello"
run "$BAREHULL" build
refused "no program" 2 "APP"
run "$BAREHULL" biuld x
refused "a misspelt command" 2 "biuld|build"
run "$BAREHULL" build "$APPS/chello" -t bad:1 -o oci:out --package
refused "an option without its value" 2 "--package"
run build "$APPS/chello" -t 'Bad Name:1' -o oci:out
refused "a bad reference" 2 "Bad Name"
run build "$APPS/chello" -t good:1 -o 'zip:out.zip'
refused "an unknown output" 2 "zip|oci:"
run build "$APPS/chello" -t good:1 -o oci:out --mirror gopher://127.0.0.1/
refused "a mirror by an unknown scheme" 3 "gopher|http:"

# --- where it goes -------------------------------------------------------------------------------------------------

mkdir "$SCRATCH/full" "$SCRATCH/readonly"
at_exit "umount $SCRATCH/full $SCRATCH/readonly"
mount -t tmpfs -o size=256k tmpfs "$SCRATCH/full"
run build "$APPS/chello" -t bad:1 -o "oci:$SCRATCH/full/out"
refused "a full disk" 3 "out|o space left|--output"
check_eq "a full disk: holds nothing afterwards" "" "$(find "$SCRATCH/full" -mindepth 1)"
run build "$APPS/chello" -t bad:1 -o "oci-archive:$SCRATCH/full/out.tar"
refused "a full disk, an archive" 3 "out.tar|o space left|--output"
check_eq "a full disk, an archive: holds nothing afterwards" "" "$(find "$SCRATCH/full" -mindepth 1)"
run sh -c '"$@" >/dev/full' sh "$BAREHULL" build "$APPS/chello" -t bad:1 -o oci-archive:- $MIRROR_ARGS
refused "a full standard output" 3 "o space left"
run env XDG_CACHE_HOME="$SCRATCH/full/cache" "$BAREHULL" build "$APPS/chello" -t bad:1 -o oci:out $MIRROR_ARGS
refused "a cache on a full disk" 3 "cache|o space left"
rm -rf "$SCRATCH/full/cache"

mount -t tmpfs -o size=256k,ro tmpfs "$SCRATCH/readonly"
run build "$APPS/chello" -t bad:1 -o "oci:$SCRATCH/readonly/out"
refused "a read-only directory" 3 "readonly/out|ead-only"
run env XDG_CACHE_HOME="$SCRATCH/readonly/cache" "$BAREHULL" build "$APPS/chello" -t bad:1 -o oci:out $MIRROR_ARGS
refused "a read-only cache" 3 "readonly/cache|BAREHULL_CACHE_DIR"

mkdir -m 755 "$SCRATCH/roots"
cp "$BAREHULL" "$SCRATCH/barehull" # the tree may lie where nobody else may look
nobody() {
    setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --no-new-privs -- "$@"
}
mkdir -m 777 "$SCRATCH/theirs"
cp "$APPS/chello" "$SCRATCH/theirs/"
run nobody env XDG_CACHE_HOME="$SCRATCH/theirs/cache" "$SCRATCH/barehull" build "$SCRATCH/theirs/chello" -t bad:1 \
    -o "oci:$SCRATCH/roots/out" $MIRROR_ARGS
refused "no permission to write" 3 "roots/out|ermission denied"
cp "$APPS/chello" "$SCRATCH/secret" && chmod 600 "$SCRATCH/secret"
run nobody env XDG_CACHE_HOME="$SCRATCH/theirs/cache" "$SCRATCH/barehull" build "$SCRATCH/secret" -t bad:1 \
    -o "oci:$SCRATCH/theirs/out" $MIRROR_ARGS
refused "no permission to read" 3 "secret|ermission denied"
check_eq "no permission to read: no output" "" "$(find "$SCRATCH/theirs" -name out)"

mkdir occupied && echo mine >occupied/file
bad_before=$(find occupied | sort)
run build "$APPS/chello" -t bad:1 -o oci:occupied
refused "a directory that is no layout" 3 "occupied"
check_eq "a directory that is no layout: untouched" "$bad_before" "$(find occupied | sort)"
cp text out.txt
run build "$APPS/chello" -t bad:1 -o oci:out.txt
refused "a file in the layout's place" 3 "out.txt"
check_eq "a file in the layout's place: untouched" "just text" "$(cat out.txt)"
rm out.txt

# --- the archive is away -------------------------------------------------------------------------------------------

export XDG_CACHE_HOME="$SCRATCH/cold"
run "$BAREHULL" build "$APPS/chello" -t bad:1 -o oci:out --mirror http://127.0.0.1:9/debian --keyring "$MIRROR_KEYRING" --suite bookworm
refused "a mirror that refuses" 3 "127.0.0.1:9"
run "$BAREHULL" build "$APPS/chello" -t bad:1 -o oci:out --offline
refused "offline with a cold cache" 3 "offline|--offline"
run "$BAREHULL" build "$APPS/chello" -t bad:1 -o oci:out --mirror "$MIRROR_URL" --keyring "$WORK/text" \
    --suite bookworm
refused "a keyring that is none" 3 "text"
run "$BAREHULL" build "$APPS/chello" -t bad:1 -o oci:out --mirror "$MIRROR_URL" --keyring nosuchkeyring \
    --suite bookworm
refused "a keyring that is not there" 3 "nosuchkeyring"
run "$BAREHULL" build "$APPS/chello" -t bad:1 -o oci:out --mirror "$MIRROR_URL" --keyring "$MIRROR_KEYRING" --suite potato
refused "a suite that is not there" 3 "potato"
export XDG_CACHE_HOME="$SCRATCH/cache"
good "works from the cache when the mirror is away" "$SCRATCH/away" --offline

# --- interrupted ---------------------------------------------------------------------------------------------------

# A mirror that accepts and then never answers.
process_start silent /usr/bin/python3 -c 'import socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(64)
print(s.getsockname()[1], flush=True)
time.sleep(600)'
wait_until 5 test -s "$SCRATCH/silent.log"
SILENT=http://127.0.0.1:$(cat "$SCRATCH/silent.log")/debian
export XDG_CACHE_HOME="$SCRATCH/cold"
for end in INT:130 TERM:143; do
    signal=${end%:*}
    # A background job of a shell ignores SIGINT: have it back to its default first.
    run timeout --preserve-status --signal=$signal 1 /usr/bin/env --default-signal=INT "$BAREHULL" build \
        "$APPS/chello" -t bad:1 -o oci:out --mirror "$SILENT" --keyring "$MIRROR_KEYRING" --suite bookworm
    refused "SIG$signal while waiting for a mirror" ${end#*:} "interrupted"
done
export XDG_CACHE_HOME="$SCRATCH/cache"

# --- killed, and side by side --------------------------------------------------------------------------------------

# kill -9 at moments spread over a whole cold build; whatever it leaves must not hurt the next one.
export XDG_CACHE_HOME="$SCRATCH/killed"
start=$(date +%s%N)
build "$APPS/chello" -t good:good -o "oci:$SCRATCH/k" >/dev/null 2>&1
took=$((($(date +%s%N) - start) / 1000000))
rm -rf "$XDG_CACHE_HOME" "$SCRATCH/k"
step=0
while [ "$step" -lt 20 ]; do
    [ $((step % 5)) -ne 0 ] || rm -rf "$XDG_CACHE_HOME"
    delay=$((took * (step % 10 + 1) / 11))
    timeout --signal=KILL "$((delay / 1000)).$(printf %03d $((delay % 1000)))" "$BAREHULL" build "$APPS/chello" \
        -t good:good -o "oci:$SCRATCH/k" -o "oci-archive:$SCRATCH/k.tar" $MIRROR_ARGS >/dev/null 2>&1
    step=$((step + 1))
done
check "after twenty kills: a good build into the same layout" build "$APPS/chello" -t good:good -o "oci:$SCRATCH/k" \
    -o "oci-archive:$SCRATCH/k.tar"
check "after twenty kills: the image is whole" umoci unpack --image "$SCRATCH/k:good" "$SCRATCH/k-whole"
check "after twenty kills: the archive is whole" skopeo inspect --raw "oci-archive:$SCRATCH/k.tar"
export XDG_CACHE_HOME="$SCRATCH/undisturbed"
check "an undisturbed build" build "$APPS/chello" -t good:good -o "oci:$SCRATCH/undisturbed-out"
check_eq "after twenty kills: the same digest as undisturbed" "$(layout_manifest "$SCRATCH/undisturbed-out" good)" \
    "$(layout_manifest "$SCRATCH/k" good)"

# Eight builds into one layout with one cold cache: each tag is there, each image is whole.
export XDG_CACHE_HOME="$SCRATCH/together"
for n in 1 2 3 4 5 6 7 8; do
    build "$APPS/chello" -t "good:n$n" -o "oci:$SCRATCH/one" --label "n=$n" >"$SCRATCH/together-$n.log" 2>&1 &
    pids="${pids:-} $!"
done
for pid in $pids; do
    wait "$pid"
    check_eq "side by side: exit status" 0 $?
done
for n in 1 2 3 4 5 6 7 8; do
    check "side by side: tag n$n" umoci unpack --image "$SCRATCH/one:n$n" "$SCRATCH/one-$n" || cat "$SCRATCH/together-$n.log"
done
check_eq "side by side: one index with eight tags" 8 "$(jq '.manifests | length' "$SCRATCH/one/index.json")"
no_litter "side by side"
check_eq "side by side: no temporary file in the layout" "" "$(find "$SCRATCH/one" -name '.barehull-*')"

check_finish
