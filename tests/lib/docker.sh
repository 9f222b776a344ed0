# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/docker.sh - a Docker engine and a registry of the test's own, on loopback, stopped at the end.
# Needs tests/lib/check.sh and tests/lib/process.sh.

# docker_begin [PID]: dockerd in a network namespace of its own (or in PID's, of netns_start), so that it can't touch the
# machine's firewall or bridges.
docker_begin() {
    local apart="unshare --net --"
    [ -z "${1:-}" ] || apart="nsenter --target $1 --net --"
    need dockerd containerd runc
    DOCKER_CLIENT=/usr/bin/docker
    DOCKER_RUN=$(mktemp -d /run/barehull-docker.XXXXXX)
    at_exit "rm -rf $DOCKER_RUN"
    at_exit 'docker_end'
    echo '{}' >"$SCRATCH/dockerd.json"
    # shellcheck disable=SC2086 # words
    process_start dockerd $apart dockerd --data-root "$SCRATCH/docker" --exec-root "$DOCKER_RUN/exec" \
        --pidfile "$DOCKER_RUN/pid" --host "unix://$DOCKER_RUN/sock" --config-file "$SCRATCH/dockerd.json" \
        --iptables=false --ip6tables=false --bridge=none --storage-driver overlay2 --oom-score-adjust 0
    DOCKER_PID=$PROCESS_PID
    wait_until 30 docker_client version || check_fail "dockerd starts" "$(tail -n 20 "$SCRATCH/dockerd.log")"
}

docker_end() {
    process_stop "$DOCKER_PID"
    awk -v top="$SCRATCH/docker" 'index($2, top) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mounted; do
        umount "$mounted"
    done
}

docker_client() {
    DOCKER_CONFIG=$SCRATCH/docker-client "$DOCKER_CLIENT" --host "unix://$DOCKER_RUN/sock" "$@"
}

# run_docker REFERENCE [ARGS...]
run_docker() {
    local image="$1"
    shift
    docker_client run --rm --read-only --tmpfs /tmp:rw,noexec,nosuid,nodev,size=16m --cap-drop ALL \
        --security-opt no-new-privileges --network none "$image" "$@" </dev/null
}

# registry_begin: an empty registry at $REGISTRY (127.0.0.1:PORT, plain HTTP).
registry_begin() {
    need docker-registry python3
    REGISTRY=127.0.0.1:$(free_port)
    cat >"$SCRATCH/registry.yml" <<CONF
version: 0.1
storage: {filesystem: {rootdirectory: $SCRATCH/registry}, delete: {enabled: true}}
http: {addr: $REGISTRY}
CONF
    process_start registry docker-registry serve "$SCRATCH/registry.yml"
    wait_until 10 curl -fsS "http://$REGISTRY/v2/" || check_fail "registry starts" "$(cat "$SCRATCH/registry.log")"
}

free_port() {
    /usr/bin/python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}
