#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/image.sh BUILD_DIR - two trees in different directories, with another umask, locale, time zone, CFLAGS and number
# of processors, give barehull's own image one digest. Each compiles the servers for both machines from nothing; the one
# for arm64 runs under qemu.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/barehull.sh"
barehull_begin "$@"
cache_share
need jq git meson ninja aarch64-linux-gnu-gcc qemu-aarch64-static curl
build_dir=$(realpath "${1:-build}")
ROOT=$(cd "$LIB/../.." && pwd)

# tree DIR: what this working tree has, as a clean clone would.
tree() {
    mkdir -p "$1"
    git -C "$ROOT" ls-files -z | tar -C "$ROOT" -c --null -T - | tar -C "$1" -x
}

one=$SCRATCH/one two=$SCRATCH/two/a-much-longer-path
tree "$one"
tree "$two"
cp "$ROOT/k8s/kustomization.yaml" "$SCRATCH/before"
check "the first tree" "$one/tools/image" "$build_dir" --arm64-root "$TEST_CACHE/arm64-root"
check "the second tree" sh -c 'umask 077; exec "$@"' sh env TZ=Asia/Tokyo LC_ALL=C.UTF-8 LANGUAGE=tr CFLAGS=-O0 \
    SOURCE_DATE_EPOCH=86400 taskset -c 0 "$two/tools/image" "$build_dir" --no-write --arm64-root "$TEST_CACHE/arm64-root"
digests() {
    jq -r '[.indexes[].digest, .images[].digest] | join("\n")' "$1/build/image/images.json"
}
check_eq "the same digests" "$(digests "$one")" "$(digests "$two")"
check_eq "the same archives" "$(cd "$one/build/image" && sha256sum -- *.tar)" "$(cd "$two/build/image" && sha256sum -- *.tar)"

index=$(jq -r '.indexes[] | select(.name == "barehull") | .digest' "$one/build/image/images.json")
check "the manifests name the index" grep -qF "$index" "$one/k8s/kustomization.yaml"
check_eq "and nothing else of them changed" "1" "$(diff "$SCRATCH/before" "$one/k8s/kustomization.yaml" | grep -c '^>')"
check_eq "--no-write leaves them alone" "" "$(diff "$SCRATCH/before" "$two/k8s/kustomization.yaml")"

netns_start
server=$two/build/image/arm64/barehull
check_has "the server for arm64 is one" "$(readelf -hW "$server")" AArch64
check_not "without symbols" sh -c 'readelf -SW "$1" | grep -q -e symtab -e debug_ -e build-id' sh "$server"
process_start arm64 in_netns env HOST=127.0.0.1 PORT=8081 ALLOWED_ORIGINS=none qemu-aarch64-static "$server" serve
check "arm64 answers" wait_until 20 in_netns curl -fsS -o /dev/null http://127.0.0.1:8081/readyz
check "arm64's probe agrees" in_netns env PORT=8081 qemu-aarch64-static "$build_dir/healthcheck-aarch64" live
process_stop "$PROCESS_PID"

check_finish
