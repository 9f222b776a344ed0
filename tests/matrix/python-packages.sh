#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/python-packages.sh BUILD_DIR [NAME...] - each program of python-packages.txt does the same in a hardened
# image of Debian's packages as on a plain Debian system that has them: same output, and the build warns of nothing.
# SUITE=trixie does so with Debian 13, for the programs that its list names. Uses the machine's own archives; what it
# fetched is kept. Size and time of each in $TEST_CACHE/python-packages-SUITE/report.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
engines_begin "$@"
barehull_begin "$@"
need crun umoci jq nsenter mmdebstrap setpriv
[ $# -eq 0 ] || shift
SUITE=${SUITE:-bookworm}
LIST=$TESTS/matrix/python-packages.txt
STATE=$TEST_CACHE/python-packages-$SUITE
PLAIN=$STATE/root
mkdir -p "$STATE"
# What is downloaded for so many images is kept.
export XDG_CACHE_HOME="$STATE/cache"
netns_start

# Of another release: some of each kind, under the names that it has.
SOME='requests aiohttp flask django sqlalchemy psycopg2 lxml pil numpy pandas matplotlib cryptography pydantic magic
    gevent zmq uvloop tz argon2 cairocffi'

# $SCRATCH/programs/NAME/{main.py,../NAME.packages}; the names in order in $SCRATCH/names.
split() {
    mkdir -p "$SCRATCH/programs"
    awk -v dir="$SCRATCH/programs" '
        /^=== / {
            name = $2
            print name
            packages = NF == 2 ? "python3-" name : substr($0, length(name) + 6)
            print packages >(dir "/" name ".packages")
            system("mkdir -p " dir "/" name)
            next
        }
        name { print >(dir "/" name "/main.py") }' "$LIST" >"$SCRATCH/names"
    # shellcheck disable=SC2086 # words
    [ "$SUITE" = bookworm ] || printf '%s\n' $SOME >"$SCRATCH/names"
}

# A system that has all of them, by Debian's own installer.
plain_make() {
    local packages archives
    packages=$(while read -r name; do cat "$SCRATCH/programs/$name.packages"; done <"$SCRATCH/names" | tr ' ' '\n' | sort -u |
        paste -sd, -)
    [ "$packages" != "$(cat "$STATE/packages" 2>/dev/null)" ] || return 0
    rm -rf --one-file-system "$PLAIN"
    # shellcheck disable=SC2016 # apt's own
    archives=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        sort -u | sed "s/^/deb /; s/ bookworm/ $SUITE/")
    mmdebstrap --quiet --variant=minbase --mode=root --aptopt='APT::Install-Recommends "0"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt=force-unsafe-io --include="python3,$packages" "$SUITE" "$PLAIN" \
        "$archives" && echo "$packages" >"$STATE/packages"
}

# On the plain system, as the same user, with the same network.
plain_run() {
    mkdir -p "$PLAIN/app"
    cp "$SCRATCH/programs/$1/main.py" "$PLAIN/app/main.py"
    rm -rf "$PLAIN/tmp"
    mkdir -m 1777 "$PLAIN/tmp"
    in_netns timeout --kill-after=5 120 unshare --mount --pid --fork chroot "$PLAIN" sh -c 'mount -t proc proc /proc && mount -t tmpfs tmpfs /dev/shm &&
        cd /app && exec env -i "$@"' sh PATH=/usr/local/bin:/usr/bin:/bin HOME=/nonexistent LANG=C.UTF-8 \
        PYTHONDONTWRITEBYTECODE=1 setpriv --reuid=65532 --regid=65532 --clear-groups python3 main.py \
        >"$SCRATCH/plain.out" 2>"$SCRATCH/plain.err" </dev/null
}

image_run() {
    run_dir "$BUNDLE" "$(run_netns)" '[]'
    timeout --kill-after=5 120 crun --root "$SCRATCH/state" run --bundle "$RUN_DIR" "$RUN_ID"
}

# Addresses of objects are of one run alone.
same() {
    sed 's/0x[0-9a-f]\{6,\}/0x/g' "$1"
}

one() {
    local name="$1" options='' package status begin
    # shellcheck disable=SC2013 # words of one line
    for package in $(cat "$SCRATCH/programs/$name.packages"); do
        options="$options --package $package"
    done
    begin=$(date +%s%N)
    # shellcheck disable=SC2086
    if ! build "$SCRATCH/programs/$name" -t "$name:1" -o "oci:$SCRATCH/oci" --suite "$SUITE" --entrypoint '["/usr/bin/python3", "/app/main.py"]' --format json \
        $options         >"$SCRATCH/build.json" 2>"$SCRATCH/build.log"; then
        check_fail "$name: builds" "$(cat "$SCRATCH/build.log" "$SCRATCH/build.json")"
        return
    fi
    printf '%s\t%s\t%s ms\n' "$name" "$(jq .images[0].unpacked_bytes "$SCRATCH/build.json")" \
        $((($(date +%s%N) - begin) / 1000000)) >>"$STATE/report"
    check_eq "$name: warns of nothing" "" "$(grep -i warning "$SCRATCH/build.log")"
    bundle_new matrix "$SCRATCH/oci" 1 || return
    image_run >"$SCRATCH/image.out" 2>"$SCRATCH/image.err" </dev/null
    status=$?
    plain_run "$name"
    check_eq "$name: does the same" "0 $(same "$SCRATCH/plain.out")" "$status $(same "$SCRATCH/image.out")" ||
        { tail -n 8 "$SCRATCH/image.err" | sed 's/^/    image: /'; tail -n 4 "$SCRATCH/plain.err" | sed 's/^/    plain: /'; }
    rm -rf --one-file-system "$SCRATCH/oci" "$BUNDLE" "$SCRATCH/runs"
}

split
: >"$STATE/report"
check "the plain system is made" plain_make || check_finish
# shellcheck disable=SC2046 # words
[ $# -gt 0 ] || set -- $(cat "$SCRATCH/names")
for name; do
    one "$name"
done
check_finish
