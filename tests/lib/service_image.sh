# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/service_image.sh - the service's own image, and its debug variant, as docker archives: what `make image` makes
# of deploy/barehull.yaml, for amd64 alone. Needs tests/lib/{check,process,barehull,mirror}.sh, and a mirror that has begun.

# service_image DIR: sets SERVICE_PROGRAM, SERVICE_IMAGE, SERVICE_ARCHIVE, and SERVICE_DEBUG_IMAGE, SERVICE_DEBUG_ARCHIVE.
service_image() {
    local root
    root=$(cd "$TESTS/.." && pwd)
    service_program "$root/build-server"
    SERVICE_IMAGE=barehull:$("$BAREHULL" version --format json | jq -r .version)
    SERVICE_DEBUG_IMAGE=$SERVICE_IMAGE-debug
    SERVICE_ARCHIVE=$1/build/image/barehull-amd64.tar
    SERVICE_DEBUG_ARCHIVE=$1/build/image/barehull-debug-amd64.tar
    mkdir -p "$1/deploy" "$1/build/image/amd64"
    cp "$root/deploy/barehull.yaml" "$1/deploy"
    strip --strip-all -o "$1/build/image/amd64/barehull" "$SERVICE_PROGRAM"
    check "the service's images are made" build --file "$1/deploy/barehull.yaml" --quiet amd64 debug-amd64 || check_finish
}

# service_program BUILD: the service alone, compiled there when it is not yet.
service_program() {
    SERVICE_PROGRAM=$1/barehull
    mkdir -p "$1"
    # Other tests and tools/image compile there too, maybe at this moment.
    check "the service alone is built" flock "$1" sh -c '[ -f "$1/build.ninja" ] ||
        meson setup "$1" "$2" -Dclient=disabled -Dwerror=true -Ddebug=false && ninja -C "$1" barehull' sh "$1" "$(dirname "$1")" ||
        check_finish
}
