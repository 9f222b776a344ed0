#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/determinism.sh BUILD_DIR - the same input gives the same digests, whatever the circumstances: place, umask,
# time zone, locale, order, cache, threads, and a user who may neither become root nor make a user namespace.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
engines_begin "$@"
barehull_begin "$@"
need gcc g++ jq setpriv unshare
apps tlsserver cxxthrow
mirror_begin

mkdir -p "$SCRATCH/in/a" "$SCRATCH/in/b" "$SCRATCH/elsewhere/deep"
chmod 777 "$SCRATCH/elsewhere"
cp "$APPS/tlsserver" "$SCRATCH/in/tlsserver"
echo one >"$SCRATCH/in/a/one"
echo two >"$SCRATCH/in/b/two"
# The tree may lie where an unprivileged user may not look.
cp "$BAREHULL" "$SCRATCH/barehull"
BAREHULL=$SCRATCH/barehull

ARGS="-t app:app --include $SCRATCH/in/a:/data/a --include $SCRATCH/in/b:/data/b --env B=2 --env A=1 --label y=2 --label x=1"

# digests DIR: what must never change: of the manifest, of both archives.
digests() {
    layout_manifest "$1/layout" app
    sha256sum <"$1/oci.tar"
    sha256sum <"$1/docker.tar"
}

# once NAME COMMAND-PREFIX...: one build under the prefix, in a directory of its own.
once() {
    local dir="$SCRATCH/out-$1" what="$1"
    shift
    mkdir -m 777 "$dir"
    # shellcheck disable=SC2086
    check "$what: builds" "$@" "$BAREHULL" build "$SCRATCH/in/tlsserver" $ARGS $MIRROR_ARGS -o "oci:$dir/layout" \
        -o "oci-archive:$dir/oci.tar" -o "docker-archive:$dir/docker.tar"
}

same() {
    once "$@" && check_eq "$1: the same digests" "$EXPECTED" "$(digests "$SCRATCH/out-$1")"
}

once first env
EXPECTED=$(digests "$SCRATCH/out-first")

same again env
cd "$SCRATCH/elsewhere/deep" || exit 3
same another-directory env
cd / || exit 3
same umask-077 sh -c 'umask 077; exec "$@"' sh
same umask-000 sh -c 'umask 000; exec "$@"' sh
same time-zone env TZ=Asia/Kolkata
same locale env LC_ALL=C.UTF-8 LANG=de_DE.UTF-8
same one-thread env BAREHULL_THREADS=1
same seven-threads env BAREHULL_THREADS=7
same empty-environment env -i "XDG_CACHE_HOME=$XDG_CACHE_HOME"
same cold-cache env "XDG_CACHE_HOME=$SCRATCH/cold"
same offline env BAREHULL_OFFLINE=1
touch -d '2001-02-03' "$SCRATCH/in/tlsserver" "$SCRATCH/in/a/one"
same other-times env
chmod 700 "$SCRATCH/in/tlsserver"
chmod 600 "$SCRATCH/in/b/two"
same other-rights env
chmod 755 "$SCRATCH/in/tlsserver"
chmod 644 "$SCRATCH/in/b/two"

# Relative and through links.
ln -s "$SCRATCH/in" "$SCRATCH/link"
mkdir "$SCRATCH/out-relative"
cd "$SCRATCH/in" || exit 3
# shellcheck disable=SC2086
check "relative paths through a link: builds" "$BAREHULL" build ../link/./tlsserver -t app:app --include a:/data/a \
    --include ../link/b/:/data/b --env B=2 --env A=1 --label y=2 --label x=1 $MIRROR_ARGS \
    -o oci:../out-relative/layout -o oci-archive:../out-relative/oci.tar -o docker-archive:../out-relative/docker.tar
check_eq "relative paths through a link: the same digests" "$EXPECTED" "$(digests "$SCRATCH/out-relative")"
cd / || exit 3

# In a root that is not the mount namespace's own nobody can make a user namespace, and nothing here is set-uid.
JAIL=$(mktemp -d /run/barehull-root.XXXXXX)
at_exit "rmdir $JAIL"
mount --rbind / "$JAIL"
at_exit "umount --recursive --lazy $JAIL"
unprivileged() {
    chroot "$JAIL" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
        -- env -i "XDG_CACHE_HOME=$SCRATCH/out-unprivileged/cache" "$@"
}
check_eq "unprivileged: is not root" 65534 "$(unprivileged id -u)"
check_not "unprivileged: can't make a user namespace" unprivileged unshare --user true
same unprivileged unprivileged
check_eq "unprivileged: all files in the image are root's, and the home is the user's" "0/0
65532/0" "$(layer_owners "$SCRATCH/out-unprivileged/layout" app)"

# A time of one's own: SOURCE_DATE_EPOCH changes the digests, and repeats.
once epoch-1 env SOURCE_DATE_EPOCH=1700000000
once epoch-2 env SOURCE_DATE_EPOCH=1700000000
check_eq "SOURCE_DATE_EPOCH: repeats" "$(digests "$SCRATCH/out-epoch-1")" "$(digests "$SCRATCH/out-epoch-2")"
check_ne "SOURCE_DATE_EPOCH: is used" "$EXPECTED" "$(digests "$SCRATCH/out-epoch-1")"

# Nothing of this machine in what ships: no host name, no path, no time.
mkdir "$SCRATCH/plain"
skopeo copy --quiet "oci-archive:$SCRATCH/out-first/oci.tar" "dir:$SCRATCH/plain"
for blob in "$SCRATCH/plain/"*; do
    gzip -dc "$blob" 2>/dev/null || cat "$blob"
done >"$SCRATCH/bytes"
check_not "no path of this machine in the image" grep -qaF "$SCRATCH" "$SCRATCH/bytes"

check_finish
