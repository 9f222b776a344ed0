#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/e2e/serve-own-bytes.py BUILD|PROGRAM - every request is answered by its own bytes, and logged by them.

Requests of many clients, alike in length and each with a mark of its own in the target, the fields and the content, are
cut at every byte: all clients send the first part, then all send the rest, so that the buffer of the one loop that
reads them has long been filled anew when a worker gets to a request. A mark of somebody else's in an answer, or in the
access log, is what must never be.
"""
import itertools
import json
import random
import re
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from service import Peer, Service, check, main, wait_until  # noqa: E402

PROGRAM = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
PROGRAM = PROGRAM / "barehull" if PROGRAM.is_dir() else PROGRAM
CLIENTS = 48  # at a time
PAUSE = 0.004  # for the loop to read what was sent
MARK = re.compile(rb"m[0-9]{6}k")
marks = (f"m{number:06}k" for number in itertools.count(1))
MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


# --- requests, each full of its mark ---------------------------------------------------------------------------------


def dockerfile(mark, lines=1):
    return f"FROM {mark}:1\nUSER 65532\n" + f"COPY {mark} /{mark}\n" * (lines - 1)


def head(method, target, mark, *fields):
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"User-Agent: {mark}", f"X-Request-Id: {mark}",
                        *fields, "", ""]).encode()


def with_length(target, mark, body, *fields):
    return head("POST", target, mark, *fields, f"Content-Length: {len(body)}") + body


def in_chunks(target, mark, body, *fields, size=29):
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x;e=%s\r\n%s\r\n" % (len(piece), mark.encode(), piece) for piece in pieces)
    return head("POST", target, mark, *fields, "Transfer-Encoding: chunked") + framed + b"0\r\nX-T: " + mark.encode() + b"\r\n\r\n"


JSON = "Content-Type: application/json"
BOTH = "Accept: application/json, text/event-stream"


def files(mark, lines=1):
    return json.dumps({"files": [{"name": f"{mark}/Dockerfile", "content": dockerfile(mark, lines)}]}).encode()


def rpc(mark, method, params, modern=False):
    params = {**params, **({"_meta": MODERN} if modern else {})}
    return json.dumps({"jsonrpc": "2.0", "id": mark, "method": method, "params": params}).encode()


def call(mark, modern=False):
    content = {"name": f"{mark}/Dockerfile", "content": dockerfile(mark)}
    return rpc(mark, "tools/call", {"name": "check", "arguments": {"files": [content]}}, modern)


def modern_fields(method, *more):
    return JSON, BOTH, "MCP-Protocol-Version: 2026-07-28", f"Mcp-Method: {method}", *more


KINDS = {
    "a check": lambda m: with_length("/v1/check", m, files(m), JSON),
    "a check in chunks": lambda m: in_chunks("/v1/check", m, files(m), JSON),
    "a file, named in the query": lambda m: with_length(f"/v1/check?name={m}.dockerfile", m, dockerfile(m).encode(),
                                                        "Content-Type: text/x-dockerfile"),
    "a rule that is none": lambda m: head("GET", f"/v1/rules/{m}?a={m}", m),
    "a path that is none": lambda m: head("GET", f"/{m}", m),
    "a call of a tool": lambda m: with_length("/mcp", m, call(m), JSON, BOTH),
    "a call of a tool, as of 2026": lambda m: with_length("/mcp", m, call(m, True), *modern_fields("tools/call", "Mcp-Name: check")),
    "a call of a tool, as a stream": lambda m: with_length("/mcp", m, call(m), JSON, "Accept: text/event-stream"),
    "fields that disagree": lambda m: with_length("/mcp", m, call(m, True), *modern_fields("tools/call", f"Mcp-Name: {m}")),
    "a method that is none": lambda m: with_length("/mcp", m, rpc(m, m, {}), JSON, BOTH),
}
# What an answer has to hold, beside nothing of anybody else's.
STATUS = {"a rule that is none": 404, "a path that is none": 404, "fields that disagree": 400}


def judge(answer, mark, kind, wrong):
    """Notes in WRONG what is not MARK's own."""
    text = answer.body + b"\n" + repr(answer.fields).encode()
    found = set(MARK.findall(text))
    own = answer.field("x-request-id") == mark and mark.encode() in answer.body
    if answer.status != STATUS.get(kind, 200) or not own or found != {mark.encode()}:
        wrong.append((kind, mark, answer.status, found, answer.body[:300]))


# --- rounds ----------------------------------------------------------------------------------------------------------


def send_all(jobs):
    """JOBS: (kinds, marks, parts). Everybody's first part, then everybody's second, and so on; what was wrong."""
    wrong, peers = [], [Peer(SERVICE.port, timeout=60) for _ in jobs]
    try:
        for turn in range(max(len(parts) for _, _, parts in jobs)):
            for peer, (_, _, parts) in zip(peers, jobs):
                if turn < len(parts) and parts[turn]:
                    peer.send(parts[turn])
            time.sleep(PAUSE)
        for peer, (kinds, own, _) in zip(peers, jobs):
            for kind, mark in zip(kinds, own):
                try:
                    judge(peer.answer(), mark, kind, wrong)
                except (ValueError, OSError) as problem:
                    wrong.append((kind, mark, repr(problem)))
                    break
    finally:
        for peer in peers:
            peer.close()
    return wrong


def rounds(jobs):
    wrong, jobs = [], list(jobs)
    for at in range(0, len(jobs), CLIENTS):
        wrong += send_all(jobs[at:at + CLIENTS])
    return len(jobs), wrong


def tell(what, result):
    count, wrong = result
    check(f"{what}: {count} times its own bytes", not wrong, f"{len(wrong)} wrong: {wrong[:3]}")


