#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/faults.sh BUILD_DIR - build, inspect and check while the n-th allocation or system call fails: a clean error
# or the right result, never a crash, a half-written output, a temporary file, a cache that spoils the next build, or a
# finding that is missing while nothing says why.
# Samples FAULT_SAMPLES places (60) of each kind; FAULT_SAMPLES=all takes every one.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/faults.sh"
barehull_begin "$@"
apps tlsserver
mirror_begin
faults_begin "$@"
# shellcheck disable=SC2086
set -- -t app:1 $MIRROR_ARGS -o "oci:$SCRATCH/out/layout" -o "oci-archive:$SCRATCH/out/oci.tar"

mkdir "$SCRATCH/good"
check "a build without faults" build "$APPS/tlsserver" -t app:1 -o "oci:$SCRATCH/good/layout" \
    -o "oci-archive:$SCRATCH/good/oci.tar"
EXPECTED=$(sha256sum <"$SCRATCH/good/oci.tar")

# judge_check WHAT STATUS: of a check that is to fail with the findings of $SCRATCH/findings. Memory that runs out ends
# the run; what can't be read is told as not judged.
judge_check() {
    local lost
    case $2 in
    1 | 2)
        lost=$(jq -r "$FINDINGS" "$SCRATCH/answer" | sort | comm -13 - "$SCRATCH/findings" | head -n 1)
        [ -z "$lost" ] || { [ "${1#*alloc}" = "$1" ] && jq -e '.summary.not_judged > 0' "$SCRATCH/answer" >/dev/null; } ||
            echo "$1: missed '$lost'"
        [ "$(jq '.runs[0].results | length' "$SCRATCH/out/a.sarif")" = "$(jq '.findings | length' "$SCRATCH/answer")" ] ||
            echo "$1: the formats differ"
        ;;
    3)
        grep -q '^{"error":' "$SCRATCH/err" || echo "$1: failed without a word"
        [ ! -f "$SCRATCH/out/a.sarif" ] || jq -e .runs "$SCRATCH/out/a.sarif" >/dev/null || echo "$1: wrote half a report"
        ;;
    *) echo "$1: ended with $2: $(tail -n 3 "$SCRATCH/err")" ;;
    esac
    [ -z "$(find "$SCRATCH/out" -name '.*' ! -path "$SCRATCH/out")" ] || echo "$1: left $(ls -A "$SCRATCH/out")"
    grep -m 3 -E 'Sanitizer|runtime error|#[0-9] .* in ' "$SCRATCH/err"
}

# A Dockerfile, a Compose project of three files, a manifest, and a policy with a waiver.
FINDINGS='.findings[] | "\(.rule) \(.file) \(.offset) \(.verdict)"'
mkdir "$SCRATCH/tree"
cd "$SCRATCH/tree" || exit 3
printf 'FROM gcr.io/distroless/cc-debian12:nonroot\nHEALTHCHECK CMD curl x || exit 1\n' >Dockerfile
printf 'services: {web: {extends: {file: common.yaml, service: base}, image: "app:${TAG}"}}\n' >compose.yaml
printf 'services: {base: {privileged: true}}\n' >common.yaml
echo TAG=latest >.env
printf 'apiVersion: v1\nkind: Pod\nspec: {hostPID: true, containers: [{name: web, image: app}]}\n' >pod.yaml
printf 'waivers: [{rule: no-host-namespaces, paths: [pod.yaml], reason: a test}]\n' >.barehull.yaml
"$BAREHULL" check --format json >"$SCRATCH/answer"
jq -r "$FINDINGS" "$SCRATCH/answer" | sort >"$SCRATCH/findings"
check "check: without faults there are findings of each file" test "$(cut -d ' ' -f 2 "$SCRATCH/findings" | uniq |
    sort -u | wc -l)" = 4
JUDGE=judge_check
sweep "check" alloc full check --format json --format "sarif=$SCRATCH/out/a.sarif"
sweep "check" io full check --format json --format "sarif=$SCRATCH/out/a.sarif"
# shellcheck disable=SC2034 # of sweep
JUDGE=judge

sweep "build, all cached" alloc full build "$APPS/tlsserver" "$@"
sweep "build, all cached" io full build "$APPS/tlsserver" "$@"
sweep "inspect" alloc full inspect "oci-archive:$SCRATCH/good/oci.tar" --files
sweep "inspect" io full inspect "oci:$SCRATCH/good/layout" --files
rm -rf "$XDG_CACHE_HOME/barehull/base" "$XDG_CACHE_HOME/barehull/layer"
SAMPLES=$([ "$SAMPLES" = all ] && echo all || echo $((SAMPLES / 3)))
sweep "build, nothing cached" alloc empty build "$APPS/tlsserver" "$@"
sweep "build, nothing cached" io empty build "$APPS/tlsserver" "$@"

# Whatever the faults left in the cache, the next build is right.
fresh full
check "a build on what the faults left" "$BAREHULL" build "$APPS/tlsserver" "$@"
check_eq "and it is the same" "$EXPECTED" "$(sha256sum <"$SCRATCH/out/oci.tar")"

# A cached package that lost bytes is told, the certificates' too, whose files end up in one bundle.
for name in ca-certificates libc6; do
    rm -rf "$XDG_CACHE_HOME"
    check "$name: a fresh cache" build "$APPS/tlsserver" -t app:1 -o "oci:$SCRATCH/damage"
    file=$(grep -l -a "Package: $name\$" "$XDG_CACHE_HOME"/barehull/packages/*)
    size=$(stat -c %s "$file")
    chmod 600 "$file"
    # The contents' middle; the rest has a checksum of its own, and is made anew.
    dd if=/dev/zero of="$file" bs=4096 seek=$((size / 4096 / 8)) count=$((size / 4096 / 2)) conv=notrunc 2>/dev/null
    rm -rf "$XDG_CACHE_HOME/barehull/base"
    build "$APPS/tlsserver" -t app:1 -o "oci:$SCRATCH/damage" >"$SCRATCH/answer" 2>"$SCRATCH/err"
    check_eq "$name: damage in the cache ends the build" 3 $?
    check "$name: it is named" grep -q "the cached package '$name' is damaged" "$SCRATCH/err"
done
check_finish
