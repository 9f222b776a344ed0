#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/compose.sh BUILD_DIR - docker-compose.yml as it ships, under a Docker engine with a bridge network of its
# own: the kernel confirms the hardening, the engine's own timer the health, clients come through the published port;
# it drains, is noticed when it hangs, says why it does not start; Prometheus scrapes it, and alerts when it is gone.
#
# What differs from a real place: intervals (an override file, and seconds for minutes in a copy of deploy/), and
# Debian's Prometheus, older than its promtool's question for health: that container is asked by barehull's probe.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/docker.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/service_image.sh"
barehull_begin "$@"
need docker-compose dockerd docker-proxy ip nsenter curl jq python3 prometheus promtool
ROOT=$(cd "$TESTS/.." && pwd)
cache_share
mirror_begin

# --- the project, with short intervals ------------------------------------------------------------------------------

PLACE=$SCRATCH/project
mkdir "$PLACE" "$PLACE/deploy"
cp "$ROOT/docker-compose.yml" "$PLACE"
sed 's/: 15s$/: 1s/; s/: 5s$/: 1s/' "$ROOT/deploy/prometheus.yml" >"$PLACE/deploy/prometheus.yml"
sed 's/for: 1m$/for: 2s/' "$ROOT/deploy/alerts.yml" >"$PLACE/deploy/alerts.yml"
cat >"$PLACE/test.yml" <<'EOF'
services:
  barehull:
    healthcheck: {interval: 1s, retries: 1}
  prometheus:
    command: [--config.file=/etc/prometheus/prometheus.yml, --storage.tsdb.path=/prometheus]
    healthcheck:
      test: [CMD, /app/healthcheck, "http://127.0.0.1:9090/-/healthy"]
      interval: 1s
volumes:
  prometheus:
    driver_opts: {type: tmpfs, device: tmpfs, o: "size=64m,uid=65534,gid=65534"}
EOF

# compose ARGS...: docker-compose with what ships and the override.
compose() {
    (cd "$PLACE" && DOCKER_HOST=unix://$DOCKER_RUN/sock DOCKER_CONFIG=$SCRATCH/docker-client \
        COMPOSE_PROJECT_NAME=barehulltest docker-compose --ansi never -f docker-compose.yml -f test.yml "$@")
}

# The engine's network namespace is where the port is published.
at_host() {
    nsenter --target "$DOCKER_PID" --net -- "$@"
}

URL=http://127.0.0.1:8080
ask() {
    at_host curl -sS --max-time 20 "$@"
}

container() {
    docker_client ps --all --quiet --filter "label=com.docker.compose.service=$1"
}

state() {
    docker_client inspect --format "{{$2}}" "$(container "$1")"
}

state_is() {
    [ "$(state "$1" "$2")" = "$3" ]
}

service_image "$SCRATCH"
check "an image of Prometheus is made" build "$(command -v prometheus)" -t prometheus:test --user 65534:65534 \
    --health http://127.0.0.1:9090/-/healthy --quiet -o "docker-archive:$SCRATCH/prometheus.tar"
docker_begin
check "the engine's loopback is up" at_host ip link set lo up
for archive in "$SERVICE_ARCHIVE" "$SERVICE_DEBUG_ARCHIVE" "$SCRATCH/prometheus.tar"; do
    check "docker loads $(basename "$archive")" docker_client load --input "$archive"
done
check_eq "the image that the file names is this version's" "$SERVICE_IMAGE" \
    "$(cd "$ROOT" && docker-compose config | sed -n 's/^    image: \(barehull:.*\)/\1/p')"

# --- without a decision about origins, the image serves nothing -------------------------------------------------------

out=$(docker_client run --rm --network none "$SERVICE_IMAGE" 2>&1)
check_eq "without ALLOWED_ORIGINS: exit status" 2 $?
check_has "without ALLOWED_ORIGINS: the reason" "$out" ALLOWED_ORIGINS

# --- up, hardened -----------------------------------------------------------------------------------------------------

