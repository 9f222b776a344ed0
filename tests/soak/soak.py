#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/soak/soak.py BUILD [REQUESTS] - a mix of everything that is asked of the service, a million times.

Every answer is judged by the load client (tests/load): status, content, and the request's own id where there is one. No
answer is lost; memory, descriptors and threads are what they were; the service's own counters agree. Then the service is
ended and started again under load, politely and not: nothing is lost but what was in flight.
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/lib"))
import service  # noqa: E402 pylint: disable=wrong-import-position
from service import Service, check, once, wait_until  # noqa: E402 pylint: disable=wrong-import-position

BUILD = Path(sys.argv[1]).resolve()
REQUESTS = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
LOAD = str(BUILD / "tests/load/load")
CONNECTIONS, DEPTH = 64, 4
SETTLED = 0.05  # of the requests: what the service needs to have seen everything once
PARTS = 5
GROWTH = 1 << 20 if REQUESTS >= 500000 else 6 << 20  # what the allocators of some threads take more or less
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
ID = "@@ID@@####"
JSON = "application/json"
DOCKERFILE = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nCOPY . /app\nUSER root\nENTRYPOINT /app/run\n"
COMPOSE = "services:\n  web:\n    image: nginx\n    privileged: true\n    ports: ['80:80']\n"


class Mix:
    """Arguments of the load client; FILES live in a directory of the test's."""

    def __init__(self, place):
        self.place, self.arguments, self.count, self.closing = place, [], 0, 0

    def file(self, content):
        path = self.place / f"request-{self.count}-{len(self.arguments)}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def add(self, *arguments, times=1, status=200, contains=None, closes=False):
        for _ in range(times):
            self.arguments += [*arguments, "--status", str(status), *(["--contains", contains] if contains else [])]
            self.count += 1
            self.closing += closes

    def get(self, path, **options):
        self.add("--get", path, **options)

    def post(self, path, body, kind=JSON, fields=(), **options):
        self.add("--post", path, self.file(body if isinstance(body, str) else json.dumps(body)), kind, *fields, "--",
                 **options)

    def raw(self, text, **options):
        self.add("--request", self.file(text), **options)

    def modern(self, method, params, name=None, accept="application/json, text/event-stream", **options):
        self.post("/mcp", {"jsonrpc": "2.0", "id": ID, "method": method, "params": {"_meta": META, **params}},
                  fields=[f"Accept: {accept}", "MCP-Protocol-Version: 2026-07-28", f"Mcp-Method: {method}",
                          *([f"Mcp-Name: {name}"] if name else [])], **options)

    def legacy(self, method, params, **options):
        self.post("/mcp", {"jsonrpc": "2.0", "id": ID, "method": method, "params": params},
                  fields=["Accept: application/json, text/event-stream", "MCP-Protocol-Version: 2025-11-25"], **options)


