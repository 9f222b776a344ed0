#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/oci-accept.sh BUILD_DIR - who takes what we write, and do we take what others write.
#
# A tiny image around a static busybox is written with every compression to every kind of output, and given to skopeo,
# umoci, oci-image-tool, podman, containerd and Docker. Known refusals (zstd, by programs older than it) are asserted
# as such: when one goes away, the table in docs/compatibility.md is out of date. What others write from our image is
# read back and must hold the same files. The table is printed before the last line.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/docker.sh"
BUILD=$(cd "${1:?usage: oci-accept.sh BUILD_DIR}" && pwd) || exit 3
engines_begin "$BUILD"
need skopeo umoci oci-image-tool podman dockerd ctr busybox jq zstd
MAKE=$BUILD/tests/tools/mkimage
LIST=$BUILD/tests/tools/lsimage
HELLO='hello from barehull'
cd "$SCRATCH" || exit 3
: >matrix

# judge PROGRAM OUTPUT COMPRESSION yes|no COMMAND...: the command must succeed (yes) or fail (no).
judge() {
    local program="$1" output="$2" compression="$3" expected="$4"
    shift 4
    if [ "$expected" = yes ]; then
        check "$program takes $output, $compression" "$@" && echo "$program $output $compression yes" >>matrix
    else
        check_not "$program still refuses $output, $compression" "$@" && echo "$program $output $compression no" >>matrix
    fi
}

# says_hello COMMAND...
says_hello() {
    [ "$("$@")" = "$HELLO" ]
}

# unpacked_equals ROOT: the tree that somebody unpacked, in lsimage's words, against $SCRATCH/expected.
unpacked_equals() {
    (cd "$1" && find . -mindepth 1 \( -type d -o -type f -o -type l \) -printf '%y %m %U %G %s %p %l\n') |
        LC_ALL=C sort -k 6 | while read -r type mode uid gid size path target; do
        sum=-
        case $type in
        f) sum=$(sha256sum "$1/$path" | cut -d ' ' -f 1) ;;
        *) size=0 ;;
        esac
        printf '%s %04d %s %s %s %s %s%s\n' "$type" "$mode" "$uid" "$gid" "$size" "$sum" "${path#.}" "${target:+ -> $target}"
    done >unpacked
    LC_ALL=C sort -k 7 expected | diff - unpacked
}

umoci_unpacks() {
    rm -rf bundle
    umoci unpack --image "$1" bundle && unpacked_equals bundle/rootfs
}

# lists IMAGE: what we read there is what we wrote.
lists() {
    "$LIST" "$1" | diff expected -
}

skopeo_copies() {
    rm -rf copied && skopeo copy --quiet "$1" dir:copied && skopeo inspect --raw dir:copied >raw.json
}

podman_takes() {
    pod rmi --all --force >/dev/null 2>&1
    pod load --quiet --input "$1" && says_hello run_podman "$2"
}

docker_takes() {
    docker_client rmi --force tiny:1 >/dev/null 2>&1
    docker_client load --quiet --input "$1" && says_hello run_docker tiny:1
}

# containerd is the one that dockerd started.
containerd_takes() {
    ctr --address "$DOCKER_RUN/exec/containerd/containerd.sock" -n matrix images import "$1" >imported 2>&1 &&
        grep -q 'docker.io/library/tiny:1' imported
}

podman_begin
docker_begin
engine=$(docker_client version --format '{{.Server.Version}}')

"$MAKE" /bin/busybox gzip oci:first tiny:1 2>/dev/null
"$LIST" first >expected
check_eq "the image has its twelve entries" 12 "$(grep -c . expected)"

for compression in gzip zstd none; do
    "$MAKE" /bin/busybox $compression "oci:layout-$compression" tiny:1 2>/dev/null
    "$MAKE" /bin/busybox $compression "oci-archive:$compression.oci.tar" tiny:1 2>/dev/null
    "$MAKE" /bin/busybox $compression "docker-archive:$compression.docker.tar" tiny:1 2>/dev/null
    case $compression in zstd) old=no ;; *) old=yes ;; esac

    for image in "oci:layout-$compression" "oci-archive:$compression.oci.tar" "docker-archive:$compression.docker.tar"; do
        judge barehull "${image%%:*}" $compression yes lists "$image"
        judge skopeo "${image%%:*}" $compression yes skopeo_copies "$image:tiny:1"
    done
    judge umoci oci $compression $old umoci_unpacks "layout-$compression:tiny:1"
    judge oci-image-tool oci $compression $old oci-image-tool validate --type image --ref name=tiny:1 \
        "layout-$compression"
    judge podman oci-archive $compression yes podman_takes $compression.oci.tar tiny:1
    judge podman docker-archive $compression yes podman_takes $compression.docker.tar tiny:1
    judge docker docker-archive $compression yes docker_takes $compression.docker.tar
    judge containerd oci-archive $compression yes containerd_takes $compression.oci.tar
    judge containerd docker-archive $compression yes containerd_takes $compression.docker.tar
done

# What others make of our image, read by us.
skopeo copy --quiet oci:layout-gzip:tiny:1 docker-archive:skopeo.docker.tar:tiny:1
skopeo copy --quiet --dest-oci-accept-uncompressed-layers oci:layout-none:tiny:1 oci:skopeo-none:tiny:1
skopeo copy --quiet --dest-compress-format zstd --dest-compress oci:layout-none:tiny:1 oci-archive:skopeo-zstd.tar:tiny:1
docker_client save --output docker.tar tiny:1
gzip --keep docker.tar
zstd -q docker.tar
pod save --quiet --format oci-archive --output podman.oci.tar tiny:1
pod save --quiet --format docker-archive --output podman.docker.tar tiny:1
umoci init --layout umoci && umoci new --image umoci:one && umoci unpack --image umoci:one umoci-bundle 2>/dev/null
cp -a bundle/rootfs/. umoci-bundle/rootfs/ && umoci repack --image umoci:one umoci-bundle 2>/dev/null
for image in docker-archive:skopeo.docker.tar oci:skopeo-none oci-archive:skopeo-zstd.tar docker.tar docker.tar.gz \
    docker.tar.zst docker-archive:docker.tar:tiny:1 podman.oci.tar docker-archive:podman.docker.tar oci:umoci:one; do
    check "barehull reads $image" lists "$image"
done

# Other tools' entries survive ours, and ours theirs.
"$MAKE" /bin/busybox gzip oci:umoci tiny:1 2>/dev/null
check "umoci's image is still there" umoci stat --image umoci:one
skopeo copy --quiet oci:layout-none:tiny:1 oci:umoci:tiny:2
check_eq "three names in one layout" "one tiny:1 tiny:2" "$(umoci list --layout umoci | sort | xargs)"

echo
echo "Versions: $(skopeo --version), $(umoci --version | head -n 1), $(podman --version), docker $engine, $(ctr --version)"
echo
echo "| program | output | gzip | zstd | none |"
echo "| --- | --- | --- | --- | --- |"
awk '{ key = $1 " | " $2; if (!(key in seen)) { order[++n] = key; seen[key] = 1 } is[key, $3] = $4 }
    END { for (i = 1; i <= n; i++) print "| " order[i] " | " is[order[i], "gzip"] " | " is[order[i], "zstd"] " | " \
        is[order[i], "none"] " |" }' matrix
check_finish
