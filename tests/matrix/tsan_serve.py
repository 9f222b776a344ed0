# SPDX-License-Identifier: Apache-2.0
"""tsan_serve.py BUILD SECONDS - a mixed load on a service that watches itself for races (called by tsan-serve.sh).

Several loops and workers, a few connections more than allowed, a queue that fills, deadlines that pass, streams that
open and close, scrapes, resets, and then SIGTERM under all of it.
"""
import json
import random
import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from service import Peer, Service, check, check_body, main  # noqa: E402

BUILD, SECONDS = Path(sys.argv[1]), float(sys.argv[2])
JSON = ("Content-Type: application/json",)
RPC = (*JSON, "Accept: application/json, text/event-stream")
MODERN = "io.modelcontextprotocol/"
META = {MODERN + "protocolVersion": "2026-07-28", MODERN + "clientCapabilities": {}}
SMALL = check_body(("Dockerfile", "FROM debian\nRUN curl x | sh\n"))
LARGE = check_body(("pod.yaml", "kind: Pod\napiVersion: v1\nspec: {hostPID: true, containers: [{name: a, image: b}]}\n---\n" * 2000))


def rpc(method, params=None, meta=None):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method,
                       "params": {**(params or {}), **({"_meta": meta} if meta else {})}}).encode()


def modern(peer, method, **params):
    name = params.get("name")
    fields = [*RPC, "MCP-Protocol-Version: 2026-07-28", f"Mcp-Method: {method}", *([f"Mcp-Name: {name}"] if name else [])]
    return peer.ask("POST", "/mcp", rpc(method, params, META), fields)


def stream(peer, dice):
    body = rpc("subscriptions/listen", {"notifications": {"toolsListChanged": True}}, META)
    lines = ["POST /mcp HTTP/1.1", "Host: 127.0.0.1", *RPC, "MCP-Protocol-Version: 2026-07-28",
             "Mcp-Method: subscriptions/listen", f"Content-Length: {len(body)}", "", ""]
    peer.send("\r\n".join(lines).encode() + body)
    if peer.more() and peer.bytes.startswith(b"HTTP/1.1 200 ") and dice.random() < 0.5:
        peer.more()
    (peer.reset if dice.random() < 0.5 else peer.close)()


def leave(peer, dice):
    """Sends part of something, or all of it, and leaves."""
    whole = b"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" \
            + f"Content-Length: {len(LARGE)}\r\n\r\n".encode() + LARGE
    peer.send(whole[:dice.choice([1, 50, 200, len(whole) // 2, len(whole)])])
    (peer.reset if dice.random() < 0.5 else peer.close)()


def pipeline(peer, _):
    peer.send(b"GET /v1/rules HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n" * 20)
    for _ in range(20):
        peer.answer()


def chunks(peer, _):
    peer.send(b"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
              b"Transfer-Encoding: chunked\r\n\r\n")
    peer.answer()
    for at in range(0, len(SMALL), 16):
        piece = SMALL[at:at + 16]
        peer.send(b"%x\r\n%s\r\n" % (len(piece), piece))
    peer.send(b"0\r\n\r\n")
    peer.answer()


WORK = [
    lambda peer, _: peer.post("/v1/check", SMALL, JSON), lambda peer, _: peer.post("/v1/check", SMALL, JSON),
    lambda peer, _: peer.post("/v1/check", LARGE, JSON), lambda peer, _: peer.get("/metrics"),
    lambda peer, _: peer.get("/v1/rules"), lambda peer, _: peer.get("/openapi.json", ["Accept-Encoding: gzip"]),
    lambda peer, _: peer.get("/livez"), lambda peer, _: peer.get("/readyz"), lambda peer, _: peer.get("/none"),
    lambda peer, _: peer.ask("POST", "/mcp", rpc("initialize", {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}), RPC),
    lambda peer, _: peer.ask("POST", "/mcp", rpc("tools/list"), RPC),
    lambda peer, _: modern(peer, "server/discover"), lambda peer, _: modern(peer, "tools/list"),
    lambda peer, _: modern(peer, "tools/call", name="check", arguments=json.loads(SMALL)),
    lambda peer, _: modern(peer, "resources/list"), lambda peer, _: modern(peer, "prompts/list"),
    lambda peer, _: peer.send(b"BAD\r\n\r\n") or peer.answer(), stream, leave, pipeline, chunks,
]


def run():
    service = Service(BUILD / "barehull", {
        "BAREHULL_LOOPS": "3", "BAREHULL_WORKERS": "4", "BAREHULL_MAX_CONNECTIONS": "24", "BAREHULL_MAX_QUEUE": "6",
        "BAREHULL_MAX_STREAMS": "4", "BAREHULL_HEADER_TIMEOUT": "300ms", "BAREHULL_BODY_TIMEOUT": "300ms",
        "BAREHULL_IDLE_TIMEOUT": "500ms", "BAREHULL_WRITE_TIMEOUT": "500ms", "BAREHULL_REQUEST_TIMEOUT": "300ms",
        "BAREHULL_SSE_KEEPALIVE": "1s", "BAREHULL_DRAIN_DELAY": "300ms", "BAREHULL_DRAIN_TIMEOUT": "5s", "LOG_LEVEL": "debug",
        "BAREHULL_MAX_MEMORY": "16M"})
    stop, statuses, lock = threading.Event(), {}, threading.Lock()

    def load(seed):
        dice = random.Random(seed)
        while not stop.is_set():
            try:
                with Peer(service.port, timeout=10) as peer:
                    for _ in range(dice.randrange(1, 12)):
                        answer = dice.choice(WORK)(peer, dice)
                        status = getattr(answer, "status", None)
                        with lock:
                            statuses[status] = statuses.get(status, 0) + 1
                        if answer is not None and (status == 0 or answer.closes()):
                            break
                    if dice.random() < 0.1:
                        time.sleep(dice.random())
            except (OSError, ValueError):
                with lock:
                    statuses["broken"] = statuses.get("broken", 0) + 1
                time.sleep(0.01)

    threads = [threading.Thread(target=load, args=(seed,)) for seed in range(32)]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    check("alive under load", service.is_alive(), service.lines[-20:])
    service.term()
    status = service.wait(30)
    stop.set()
    for thread in threads:
        thread.join()
    check("it ends with 0", status == 0, status)
    service.stop()
    at = next((number for number, line in enumerate(service.lines) if "ThreadSanitizer" in line), None)
    check("no report", at is None, "\n".join(service.lines[at or 0:(at or 0) + 60]))
    print(f"statuses: {dict(sorted(statuses.items(), key=str))}")
    for wanted in (200, 404, 400, 503):
        check(f"the load had answers of {wanted}", statuses.get(wanted), statuses)


main(run)
