#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/dockerfile.sh BUILD_DIR - the repository's own Dockerfile by every builder: dockerd's classic one,
# BuildKit, and buildah; with the unit tests; for amd64, and cross-compiled for arm64, which runs under qemu.
#
# All of them, and the machine itself, give the same bytes. The bases lie in each engine's own storage under the names
# that the Dockerfile has for them: Debian 12 from an archive on loopback, gcr.io/distroless/static-debian12:nonroot from
# barehull, for both machines. Prints how long each took.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/docker.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/builder.sh"
. "$LIB/server_image.sh"
engines_begin "$@"
barehull_begin "$@"
need buildah dockerd skopeo umoci crun runc jq curl readelf qemu-aarch64-static aarch64-linux-gnu-gcc
ROOT=$(realpath "$TESTS/..")
BUILD=$(dirname "$BAREHULL")
LABELS='--build-arg REVISION=0123abc --build-arg SOURCE=https://git.example/barehull'
apps inside
netns_start
# dockerd, the registry and the archives meet on the loopback of one namespace.
BUILDER_IN="nsenter --target $NETNS_PID --net --"
builder_begin arm64
builder_static amd64 "$BUILD/healthcheck"
builder_static arm64 "$BUILD/healthcheck-aarch64"
: >"$SCRATCH/times"

# timed WHAT COMMAND...
timed() {
    local begin
    begin=$(date +%s)
    check "$@"
    echo "$1: $(($(date +%s) - begin)) s" >>"$SCRATCH/times"
}

# programs WHAT LAYOUT TAG: the two of the layer on top, in $SCRATCH/programs/WHAT.
programs() {
    mkdir -p "$SCRATCH/programs/$1"
    server_image_top "$2" "$3" | tar -xz -C "$SCRATCH/programs/$1" app/barehull app/healthcheck
}

same_programs() {
    for program in barehull healthcheck; do
        check "$1 and $2: the same $program" cmp "$SCRATCH/programs/$1/app/$program" "$SCRATCH/programs/$2/app/$program"
    done
}

# runs_on_arm WHAT: the programs of $SCRATCH/programs/WHAT, on the loopback of the test.
runs_on_arm() {
    local here="$SCRATCH/programs/$1/app"
    check_has "$1: is for arm64" "$(readelf -hW "$here/barehull")" AArch64
    check_eq "$1: says its version" "barehull $(server_version)" "$(qemu-aarch64-static "$here/barehull" version)"
    process_start "$1" nsenter --target "$NETNS_PID" --net -- env ALLOWED_ORIGINS=none PORT=8099 qemu-aarch64-static "$here/barehull" serve
    wait_until 20 in_netns curl -fs -o /dev/null http://127.0.0.1:8099/readyz
    check_eq "$1: its probe finds it ready" "ready: 'http://127.0.0.1:8099/readyz' answered 200" \
        "$(in_netns env PORT=8099 qemu-aarch64-static "$here/healthcheck" 2>&1)"
    server_image_answers "$1" in_netns http://127.0.0.1:8099
    kill -TERM "$PROCESS_PID"
    wait "$PROCESS_PID"
    check_eq "$1: TERM ends it with 0" 0 $? || tail -n 5 "$SCRATCH/$1.log"
}

# --- buildah, in the namespace of the archives: amd64 with its unit tests, and arm64 ---------------------------------

buildah_begin
buildah_base docker.io/library/debian:12 "$BUILDER_TAR"
buildah_take "$SCRATCH/static-amd64" gcr.io/distroless/static-debian12:nonroot
# shellcheck disable=SC2086 # words
timed "buildah, amd64, unit tests" buildah_build $LABELS -t localhost/barehull:amd64 "$ROOT"
buildah_give localhost/barehull:amd64 "$SCRATCH/buildah-image"
programs buildah "$SCRATCH/buildah-image" amd64

buildah_take "$SCRATCH/static-arm64" gcr.io/distroless/static-debian12:nonroot
# shellcheck disable=SC2086
timed "buildah, arm64" buildah_build $LABELS --build-arg TESTS=none --platform linux/arm64 -t localhost/barehull:arm64 "$ROOT"
buildah_give localhost/barehull:arm64 "$SCRATCH/buildah-image"
server_image_files "buildah, arm64" "$SCRATCH/static-arm64" "$SCRATCH/buildah-image" arm64
check_eq "buildah, arm64: the image says so" arm64 "$(server_image_config "$SCRATCH/buildah-image" arm64 | jq -r .architecture)"
programs buildah-arm64 "$SCRATCH/buildah-image" arm64
runs_on_arm buildah-arm64
output=$(buildah_build --build-arg ARCH=arm64 -t localhost/barehull:none "$ROOT" 2>&1)
check_ne "buildah, ARCH in the place of --platform: refused" 0 $?
check_has "and why" "$output" "wants --platform linux/arm64"

