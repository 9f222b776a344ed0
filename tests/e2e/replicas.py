#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/e2e/replicas.py BUILD - two instances of the service behind nginx, with deploy/nginx.conf as it ships but for
the ports: both eras of MCP across them, what does not cross them, and no answer lost while each is replaced in turn.

Runs alone: it measures time, or fills the machine.
"""
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from service import Service, check, check_body, free_port, main, wait_until  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve() / "barehull"
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
MODERN, OLDER = "2026-07-28", "2025-11-25"
META = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
FILES = {"files": [{"name": "Dockerfile", "content": "FROM debian:12\nUSER root\n"}]}
ENV = {"ALLOWED_ORIGINS": "none", "BAREHULL_DRAIN_DELAY": "1s", "BAREHULL_LOOPS": "1", "BAREHULL_WORKERS": "1"}


class Front:
    """nginx, without root's ways: everything it writes is in PLACE."""

    def __init__(self, place, ports):
        self.port = free_port()
        text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        for ours, theirs in ((8080, self.port), (8081, ports[0]), (8082, ports[1])):
            check(f"deploy/nginx.conf names port {ours} once", text.count(f"127.0.0.1:{ours}") == 1)
            text = text.replace(f"127.0.0.1:{ours}", f"127.0.0.1:{theirs}")
        (place / "barehull.conf").write_text(text, encoding="utf-8")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        (place / "nginx.conf").write_text("\n".join((
            f"daemon off; pid {place}/pid; error_log {place}/error.log;", "events {}", "http {",
            f"log_format upstream '$upstream_addr $upstream_status $status'; access_log {place}/access.log upstream;",
            *(f"{kind}_temp_path {place}/{kind};" for kind in kinds), f"include {place}/barehull.conf;", "}")))
        self.log = place / "access.log"
        self.process = subprocess.Popen([NGINX, "-p", str(place), "-c", str(place / "nginx.conf"), "-e",
                                         str(place / "error.log")], stdin=subprocess.DEVNULL)
        if not wait_until(self.answers, 10):
            raise RuntimeError((place / "error.log").read_text())

    def answers(self):
        try:
            return self.ask("GET", "/livez")[0] == 200
        except OSError:
            return False

    def ask(self, method, path, body=None, fields=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, fields or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def upstreams(self):
        """Who answered, in the order of the answers; and forgets it."""
        wait_until(lambda: self.log.stat().st_size > 0, 2)
        lines = self.log.read_text(encoding="ascii").split("\n")[:-1]
        os.truncate(self.log, 0)
        return [line.split()[0] for line in lines]

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def mcp(front, message, fields):
    status, head, body = front.ask("POST", "/mcp", json.dumps(message), {
        "Content-Type": "application/json", "Accept": "application/json, text/event-stream", **fields})
    return status, head, json.loads(body) if body else None


def call(number, tool, arguments, meta=None):
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments, **({"_meta": meta} if meta else {})}}


