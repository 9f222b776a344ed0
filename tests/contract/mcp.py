#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/mcp.py BUILD - the answers of tests/data/mcp against the protocol's own schemas.

The unit test test_mcp_messages proves that the server gives exactly these answers; here they are judged by somebody
else's words. Answers of the revisions before 2025-11-25 are held against its schema too: it took nothing away.
"""
import json
import re
import sys
from collections import Counter
from pathlib import Path

from jsonschema import Draft202012Validator as Validator

DATA = Path(__file__).resolve().parent.parent / "data/mcp"
MODERN = "2026-07-28"
LEGACY = "2025-11-25"
SCHEMAS = {version: json.loads((DATA / "schema" / f"{version}.json").read_text()) for version in (LEGACY, MODERN)}
META = ('"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
        '"io.modelcontextprotocol/clientCapabilities":{}')

RESULTS = {
    "tools/list": "ListToolsResult",
    "tools/call": "CallToolResult",
    "resources/list": "ListResourcesResult",
    "resources/templates/list": "ListResourceTemplatesResult",
    "resources/read": "ReadResourceResult",
    "prompts/list": "ListPromptsResult",
    "prompts/get": "GetPromptResult",
    "completion/complete": "CompleteResult",
    "server/discover": "DiscoverResult",
    "subscriptions/listen": "SubscriptionsListenResult",
    "initialize": "InitializeResult",
    "ping": "EmptyResult",
    "resources/subscribe": "EmptyResult",
    "resources/unsubscribe": "EmptyResult",
}
ERRORS = {-32020: "HeaderMismatchError", -32021: "MissingRequiredClientCapabilityError",
          -32022: "UnsupportedProtocolVersionError"}
NOTIFICATIONS = {"notifications/progress": "ProgressNotification",
                 "notifications/subscriptions/acknowledged": "SubscriptionsAcknowledgedNotification"}

passed = failed = 0
seen = Counter()
validators = {}


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}\n    {detail}")


def validate(what, version, definition, value):
    key = version, definition
    if key not in validators:
        validators[key] = Validator({**SCHEMAS[version], "$ref": f"#/$defs/{definition}"})
    faults = sorted(validators[key].iter_errors(value), key=str)
    seen[definition] += 1
    check(f"{what}: {definition}", not faults, faults[0].message[:300] if faults else "")


def request_of(text):
    """The message as the test sends it, or None for what is no JSON."""
    text = re.sub(r"@META\((.*?)\)", lambda match: f"{META},{match[1]}}}", text)
    text = text.replace("@META", META + "}")
    text = re.sub(r"\\\{(\d+):(.*?)\}", lambda match: match[2] * int(match[1]), text)
    text = re.sub(r"\\x(..)", lambda match: chr(int(match[1], 16)), text)
    try:
        return json.loads(text)
    except ValueError:
        return None


def check_error(what, version, answer):
    error = answer["error"]
    if answer["id"] is None:  # JSON-RPC 2.0, section 5: null where the id could not be read; the schemas leave it out
        check(f"{what}: the id was unreadable", error["code"] in (-32700, -32600, -32022))
        answer = {key: value for key, value in answer.items() if key != "id"}
    validate(what, version, "JSONRPCErrorResponse", answer)
    if error["code"] in ERRORS:
        validate(what, MODERN, ERRORS[error["code"]], answer)
    check(f"{what}: code {error['code']} is of its era", error["code"] != -32002 or version == LEGACY)


def check_answer(what, spoken, method, answer):
    version = MODERN if spoken == MODERN else LEGACY
    if "method" in answer:
        validate(what, version, NOTIFICATIONS[answer["method"]], answer)
    elif "error" in answer:
        check_error(what, version, answer)
    else:
        validate(what, version, "JSONRPCResultResponse", answer)
        result = answer["result"]
        validate(what, version, RESULTS[method], result)
        if version == MODERN:
            validate(what, version, RESULTS[method] + "Response", answer)
            check(f"{what}: who we are", "io.modelcontextprotocol/serverInfo" in result["_meta"])
        else:
            check(f"{what}: nothing of the other era", not {"resultType", "ttlMs", "cacheScope", "_meta"} & set(result))
        if "structuredContent" in result:
            check(f"{what}: the same as text", json.loads(result["content"][0]["text"]) == result["structuredContent"])
            outputs.append((what, result["structuredContent"]))
        for tool in result.get("tools", []):
            tools.append((f"{what}: {tool['name']}", spoken, tool))


def check_case(what, text):
    spoken = re.search(r"^\| (?:request|refused|batch) (\S+)", text, re.M)
    sent = request_of("".join(re.findall(r"^> (.*)$", text, re.M)))
    method = sent.get("method") if isinstance(sent, dict) else None
    for line in re.findall(r"^\| (?:~ |last )?([{\[].*)$", text, re.M):
        answer = json.loads(line)
        for number, one in enumerate(answer if isinstance(answer, list) else [answer]):
            of = method
            if isinstance(sent, list) and one["id"] is not None:
                of = next(item["method"] for item in sent if isinstance(item, dict) and item.get("id") == one["id"])
            check_answer(f"{what} {number}" if number else what, spoken[1], of, one)
    if what.startswith("examples"):
        check(f"{what}: is taken for what it is", "| refused" not in text)
        validate(what, MODERN, "ClientNotification" if "id" not in sent else "ClientRequest", sent)


tools, outputs = [], []
for path in sorted(DATA.glob("*.test")):
    for title, text in re.findall(r"^=== (.*)\n((?:(?!===).*\n?)*)", path.read_text(), re.M):
        check_case(f"{path.stem}: {title}", text)

for name, spoken, tool in tools:
    for schema in ("inputSchema", "outputSchema"):
        if schema in tool:
            Validator.check_schema(tool[schema])
    check(f"{name}: only what {spoken} has", {"title", "outputSchema"}.isdisjoint(tool) or spoken >= "2025-06-18")
    check(f"{name}: annotations", "annotations" not in tool or spoken >= "2025-03-26")
schemas = [tool["outputSchema"] for name, spoken, tool in tools if "outputSchema" in tool]
for what, value in outputs:
    check(f"{what}: some tool's outputSchema fits", any(Validator(schema).is_valid(value) for schema in schemas))

for definition in [*RESULTS.values(), *ERRORS.values(), *NOTIFICATIONS.values()]:
    check(f"there is a case of {definition}", seen[definition] > 0)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
