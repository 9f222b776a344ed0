#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/mcp-conformance.sh BUILD_DIR - the conformance suite of the Model Context Protocol, both eras: against the
# service with the suite's fixtures (tests/mcp), and what needs none of them against barehull itself.
#
# Every scenario that the suite runs has to pass but those of tests/mcp/expected-failures.txt, each with its reason.

. "$(dirname "$0")/../lib/check.sh"
. "$(dirname "$0")/../lib/mcp.sh"
BUILD=$(realpath "${1:?usage: mcp-conformance.sh BUILD_DIR}")
MCP=$(realpath "$(dirname "$0")/../mcp")
npm_tools mcp-conformance @modelcontextprotocol/conformance@0.2.0-alpha.12
SUITE=$NPM_HOME/node_modules/@modelcontextprotocol/conformance/dist/index.js
export LC_ALL=C.UTF-8

# suite SERVER REVISION COUNTS [SCENARIO...]: runs the suite against $URL and judges it.
suite() {
    local server="$1" revision="$2" counts="$3" out
    shift 3
    timeout 300 "$NODE" "$SUITE" server --url "$URL/mcp" --requirements "$revision" -o "$SCRATCH/$server-$revision" \
        >"$SCRATCH/$server-$revision.log" 2>&1
    if ! out=$("$MCP/judge.py" "$MCP/expected-failures.txt" "$server" "$revision" "$SCRATCH/$server-$revision" "$@" 2>&1)
    then
        check_fail "$server, $revision" "$out"
        return
    fi
    check_pass "$server, $revision"
    check_eq "$server, $revision: what was tried" "$counts" "$(printf '%s\n' "$out" | tail -n 1)"
}

serve fixtures "$BUILD/tests/mcp/fixture-server"
suite fixtures 2026-07-28 "28 scenarios pass with 118 checks, 22 scenarios and 0 checks fail as expected"
suite fixtures 2025-11-25 "24 scenarios pass with 55 checks, 9 scenarios and 0 checks fail as expected"

serve barehull "$BUILD/barehull" serve
suite barehull 2026-07-28 "9 scenarios pass with 61 checks, 0 scenarios and 4 checks fail as expected" \
    server-stateless tools-list server-sse-multiple-streams resources-list sep-2164-resource-not-found prompts-list \
    dns-rebinding-protection caching http-header-validation
suite barehull 2025-11-25 "6 scenarios pass with 13 checks, 0 scenarios and 0 checks fail as expected" \
    server-initialize ping tools-list resources-list prompts-list dns-rebinding-protection
check_finish
