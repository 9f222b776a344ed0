#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/mcp-inspector.sh BUILD_DIR - MCP's own inspector as a client of the service: over stdio and HTTP, in the
# legacy and the modern era and left to find out which, each answer held against exact values.

. "$(dirname "$0")/../lib/check.sh"
. "$(dirname "$0")/../lib/mcp.sh"
BUILD=$(realpath "${1:?usage: mcp-inspector.sh BUILD_DIR}")
need jq
npm_tools mcp-inspector @modelcontextprotocol/inspector@2.12.0
CLI=$NPM_HOME/node_modules/@modelcontextprotocol/inspector/clients/cli/build/index.js
RULES=$("$BUILD/barehull" rules --format json | jq '.rules | length')
# The inspector keeps files at home.
export HOME="$SCRATCH" LC_ALL=C.UTF-8

serve barehull "$BUILD/barehull" serve

# ask METHOD OPTION...: to $SCRATCH/answer, by $TRANSPORT and $ERA; what is refused is on standard error, and goes there too.
ask() {
    local method="$1"
    shift
    set -- --protocol-era "$ERA" --format json --quiet --method "$method" "$@"
    if [ "$TRANSPORT" = stdio ]; then
        set -- --transport stdio "$@" -- "$BUILD/barehull" serve --stdio
    else
        set -- --transport http --server-url "$URL/mcp" "$@"
    fi
    timeout 60 "$NODE" "$CLI" "$@" >"$SCRATCH/answer" 2>"$SCRATCH/said"
}

# said FILTER EXPECTED: what jq makes of the answer.
said() {
    check_eq "$TRANSPORT, $ERA: $1" "$2" "$(jq -cr "$1" "$SCRATCH/answer" 2>&1)"
}

# refused FILTER EXPECTED: the same of the error.
refused() {
    check_eq "$TRANSPORT, $ERA: $1" "$2" "$(tail -n 1 "$SCRATCH/said" | jq -cr "$1" 2>&1)"
}

cat >"$SCRATCH/bad.json" <<'EOF'
{"files": [
    {"name": "Dockerfile", "content": "FROM alpine:3.20\nCOPY app /app\nENTRYPOINT /app serve\n"},
    {"name": "compose.yaml", "content": "services:\n  web:\n    image: web\n    build: .\n"}
]}
EOF
cat >"$SCRATCH/good.json" <<'EOF'
{"files": [{"name": "Dockerfile", "content":
"FROM gcr.io/distroless/static-debian12:nonroot\nCOPY app /app\nENTRYPOINT [\"/app\", \"serve\"]\n"}],
"only": ["exec-form"]}
EOF

tools_and_checks() {
    # --strict: no problem of portability in any schema, or exit status 6.
    ask tools/list --strict
    check_eq "$TRANSPORT, $ERA: schemas are portable" "0 " "$? $(cat "$SCRATCH/said")"
    said '.result.tools[] | select(.name == "check" or .name == "explain" or .name == "rules") | .name' "check
explain
rules"
    said '[.result.tools[] | select(.name == "check") | .inputSchema.required, .annotations.readOnlyHint]' \
        '[["files"],true]'

    ask tools/call --tool-name check --tool-args-json "$(cat "$SCRATCH/bad.json")"
    said '.result.structuredContent | [.verdict, .summary.judged]' '["fail",2]'
    said '[.result.structuredContent.findings[] | select(.rule == "exec-form") | .file, .line, .column, .text]' \
        '["Dockerfile",3,12,"/app serve"]'
    said '[.result.structuredContent.findings[] | select(.rule == "distroless-final-stage") | .file, .line, .severity]' \
        '["Dockerfile",1,"error"]'
    said '(.result.content[0].text | fromjson) == .result.structuredContent' 'true'
    said '.result.isError // false' 'false'

    ask tools/call --tool-name check --tool-args-json "$(cat "$SCRATCH/good.json")"
    said '.result.structuredContent | [.verdict, (.findings | length)]' '["pass",0]'

    ask tools/call --tool-name explain --tool-arg rule=exec-form
    said '.result.structuredContent.rules | map(.id)' '["exec-form"]'

    ask tools/call --tool-name check --tool-args-json '{"file": "Dockerfile"}'
    check_eq "$TRANSPORT, $ERA: a tool's error has a status" 5 $?
    said '.result.isError' 'true'
    said '.result.content[0].text | split("\n")' \
        '["error: unknown parameter '"'file'"'","hint: did you mean '"'files'"'?","code: usage"]'
}

resources_and_prompts() {
    ask resources/list
    said '.result.resources | length' "$((RULES + 1))"
    said '.result.resources[0] | [.uri, .name, .mimeType]' '["barehull://standard","standard","text/markdown"]'
    ask resources/templates/list
    said '.result.resourceTemplates | map(.uriTemplate)' '["barehull://rules/{id}"]'
    ask resources/read --uri barehull://rules/exec-form
    said '.result.contents | map([.uri, .mimeType, (.text | split("\n")[0])])' \
        '[["barehull://rules/exec-form","text/markdown","# exec-form"]]'
    ask resources/read --uri barehull://standard
    said '[.result.contents[0].text | scan("\\]\\(barehull://rules/")] | length' "$RULES"
    ask resources/read --uri barehull://rules/exec-fork
    check_ne "$TRANSPORT, $ERA: an unknown resource has a status" 0 $?
    refused '.error.message' "Resource not found: 'barehull://rules/exec-fork'"

    ask prompts/list
    said '.result.prompts | map([.name, (.arguments | map(select(.required) | .name))])' \
        '[["harden-service",[]],["explain-finding",["rule"]]]'
    ask prompts/get --prompt-name explain-finding --prompt-args rule=exec-form surface=compose
    said '.result.messages | map([.role, .content.type])' '[["user","resource"],["user","text"]]'
    said '.result.messages[0].content.resource.uri' 'barehull://rules/exec-form'
    said '.result.messages[1].content.text | split("\n")[0]' \
        '`barehull check` reports a finding of the rule `exec-form` on a file of the kind compose.'
    ask prompts/get --prompt-name explain-finding
    refused '.error.message' "Invalid params: prompt 'explain-finding' needs the argument 'rule'"
    ask prompts/get --prompt-name harden-service --prompt-args language=go platform=nomad
    refused '.error.message' "Invalid params: 'platform' is 'nomad': use compose, kubernetes or both"
}

for TRANSPORT in stdio http; do
    for ERA in legacy auto modern; do
        tools_and_checks
        resources_and_prompts
    done
done
check_finish
