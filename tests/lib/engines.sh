# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/engines.sh - runs images hardened under crun, runc and podman, without touching the machine's own state.
#
# Hardened means: read-only root, tmpfs at /tmp, no capabilities, no new privileges, the seccomp profile of
# containers/common, no network but (where a server must answer) the loopback of a namespace made by netns_start.
# The user is the image's own. Needs tests/lib/check.sh and tests/lib/process.sh; call `engines_begin "$@"` first.
#
# The caller sets LIB to this directory. Images are named by layout and tag for crun and runc, by reference for podman.

ENGINES_SECCOMP=/usr/share/containers/seccomp.json
ENGINES_RUNS=0

# Runs the script again as root in namespaces of its own: in the mount namespace the unified cgroup hierarchy is
# unmounted (crun refuses a hybrid one) and what podman mounts goes away by itself; in the process namespace an init
# reaps orphans at once (podman waits 20 s for a conmon that nobody reaps) and nothing outlives the script.
engines_begin() {
    if [ -n "${BAREHULL_TEST_NAMESPACE:-}" ]; then
        unset BAREHULL_TEST_NAMESPACE
        if mountpoint -q /sys/fs/cgroup/unified; then
            umount /sys/fs/cgroup/unified || echo "cannot unmount /sys/fs/cgroup/unified: crun may refuse to run"
        fi
        return 0
    fi
    if [ "$(id -u)" -ne 0 ]; then
        check_fail "$CHECK_NAME starts container engines and needs root" "run it as root, or: sudo $0 $*"
        check_finish
    fi
    need unshare catatonit jq umoci
    check_cleanup
    BAREHULL_TEST_NAMESPACE=1 unshare --mount --propagation private --pid --fork --mount-proc --kill-child=TERM \
        -- catatonit -- "$(realpath "$0")" "$@" &
    engines_wait $!
}

# Ctrl-C reaches the whole process group. unshare itself takes no TERM: killing it sends one to its child.
engines_wait() {
    local status
    trap 'kill -KILL '"$1"'' TERM HUP
    trap : INT
    wait "$1"
    status=$?
    while kill -0 "$1" 2>/dev/null; do
        wait "$1"
        status=$?
    done
    exit "$status"
}

# bundle_new NAME LAYOUT TAG: unpacks an image; the bundle's directory in $BUNDLE.
bundle_new() {
    local manifest config
    BUNDLE=$SCRATCH/bundles/$1
    mkdir -p "$SCRATCH/bundles"
    umoci unpack --image "$2:$3" "$BUNDLE" >"$SCRATCH/umoci.log" 2>&1 || {
        check_fail "umoci unpacks $2:$3" "$(cat "$SCRATCH/umoci.log")"
        return 1
    }
    manifest=$(layout_manifest "$2" "$3")
    config=$(jq -r .config.digest "$2/blobs/sha256/$manifest")
    cp "$2/blobs/sha256/${config#sha256:}" "$BUNDLE/image.json"
}

# layout_manifest LAYOUT TAG: hex of the digest of the manifest with that tag.
layout_manifest() {
    jq -r --arg tag "$2" '.manifests[]
        | select(.annotations["org.opencontainers.image.ref.name"] == $tag) | .digest' "$1/index.json" |
        sed 's/^sha256://'
}

# The run's own config.json over the shared root: run_dir BUNDLE NETNS MOUNTS [ARGS...]; directory in $RUN_DIR.
run_dir() {
    local bundle="$1" netns="$2" mounts="$3" args=null
    shift 3
    # shellcheck disable=SC2016
    [ $# -eq 0 ] || args=$(jq -n '$ARGS.positional' --args -- "$@")
    ENGINES_RUNS=$((ENGINES_RUNS + 1))
    RUN_DIR=$SCRATCH/runs/$ENGINES_RUNS
    RUN_ID=$(basename "$SCRATCH")-$ENGINES_RUNS # $$ is the same in every process namespace; cgroups are the machine's
    mkdir -p "$RUN_DIR"
    jq --slurpfile seccomp "$ENGINES_SECCOMP" --slurpfile image "$bundle/image.json" --arg netns "$netns" \
        --arg rootfs "$bundle/rootfs" --argjson mounts "$mounts" --argjson args "$args" \
        -f "$LIB/hardened.jq" "$bundle/config.json" >"$RUN_DIR/config.json"
}

oci_engine() {
    local engine="$1"
    shift
    mkdir -p "$SCRATCH/state-$engine"
    "$engine" --root "$SCRATCH/state-$engine" "$@"
}

# Containers get the namespace of netns_start once that ran, and otherwise one without any interface up.
run_netns() {
    [ -z "${NETNS_PID:-}" ] || echo "/proc/$NETNS_PID/ns/net"
}

# run_oci crun|runc BUNDLE [ARGS...]: to the end, in the foreground; the program's output and exit status.
run_oci() {
    local engine="$1" bundle="$2"
    shift 2
    run_dir "$bundle" "$(run_netns)" '[]' "$@"
    oci_engine "$engine" run --bundle "$RUN_DIR" "$RUN_ID" </dev/null
}

# run_inside crun|runc BUNDLE PROGRAM [ARGS...]: runs a static program of the host instead of the image's entrypoint.
run_inside() {
    local engine="$1" bundle="$2" program="$3" mounts
    shift 3
    # shellcheck disable=SC2016
    mounts=$(jq -n --arg source "$program" '[{destination: "/tmp/inside", type: "bind", source: $source,
        options: ["bind", "ro"]}]')
    run_dir "$bundle" "$(run_netns)" "$mounts"
    # shellcheck disable=SC2016
    jq '.process.args = ["/tmp/inside"] + $ARGS.positional' "$RUN_DIR/config.json" --args -- "$@" >"$RUN_DIR/config.new"
    mv "$RUN_DIR/config.new" "$RUN_DIR/config.json"
    oci_engine "$engine" run --bundle "$RUN_DIR" "$RUN_ID" </dev/null
}