# --- dockerd ---------------------------------------------------------------------------------------------------------

docker_begin "$NETNS_PID"
check "docker has Debian 12" docker_base debian:12 "$BUILDER_TAR"
docker_take() {
    skopeo copy --quiet "oci:$SCRATCH/static-$1:nonroot" "docker-archive:$SCRATCH/static-$1.tar:gcr.io/distroless/static-debian12:nonroot" &&
        docker_client load --quiet --input "$SCRATCH/static-$1.tar"
}

# docker_build 0|1 ARGS...: by BuildKit (1) or the classic builder.
docker_build() {
    local kit="$1"
    shift
    # shellcheck disable=SC2086
    DOCKER_BUILDKIT=$kit docker_client build --network host $LABELS "$@" "$ROOT"
}

docker_give() {
    docker_client save --output "$SCRATCH/$1.tar" "barehull:$1" &&
        skopeo copy --quiet "docker-archive:$SCRATCH/$1.tar" "oci:$SCRATCH/docker-image:$1"
}

# docker_judge WHAT TAG ARCHITECTURE
docker_judge() {
    server_image_states "$1" "$(docker_client inspect --format '{{json .Config}}' "barehull:$2")"
    check_eq "$1: its architecture" "$3" "$(docker_client inspect --format '{{.Architecture}}' "barehull:$2")"
    check "$1: is read" docker_give "$2"
    server_image_files "$1" "$SCRATCH/static-$3" "$SCRATCH/docker-image" "$2"
    programs "$2" "$SCRATCH/docker-image" "$2"
}

tests=none # those of this machine, where it compiles for another
for machine in amd64 arm64; do
    check "docker has the static base for $machine" docker_take $machine
    timed "dockerd's classic builder, $machine" docker_build 0 --build-arg TESTS=none --build-arg ARCH=$machine -t barehull:classic-$machine
    docker_judge "dockerd's classic builder, $machine" classic-$machine $machine
    timed "BuildKit, $machine, tests: $tests" docker_build 1 --build-arg TESTS=$tests --platform linux/$machine -t barehull:buildkit-$machine
    docker_judge "BuildKit, $machine" buildkit-$machine $machine
    tests=unit
done
same_programs buildah classic-amd64
same_programs buildah buildkit-amd64
same_programs buildah-arm64 classic-arm64
same_programs buildah-arm64 buildkit-arm64

# --- the image that docker made, in earnest --------------------------------------------------------------------------

bundle_new classic "$SCRATCH/docker-image" classic-amd64
server_image_bare "docker's image"
for engine in crun runc; do
    cp "$BUNDLE/config.json" "$SCRATCH/config.json"
    server_image_serves "docker's image under $engine" $engine
    mv "$SCRATCH/config.json" "$BUNDLE/config.json"
done
id=$(docker_client run --detach --read-only --cap-drop ALL --security-opt no-new-privileges --network none \
    --env ALLOWED_ORIGINS=none barehull:classic-amd64)
docker_healthy() {
    [ "$(docker_client inspect --format '{{.State.Health.Status}}' "$id")" = healthy ]
}
check "dockerd's own timer finds it healthy" wait_until 30 docker_healthy
check "docker stops it" docker_client stop --time 20 "$id"
check_eq "with status 0" 0 "$(docker_client inspect --format '{{.State.ExitCode}}' "$id")"
docker_client rm "$id" >/dev/null

# --- the machine itself ----------------------------------------------------------------------------------------------

mkdir -p "$SCRATCH/elsewhere" "$SCRATCH/programs/here/app"
git -C "$ROOT" ls-files -z | (cd "$ROOT" && xargs -0 cp --parents -t "$SCRATCH/elsewhere")
check "the programs are built in another directory" "$SCRATCH/elsewhere/tools/build-server" amd64 "$SCRATCH/programs/here/app"
same_programs here buildah

cat "$SCRATCH/times"
check_finish