def eras(front, ports):
    front.upstreams()
    rules = []
    for number in range(4):
        status, _, answer = mcp(front, call(number, "check", FILES, META), {
            "MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": "check"})
        check(f"{MODERN}, call {number}", status == 200 and answer["id"] == number, answer)
        rules.append(json.dumps(answer["result"]["structuredContent"]["findings"]))
    check(f"{MODERN}: both instances answered", len(set(front.upstreams())) == 2)
    check(f"{MODERN}: and the same", len(set(rules)) == 1, rules)

    status, head, answer = mcp(front, {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": OLDER, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}, {})
    check(f"{OLDER}: the handshake", status == 200 and answer["result"]["protocolVersion"] == OLDER, answer)
    check(f"{OLDER}: no session is begun", not [name for name in head if name.lower() == "mcp-session-id"], head)
    fields = {"MCP-Protocol-Version": OLDER}
    status, _, answer = mcp(front, {"jsonrpc": "2.0", "method": "notifications/initialized"}, fields)
    check(f"{OLDER}: the handshake ends at the other instance", status == 202, (status, answer))
    for number in range(2, 6):
        status, _, answer = mcp(front, call(number, "explain", {"rule": "exec-form"}), fields)
        check(f"{OLDER}, call {number}", status == 200 and not answer["result"].get("isError"), answer)
    seen = front.upstreams()
    check(f"{OLDER}: one handshake, two instances", len(set(seen)) == 2 and seen[0] != seen[1], seen)

    tags = [front.ask("GET", "/v1/rules")[1].get("ETag") for _ in range(4)]
    check("what is cached of one is fresh at the other", len(set(tags)) == 1 and tags[0], tags)
    check("metrics are each instance's own: not through the proxy", front.ask("GET", "/metrics")[0] == 404)
    check("both were asked", {int(one.split(":")[1]) for one in seen} == set(ports), seen)


class Client(threading.Thread):
    """Asks again and again, REST and MCP in turn, on connections that it keeps."""

    def __init__(self, front):
        super().__init__(daemon=True)
        self.front, self.ends = front, threading.Event()
        self.statuses, self.longest = {}, 0.0

    def run(self):
        kept = http.client.HTTPConnection("127.0.0.1", self.front.port, timeout=20)
        rest, head = check_body(("Dockerfile", FILES["files"][0]["content"])), {"Content-Type": "application/json"}
        modern = {**head, "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": MODERN,
                  "Mcp-Method": "tools/call", "Mcp-Name": "check"}
        number = 0
        while not self.ends.is_set():
            number += 1
            began = time.monotonic()
            try:
                if number % 2:
                    kept.request("POST", "/v1/check", rest, head)
                else:
                    kept.request("POST", "/mcp", json.dumps(call(number, "check", FILES, META)), modern)
                answer = kept.getresponse()
                answer.read()
                status = answer.status
            except OSError as error:
                status = repr(error)
                kept.close()
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(0.01)


def rolling(front, services):
    """Each instance is stopped and started again, as an upgrade does it; clients do not notice."""
    clients = [Client(front) for _ in range(4)]
    for client in clients:
        client.start()
    for at, service in enumerate(services):
        time.sleep(0.3)
        service.term()
        check(f"instance {at + 1} ends", service.wait(20) == 0, service.lines[-3:])
        check(f"instance {at + 1} ended cleanly", service.events("stopped")[-1].get("clean") is True, service.lines[-3:])
        Service.running.remove(service)
        services[at] = Service(PROGRAM, {**ENV, "PORT": str(service.port)})
    time.sleep(0.3)
    statuses = {}
    for client in clients:
        client.ends.set()
        client.join(20)
        for status, count in client.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    check("no answer is lost while both are replaced", set(statuses) == {200}, statuses)
    check("and there were some", statuses.get(200, 0) > 100, statuses)
    check("nobody waited long", max(client.longest for client in clients) < 2, [client.longest for client in clients])


def crash(front, services):
    """One instance dies without a word: the other one answers for it."""
    services[0].process.kill()
    services[0].wait(5)
    statuses = [front.ask("POST", "/v1/check", check_body(("Dockerfile", "FROM scratch\n")),
                          {"Content-Type": "application/json"})[0] for _ in range(6)]
    check("a crashed instance is passed over", set(statuses) == {200}, statuses)


def run():
    if not check("nginx is there", NGINX is not None, "install the packages listed in tools/packages/test.txt"):
        return
    services = [Service(PROGRAM, ENV), Service(PROGRAM, ENV)]
    ports = [service.port for service in services]
    with tempfile.TemporaryDirectory(prefix="barehull-replicas.") as place:
        os.chmod(place, 0o755)
        front = Front(Path(place), ports)
        try:
            eras(front, ports)
            rolling(front, services)
            crash(front, services)
        finally:
            front.stop()


if __name__ == "__main__":
    main(run)