def cut(kinds, *places):
    """A connection's requests, one behind the other, cut at PLACES."""
    own = [next(marks) for _ in kinds]
    sent = b"".join(KINDS[kind](mark) for kind, mark in zip(kinds, own))
    places = [0, *sorted(place(sent) if callable(place) else min(place, len(sent)) for place in places), len(sent)]
    return kinds, own, [sent[a:b] for a, b in zip(places, places[1:])]


def behind_head(sent):
    return sent.index(b"\r\n\r\n") + 4


def every_byte():
    for kind in KINDS:
        length = len(KINDS[kind]("m000000k"))
        tell(f"{kind}, cut at every byte", rounds(cut([kind], at) for at in range(1, length + 1)))
    for kind in ("a check", "a check in chunks", "a file, named in the query", "a call of a tool, as of 2026"):
        tell(f"{kind}, behind its head", rounds(cut([kind], behind_head) for _ in range(480)))
        length = len(KINDS[kind]("m000000k"))
        tell(f"{kind}, behind its head and anywhere",
             rounds(cut([kind], behind_head, at) for at in range(1, length, 3)))


def pipelined():
    """The second request's head comes with the first one's content, and is cut itself."""
    pairs = [("a check", "a check"), ("a path that is none", "a check"), ("a call of a tool, as of 2026", "a file, named in the query"),
             ("a check in chunks", "a call of a tool"), ("a rule that is none", "a path that is none", "a check")]
    for kinds in pairs:
        length = sum(len(KINDS[kind]("m000000k")) for kind in kinds)
        tell(" + ".join(kinds) + ", cut at every second byte", rounds(cut(kinds, at) for at in range(1, length, 2)))


def drops():
    """Every byte in a packet of its own."""
    jobs = []
    for number in range(CLIENTS):
        kind = list(KINDS)[number % len(KINDS)]
        own = next(marks)
        sent = KINDS[kind](own)
        jobs.append(([kind], [own], [sent[at:at + 1] for at in range(len(sent))]))
    tell("a byte at a time", (len(jobs), send_all(jobs)))


def large():
    """Contents of some reads each, in pieces of any size."""
    dice = random.Random(20261122)
    jobs = []
    for number in range(CLIENTS):
        own = next(marks)
        body = files(own, 1000 + 250 * (number % 17))
        make = in_chunks if number % 2 else with_length
        sent = make("/v1/check", own, body, JSON, **({"size": 4093} if number % 2 else {}))
        at, parts = 0, []
        while at < len(sent):
            size = dice.choice((1, 97, 4096, 40000, 65536))
            parts.append(sent[at:at + size])
            at += size
        jobs.append((["a check"], [own], parts))
    tell("contents of up to 120 KB in pieces", (len(jobs), send_all(jobs)))


def streams():
    """Subscriptions live long behind their request; the log tells whose they were when they end."""
    listen = {"notifications": {"toolsListChanged": True}}
    peers = {}
    for number in range(60):
        own = next(marks)
        sent = with_length("/mcp", own, rpc(own, "subscriptions/listen", listen, True), *modern_fields("subscriptions/listen"))
        place = [len(sent), 40, behind_head(sent), len(sent) - 1][number % 4]
        peer = peers[own] = Peer(SERVICE.port)
        for part in (sent[:place], sent[place:]):
            peer.send(part)
            time.sleep(PAUSE)
        opened = peer.socket.recv(65536)
        while own.encode() not in opened.partition(b"\r\n\r\n")[2]:
            opened += peer.socket.recv(65536)
        check("a subscription is opened by its own request", set(MARK.findall(opened)) == {own.encode()}, opened)
    tell("checks beside subscriptions", rounds(cut(["a check"], behind_head) for _ in range(200)))
    for peer in peers.values():
        peer.close()
    wait_until(lambda: sum(event.get("mcp_method") == "subscriptions/listen" for event in SERVICE.events("request")) == 60)


def log():
    """Each line has one mark in all of its places, and each request has its line."""
    def lines():
        return [event for event in SERVICE.events("request") if event.get("path") != "/readyz"]
    last = int(next(marks)[1:7]) - 1
    wait_until(lambda: len(lines()) >= last)
    wrong = [event for event in lines() if not event.get("request_id") or event.get("user_agent") != event["request_id"] or
             set(MARK.findall(json.dumps(event).encode())) != {event["request_id"].encode()} or
             event["method"] != ("GET" if event["route"] in ("other", "/v1/rules/{id}") else "POST") or
             not re.fullmatch(r"/v1/check|/mcp|(/v1/rules)?/m[0-9]{6}k", event["path"])]
    told = sorted(event.get("request_id", "") for event in lines())
    check("the access log tells of every request by its own bytes", not wrong, f"{len(wrong)} wrong: {wrong[:3]}")
    check("and of each once", told == [f"m{number:06}k" for number in range(1, last + 1)], f"{len(told)} of {last}")


def run():
    global SERVICE
    # One loop: one buffer for all. More workers than processors: requests lie in work while it is filled anew.
    SERVICE = Service(PROGRAM, {"BAREHULL_LOOPS": "1", "BAREHULL_WORKERS": "4", "BAREHULL_ACCESS_LOG": "true"})
    for case in (every_byte, pipelined, drops, large, streams, log):
        start = time.monotonic()
        case()
        print(f"{case.__name__}: {time.monotonic() - start:.1f} s", flush=True)
    check("the service lives", SERVICE.is_alive(), SERVICE.lines[-20:])
    check("and ends well", SERVICE.stop() == 0, SERVICE.lines[-40:])


SERVICE = None

if __name__ == "__main__":
    main(run)
