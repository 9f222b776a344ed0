# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/service_image.sh - the service's own image, and its debug variant, as docker archives.
# Needs tests/lib/{check,process,barehull,mirror}.sh, and a mirror that has begun.

# service_image DIR: sets SERVICE_PROGRAM, SERVICE_IMAGE, SERVICE_ARCHIVE, and SERVICE_DEBUG_IMAGE, SERVICE_DEBUG_ARCHIVE.
service_image() {
    local root version
    root=$(cd "$TESTS/.." && pwd)
    version=$("$BAREHULL" version --format json | jq -r .version)
    service_program "$root/build-server"
    SERVICE_IMAGE=barehull:$version
    SERVICE_DEBUG_IMAGE=barehull:$version-debug
    SERVICE_ARCHIVE=$1/barehull.tar
    SERVICE_DEBUG_ARCHIVE=$1/barehull-debug.tar
    mkdir -p "$1"
    strip -o "$1/barehull" "$SERVICE_PROGRAM"
    check "the service's image is made" service_build "$1" -o "docker-archive:$SERVICE_ARCHIVE" || check_finish
    check "and its debug variant" service_build "$1" --debug -o "docker-archive:$SERVICE_DEBUG_ARCHIVE" || check_finish
}

service_build() {
    local from="$1"
    shift
    build "$from/barehull" -t "$SERVICE_IMAGE" --user appuser:65532:65532 --entrypoint '["/app/barehull","serve"]' \
        --env HOST=0.0.0.0 --env PORT=8080 --expose 8080 --health /readyz --quiet "$@"
}

# service_program BUILD: the service alone, compiled there when it is not yet.
service_program() {
    SERVICE_PROGRAM=$1/barehull
    if [ ! -f "$1/build.ninja" ]; then
        check "the service alone is set up" meson setup "$1" "$(dirname "$1")" -Dclient=disabled -Dwerror=true || check_finish
    fi
    check "the service alone is built" ninja -C "$1" barehull || check_finish
}
