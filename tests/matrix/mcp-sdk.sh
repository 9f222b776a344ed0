#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/mcp-sdk.sh BUILD_DIR - the official TypeScript SDK, version 1 and 2, as a client of the service: over stdio
# and HTTP, in both eras; completion, progress and cancellation with it, which the inspector's command line has not.

. "$(dirname "$0")/../lib/check.sh"
. "$(dirname "$0")/../lib/mcp.sh"
BUILD=$(realpath "${1:?usage: mcp-sdk.sh BUILD_DIR}")
CLIENT=$(realpath "$(dirname "$0")/../mcp/client.mjs")
need jq
npm_tools mcp-sdk @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0
RULES=$("$BUILD/barehull" rules --format json | jq '.rules | length')
export LC_ALL=C.UTF-8

# said FILTER EXPECTED: what jq makes of the answer.
said() {
    check_eq "$WHAT: $1" "$2" "$(jq -cr "$1" "$SCRATCH/answer" 2>&1)"
}

# ask SDK ERA TARGET...: to $SCRATCH/answer.
ask() {
    WHAT="$1 $2 $TRANSPORT"
    check "$WHAT" sh -c 'timeout 60 "$@" >"$0"' "$SCRATCH/answer" "$NODE" "$CLIENT" "$NPM_HOME" "$@"
}

catalogue() {
    said '.server.name' 'barehull'
    said '.capabilities.resources' "$subscribe"
    said '.capabilities | keys' '["completions","prompts","resources","tools"]'
    said '.tools | map(select(. == "check" or . == "explain" or . == "init" or . == "rules"))' \
        '["check","explain","init","rules"]'
    said '.checked.findings | map([.rule, .line, .column, .text])' '[["healthcheck-runs",2,17,"curl"]]'
    said '.misused | [.isError, (.content[0].text | split("\n")[1])]' "[true,\"hint: did you mean 'files'?\"]"
    said '[.resources, .templates]' "[$((RULES + 1)),[\"barehull://rules/{id}\"]]"
    said '.read | [.uri, .mimeType, (.text | split("\n")[0])]' \
        '["barehull://rules/exec-form","text/markdown","# exec-form"]'
    said '.prompts' '["harden-service","explain-finding"]'
    said '.prompt | map(.content.type)' '["resource","text"]'
    said '.completed' '{"values":["exec-form"],"total":1,"hasMore":false}'
    said '.narrowed.values' '["compose"]'
    said '.template.values' '["non-root-user","numeric-user"]'
}

fixtures() {
    said '.progressed' 'The tool with progress is done.'
    # Over stdio the SDK drops a notification that it reads together with the answer: the third, mostly.
    if [ "$TRANSPORT" = stdio ]; then
        said '.progress[:2]' '[[0,100],[50,100]]'
    else
        said '.progress' '[[0,100],[50,100],[100,100]]'
    fi
    said '.aborted' 'called off'
    # A legacy call over HTTP can't be called off: it has a deadline instead.
    if [ "$TRANSPORT $2" = "http legacy" ]; then
        said '.freed_ms > 2000 and .freed_ms < 20000' true
    else
        said '.freed_ms < 2000' true
    fi
    said '.failed | [.isError, .content[0].text]' '[true,"error: this tool fails\ncode: invalid-input"]'
}

serve barehull "$BUILD/barehull" serve
CATALOGUE=$URL
# One worker: what is called off and goes on nevertheless is seen by whoever comes next.
export BAREHULL_WORKERS=1 BAREHULL_REQUEST_TIMEOUT=5s
serve fixtures "$BUILD/tests/mcp/fixture-server"
FIXTURES=$URL
for kind in "v1 legacy" "v2 legacy" "v2 auto" "v2 modern"; do
    # -32002 is the legacy code of a resource that is not there; version 2 of the SDK translates it.
    case $kind in
    "v1 legacy") version=2025-11-25 missing=-32002 subscribe='{"subscribe":true}' ;;
    "v2 legacy") version=2025-11-25 missing=-32602 subscribe='{"subscribe":true}' ;;
    *) version=2026-07-28 missing=-32602 subscribe='{}' ;;
    esac
    for TRANSPORT in stdio http; do
        if [ "$TRANSPORT" = stdio ]; then
            # shellcheck disable=SC2086
            ask $kind "$BUILD/barehull" serve --stdio
        else
            # shellcheck disable=SC2086
            ask $kind "$CATALOGUE/mcp"
        fi
        [ "$kind" = "v1 legacy" ] || said '.version' "$version"
        said '.codes' "[-32602,$missing,-32602,-32602]"
        catalogue
        if [ "$TRANSPORT" = stdio ]; then
            # shellcheck disable=SC2086
            ask $kind "$BUILD/tests/mcp/fixture-server" --stdio
        else
            # shellcheck disable=SC2086
            ask $kind "$FIXTURES/mcp"
        fi
        # shellcheck disable=SC2086
        fixtures $kind
    done
done
check_finish