check "it comes up" compose up --detach
check "the engine's own timer finds it healthy" wait_until 15 state_is barehull .State.Health.Status healthy
PID=$(state barehull .State.Pid)
check_eq "the service is the container's first process, and the only one" "/app/barehull serve " \
    "$(tr '\0' ' ' <"/proc/$PID/cmdline")"
status=$(cat "/proc/$PID/status")
status_of() {
    printf '%s\n' "$status" | sed -n "s/^$1:[[:space:]]*//p" | tr '\t' ' '
}
for set in CapInh CapPrm CapEff CapBnd CapAmb; do
    check_eq "the kernel: $set" 0000000000000000 "$(status_of $set)"
done
check_eq "the kernel: no new privileges" 1 "$(status_of NoNewPrivs)"
check_eq "the kernel: seccomp filter" 2 "$(status_of Seccomp)"
check_eq "the kernel: user" "65532 65532 65532 65532" "$(status_of Uid)"
check_eq "the kernel: group" "65532 65532 65532 65532" "$(status_of Gid)"
check_eq "the kernel: no other groups" 65532 "$(status_of Groups | tr -d ' ')"
check_has "the kernel: the root is read-only" "$(awk '$5 == "/" { print $6 }' "/proc/$PID/mountinfo")" ro,
tmp=$(awk '$5 == "/tmp" { print $6, $NF }' "/proc/$PID/mountinfo")
for word in noexec nosuid nodev size=16384k uid=65532; do
    check_has "the kernel: /tmp is $word" "$tmp" "$word"
done
check_eq "nothing but the engine's own files is mounted writable" "" "$(awk '
    $6 ~ /^rw/ && $5 !~ "^/(proc|dev|sys|tmp)(/|$)" && $5 !~ "^/etc/(resolv.conf|hostname|hosts)$" { print $5 }' \
    "/proc/$PID/mountinfo")"
check_eq "the kernel: descriptors" "16384 16384" "$(awk '/Max open files/ { print $4, $5 }' "/proc/$PID/limits")"

# cgroup CONTROLLER FILE: of version 1, as dockerd uses it here; else of version 2.
cgroup() {
    local of
    of=$(sed -n "s/^[0-9]*:[^:]*\b$1\b[^:]*://p" "/proc/$PID/cgroup" | head -n 1)
    cat "/sys/fs/cgroup/$1$of/$2" 2>/dev/null || cat "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$PID/cgroup")/$3"
}
check_eq "the kernel: memory" 268435456 "$(cgroup memory memory.limit_in_bytes memory.max)"
check_eq "the kernel: processes" 64 "$(cgroup pids pids.max pids.max)"
check_eq "the kernel: processor" 100000 "$(cgroup cpu cpu.cfs_quota_us cpu.max | cut -d ' ' -f 1)"
threads=$(status_of Threads)
check "few threads, however many processors: $threads" test "$threads" -le 6

# --- through the published port ---------------------------------------------------------------------------------------

check_eq "published on loopback, and nowhere else" "127.0.0.1:8080" \
    "$(at_host ss -Hltn 'sport = :8080' | awk '{ print $4 }')"
check_eq "readiness" 200 "$(ask -o "$SCRATCH/out" -w '%{http_code}' "$URL/readyz")"
answer=$(printf 'FROM debian:12\nUSER root\n' |
    ask -H 'Content-Type: text/x-dockerfile' --data-binary @- "$URL/v1/check")
check_has "REST: a finding" "$answer" '"rule":"non-root-user"'
mcp() {
    ask "$URL/mcp" -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' "$@"
}
META='"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}'
FILES='"files":[{"name":"Dockerfile","content":"FROM debian:12\nUSER root\n"}]'
answer=$(mcp -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: check' \
    -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"check","arguments":{'"$FILES"'},'"$META"'}}')
check_eq "MCP, 2026-07-28: a finding" true \
    "$(printf '%s' "$answer" | jq '[.result.structuredContent.findings[].rule] | contains(["non-root-user"])')"
answer=$(mcp -d '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},
    "clientInfo":{"name":"test","version":"1"}}}')
