#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/health.sh BUILD_DIR - `build --health`: the probe lies in the image, the config tells of it, and engines
# that run the image hardened tell a healthy container from an unhealthy one by it.
# Runs alone: it measures time, or fills the machine.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/docker.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
engines_begin "$@"
barehull_begin "$@"
need podman dockerd crun skopeo umoci jq gcc aarch64-linux-gnu-gcc qemu-aarch64-static
apps chello arm64
mirror_begin

OUT=$SCRATCH/out
mkdir "$OUT"
URL=http://127.0.0.1:8080/healthz

image() {
    local name="$1" app="$2"
    shift 2
    check "$name is built" build "$APPS/$app" -t "localhost/$name:1" "$@" -o "oci:$OUT/$name" -o "docker-archive:$OUT/$name.tar"
}

config_of() {
    skopeo inspect --config --raw "oci:$OUT/$1:1" | jq -cS "$2"
}

image healthy chello --health "$URL" --health-interval 1s --health-timeout 1s --health-start-period 0s --health-retries 2
image unhealthy chello --health http://127.0.0.1:8080/gone --health-interval 1s --health-start-period 0s
image plain chello
mirror_args=$MIRROR_ARGS
mirror_begin arm64
image arm chello-arm64 --health /healthz
MIRROR_ARGS=$mirror_args

check_eq "the config states the check" \
    '{"Interval":1000000000,"Retries":2,"Test":["CMD","/app/healthcheck","'$URL'","--timeout","1000ms"],"Timeout":2000000000}' \
    "$(config_of healthy .config.Healthcheck)"
check_eq "and the defaults" \
    '{"Interval":30000000000,"Retries":3,"StartPeriod":10000000000,"Test":["CMD","/app/healthcheck","/healthz"],"Timeout":3000000000}' \
    "$(config_of arm .config.Healthcheck)"
check_eq "no check was asked for: none is there" null "$(config_of plain .config.Healthcheck)"
check_has "inspect shows it" "$("$BAREHULL" inspect "oci:$OUT/healthy")" "/app/healthcheck $URL"
digest=$(layout_manifest "$OUT/healthy" 1)
image again chello --health "$URL" --health-interval 1s --health-timeout 1s --health-start-period 0s --health-retries 2
check_eq "the same digest each time" "$(config_of healthy .rootfs)" "$(config_of again .rootfs)"
check_ne "another than without" "$(layout_manifest "$OUT/plain" 1)" "$digest"

output=$(build "$APPS/chello" --health https://127.0.0.1/ -o "oci:$OUT/none" 2>&1)
check_eq "https is refused" 2 $?
check_has "and why" "$output" "TLS is not spoken"
check_not "nothing was written" test -e "$OUT/none"
cp "$APPS/chello" "$SCRATCH/healthcheck"
output=$(build "$SCRATCH/healthcheck" --health /healthz -o "oci:$OUT/none" 2>&1)
check_eq "a program in the probe's place is refused" 2 $?
check_has "with its place" "$output" "'/app/healthcheck', is taken"

bundle_new healthy "$OUT/healthy" 1
check_eq "the probe belongs to root, and everyone may run it" "755 0 0" \
    "$(stat -c '%a %u %g' "$BUNDLE/rootfs/app/healthcheck")"
bundle_new arm "$OUT/arm" 1
arm_probe=$BUNDLE/rootfs/app/healthcheck
netns_start
process_start server in_netns env PORT=8080 "$APPS/chello"
check "a server of the machine answers" wait_until 5 in_netns curl -fsS -o /dev/null "$URL"
check "the probe for arm64 finds it healthy" in_netns qemu-aarch64-static "$arm_probe" "$URL"
check_not "and tells what is not" in_netns qemu-aarch64-static "$arm_probe" http://127.0.0.1:8080/gone
process_stop "$PROCESS_PID"

# Containers have a network of their own here: the loopback in it is all that a probe needs.
podman_begin
for name in healthy unhealthy; do
    check "podman loads $name" pod load --quiet --input "$OUT/$name.tar"
done
# podman takes our archive for the OCI layout that it also is, and reads no health check of OCI images: it is told of it.
# podman_server NAME URL
podman_server() {
    # shellcheck disable=SC2086
    RUN_ID=$(pod run --detach $PODMAN_HARDENED --network=none --pull=never \
        --health-cmd "[\"/app/healthcheck\", \"$2\"]" "localhost/$1:1")
}
podman_server healthy "$URL"
check "podman: healthy" wait_until 10 pod healthcheck run "$RUN_ID"
stop_podman "$RUN_ID"
podman_server unhealthy http://127.0.0.1:8080/gone
sleep 1
output=$(pod healthcheck run "$RUN_ID" 2>&1)
check_eq "podman: unhealthy" 1 $?
check_has "podman: and says so" "$output" unhealthy
stop_podman "$RUN_ID"

docker_begin
docker_health() {
    [ "$(docker_client inspect --format '{{.State.Health.Status}}' "$1")" = "$2" ]
}
for name in healthy unhealthy; do
    check "docker loads $name" docker_client load --input "$OUT/$name.tar"
    id=$(docker_client run --detach --read-only --cap-drop ALL --security-opt no-new-privileges --network none "localhost/$name:1")
    check "docker: $name" wait_until 20 docker_health "$id" "$name"
    docker_client rm --force "$id" >/dev/null
done

check_finish
