# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/process.sh - starts background programs and stops exactly those again, by process id.
# Needs tests/lib/check.sh.

# process_start NAME COMMAND...: runs it in the background, output in $SCRATCH/NAME.log; PID in $PROCESS_PID.
process_start() {
    local name="$1"
    shift
    "$@" >"$SCRATCH/$name.log" 2>&1 &
    PROCESS_PID=$!
    at_exit "process_stop $PROCESS_PID"
}

# process_stop PID: TERM, and KILL when ten seconds were not enough. No error when it is gone already.
process_stop() {
    local tries=0
    kill -TERM "$1" 2>/dev/null || return 0
    while [ "$tries" -lt 100 ] && process_alive "$1"; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -KILL "$1" 2>/dev/null
    wait "$1" 2>/dev/null
    return 0
}

# A zombie is not alive.
process_alive() {
    [ -r "/proc/$1/stat" ] || return 1
    case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
    Z* | X* | '') return 1 ;;
    esac
}

# wait_until SECONDS COMMAND...: polls ten times a second; the status tells whether it came true.
wait_until() {
    local tries=$(($1 * 10))
    shift
    while ! "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}

# A network namespace with nothing but loopback; $NETNS_PID holds it open. Reach it with `in_netns COMMAND...`.
netns_start() {
    process_start netns unshare --net -- sh -c 'ip link set lo up && exec sleep infinity'
    NETNS_PID=$PROCESS_PID
    wait_until 5 netns_is_up || check_fail "network namespace" "$(cat "$SCRATCH/netns.log")"
}

netns_is_up() {
    # Not our own namespace, and loopback is up there.
    [ "$(readlink "/proc/$NETNS_PID/ns/net")" != "$(readlink /proc/self/ns/net)" ] &&
        in_netns ip -o link show lo | grep -q 'LOOPBACK,UP'
}

in_netns() {
    nsenter --target "$NETNS_PID" --net -- "$@"
}