check_eq "MCP, 2025-11-25: the handshake" 2025-11-25 "$(printf '%s' "$answer" | jq -r .result.protocolVersion)"
answer=$(mcp -H 'MCP-Protocol-Version: 2025-11-25' \
    -d '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"explain","arguments":{"rule":"exec-form"}}}')
check_eq "MCP, 2025-11-25: a call" false "$(printf '%s' "$answer" | jq '.result.isError // false')"
check_has "metrics" "$(ask "$URL/metrics")" 'barehull_build_info{version='
check_eq "a page of another origin is refused" 403 \
    "$(ask -o "$SCRATCH/out" -w '%{http_code}' -H 'Origin: https://evil.example' "$URL/v1/rules")"
check_eq "a name that is not the service's is refused" 421 \
    "$(ask -o "$SCRATCH/out" -w '%{http_code}' -H 'Host: evil.example' "$URL/v1/rules")"
check_eq "its name in the network is known" 200 \
    "$(ask -o "$SCRATCH/out" -w '%{http_code}' -H 'Host: barehull:8080' "$URL/v1/rules")"

# --- it hangs ---------------------------------------------------------------------------------------------------------

kill -STOP "$PID"
check "a frozen server: the engine says unhealthy" wait_until 15 state_is barehull .State.Health.Status unhealthy
check_has "a frozen server: the probe says why" \
    "$(docker_client inspect --format '{{json .State.Health.Log}}' "$(container barehull)")" "did not answer within 2000 ms"
kill -CONT "$PID"
check "and healthy again when it goes on" wait_until 15 state_is barehull .State.Health.Status healthy

# --- it is stopped with a request in flight ---------------------------------------------------------------------------

cat >"$SCRATCH/in-flight.py" <<'EOF'
import os, socket, sys, time
body = b'{"files": [{"name": "Dockerfile", "content": "FROM debian:12\\nUSER root\\n"}]}'
peer = socket.create_connection(("127.0.0.1", 8080))
peer.sendall(b"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/json\r\n"
             b"Content-Length: %d\r\n\r\n" % len(body) + body[:20])
print("sent", flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.05)
peer.sendall(body[20:])
peer.settimeout(10)
answer = b""
while block := peer.recv(65536):
    answer += block
print(answer.decode())
EOF
process_start in-flight at_host timeout 60 python3 "$SCRATCH/in-flight.py" "$SCRATCH/go"
wait_until 5 grep -q sent "$SCRATCH/in-flight.log"
process_start stop compose stop barehull
STOP=$PROCESS_PID
logged() {
    docker_client logs "$(container barehull)" 2>&1 | grep -q "\"event\":\"$1\""
}
check "stopped: it drains" wait_until 10 logged draining
check_not "stopped: nothing new is taken" ask -o "$SCRATCH/out" --fail "$URL/livez"
touch "$SCRATCH/go"
check "stopped: the request in flight is answered" wait_until 10 grep -q "HTTP/1.1 200" "$SCRATCH/in-flight.log"
check "stopped: with the findings" wait_until 5 grep -q non-root-user "$SCRATCH/in-flight.log"
check "stopped: and that the connection ends" grep -qi "connection: close" "$SCRATCH/in-flight.log"
wait "$STOP"
check_eq "stopped: exit status" 0 "$(state barehull .State.ExitCode)"
check_has "stopped: cleanly" "$(docker_client logs "$(container barehull)" 2>&1 | grep '"event":"stopped"')" '"clean":true'

# --- a wrong variable -------------------------------------------------------------------------------------------------

(
    export ALLOWED_ORIGINS=app.example.com LOG_LEVEL=loud
    compose up --detach
) >"$SCRATCH/out" 2>&1
has_ended() {
    [ "$(docker_client inspect --format '{{.RestartCount}}' "$(container barehull)")" -gt 0 ]
}
check "a wrong variable: it ends at once" wait_until 10 has_ended
# While it runs again for a moment the engine tells 0.
check "a wrong variable: exit status" wait_until 15 state_is barehull .State.ExitCode 2
log=$(compose logs barehull)
check_has "a wrong variable: the log names the first" "$log" "ALLOWED_ORIGINS"
check_has "a wrong variable: and the second" "$log" "LOG_LEVEL"
check "a wrong variable: down" compose down

