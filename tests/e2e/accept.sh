#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/accept.sh BUILD_DIR - judges that nobody here wrote: who accepts the outputs, by form and compression.
#
#   gzip, none   everyone
#   zstd         skopeo, podman, containerd; umoci 0.4, docker 20.10 and oci-image-tool know no zstd and are not asked

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/docker.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
engines_begin "$@"
barehull_begin "$@"
need skopeo umoci oci-image-tool podman dockerd ctr jq gcc
apps chello cxxthrow
mirror_begin

OUT=$SCRATCH/out
mkdir "$OUT"
podman_begin
docker_begin
registry_begin

# A version that the program prints, so that each accepted image is also run.
VERSION="chello 1.0"

config_of() {
    skopeo inspect --config --raw "$1"
}

accepts_layout() {
    local how="$1" layout="$OUT/$1"
    check "$how: skopeo inspects the layout" skopeo inspect "oci:$layout:$how"
    check "$how: skopeo copies it into a registry" skopeo copy --quiet --preserve-digests --dest-tls-verify=false \
        "oci:$layout:$how" "docker://$REGISTRY/chello:$how"
    check_eq "$how: the registry has the same digest" "sha256:$(layout_manifest "$layout" "$how")" \
        "$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$REGISTRY/chello:$how")"
    check "$how: skopeo copies every blob" skopeo copy --quiet "oci:$layout:$how" "dir:$OUT/$how.dir"
    [ "$how" != zstd ] || return 0
    check "$how: umoci stats" umoci stat --json --image "$layout:$how"
    bundle_new "$how" "$layout" "$how" && check_pass "$how: umoci unpacks"
    check_eq "$how: and crun runs it" "$VERSION" "$(run_oci crun "$BUNDLE" --version 2>&1)"
    check "$how: oci-image-tool validates the image" oci-image-tool validate --type image --ref "name=$how" "$layout"
}

accepts_oci_archive() {
    local how="$1" file="$OUT/$1.oci.tar"
    check "$how: skopeo inspects the archive" skopeo inspect "oci-archive:$file"
    check_eq "$how: layout and archive hold the same manifest" "$(skopeo inspect --raw "oci:$OUT/$how:$how")" \
        "$(skopeo inspect --raw "oci-archive:$file")"
    check "$how: podman loads the archive" pod load --quiet --input "$file"
    check_eq "$how: podman knows it by its name and runs it" "$VERSION" "$(run_podman "chello:$how" --version 2>&1)"
    pod rmi --force "chello:$how" >/dev/null 2>&1
    check "$how: containerd imports it" ctr --address "$DOCKER_RUN/exec/containerd/containerd.sock" \
        --namespace k8s.io images import --all-platforms "$file"
}

accepts_docker_archive() {
    local how="$1" file="$OUT/$1.docker.tar"
    check "$how: skopeo inspects the docker archive" skopeo inspect "docker-archive:$file"
    check_eq "$how: docker archive and layout hold the same layers" \
        "$(config_of "oci:$OUT/$how:$how" | jq -c .rootfs.diff_ids)" "$(config_of "docker-archive:$file" | jq -c .rootfs.diff_ids)"
    check "$how: podman loads the docker archive" pod load --quiet --input "$file"
    [ "$how" != zstd ] || return 0
    check "$how: docker loads it" docker_client load --input "$file"
    check_eq "$how: docker knows it by its name and runs it" "$VERSION" "$(run_docker "chello:$how" --version 2>&1)"
    check_eq "$how: docker sees the user" "65532:65532" \
        "$(docker_client inspect --format '{{.Config.User}}' "chello:$how" 2>&1)"
}

for how in gzip none zstd; do
    check "$how: builds all three forms at once" build "$APPS/chello" -t "chello:$how" --compress $how \
        -o "oci:$OUT/$how" -o "oci-archive:$OUT/$how.oci.tar" -o "docker-archive:$OUT/$how.docker.tar" || continue
    accepts_layout $how
    accepts_oci_archive $how
    accepts_docker_archive $how
done

check_eq "gzip and zstd: the same layers inside" "$(config_of "oci:$OUT/gzip:gzip" | jq -c .rootfs)" \
    "$(config_of "oci:$OUT/zstd:zstd" | jq -c .rootfs)"
check_eq "gzip and none: the same layers inside" "$(config_of "oci:$OUT/gzip:gzip" | jq -c .rootfs)" \
    "$(config_of "oci:$OUT/none:none" | jq -c .rootfs)"

build "$APPS/chello" -t chello:stdout -o oci-archive:- >"$OUT/stdout.tar" 2>"$OUT/stdout.log"
check_eq "to standard output: exit status" 0 $?
check "to standard output: podman loads it" pod load --quiet --input "$OUT/stdout.tar"

# Another program with the same closure shares the base layer in one layout.
cp "$APPS/chello" "$OUT/second" && printf x >>"$OUT/second"
check "a second program into the same layout" build "$OUT/second" -t second:second -o "oci:$OUT/gzip"
for tag in gzip second; do
    check "a shared layout: oci-image-tool validates $tag" oci-image-tool validate --type image --ref "name=$tag" "$OUT/gzip"
done
layers_of() {
    jq -r '.layers[].digest' "$OUT/gzip/blobs/sha256/$(layout_manifest "$OUT/gzip" "$1")"
}
check_eq "a shared layout: all layers but the program's own are shared" "$(layers_of gzip | sed '$d')" \
    "$(layers_of second | sed '$d')"

check_finish