def everything(place):
    mix = Mix(place)
    mix.get("/livez", times=3)
    mix.get("/readyz")
    mix.get("/v1/rules/non-root-user", times=4, contains="non-root-user")
    mix.get("/v1/rules", contains="no-secrets")
    mix.get("/openapi.json", contains='"openapi"')
    mix.get("/metrics", contains="barehull_build_info")
    mix.get("/nowhere", times=2, status=404, contains="status")
    mix.get("/v1/rules/no-such-rule", status=404)
    mix.raw("HEAD /v1/rules HTTP/1.1\r\nHost: localhost\r\n\r\n")
    mix.raw("OPTIONS /v1/check HTTP/1.1\r\nHost: localhost\r\n\r\n", status=204)
    mix.raw("DELETE /v1/rules HTTP/1.1\r\nHost: localhost\r\n\r\n", status=405)
    files = {"files": [{"name": "Dockerfile", "content": DOCKERFILE}, {"name": "compose.yaml", "content": COMPOSE}]}
    mix.post("/v1/check", files, times=3, contains="no-privileged")
    mix.post("/v1/check", DOCKERFILE, "text/x-dockerfile", contains="non-root-user")
    mix.post("/v1/check", {"files": [{"name": "compose.yaml", "content": "services: [b"}]}, contains="valid-syntax")
    mix.post("/v1/check", "{", status=400)
    mix.post("/v1/check", {"filez": []}, status=400)
    mix.post("/v1/check", DOCKERFILE, "text/unheard-of", status=415)
    body = json.dumps(files).encode()
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:7], body[7:])) + b"0\r\n\r\n"
    mix.raw(b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + chunked, contains="no-privileged")
    mix.modern("tools/call", {"name": "explain", "arguments": {"rule": "no-secrets"}}, "explain", times=4,
               contains="structuredContent")
    mix.modern("tools/call", {"name": "check", "arguments": files}, "check", times=2, contains="no-privileged")
    mix.modern("tools/call", {"name": "check", "arguments": files}, "check", accept="text/event-stream", times=2,
               contains="data: ")
    mix.modern("tools/list", {}, contains="inputSchema")
    mix.modern("server/discover", {}, contains="supportedVersions")
    mix.modern("resources/read", {"uri": "barehull://rules/no-secrets"}, "barehull://rules/no-secrets",
               contains="no-secrets")
    mix.modern("secret/method", {}, status=404, contains="-32601")
    mix.modern("tools/call", {"name": "nothing", "arguments": {}}, "nothing", contains="-32602")
    mix.legacy("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                              "clientInfo": {"name": "soak", "version": "1"}}, contains="2025-11-25")
    mix.legacy("ping", {}, times=2)
    mix.legacy("tools/call", {"name": "check", "arguments": files}, times=2, contains="no-privileged")
    mix.legacy("tools/call", {"name": "check", "arguments": {"files": 7}}, contains="isError")
    mix.post("/mcp", {"jsonrpc": "2.0", "method": "notifications/initialized"}, status=202,
             fields=["Accept: application/json, text/event-stream"])
    mix.post("/mcp", "no json", status=400, fields=["Accept: application/json, text/event-stream"], contains="-32700")
    mix.raw("GET /livez HTTP/1.1\r\nHost : localhost\r\n\r\n", status=400, closes=True)
    return mix


def load(port, *arguments):
    done = subprocess.run([LOAD, *map(str, arguments), f"127.0.0.1:{port}"], capture_output=True, text=True,
                          check=False)
    if not done.stdout:
        raise RuntimeError(f"load: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def counted(port, name):
    page = once(port, "GET", "/metrics").body.decode()
    return sum(float(value) for value in re.findall(rf"^{name}(?:\{{.*\}})? ([0-9.]+)$", page, re.M))


def state(one):
    with open(f"/proc/{one.pid}/status", encoding="ascii") as status:
        threads = int(re.search(r"Threads:\s+(\d+)", status.read())[1])
    return {"rss": one.rss(), "fds": one.fds(), "threads": threads}


def good(title, result):
    check(f"{title}: no answer was wrong", result["wrong"] == 0, result["first_wrong"])
    check(f"{title}: no answer was lost", result["lost"] == 0, result)


def soak(place):
    mix = everything(place)
    one = Service(BUILD / "barehull", {"ALLOWED_ORIGINS": "none", "BAREHULL_ACCESS_LOG": "false"}, read_log=False)
    start = state(one)
    first = load(one.port, "-c", CONNECTIONS, "-n", max(int(REQUESTS * SETTLED), 10 * mix.count), *mix.arguments)
    good("warm-up", first)
    check("every request of the mix was answered", min(first["by_request"]) > 0, first["by_request"])
    wait_until(lambda: one.fds() <= start["fds"], 10)
    settled = state(one)
    before = counted(one.port, "http_server_request_duration_seconds_count")
    accepted = counted(one.port, "barehull_http_connections_accepted_total")
    resident, parts, began = [settled["rss"]], [], time.monotonic()
    for _ in range(PARTS):
        parts.append(load(one.port, "-c", CONNECTIONS, "-n", REQUESTS // PARTS, *mix.arguments))
        good("soak", parts[-1])
        resident.append(one.rss())
    taken, answers = time.monotonic() - began, sum(part["answers"] for part in parts)
    connects = sum(part["connects"] for part in parts)
    check("all were answered", answers == REQUESTS // PARTS * PARTS, answers)
    wait_until(lambda: one.fds() <= settled["fds"], 10)
    end = state(one)
    worst = max(parts, key=lambda part: part["latency_us"]["p99"])["latency_us"]
    print(f"{answers:,} answers in {taken:.1f} s, {answers / taken:,.0f} a second; p50 {worst['p50']:.0f} us, "
          f"p99 {worst['p99']:.0f} us; {connects:,} connections; resident KB: {start['rss'] >> 10:,} at the start, then "
          + ", ".join(f"{rss >> 10:,}" for rss in resident))
    check("memory is flat", resident[-1] <= max(resident[1:-1]) + GROWTH, resident)
    check("descriptors are back", end["fds"] <= settled["fds"] <= start["fds"], (start, settled, end))
    check("threads are the same", end["threads"] == start["threads"], (start, end))
    # Beside the load: two questions for counters, of which neither was counted in its own answer.
    count = counted(one.port, "http_server_request_duration_seconds_count")
    check("the service counted every request", count - before == answers + 2, (before, count, answers))
    opened = counted(one.port, "barehull_http_connections_accepted_total") - accepted
    check("and every connection", opened == connects + 2, (opened, connects))
    check("nothing is in flight", counted(one.port, "barehull_operations_in_flight") == 0)
    check("ends with 0", one.stop() == 0, one.process.returncode)


def restarts(title, place, end_signal, pipelined):
    """Under load that persists, the service goes and comes back on its port, several times."""
    mix = Mix(place)
    mix.get("/v1/rules/non-root-user", times=2, contains="non-root-user")
    mix.modern("tools/call", {"name": "explain", "arguments": {"rule": "no-secrets"}}, "explain", times=2,
               contains="structuredContent")
    mix.post("/v1/check", DOCKERFILE, "text/x-dockerfile", contains="non-root-user")
    variables = {"ALLOWED_ORIGINS": "none", "BAREHULL_ACCESS_LOG": "false"}
    one = Service(BUILD / "barehull", variables, read_log=False)
    result = {}
    depth = DEPTH if pipelined else 1
    client = threading.Thread(target=lambda: result.update(load(
        one.port, "-c", CONNECTIONS // 4, "-d", depth, "-s", "3", "--persist", *mix.arguments)))
    client.start()
    statuses, count = [], 3
    for _ in range(count):
        time.sleep(0.5)
        one.process.send_signal(end_signal)
        statuses.append(one.wait(20))
        Service.running.remove(one)
        one = Service(BUILD / "barehull", {**variables, "PORT": str(one.port)}, read_log=False)
    client.join()
    # What each connection was owed, and what went to one that was made while the service was ending.
    bound = 2 * count * depth * (CONNECTIONS // 4)
    check(f"{title}: no answer was wrong", result["wrong"] == 0, result["first_wrong"])
    check(f"{title}: only what was in flight was lost", result["lost"] <= bound, (result["lost"], bound))
    check(f"{title}: it was served in between", result["answers"] > 100 and result["connects"] > CONNECTIONS // 4,
          result)
    check(f"{title}: it was away for a moment only", result["longest_gap_ms"] < 2000, result["longest_gap_ms"])
    if end_signal == signal.SIGTERM:
        check(f"{title}: each ended with 0", statuses == [0] * count, statuses)
    print(f"{title}: {result['answers']:,} answers, {result['lost']} lost of {result['sent']:,} sent, "
          f"away for {result['longest_gap_ms']:.0f} ms at most")
    check(f"{title}: the last one ends with 0", one.stop() == 0, one.process.returncode)


def run():
    os.environ.pop("BAREHULL_TEST_KEEP", None)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        soak(place)
        for pipelined in (False, True):
            kind = ", pipelined" if pipelined else ""
            restarts("SIGTERM under load" + kind, place, signal.SIGTERM, pipelined)
            restarts("SIGKILL under load" + kind, place, signal.SIGKILL, pipelined)


service.main(run)