# start_oci crun|runc BUNDLE [ARGS...]: a server in the network namespace of netns_start; log in $SCRATCH/$RUN_ID.log.
start_oci() {
    local engine="$1" bundle="$2"
    shift 2
    run_dir "$bundle" "$(run_netns)" '[]' "$@"
    process_start "$RUN_ID" oci_engine "$engine" run --bundle "$RUN_DIR" "$RUN_ID"
    at_exit "stop_oci $engine $RUN_ID"
}

# stop_oci crun|runc ID
stop_oci() {
    oci_engine "$1" delete --force "$2" 2>/dev/null
    return 0
}

# podman with storage, settings and runtime state of the test's own. /run holds sockets whose paths must be short.
# State is named by options, not by storage.conf: conmon passes them on to the cleanup that records the exit status.
podman_begin() {
    need podman crun
    PODMAN_RUN=$(mktemp -d /run/barehull-test.XXXXXX)
    at_exit "rm -rf $PODMAN_RUN"
    at_exit 'podman_end'
    mkdir -p "$SCRATCH/podman/tmp"
    # Fewer rights than podman takes for granted: no CAP_SYS_RESOURCE for its default limits.
    cat >"$SCRATCH/podman/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=16384:16384", "nproc=32768:32768"]
CONF
}

pod() {
    CONTAINERS_CONF=$SCRATCH/podman/containers.conf TMPDIR=$SCRATCH/podman/tmp DISABLE_HC_SYSTEMD=true \
        podman --root "$SCRATCH/podman/storage" --runroot "$PODMAN_RUN/run" --tmpdir "$PODMAN_RUN/tmp" \
        --storage-driver overlay --cgroup-manager cgroupfs --events-backend file --runtime crun "$@"
}

podman_end() {
    pod rm --all --force --time 0 >/dev/null 2>&1
    umount "$SCRATCH/podman/storage/overlay" 2>/dev/null
    return 0
}

PODMAN_HARDENED='--read-only --read-only-tmpfs=false --tmpfs /tmp:rw,noexec,nosuid,nodev,size=16m --cap-drop=all
    --security-opt=no-new-privileges'

# run_podman REFERENCE [ARGS...]: without network, to the end; the program's output and exit status.
run_podman() {
    local image="$1"
    shift
    # shellcheck disable=SC2086
    pod run --rm $PODMAN_HARDENED --network=none --pull=never "$image" "$@" </dev/null
}

# start_podman REFERENCE [ARGS...]: a server in the network namespace of netns_start; the container's ID in $RUN_ID.
start_podman() {
    local image="$1"
    shift
    # shellcheck disable=SC2086
    RUN_ID=$(pod run --detach $PODMAN_HARDENED "--network=ns:/proc/$NETNS_PID/ns/net" --pull=never "$image" "$@")
}

stop_podman() {
    pod rm --force --time 0 "$1" >/dev/null
}

# answers WHAT EXPECTED URL [CURL OPTIONS...]: the server of start_* answers within five seconds.
answers() {
    local what="$1" expected="$2" url="$3"
    shift 3
    wait_until 5 in_netns curl -fsS "$@" -o /dev/null "$url"
    check_eq "$what" "$expected" "$(in_netns curl -fsS --max-time 5 "$@" "$url" 2>&1)" || server_log
}

server_log() {
    if [ -f "$SCRATCH/$RUN_ID.log" ]; then
        grep -v -e '^# ' -e "^import '" "$SCRATCH/$RUN_ID.log" | tail -n 20 # without what python -v says
    else
        pod logs --tail 20 "$RUN_ID"
    fi | sed 's/^/    log: /'
}

# layer_owners LAYOUT TAG: the owners of all entries of all gzip layers, "UID/GID" each once, sorted.
layer_owners() {
    local digest
    for digest in $(jq -r '.layers[].digest' "$1/blobs/sha256/$(layout_manifest "$1" "$2")"); do
        tar --numeric-owner -tvzf "$1/blobs/sha256/${digest#sha256:}"
    done | awk '{ print $2 }' | sort -u
}