# --- nothing can be written inside but /tmp ---------------------------------------------------------------------------

# The debug variant of the same, which has a busybox to try it with; and Prometheus beside it.
(
    export BAREHULL_IMAGE="$SERVICE_DEBUG_IMAGE" PROMETHEUS_IMAGE=prometheus:test
    compose --profile metrics up --detach
) >"$SCRATCH/out" 2>&1
check "the debug variant is healthy too" wait_until 15 state_is barehull .State.Health.Status healthy
inside() {
    docker_client exec "$(container barehull)" /busybox/sh -c "$1"
}
for dir in / /app /etc /home /usr /var /run /proc /sys; do
    check_not "writing into $dir fails" inside "echo x >$dir/written"
done
check_not "the program can't be replaced" inside 'echo x >/app/barehull'
check "writing into /tmp works" inside 'echo x >/tmp/written && cat /tmp/written'
check_not "but nothing there is run" inside 'cp /busybox/busybox /tmp/program && /tmp/program true'
check_not "and not more than its size" inside 'head -c 20000000 /dev/zero >/tmp/much'
# runc gives a tmpfs the mode of the image's directory; only the owner is what the file says.
check_eq "and it is the service's own" "65532:65532" "$(inside 'stat -c %u:%g /tmp')"

# --- Prometheus -------------------------------------------------------------------------------------------------------

check "Prometheus is healthy" wait_until 20 state_is prometheus .State.Health.Status healthy
PID=$(state prometheus .State.Pid)
status=$(cat "/proc/$PID/status")
check_eq "Prometheus is hardened too" "0000000000000000 1 2 65534" \
    "$(status_of CapBnd) $(status_of NoNewPrivs) $(status_of Seccomp) $(status_of Uid | cut -d ' ' -f 1)"
check_has "and its root is read-only" "$(awk '$5 == "/" { print $6 }' "/proc/$PID/mountinfo")" ro,
query() {
    ask -fG http://127.0.0.1:9090/api/v1/query --data-urlencode "query=$1" | jq -r '.data.result[0].value[1] // "none"'
}
query_is() {
    [ "$(query "$1")" = "$2" ]
}
check "the target is up" wait_until 15 query_is 'up{job="barehull"}' 1
check "its metrics are there" wait_until 10 query_is 'count(barehull_build_info{job="barehull"})' 1
# What docs/operations.md shows.
targets() {
    ask 'http://127.0.0.1:9090/api/v1/targets?state=active' |
        jq -r '.data.activeTargets[] | .health + " " + .labels.job'
}
targets_are() {
    [ "$(targets)" = "$1" ]
}
check "docs: the targets" wait_until 15 targets_are "up barehull
up prometheus"
check_eq "docs: what the probe found out" "ready: 'http://127.0.0.1:8080/readyz' answered 200" \
    "$(docker_client inspect --format '{{range .State.Health.Log}}{{.Output}}{{end}}' "$(compose ps -q barehull)" | sed '/^$/d' | tail -n 1)"
ask -o "$SCRATCH/out" "$URL/v1/rules"
requests_logged() {
    compose logs --no-log-prefix barehull |
        jq -eR 'fromjson? | select(.event == "request" and .status == 200 and .route == "/v1/rules")'
}
check "docs: the log by jq" wait_until 10 requests_logged
firing() {
    ask -f http://127.0.0.1:9090/api/v1/alerts |
        jq -c '[.data.alerts[] | select(.state == "firing").labels.alertname]'
}
firing_is() {
    [ "$(firing)" = "$1" ]
}
check_eq "no alert fires" '[]' "$(firing)"
check "the service goes" compose stop barehull
check "and the alert fires" wait_until 20 firing_is '["BarehullDown"]'
compose --profile metrics down --volumes >"$SCRATCH/out" 2>&1
check_eq "nothing is left" "" "$(docker_client ps --all --quiet)"

check_finish
