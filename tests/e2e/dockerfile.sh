#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/dockerfile.sh BUILD_DIR - the repository's own Dockerfile: buildah builds it on Debian 12 and on a
# gcr.io/distroless/static-debian12 that barehull made; the image is opened and run hardened.
# With unit tests, optimized, for arm64, and with Docker's builders: tests/matrix/dockerfile.sh.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/builder.sh"
. "$LIB/server_image.sh"
engines_begin "$@"
barehull_begin "$@"
need buildah skopeo umoci crun jq curl readelf
ROOT=$(realpath "$TESTS/..")
apps inside
netns_start
builder_begin

check "the Dockerfile passes our own check" "$BAREHULL" check "$ROOT/Dockerfile"
check "its version is the program's" grep -qx "ARG VERSION=$(server_version)" "$ROOT/Dockerfile"

builder_static amd64 "$(dirname "$BAREHULL")/healthcheck"
buildah_begin
buildah_base docker.io/library/debian:12 "$BUILDER_TAR"
buildah_hurried docker.io/library/debian:12
buildah_take "$SCRATCH/static-amd64" gcr.io/distroless/static-debian12:nonroot

check "buildah builds it" buildah_build --build-arg TESTS=none --build-arg REVISION=0123abc \
    --build-arg SOURCE=https://git.example/barehull -t localhost/barehull:test "$ROOT" || check_finish
server_image_states "buildah" "$(bud inspect --type image localhost/barehull:test | jq .Docker.config)"
buildah_give localhost/barehull:test "$SCRATCH/image"
server_image_files "buildah" "$SCRATCH/static-amd64" "$SCRATCH/image" test
bundle_new image "$SCRATCH/image" test
server_image_bare "the image"
server_image_serves "the image" crun

check_finish
