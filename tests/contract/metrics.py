#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/metrics.py BUILD - the page of metrics of a running service: promtool's opinion, docs/metrics.md
against the program, exact counts behind known requests, and what must never become a label.

Runs alone: it measures time, or fills the machine.
"""
import http.client
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/lib"))
import service as service_lib  # noqa: E402 pylint: disable=wrong-import-position
from service import Service, check, free_port, wait_until  # noqa: E402 pylint: disable=wrong-import-position

BUILD = Path(sys.argv[1]).resolve()
BAREHULL = str(BUILD / "barehull")
DOCKERFILE = "FROM debian:12\nUSER root\nENTRYPOINT /app\n"
MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


def start(**variables):
    return Service(BAREHULL, {"ALLOWED_ORIGINS": "none", "BAREHULL_WORKERS": "2", **variables})


def ask(service, method, path, body=None, headers=None, port=None):
    connection = http.client.HTTPConnection("127.0.0.1", port or service.port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


def mcp(service, method, params, **headers):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {"_meta": MODERN, **params}})
    return ask(service, "POST", "/mcp", body, {
        "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method, **headers})


SAMPLE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? (-?[0-9.]+)$')


def parse(page):
    """Types by family; values by (name, labels); labels by family."""
    types, values, labels = {}, {}, {}
    for line in page.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            types[name] = kind
            labels[name] = set()
        elif not line.startswith("#"):
            name, inside, value = SAMPLE.match(line).groups()
            pairs = dict(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', inside or ""))
            values[name, tuple(sorted(pairs.items()))] = float(value)
            family = name if name in types else name.rpartition("_")[0]
            labels[family] |= set(pairs) - {"le"}
    return types, values, labels


def sum_of(values, name, **wanted):
    return sum(value for (sample, pairs), value in values.items()
               if sample == name and all(dict(pairs).get(label) == text for label, text in wanted.items()))


def documented():
    text = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    table = {}
    for name, kind, labels, meaning in re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \|$", text, re.M):
        table[name] = (kind, set(re.findall(r"`(\w+)`", labels)), meaning.strip())
    return table


def promtool(page, title):
    done = subprocess.run(["promtool", "check", "metrics"], input=page, text=True, capture_output=True, check=False)
    check(f"promtool check metrics: {title}", done.returncode == 0 and not done.stdout + done.stderr,
          f"status {done.returncode}: {done.stdout}{done.stderr}")


def requests(service):
    """What is asked, so that the counts are known."""
    checked = ask(service, "POST", "/v1/check", json.dumps({"files": [{"name": "Dockerfile", "content": DOCKERFILE}]}),
                          {"Content-Type": "application/json"})
    check("a check answers 200", checked[0] == 200, checked[:2])
    for _ in range(3):
        check("health", ask(service, "GET", "/livez")[0] == 200)
    check("an unknown path", ask(service, "GET", "/session/8c7e51?client=mallory")[0] == 404)
    check("a strange method", ask(service, "BREW", "/livez")[0] in (405, 501))
    check("an unknown MCP method", mcp(service, "secret/method", {})[0] == 404)
    check("an unknown tool", mcp(service, "tools/call", {"name": "no_such_tool", "arguments": {}},
                                         **{"Mcp-Name": "no_such_tool"})[0] in (200, 400))
    check("a list of tools", mcp(service, "tools/list", {})[0] == 200)
    return json.loads(checked[1]) if checked[0] == 200 else {}


def counts(page, result):
    types, values, labels = parse(page)
    count = "http_server_request_duration_seconds_count"
    check("three times /livez", sum_of(values, count, http_route="/livez", http_request_method="GET",
                                       http_response_status_code="200") == 3, page)
    check("one check", sum_of(values, count, http_route="/v1/check", http_response_status_code="200") == 1)
    check("unknown paths are other", sum_of(values, count, http_route="other", http_response_status_code="404") == 1)
    check("unknown methods are other", sum_of(values, count, http_request_method="other") == 1)
    count = "mcp_server_operation_duration_seconds_count"
    modern = {"network_transport": "tcp", "mcp_protocol_version": "2026-07-28"}
    check("a list of tools", sum_of(values, count, mcp_method_name="tools/list", error_type="", gen_ai_tool_name="",
                                    **modern) == 1, page)
    check("an unknown tool is other", sum_of(values, count, mcp_method_name="tools/call", gen_ai_tool_name="other",
                                             error_type="-32602", **modern) == 1, page)
    check("an unknown MCP method is other", sum_of(values, count, mcp_method_name="other", error_type="-32601",
                                                   **modern) == 1, page)
    found = {}
    for finding in result.get("findings", []):
        key = (finding["rule"], finding["severity"], finding["verdict"])
        found[key] = found.get(key, 0) + 1
    check("there are findings", found, result)
    for (rule, severity, verdict), number in found.items():
        counted = sum_of(values, "barehull_findings_total", rule=rule, severity=severity, verdict=verdict)
        check(f"findings of {rule}", counted == number, f"{counted}, expected {number}")
    check("no findings more", sum_of(values, "barehull_findings_total") == sum(found.values()))
    check("nothing in flight", sum_of(values, "barehull_operations_in_flight") == 0)
    check("the build", sum_of(values, "barehull_build_info") == 1)
    check("connections", sum_of(values, "barehull_http_connections") >= 1)
    for word in ("session", "mallory", "secret", "no_such_tool", "BREW", "127.0.0.1"):
        check(f"no label says '{word}'", word not in page)
    return types, labels


def in_flight(service):
    """What runs is counted once, whichever way it came."""
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndata: {a: b, c: d, e: f}\n---\n"
    files = [{"name": "a.yaml", "content": manifest * 60000}]
    rest = lambda: ask(service, "POST", "/v1/check", json.dumps({"files": files}), {"Content-Type": "application/json"})
    call = lambda: mcp(service, "tools/call", {"name": "check", "arguments": {"files": files}}, **{"Mcp-Name": "check"})
    for title, calls in [("one over REST", [rest]), ("one over MCP", [call]), ("one of each", [rest, call])]:
        statuses = []
        threads = [threading.Thread(target=lambda ask=ask: statuses.append(ask()[0])) for ask in calls]
        for thread in threads:
            thread.start()
        seen = set()
        while any(thread.is_alive() for thread in threads):
            seen.add(sum_of(parse(ask(service, "GET", "/metrics")[1])[1], "barehull_operations_in_flight",
                            network_transport="tcp"))
        values = parse(ask(service, "GET", "/metrics")[1])[1]
        check(f"in flight, {title}: answered", statuses == [200] * len(calls), statuses)
        check(f"in flight, {title}: exactly {len(calls)}", max(seen) == len(calls), seen)
        check(f"in flight, {title}: none behind it", sum_of(values, "barehull_operations_in_flight") == 0)


def no_room():
    """Refused connections are counted as such; requests that were refused on theirs are answers with 503."""
    service = start(BAREHULL_MAX_BODY="1M", BAREHULL_MAX_MEMORY="1500000", BAREHULL_MAX_CONNECTIONS="4", BAREHULL_LOOPS="1")
    refused = "barehull_http_connections_refused_total"
    head = b"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/x-dockerfile\r\nContent-Length: "
    with service_lib.Peer(service.port) as first, service_lib.Peer(service.port) as second:
        first.send(head + b"990000\r\n\r\n" + b" " * 980000)
        wait_until(lambda: sum_of(parse(ask(service, "GET", "/metrics")[1])[1], "barehull_http_memory_bytes") > 900000)
        second.send(head + b"990000\r\n\r\n" + b" " * 980000)
        check("no memory for a body: 503", second.answer().status == 503)

    def answered():
        return sum_of(parse(ask(service, "GET", "/metrics")[1])[1], "http_server_request_duration_seconds_count",
                      http_route="/v1/check", http_response_status_code="503")
    wait_until(answered)
    check("no memory for a body: an answer with 503", answered() == 1, answered())
    values = parse(ask(service, "GET", "/metrics")[1])[1]
    check("no memory for a body: no connection was refused", sum_of(values, refused) == 0)
    busy = [service_lib.Peer(service.port) for _ in range(4)]
    for peer in busy:
        peer.send(head + b"5\r\n\r\nab")
    time.sleep(0.2)
    for _ in range(3):
        with service_lib.Peer(service.port) as peer:
            check("too many connections: 503", peer.answer().status == 503)
    for peer in busy:
        peer.close()
    wait_until(lambda: ask(service, "GET", "/livez")[0] == 200)
    values = parse(ask(service, "GET", "/metrics")[1])[1]
    check("too many connections: each is counted", sum_of(values, refused) == 3, values)


def documentation(page, types, labels):
    table = documented()
    helps = dict(re.findall(r"^# HELP (\w+) (.*)$", page, re.M))
    check("docs/metrics.md names every family", set(table) == set(types), set(table) ^ set(types))
    for name, (kind, words, meaning) in table.items():
        check(f"docs/metrics.md: type of {name}", types.get(name) == kind, types.get(name))
        check(f"docs/metrics.md: labels of {name}", labels.get(name) == words, labels.get(name))
        check(f"docs/metrics.md: meaning of {name}", helps.get(name) == meaning + "." or
              helps.get(name) == meaning, helps.get(name))


def door(service, own):
    status, page, headers = ask(service, "GET", "/metrics", port=own)
    check("METRICS_PORT answers", status == 200, status)
    check("media type", headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8", headers["Content-Type"])
    check("not on the main port", ask(service, "GET", "/metrics")[0] == 404)
    check("nothing else there", ask(service, "GET", "/v1/rules", port=own)[0] == 404)
    check("a strange Host may scrape", ask(service, "GET", "/metrics", None, {"Host": "10.1.2.3:9"}, own)[0] == 200)
    promtool(page, "own listener")


def run():
    service = start()
    promtool(ask(service, "GET", "/metrics")[1], "fresh")
    result = requests(service)
    page = ask(service, "GET", "/metrics")[1]
    promtool(page, "behind requests")
    types, labels = counts(page, result)
    documentation(page, types, labels)
    in_flight(service)
    no_room()
    own = free_port()
    door(start(METRICS_PORT=str(own)), own)


service_lib.main(run)
