# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/mcp.sh - for tests of the service with programs from npm: gets those, and runs a server on a free port.
# Source tests/lib/check.sh first.

# Pinned, so that a run today and one in a year judge alike; the node because the newest clients want 22 or more.
MCP_NODE="node-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')@24.21.0"

# npm_tools NAME PACKAGE@VERSION...: installs them and a node below the tests' cache, once; sets NPM_HOME and NODE.
npm_tools() {
    local name="$1" wanted
    shift
    need_npm
    set -- "$MCP_NODE" "$@"
    wanted=$*
    NPM_HOME=${BAREHULL_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/barehull-test}/$name
    NODE=$NPM_HOME/node_modules/${MCP_NODE%@*}/bin/node
    [ "$(cat "$NPM_HOME/installed" 2>/dev/null)" != "$wanted" ] || return 0
    rm -rf "$NPM_HOME"
    mkdir -p "$NPM_HOME"
    check "npm has $name" npm install --prefix "$NPM_HOME" --ignore-scripts --no-audit --no-fund --loglevel=error "$@" ||
        check_finish
    echo "$wanted" >"$NPM_HOME/installed"
}

# serve NAME COMMAND...: starts a server on a free port; sets URL when it is ready. Its log is $SCRATCH/NAME.log.
serve() {
    local name="$1" pid tries=0
    shift
    URL=
    : >"$SCRATCH/$name.log"
    # The kernel gives the port: nobody else gets it, and the log tells which it is.
    env HOST=127.0.0.1 PORT=0 ALLOWED_ORIGINS="${SERVE_ORIGINS:-none}" LOG_FORMAT=json "$@" \
        >"$SCRATCH/$name.out" 2>>"$SCRATCH/$name.log" </dev/null &
    pid=$!
    at_exit "kill $pid 2>/dev/null; wait $pid 2>/dev/null"
    until [ -n "$URL" ]; do
        URL=$(sed -n 's/.*"event":"listening".*"port":\([0-9]*\).*/http:\/\/127.0.0.1:\1/p' "$SCRATCH/$name.log" |
            head -n 1)
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ] || ! kill -0 "$pid" 2>/dev/null; then
            check_fail "$name starts" "$(cat "$SCRATCH/$name.log")"
            check_finish
        fi
        [ -n "$URL" ] || sleep 0.05
    done
}
