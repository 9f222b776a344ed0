# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/server_image.sh - what has to hold for the image of the service that the Dockerfile makes, whoever built it.
# Needs tests/lib/{check,process,engines,barehull}.sh, `engines_begin`, and `netns_start`; `apps inside` for what is inside.

# server_image_files WHAT BASE_LAYOUT LAYOUT TAG: on the base's own layers lies one with the two programs, nothing else.
server_image_files() {
    local what="$1" base="$2" layout="$3" tag="$4" layers entries
    layers=$(server_image_config "$layout" "$tag" | jq -c .rootfs.diff_ids)
    check_eq "$what: stands on the base" "$(server_image_config "$base" nonroot | jq -c .rootfs.diff_ids)" \
        "$(printf '%s' "$layers" | jq -c '.[:-1]')"
    entries=$(server_image_top "$layout" "$tag" | tar -tvz --numeric-owner | awk '{ print $1, $2, $6 }' | sort -k 3)
    check_eq "$what: and holds two programs more" "drwxr-xr-x 0/0 app/
-rwxr-xr-x 0/0 app/barehull
-rwxr-xr-x 0/0 app/healthcheck" "$entries"
}

server_image_config() {
    local manifest config
    manifest=$(layout_manifest "$1" "$2")
    config=$(jq -r .config.digest "$1/blobs/sha256/$manifest")
    cat "$1/blobs/sha256/${config#sha256:}"
}

# The layer on top, as it lies there.
server_image_top() {
    local layer
    layer=$(jq -r '.layers[-1].digest' "$1/blobs/sha256/$(layout_manifest "$1" "$2")")
    cat "$1/blobs/sha256/${layer#sha256:}"
}

# server_image_states WHAT JSON: the config as engines tell it (Docker's names of members).
server_image_states() {
    check_eq "$1: its config" "$(jq -nS --arg version "$(server_version)" '{
        User: "65532:65532", Entrypoint: ["/app/barehull", "serve"], empty: [],
        ExposedPorts: ["8080/tcp"], host: ["HOST=0.0.0.0", "PORT=8080"], origins: [],
        health: {Test: ["CMD", "/app/healthcheck"], Interval: 10000000000, Timeout: 3000000000, StartPeriod: 5000000000,
            Retries: 3},
        labels: {licenses: "Apache-2.0", revision: "0123abc", source: "https://git.example/barehull", version: $version}}')" \
        "$(printf '%s' "$2" | jq -S '{User, Entrypoint, ExposedPorts: (.ExposedPorts | keys),
        empty: ([.Cmd, .Shell, .Volumes, .OnBuild] | map(. // [] | .[])), host: [.Env[] | select(test("^(HOST|PORT)="))],
        origins: [.Env[] | select(test("ORIGINS"))],
        health: .Healthcheck, labels: (.Labels | with_entries(select(.key | test("image[.](licenses|revision|source|version)$"))
            | .key |= ltrimstr("org.opencontainers.image.")))}')"
}

server_version() {
    sed -n "s/^  version: '\(.*\)',$/\1/p" "$TESTS/../meson.build"
}

# server_image_bare WHAT: of $BUNDLE: small, nothing to run but the two, nothing of sources and compilers.
server_image_bare() {
    local root="$BUNDLE/rootfs" size
    check_eq "$1: programs" "/app/barehull
/app/healthcheck" "$(find "$root" -type f -perm /111 -printf '/%P\n' | sort)"
    check_eq "$1: nothing set-uid" "" "$(find "$root" -perm /6000)"
    check_eq "$1: no shell, no package manager, no sources" "" "$(find "$root" -name 'sh' -o -name '*bash' -o -name 'busybox*' \
        -o -name 'apt*' -o -name 'dpkg*' ! -path "$root/var/lib/dpkg*" -o -name '*.[chao]' -o -name 'meson*')"
    size=$(du --apparent-size -sb "$root" | cut -f 1)
    check "$1: less than 10 MB ($size)" test "$size" -lt 10000000
    for program in barehull healthcheck; do
        check_lacks "$1: $program has no interpreter" "$(readelf -lW "$root/app/$program")" INTERP
        check_lacks "$1: $program is stripped" "$(readelf -SW "$root/app/$program")" .symtab
    done
}

# server_image_serves WHAT crun|runc: $BUNDLE, hardened: refuses a wrong configuration, answers by every door, is healthy,
# can write to tmpfs alone, and ends with 0.
server_image_serves() {
    local what="$1" engine="$2" output url=http://127.0.0.1:8080
    output=$(run_oci "$engine" "$BUNDLE" 2>&1)
    check_eq "$what: without ALLOWED_ORIGINS it does not start" 2 $?
    check_has "$what: and says why" "$output" ALLOWED_ORIGINS
    jq '.process.env += ["ALLOWED_ORIGINS=none"]' "$BUNDLE/config.json" >"$BUNDLE/config.new"
    mv "$BUNDLE/config.new" "$BUNDLE/config.json"
    start_oci "$engine" "$BUNDLE"
    answers "$what: is ready" ok "$url/readyz"
    check_eq "$what: the probe says so" "ready: '$url/readyz' answered 200" \
        "$(oci_engine "$engine" exec "$RUN_ID" /app/healthcheck 2>&1)"
    server_image_answers "$what" in_netns "$url"
    oci_engine "$engine" kill "$RUN_ID" TERM
    wait_until 10 server_image_gone "$PROCESS_PID" || check_fail "$what: TERM ends it"
    wait "$PROCESS_PID"
    check_eq "$what: TERM ends it with 0" 0 $? || server_log
    check_has "$what: having drained" "$(cat "$SCRATCH/$RUN_ID.log")" '"event":"stopped","clean":true'
    output=$(run_inside "$engine" "$BUNDLE" "$APPS/inside" 2>&1)
    check_has "$what: runs as nobody's user" "$output" "uid: 65532"
    check_eq "$what: nothing can be written but /tmp" "write /tmp/written: ok" \
        "$(printf '%s\n' "$output" | grep '^write .*: ok')"
}

server_image_gone() {
    ! process_alive "$1"
}

# server_image_answers WHAT IN URL: REST, MCP and metrics; IN is a command that runs another where URL is reached.
server_image_answers() {
    local what="$1" in="$2" url="$3" call
    check_eq "$what: REST judges" '"fail"' "$($in curl -sS --max-time 10 "$url/v1/check" -H 'Content-Type: application/json' \
        -d '{"files": [{"name": "Dockerfile", "content": "FROM debian\n"}]}' | jq -c .verdict)"
    call='{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "explain", "arguments": {"rule": "non-root-user"},
        "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}}}'
    check_has "$what: MCP explains" "$($in curl -sS --max-time 10 "$url/mcp" -H 'Content-Type: application/json' \
        -H 'Accept: application/json, text/event-stream' -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' \
        -H 'Mcp-Name: explain' -d "$call")" non-root-user
    check_has "$what: metrics count both" "$($in curl -sS --max-time 10 "$url/metrics")" 'http_route="/v1/check"'
}
