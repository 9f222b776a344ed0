#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/e2e/serve-hostile.py BUILD - peers that mean ill cost themselves: one `barehull serve` lives through them all.

Slow, silent, half-closed and resetting peers, random bytes, endless bodies, pipelines, bodies that are made to cost.
After each the same process answers at once, and its descriptors and its memory are back where they were.

Runs alone: it measures time, or fills the machine.
"""
import gzip
import json
import random
import socket
import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from service import GONE, Peer, Service, check, check_body, main, once, wait_until  # noqa: E402

BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
DEADLINE = 1.0  # of heads, bodies and answers
SLACK = 0.5     # others use this machine too
RSS_SLACK = 12 << 20
ENV = {"BAREHULL_HEADER_TIMEOUT": "1s", "BAREHULL_BODY_TIMEOUT": "1s", "BAREHULL_WRITE_TIMEOUT": "1s",
       "BAREHULL_IDLE_TIMEOUT": "3s", "BAREHULL_SSE_KEEPALIVE": "1s", "BAREHULL_MAX_MEMORY": "64M",
       "BAREHULL_ACCESS_LOG": "false"}
POST = b"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
SMALL = check_body(("Dockerfile", "FROM scratch\nUSER 65532\n"))
BIG_HEAD = POST + b"Content-Length: 1073741824\r\n"
LISTEN = json.dumps({
    "jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen",
    "params": {"notifications": {"toolsListChanged": True}, "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}}})
LISTEN_FIELDS = ("Content-Type: application/json", "Accept: application/json, text/event-stream",
                 "MCP-Protocol-Version: 2026-07-28", "Mcp-Method: subscriptions/listen")


def drip(port, head, byte, begin=b""):
    """Sends HEAD, then BYTE each 100 ms; (seconds until the server closed, what it said)."""
    with Peer(port) as peer:
        start = time.monotonic()
        peer.send(head)
        peer.socket.settimeout(0.1)
        said = b""
        while time.monotonic() - start < 4 * DEADLINE:
            try:
                if not (block := peer.socket.recv(4096)):
                    break
                said += block
            except TimeoutError:
                try:
                    peer.send(begin + byte)
                except ConnectionError:
                    break
            except ConnectionError:
                break
        return time.monotonic() - start, said


def slow_peers(service):
    """Deadlines count from the beginning, never from the last byte."""
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    cases = {
        "head, first line": (b"G", b"E"), "head, a field": (b"GET /livez HTTP/1.1\r\nHost: a\r\nX: ", b"a"),
        "head, fields": (b"GET /livez HTTP/1.1\r\nHost: a\r\n", b"A: b\r\n"),
        "body by length": (POST + b"Content-Length: 100000\r\n\r\n", b"a"), "body in chunks": (chunked, b"1\r\na\r\n"),
        "a chunk's size": (chunked, b"0"), "a chunk extension": (chunked + b"1;a=", b"b"),
        "trailers": (chunked + b"0\r\n", b"A: b\r\n"),
        "a dropped body": (b"POST /none HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n", b"a"),
    }
    found = {}
    threads = [threading.Thread(target=lambda name=name, case=case: found.update({name: drip(service.port, *case)}))
               for name, case in cases.items() for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in cases:
        took, said = found.get(name, (0, b""))
        check(f"{name}, dripping: cut at its deadline", took <= 2 * DEADLINE + SLACK, f"{took:.2f} s, {said[:200]}")
        wanted = b"HTTP/1.1 404 " if name == "a dropped body" else b"HTTP/1.1 408 "
        check(f"{name}, dripping: told so", said.startswith(wanted), said[:200])
        check(f"{name}, dripping: not before its time", took >= DEADLINE * 0.9 or name == "a dropped body", took)


def silent_peers(service):
    """Nothing more comes: of a head, of a body; and of a connection that asked nothing yet."""
    for title, sent, status in [("nothing", b"", b""), ("half a head", b"GET /livez HTTP/1.1\r\nHo", b"408"),
                                ("half a body", POST + b"Content-Length: 9\r\n\r\nhalf", b"408")]:
        with Peer(service.port) as peer:
            start = time.monotonic()
            peer.send(sent)
            said, took = peer.rest(), time.monotonic() - start
            limit = 3.0 if title == "nothing" else DEADLINE
            check(f"silence after {title}: closed in time", limit * 0.9 <= took <= limit + SLACK, took)
            check(f"silence after {title}: the answer", said[9:12] == status, said[:200])


def slow_readers(service):
    """An answer has to be taken within its deadline, whether the peer takes nothing or a little now and then."""
    path = max(("/openapi.json", "/v1/rules"), key=lambda path: len(once(service.port, "GET", path).body))
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 4000
    for title, pause in [("takes nothing", 0), ("takes a little", 0.1)]:
        with Peer(service.port, receive_buffer=2304) as peer:
            start = time.monotonic()
            peer.socket.settimeout(0.05)
            try:
                for at in range(0, len(asked), 4096):
                    peer.send(asked[at:at + 4096])
            except OSError:
                pass
            sent_for = time.monotonic() - start
            while time.monotonic() - start < 8 and service.fds() > service.base_fds:
                time.sleep(0.02)
                if pause:
                    time.sleep(pause)
                    try:
                        if not peer.socket.recv(64):
                            break
                    except TimeoutError:
                        pass
                    except ConnectionError:
                        break
            took = time.monotonic() - start
            check(f"a reader that {title}: cut", took < 5, f"{took:.1f} s, sent for {sent_for:.1f} s")


def slow_streams(service):
    """Event streams whose reader reads nothing: they cost nothing that grows, and go when the reader goes."""
    before = service.rss()
    peers = []
    for _ in range(100):
        peer = Peer(service.port, receive_buffer=2304)
        body = LISTEN.encode()
        peer.send("\r\n".join(["POST /mcp HTTP/1.1", "Host: 127.0.0.1", *LISTEN_FIELDS,
                               f"Content-Length: {len(body)}", "", ""]).encode() + body)
        peers.append(peer)
    time.sleep(2.5)
    first = peers[0].socket.recv(4096)
    check("a stream opens", first.startswith(b"HTTP/1.1 200 ") and b"text/event-stream" in first, first)
    check("and is kept alive", first.count(b"\n: ") + first.count(b"\n:") >= 1, first)
    check("100 idle streams cost little memory", service.rss() - before < 100 * 64 * 1024, service.rss() - before)
    for number, peer in enumerate(peers):
        (peer.close if number % 2 else peer.reset)()


def half_closed(service):
    """Who sends no more may still read: a whole request is answered, a part of one ends the connection."""
    with Peer(service.port) as peer:
        peer.send(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        peer.half_close()
        check("half-closed after three requests: all answered", [peer.answer().status for _ in range(3)] == [200] * 3)
        check("half-closed: then closed", peer.is_closed(), peer.bytes)
    with Peer(service.port) as peer:
        peer.send(POST + f"Content-Length: {len(SMALL)}\r\n\r\n".encode() + SMALL)
        peer.half_close()
        check("half-closed after a check: answered", peer.answer().status == 200)
        check("half-closed after a check: then closed", peer.is_closed(), peer.bytes)
    with Peer(service.port) as peer:
        long = check_body(*((f"{number}/Dockerfile", "FROM debian:12\nRUN apt-get update\n" * 10) for number in range(400)))
        peer.send(POST + f"Content-Length: {len(long)}\r\n\r\n".encode() + long)
        peer.half_close()
        answer = peer.answer()
        check("half-closed after a long check: answered", answer.status == 200 and b'"findings"' in answer.body, answer)
    for title, sent in [("nothing", b""), ("an empty line", b"\r\n"), ("half a head", b"GET /livez HT"),
                        ("a head", POST + b"Content-Length: 9\r\n\r\n"), ("half a body", POST +
                        b"Content-Length: 9\r\n\r\nhalf"), ("half a chunk", POST +
                        b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf")]:
        with Peer(service.port) as peer:
            start = time.monotonic()
            peer.send(sent)
            peer.half_close()
            said = peer.rest()
            check(f"half-closed after {title}: no success", not said.startswith(b"HTTP/1.1 2"), said)
            check(f"half-closed after {title}: ends at once", time.monotonic() - start < 0.7, time.monotonic() - start)


def resets(service):
    """RST in every state."""
    whole = POST + f"Content-Length: {len(SMALL)}\r\n\r\n".encode() + SMALL
    listen = LISTEN.encode()
    states = {
        "connected": b"", "in the head": b"GET /livez HTTP/1.1\r\nHo", "before the body": POST + b"Content-Length: 9\r\n\r\n",
        "in the body": POST + b"Content-Length: 9\r\n\r\nhalf", "in a chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n9\r\nx",
        "at work": whole, "pipelined": whole * 20, "large answers": b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 50,
        "refused": b"BAD\r\n\r\n", "too large": BIG_HEAD + b"\r\n" + b"x" * 65536,
        "waiting for 100": POST + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n",
        "in a stream": "\r\n".join(["POST /mcp HTTP/1.1", "Host: 127.0.0.1", *LISTEN_FIELDS,
                                    f"Content-Length: {len(listen)}", "", ""]).encode() + listen,
    }
    for sent in states.values():
        for pause in (0, 0, 0.001, 0.01, 0.05):
            peer = Peer(service.port)
            try:
                peer.send(sent)
                time.sleep(pause)
            except ConnectionError:
                pass
            peer.reset()
    for _ in range(200):
        peer = Peer(service.port)
        peer.reset()


def random_bytes(service):
    """Fresh connections with bytes that mean nothing, and with requests that lost or changed some of theirs."""
    dice = random.Random(20261122)
    good = [b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", POST + f"Content-Length: {len(SMALL)}\r\n\r\n".encode() + SMALL,
            POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}", b"GET /v1/rules?x=y HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]
    bad = []
    for number in range(2000):
        if number % 4 == 0:
            sent = dice.randbytes(dice.randrange(1, 400))
        else:
            sent = bytearray(dice.choice(good) * dice.randrange(1, 3))
            for _ in range(dice.randrange(1, 6)):
                at = dice.randrange(len(sent))
                sent[at:at + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
            sent = bytes(sent)
        with Peer(service.port, timeout=5) as peer:
            try:
                peer.send(sent)
                peer.half_close()
            except OSError:
                pass
            said = b""
            try:
                said = peer.rest()
            except TimeoutError:
                bad.append((number, "no end"))
            if said and not said.startswith(b"HTTP/1.1 "):
                bad.append((number, said[:80]))
            if said[9:12] in (b"500", b"502", b"504"):
                bad.append((number, sent[:200], said[:80]))
    check("2,000 connections of random bytes: HTTP or nothing, and no 5xx of ours", not bad, bad[:5])


def endless_bodies(service):
    """1 GB, announced or in chunks: refused early, and no more of it read than is in flight."""
    for title, head, body in [
        ("a length", BIG_HEAD + b"\r\n", b"x" * 65536),
        ("chunks", POST + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        ("a route without a body", b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1073741824\r\n\r\n", b"x" * 65536),
    ]:
        service.reset_peak()
        before = service.rss()
        with Peer(service.port) as peer:
            sent, start = 0, time.monotonic()
            peer.send(head)
            peer.socket.setblocking(False)
            said, end = b"", None
            while sent < 1 << 30 and time.monotonic() - start < 5:
                try:
                    sent += peer.socket.send(body[sent % len(body):])
                except BlockingIOError:
                    time.sleep(0.001)
                except ConnectionError:
                    end = time.monotonic() - start
                    break
                try:
                    said += peer.socket.recv(65536)
                except BlockingIOError:
                    pass
                except ConnectionError:
                    pass
            limit = 48 << 20
            check(f"1 GB by {title}: refused", said[9:12] == b"413", said[:200])
            check(f"1 GB by {title}: the connection ends although the peer sends on", end is not None and end < 4,
                  f"{end} {sent}")
            check(f"1 GB by {title}: little of it is taken", sent < limit, sent)
            check(f"1 GB by {title}: memory stays", service.peak() - before < 24 << 20, service.peak() - before)


def many_bodies(service):
    """Bodies in flight are bounded in all (BAREHULL_MAX_MEMORY): who comes too late gets 503, not the process."""
    peers = [Peer(service.port) for _ in range(30)]
    service.reset_peak()
    for peer in peers:
        peer.socket.setblocking(False)
    body, statuses = b" " * 9_000_000, []
    views = [memoryview(POST + f"Content-Length: {len(body) + 1}\r\n\r\n".encode() + body) for _ in peers]
    end = time.monotonic() + 0.8 * DEADLINE
    while time.monotonic() < end and any(views):
        for number, peer in enumerate(peers):
            try:
                if views[number]:
                    views[number] = views[number][peer.socket.send(views[number][:1 << 20]):]
            except BlockingIOError:
                pass
            except ConnectionError:
                views[number] = memoryview(b"")
    peak = service.peak()
    for peer in peers:
        peer.socket.settimeout(5)
        try:
            statuses.append(peer.answer().status)
        except (ValueError, OSError):
            statuses.append(0)
        peer.close()
    check("270 MB of bodies at once: bounded", peak < 110 << 20, f"{peak >> 20} MB")
    check("270 MB of bodies at once: those beyond the bound get 503, the others their deadline",
          set(statuses) <= {503, 408, 0} and 503 in statuses, statuses)


def pipelines(service):
    """1,000 requests in one go: 1,000 answers, in their order; unread answers hold up reading, not memory."""
    paths = ["/livez", "/none", "/v1/rules", "/readyz"]
    with Peer(service.port) as peer:
        asked = "".join(f"GET {paths[number % 4]} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" for number in range(1000)).encode()
        writer = threading.Thread(target=peer.send, args=(asked,))
        start = time.monotonic()
        writer.start()
        statuses = [peer.answer().status for _ in range(1000)]
        writer.join()
        check("1,000 pipelined requests: in their order", statuses == [200, 404, 200, 200] * 250, statuses[:20])
        check("1,000 pipelined requests: in time", time.monotonic() - start < 5, time.monotonic() - start)
    with Peer(service.port) as peer:
        one = POST + f"Content-Length: {len(SMALL)}\r\n\r\n".encode() + SMALL
        peer.send(one * 100)
        answers = [peer.answer() for _ in range(100)]
        check("100 pipelined checks", [answer.status for answer in answers] == [200] * 100, answers[:2])
        check("100 pipelined checks: the same answer", len({answer.body for answer in answers}) == 1)
    service.reset_peak()
    before = service.rss()
    with Peer(service.port, receive_buffer=2304) as peer:
        peer.socket.settimeout(0.3)
        try:
            while True:
                peer.send(b"GET /v1/rules HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 1000)
        except OSError:
            pass
        check("endless pipelining without reading: memory stays", service.peak() - before < 8 << 20,
              service.peak() - before)


def expectations(service):
    length = f"Content-Length: {len(SMALL)}\r\n\r\n".encode()
    with Peer(service.port) as peer:
        for _ in range(2):
            peer.send(POST + b"Expect: 100-continue\r\n" + length)
            first = peer.answer()
            peer.send(SMALL)
            check("100-continue: asked for, then answered", (first.status, peer.answer().status) == (100, 200), first)
        peer.send(POST + b"Expect: 100-continue\r\n" + length + SMALL)
        answer = peer.final()
        check("100-continue: with the body at once", answer.status == 200, answer)
    for title, sent, status in [
        ("too large", BIG_HEAD + b"Expect: 100-continue\r\n\r\n", 413),
        ("no such route", b"POST /none HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 99\r\n\r\n", 404),
        ("no such method", b"PUT /v1/check HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 99\r\n\r\n", 405),
        ("another expectation", POST + b"Expect: tea\r\n" + length, 417)]:
        with Peer(service.port) as peer:
            peer.send(sent)
            answer = peer.answer()
            check(f"100-continue, {title}: refused without 100", answer.status == status, answer)
            check(f"100-continue, {title}: then closed", answer.closes() and peer.is_closed(), answer)


def heads(service):
    def status(sent):
        with Peer(service.port) as peer:
            try:
                peer.send(sent)
            except ConnectionError:
                pass
            answer = peer.answer()
            return answer.status, answer is GONE or (answer.closes() and peer.is_closed())

    line = b"GET /livez HTTP/1.1\r\nHost: a\r\n"
    check("50,000 fields", status(line + b"A: b\r\n" * 50000 + b"\r\n") == (431, True))
    check("a field of 1 MB", status(line + b"A: " + b"b" * 1000000 + b"\r\n\r\n") == (431, True))
    check("a target of 1 MB", status(b"GET /" + b"b" * 1000000 + b" HTTP/1.1\r\nHost: a\r\n\r\n") == (414, True))
    check("a method of 1 MB", status(b"G" * 1000000)[0] in (501, 400, 414))
    with Peer(service.port) as peer:
        answer = peer.get("/livez", [f"X-{number}: " + "y" * 100 for number in range(60)])
        check("60 fields of 100 bytes are fine", answer.status == 200, answer)


def encodings(service):
    plain = once(service.port, "GET", "/v1/rules")
    for accept, packed in [("gzip", True), ("gzip;q=0", False), ("br, gzip;q=0.5", True), ("identity", False), ("*", None),
                           ("gzip;q=2;;;,,,", None), ("x" * 4000, False)]:
        answer = once(service.port, "GET", "/v1/rules", fields=(f"Accept-Encoding: {accept}",))
        is_packed = answer.field("content-encoding") == "gzip"
        body = gzip.decompress(answer.body) if is_packed else answer.body
        check(f"Accept-Encoding: {accept[:20]}", answer.status == 200 and body == plain.body and packed in (None, is_packed),
              answer)
    bomb = gzip.compress(b" " * 10_000_000)
    answer = once(service.port, "POST", "/v1/check", bomb, ("Content-Type: application/json", "Content-Encoding: gzip"))
    check("a packed body is not unpacked", answer.status == 415, answer)


def methods(service):
    for path in ("/livez", "/v1/rules", "/openapi.json", "/metrics", "/none"):
        with Peer(service.port) as peer:
            got = peer.get(path)
            head = peer.ask("HEAD", path, head_only=True)
            length = None if path == "/metrics" else got.field("content-length")
            check(f"HEAD {path}: as GET", (head.status, head.field("content-type")) ==
                  (got.status, got.field("content-type")) and length in (None, head.field("content-length")), head)
            check(f"HEAD {path}: no content follows", peer.get("/livez").status == 200)
    answer = once(service.port, "OPTIONS", "*")
    check("OPTIONS *", answer.status in (200, 204), answer)
    origin = "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type"
    answer = once(service.port, "OPTIONS", "/v1/check", fields=("Origin: https://app.example.org", *origin))
    check("a preflight", answer.status in (200, 204) and
          answer.field("access-control-allow-origin") == "https://app.example.org", answer)
    answer = once(service.port, "OPTIONS", "/v1/check", fields=("Origin: https://evil.example", *origin))
    check("a preflight from elsewhere", answer.field("access-control-allow-origin") is None, answer)
    for method in ("TRACE", "PUT", "DELETE", "PROPFIND", "get"):
        answer = once(service.port, method, "/v1/check")
        check(f"{method}: not offered", answer.status in (405, 501), answer)


def targets(service):
    port = service.port
    check("absolute form", once(port, "GET", f"http://127.0.0.1:{port}/v1/rules").status == 200)
    check("absolute form: its host counts, not the field's", 400 <= once(port, "GET", "http://evil.example/v1/rules").status
          < 500)
    for path in ("/v1/../livez", "/%2e%2e/livez", "//livez", "/livez/", "/LIVEZ", "/livez%00", "/v1/rules/%2f..%2f", "/.",
                 "/v1/rules/" + "a" * 3000, "/livez;a=b", "http:///livez"):
        answer = once(port, "GET", path)
        check(f"no such path: {path[:30]}", answer.status in (400, 404), answer)


def costly_bodies(service):
    """Bodies that are made to cost cost their caller: an answer in time, while others are served."""
    laughs = "a: &a [x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 10)}]\n"
                                     for n in range(24))
    bodies = {
        "JSON nested 1,000,000 deep": b"[" * 1000000, "objects nested deep": b'{"a":' * 500000,
        "JSON of one 9 MB line": b'{"files":[{"name":"compose.yaml","content":"' + b"x" * 9000000 + b'"}]}',
        "a million keys": b"{" + b",".join(b'"%d":0' % number for number in range(500000)) + b"}",
        "the same key": b"{" + b",".join([b'"a":0'] * 500000) + b"}", "a number of 9 MB": b"1" * 9000000,
        "escapes": b'{"files":[{"name":"Dockerfile","content":"' + b"\\u0041" * 1000000 + b'"}]}',
        "YAML aliases": check_body(("compose.yaml", laughs)),
        "YAML nested deep": check_body(("compose.yaml", "a: " + "[" * 1000000)),
        "YAML nested by indents": check_body(("compose.yaml", "".join(" " * n + "a:\n" for n in range(2000)))),
        "YAML of one line": check_body(("compose.yaml", "a: " + "b" * 9000000)),
        "YAML anchors": check_body(("compose.yaml", "".join(f"- &a{n} b\n" for n in range(200000)))),
        "a Dockerfile of one line": check_body(("Dockerfile", "RUN " + "a " * 4000000)),
        "a Dockerfile of 1,000,000 lines": check_body(("Dockerfile", "FROM scratch\n" + "RUN a\n" * 500000)),
        "100,000 names": check_body(*[(f"{number}/Dockerfile", "FROM a\n") for number in range(100000)]),
        "a pod of 20,000 containers": check_body(("pod.yaml", "kind: Pod\napiVersion: v1\nspec: {containers: [" +
                                       "{name: a, image: b}," * 20000 + "]}\n")),
        "100,000 pods": check_body(("pod.yaml", "kind: Pod\napiVersion: v1\nspec: {containers: [{name: a}]}\n---\n" *
                                    100000)),
        "50,000 documents": check_body(("pod.yaml", "kind: Pod\napiVersion: v1\n---\n" * 50000)),
    }
    slowest = []
    for title, body in bodies.items():
        found = []
        thread = threading.Thread(target=lambda body=body, found=found: found.append(
            once(service.port, "POST", "/v1/check", body, ("Content-Type: application/json",), timeout=40)))
        start = time.monotonic()
        thread.start()
        delays = []
        while thread.is_alive():
            asked = time.monotonic()
            once(service.port, "GET", "/livez")
            delays.append(time.monotonic() - asked)
            time.sleep(0.01)
        took = time.monotonic() - start
        slowest.append((took, title))
        answer = found[0] if found else GONE
        check(f"{title}: answered", answer.status in (200, 400, 413, 422), answer)
        check(f"{title}: in time", took < 6, f"{took:.2f} s: {answer}")
        delays.sort()
        check(f"{title}: others are served", not delays or delays[len(delays) // 2] < 0.05, delays[-5:])
    print("costliest bodies: " + ", ".join(f"{title} {took:.2f} s" for took, title in sorted(slowest)[-3:]))


def called_off(service):
    """An agent that closes its request stops the work, in the middle of one large document too."""
    texts = {"a document of YAML": ("a.yaml", "apiVersion: v1\nkind: Pod\ndata:\n" + "- {}\n" * 1400000),
             "a document of JSON": ("a.json", '{"apiVersion":"v1","kind":"Pod","data":[' + "{}," * 3000000 + "{}]}"),
             "a list": ("a.yaml", "apiVersion: v1\nkind: List\nitems:\n" +
                        "- {apiVersion: v1, kind: Pod, spec: {containers: [{}]}}\n" * 150000),
             "a large pod": ("a.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n" +
                             "  - {name: a, image: b, foo: bar}\n" * 2000 + "".join(f"  k{n}: v\n" for n in range(40000)))}
    meta = json.loads(LISTEN)["params"]["_meta"]
    for title, (name, text) in texts.items():
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": "check", "arguments": {"files": [{"name": name, "content": text}]}, "_meta": meta}}).encode()
        with Peer(service.port) as peer:
            peer.send("\r\n".join(["POST /mcp HTTP/1.1", "Host: 127.0.0.1", *LISTEN_FIELDS[:-1], "Mcp-Method: tools/call",
                                   "Mcp-Name: check", f"Content-Length: {len(body)}", "", ""]).encode() + body)
            runs = b'in_flight{network_transport="tcp"} 1'
            check(f"{title}: is at work", wait_until(lambda: runs in once(service.port, "GET", "/metrics").body))
            before = service.cpu_s()
        check(f"{title}: stops", wait_until(lambda: runs not in once(service.port, "GET", "/metrics").body, 2))
        took = service.cpu_s() - before
        check(f"{title}: with little work", took < 0.25, f"{took:.2f} s")  # ticks, scrapes, freeing; whole: 1 to 25 s


CASES = [called_off, slow_peers, silent_peers, slow_readers, slow_streams, half_closed, resets, random_bytes, endless_bodies, many_bodies,
         pipelines, expectations, heads, encodings, methods, targets, costly_bodies]


def settles(service, title, base_rss):
    check(f"after {title}: the same process is alive", service.is_alive(), service.lines[-5:])
    start = time.monotonic()
    answer = once(service.port, "GET", "/livez", timeout=5)
    check(f"after {title}: it answers at once", answer.status == 200 and time.monotonic() - start < 0.5, answer)
    check(f"after {title}: no descriptor is lost", wait_until(lambda: service.fds() <= service.base_fds, 5),
          (service.fds(), service.base_fds))
    check(f"after {title}: memory is back", wait_until(lambda: service.rss() - base_rss < RSS_SLACK, 2),
          f"{service.rss() >> 10} KiB, was {base_rss >> 10}")


def run():
    wanted = sys.argv[2:]
    service = Service(BUILD / "barehull", ENV)
    service.base_fds = service.fds()
    for _ in range(50):  # a warm start: arenas of the threads, first use of everything
        once(service.port, "POST", "/v1/check", SMALL, ("Content-Type: application/json",))
        once(service.port, "GET", "/v1/rules")
    wait_until(lambda: service.fds() <= service.base_fds, 2)
    base = service.rss()
    for case in CASES:
        if wanted and case.__name__ not in wanted:
            continue
        start = time.monotonic()
        case(service)
        settles(service, case.__name__.replace("_", " "), base)
        print(f"{case.__name__}: {time.monotonic() - start:.1f} s, {service.rss() >> 10} KiB", flush=True)
    check("it ends well", service.stop() == 0, service.lines[-5:])
    strange = [line for line in service.lines if "anitizer" in line or "runtime error" in line]
    check("nothing strange in the log", not strange, strange[:5])


if __name__ == "__main__":
    main(run)
