#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/engines.sh - proves the test beds themselves: each engine runs an image that others' tools made (busybox
# and umoci), and the hardened posture really is one. When this fails, look at the machine, not at barehull.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/docker.sh"
engines_begin "$@"
need umoci skopeo crun runc podman busybox curl nsenter

layout=$SCRATCH/busybox
mkdir -p "$SCRATCH/root/bin" "$SCRATCH/root/tmp" "$SCRATCH/root/etc"
cp /bin/busybox "$SCRATCH/root/bin/"
chmod 1777 "$SCRATCH/root/tmp"
check "umoci makes the image" sh -ec '
    umoci init --layout "$1"
    umoci new --image "$1:one"
    umoci insert --image "$1:one" "$2" /
    umoci config --image "$1:one" --config.user 65532:65532 --config.entrypoint /bin/busybox --config.cmd id' \
    sh "$layout" "$SCRATCH/root"

bundle_new busybox "$layout" one
netns_start

# What must be so inside, by any engine; the shell is there because this image is busybox.
inside='id -u; id -g; grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status | tr -d "\t"
touch /x 2>&1 | sed "s/.*: //"; stat -c %a /tmp; echo hi >/tmp/x && cat /tmp/x; ls /sys/class/net'
expected='65532
65532
CapEff:0000000000000000
CapBnd:0000000000000000
NoNewPrivs:1
Seccomp:2
Read-only file system
1777
hi
lo'

for engine in crun runc; do
    check_eq "$engine: the image's own command" "uid=65532 gid=65532" "$(run_oci $engine "$BUNDLE" 2>&1)"
    check_eq "$engine: hardened" "$expected" "$(run_oci $engine "$BUNDLE" sh -c "$inside" 2>&1)"
    run_oci $engine "$BUNDLE" sh -c 'exit 7'
    check_eq "$engine: exit status" 7 $?
    check_eq "$engine: a program from outside" "tini version 0.1.7_catatonit" \
        "$(run_inside $engine "$BUNDLE" /usr/bin/catatonit --version 2>&1)"
    start_oci $engine "$BUNDLE" httpd -f -p 127.0.0.1:8080 -h /bin
    check "$engine: a server answers" wait_until 5 in_netns curl -fsS -o /dev/null http://127.0.0.1:8080/busybox
    stop_oci $engine "$RUN_ID"
    check_not "$engine: and is gone" in_netns curl -fsS -o /dev/null http://127.0.0.1:8080/busybox
done

podman_begin
skopeo copy --quiet "oci:$layout:one" "oci-archive:$SCRATCH/one.tar:localhost/busybox:one"
check "podman loads" pod load --quiet --input "$SCRATCH/one.tar"
check_eq "podman: the image's own command" "uid=65532(65532) gid=65532(65532) groups=65532(65532)" \
    "$(run_podman localhost/busybox:one 2>&1)"
check_eq "podman: hardened" "$expected" "$(run_podman localhost/busybox:one sh -c "$inside" 2>&1)"
run_podman localhost/busybox:one sh -c 'exit 7'
check_eq "podman: exit status" 7 $?
start_podman localhost/busybox:one httpd -f -p 127.0.0.1:8080 -h /bin
check "podman: a server answers" wait_until 5 in_netns curl -fsS -o /dev/null http://127.0.0.1:8080/busybox
stop_podman "$RUN_ID"

docker_begin
skopeo copy --quiet "oci:$layout:one" "docker-archive:$SCRATCH/docker.tar:busybox:one"
check "docker loads" docker_client load --input "$SCRATCH/docker.tar"
check_eq "docker: the image's own command" "uid=65532 gid=65532 groups=65532" \
    "$(run_docker busybox:one 2>&1)"
check_eq "docker: hardened" "$expected" "$(run_docker busybox:one sh -c "$inside" 2>&1)"

registry_begin
check "the registry takes an image" skopeo copy --quiet --dest-tls-verify=false "oci:$layout:one" \
    "docker://$REGISTRY/busybox:one"
check_eq "and gives it back" "sha256:$(layout_manifest "$layout" one)" \
    "$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$REGISTRY/busybox:one")"

check_finish
