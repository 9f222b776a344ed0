#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/debug.sh BUILD_DIR - `build --debug`: busybox is at /busybox with all its applets and works under real
# engines; the application starts as before, there is no /bin/sh, and every other layer is the production image's.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
engines_begin "$@"
barehull_begin "$@"
need podman crun runc umoci skopeo jq busybox gcc go aarch64-linux-gnu-gcc
apps chello gostatic arm64
mirror_begin
netns_start
podman_begin

OUT=$SCRATCH/images

# image LAYOUT APP [OPTIONS...]: its answer in $SCRATCH/LAYOUT.json
image() {
    local name="$1" app="$2"
    shift 2
    # shellcheck disable=SC2086
    check "$name is built" sh -c 'out=$1; shift; "$@" >"$out"' sh "$SCRATCH/$name.json" \
        "$BAREHULL" build "$app" --format json -o "oci:$OUT/$name" "$@" $MIRROR_ARGS
}

# told NAME FILTER: of the answer's image.
told() {
    jq -cr ".images[0] | $2" "$SCRATCH/$1.json"
}

layers='[.layers[] | {role, digest}]'
image production "$APPS/chello" -t app:1.0 --env A=1
image variant "$APPS/chello" -t app:1.0 --env A=1 --debug
check_eq "the tag tells" "app:1.0-debug" "$(told variant .reference)"
check_eq "every layer but one is the production image's" "$(told production "$layers")" \
    "$(told variant "$layers | map(select(.role != \"debug\"))")"
check_eq "and that one lies below the application" '["common","libraries","debug","app"]' "$(told variant '[.layers[].role]')"
check_eq "the entrypoint stays the application's" "$(told production .entrypoint)" "$(told variant .entrypoint)"
check_eq "the package is told" "busybox-static" "$(told variant '.packages[].name | select(startswith("busybox"))')"
check_eq "the config tells" '{"barehull.variant":"debug"}' \
    "$(skopeo inspect --config --raw "oci:$OUT/variant:1.0-debug" | jq -c .config.Labels)"
check_eq "so does the manifest" debug \
    "$(skopeo inspect --raw "oci:$OUT/variant:1.0-debug" | jq -r '.annotations["barehull.variant"]')"
check_eq "PATH ends in /busybox, and is otherwise as before" \
    "$(skopeo inspect --config --raw "oci:$OUT/production:1.0" | jq -r '.config.Env[0]'):/busybox" \
    "$(skopeo inspect --config --raw "oci:$OUT/variant:1.0-debug" | jq -r '.config.Env[0]')"
digest=$(told variant .digest)
rm -r "$XDG_CACHE_HOME" "$OUT/variant"
image variant "$APPS/chello" -t app:1.0 --env A=1 --debug
check_eq "the same digest from an empty cache" "$digest" "$(told variant .digest)"
image both "$APPS/chello" -t app:latest -o "oci:$OUT/one"
image both "$APPS/chello" -t app:latest -o "oci:$OUT/one" --debug
check_eq "one layout holds both" "debug
latest" "$(jq -r '.manifests[].annotations["org.opencontainers.image.ref.name"]' "$OUT/one/index.json" | sort)"

# --- inside -----------------------------------------------------------------------------------------------------------

bundle_new variant "$OUT/variant" 1.0-debug
ROOT=$BUNDLE/rootfs
check_eq "the applets are those that the program says it has" "$("$ROOT/busybox/busybox" --list | grep -vx busybox)" \
    "$(find "$ROOT/busybox" -type l -printf '%f\n' | LC_ALL=C sort)"
check_eq "all lead to it" "busybox" "$(find "$ROOT/busybox" -type l -printf '%l\n' | sort -u)"
check_eq "no shell elsewhere" "" "$(find "$ROOT" \( -name sh -o -name ash -o -name bash \) ! -path '*/busybox/*' -printf '%P ')"
check_has "scanners find the package" "$(cat "$ROOT/var/lib/dpkg/status.d/busybox-static")" "Package: busybox-static"
check_eq "with its file" "busybox/busybox" \
    "$(sed -n 's/^[0-9a-f]*  \(busybox.*\)/\1/p' "$ROOT/var/lib/dpkg/status.d/busybox-static.md5sums")"
check_eq "its sum is right" "$(md5sum <"$ROOT/busybox/busybox" | cut -c1-32)" \
    "$(sed -n 's/  busybox.*//p' "$ROOT/var/lib/dpkg/status.d/busybox-static.md5sums")"

start_oci crun "$BUNDLE"
answers "the application serves as before" "ok" http://127.0.0.1:8080/healthz
check_eq "a shell beside it" "65532
server" "$(oci_engine crun exec --user 65532:65532 "$RUN_ID" /busybox/sh -c 'id -u; test -d /proc/1 && wget -qO- http://127.0.0.1:8080/healthz >/dev/null && echo server' 2>&1)"
check_not "not at /bin/sh" oci_engine crun exec "$RUN_ID" /bin/sh -c true
stop_oci crun "$RUN_ID"

image archive "$APPS/chello" -t app:1.0 --env A=1 --debug -o "docker-archive:$OUT/variant.tar"
check "podman loads it" pod load --quiet --input "$OUT/variant.tar"
# shellcheck disable=SC2086
check_eq "podman run --entrypoint /busybox/sh" "app" \
    "$(pod run --rm $PODMAN_HARDENED --network=none --entrypoint /busybox/sh \
        "$(pod images --quiet --no-trunc | head -n 1)" -c 'ls / | grep app' </dev/null 2>&1)"

# --- static programs, other machines ------------------------------------------------------------------------------------

image static "$APPS/gostatic" -t static --debug
check_eq "a static program's variant" '["common","debug","app"]' "$(told static '[.layers[].role]')"
mirror_begin arm64
image arm "$APPS/chello-arm64" -t arm --debug
check "an arm64 variant unpacks" umoci unpack --rootless --image "$OUT/arm:debug" "$SCRATCH/arm"
check_eq "its applets are read without running it" "sh" \
    "$(find "$SCRATCH/arm/rootfs/busybox" -type l -name sh -printf '%f')"

check_finish
