#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/e2e/serve-limits.py BUILD - `barehull serve` at its limits, and how it ends.

10,000 idle connections, more connections than allowed, no descriptors left, a log that nobody reads, workers that are
all busy, streams; SIGTERM with peers in every state; and the health probe that we ship against all of it.

Runs alone: it measures time, or fills the machine.
"""
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from service import GONE, Peer, Service, check, check_body, main, once, wait_until  # noqa: E402

BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
PROGRAM = BUILD / "barehull"
PROBE = BUILD / "healthcheck" if (BUILD / "healthcheck").exists() else BUILD / "tests/tools/healthcheck-hosted"
JSON = ("Content-Type: application/json",)
SMALL = check_body(("Dockerfile", "FROM scratch\nUSER 65532\n"))
QUIET = {"BAREHULL_ACCESS_LOG": "false"}
IDLE = 10000


def big_check(megabytes):
    """A check that keeps a worker busy for a while."""
    return check_body(("pod.yaml", "kind: Pod\napiVersion: v1\nmetadata: {name: a}\n---\n" * (megabytes * 20000)))


HOLDER = """
import socket, sys
held = []
for number in range(int(sys.argv[2])):
    one = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    if number % 2:
        one.sendall(b"GET /livez HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
        one.recv(4096)
    held.append(one)
print("held", flush=True)
sys.stdin.read()
"""


def many_idle():
    """10,000 connections that ask nothing (half of them asked once): cheap, and the others do not notice."""
    service = Service(PROGRAM, QUIET)
    for _ in range(20):
        once(service.port, "GET", "/livez")
    wait_until(lambda: service.fds() <= 64, 2)
    before, fds = service.rss(), service.fds()
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(service.port), str(IDLE)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    try:
        check("10,000 connections are taken", holder.stdout.readline() == b"held\n")
        wait_until(lambda: service.fds() >= fds + IDLE, 5)
        cost = (service.rss() - before) / IDLE
        check("10,000 connections are held", service.fds() >= fds + IDLE, service.fds())
        check("an idle connection costs less than 1 KiB", cost < 1024, cost)
        cpu, delays = service.cpu_s(), []
        for _ in range(50):
            start = time.monotonic()
            check("with 10,000 idle: /livez", once(service.port, "GET", "/livez").status == 200)
            delays.append(time.monotonic() - start)
        delays.sort()
        check("with 10,000 idle: answers at once", delays[25] < 0.01, delays[-5:])
        time.sleep(0.5)
        check("with 10,000 idle: no work for nothing", service.cpu_s() - cpu < 0.3, service.cpu_s() - cpu)
        print(f"10,000 idle connections: {cost:.0f} bytes each; /livez {delays[25] * 1e6:.0f} us with them")
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()
    check("10,000 leave: descriptors are back", wait_until(lambda: service.fds() <= fds, 5), (service.fds(), fds))
    check("10,000 leave: memory is back", service.rss() - before < 4 << 20, service.rss() - before)
    check("10,000 idle: ends well", service.stop() == 0)


def too_many():
    """More connections than allowed: the longest idle one makes room; when all are at work, 503."""
    service = Service(PROGRAM, {**QUIET, "BAREHULL_MAX_CONNECTIONS": "20", "BAREHULL_LOOPS": "1"})
    wait_until(lambda: once(service.port, "GET", "/livez").status == 200)
    time.sleep(0.1)
    idle = []
    for _ in range(20):
        idle.append(Peer(service.port))
        idle[-1].get("/livez")
        time.sleep(0.005)
    late = [Peer(service.port) for _ in range(5)]
    check("the limit reached by idle ones: new ones are served", [one.get("/livez").status for one in late] == [200] * 5)
    check("the limit reached by idle ones: the longest idle went", [one.is_closed(0.5) for one in idle[:5]] == [True] * 5)
    check("the limit reached by idle ones: the others stay", idle[19].get("/livez").status == 200)
    for one in idle + late:
        one.close()
    time.sleep(0.2)
    busy = []
    for _ in range(20):
        busy.append(Peer(service.port))
        busy[-1].send(b"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nab")
    time.sleep(0.2)
    for number in range(30):
        with Peer(service.port) as peer:
            try:
                peer.send(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
            except ConnectionError:
                pass
            answer = peer.answer()
            if not check("the limit reached by busy ones: refused fairly", answer.status == 503 and
                         (answer.field("retry-after") or "").isdigit() and answer.closes(), (number, answer)):
                break
    for one in busy:
        one.close()
    check("room again: served again", wait_until(lambda: once(service.port, "GET", "/livez").status == 200, 3))
    check("too many: ends well", service.stop() == 0)


def no_descriptors():
    """With 64 descriptors: no spinning, no death, and service goes on when some are free again."""
    service = Service(PROGRAM, QUIET, limits=["--nofile=64:64"])
    first = Peer(service.port)
    first.get("/livez")
    peers = []
    for _ in range(150):
        peers.append(Peer(service.port, timeout=0.3))
        peers[-1].send(b"GET /livez HTTP/1.1\r\nHo")
    time.sleep(0.3)
    cpu, start = service.cpu_s(), time.monotonic()
    time.sleep(1)
    spun = (service.cpu_s() - cpu) / (time.monotonic() - start)
    check("no descriptors: it does not spin", spun < 0.2, f"{spun:.2f} of a processor")
    check("no descriptors: it is alive", service.is_alive(), service.lines[-5:])
    for peer in peers:
        peer.close()
    check("descriptors again: served", wait_until(lambda: service.is_ready(), 5), service.lines[-5:])
    answer = first.get("/livez")
    check("no descriptors: who was there before is answered still, or was let go as idle", answer.status in (200, 0), answer)
    check("no descriptors: ends well", service.stop() == 0, service.lines[-5:])


def unread_log():
    """Nobody reads the log: nothing waits for it, and what was lost is told."""
    service = Service(PROGRAM, {"LOG_LEVEL": "debug"}, read_log=False)
    start, slowest = time.monotonic(), 0.0
    with Peer(service.port) as peer:
        for _ in range(4000):
            asked = time.monotonic()
            if peer.get("/v1/rules/none?" + "x" * 60).status != 404:
                break
            slowest = max(slowest, time.monotonic() - asked)
    took = time.monotonic() - start
    check("a full log: nothing waits", took < 8 and slowest < 0.5, f"{took:.1f} s, slowest {slowest:.3f}")
    service.reader.start()
    time.sleep(0.2)
    for _ in range(3):
        once(service.port, "GET", "/none")
    told = wait_until(lambda: [event for event in service.events() if event.get("lost", 0) > 0], 3)
    check("a full log: what was lost is told", told, service.lines[-3:])
    torn = [event for event in service.events() if "text" in event]
    check("a full log: no torn lines", not torn, torn[:3])
    service.term()
    check("a full log: ends well", service.stop() == 0)
    broken = Service(PROGRAM, {"LOG_LEVEL": "debug"}, read_log=False)
    broken.process.stderr.close()
    check("a broken log: served all the same", once(broken.port, "GET", "/livez").status == 200)
    check("a broken log: ends well", broken.stop() == 0, broken.process.returncode)


def busy_workers():
    """One worker with big checks: probes answer at once, the queue has an end."""
    service = Service(PROGRAM, {**QUIET, "BAREHULL_WORKERS": "1", "BAREHULL_MAX_QUEUE": "4", "BAREHULL_LOOPS": "1"})
    body, answers = big_check(4), []
    threads = [threading.Thread(target=lambda: answers.append(once(service.port, "POST", "/v1/check", body, JSON, 60)))
               for _ in range(12)]
    for thread in threads:
        thread.start()
    delays = []
    while any(thread.is_alive() for thread in threads):
        for path in ("/livez", "/readyz"):
            start = time.monotonic()
            answer = once(service.port, "GET", path)
            delays.append(time.monotonic() - start)
            if answer.status != 200:
                check(f"busy workers: {path}", False, answer)
        time.sleep(0.02)
    statuses = sorted(answer.status for answer in answers)
    refused = [answer for answer in answers if answer.status == 503]
    delays.sort()
    check("busy workers: some are served, some refused", set(statuses) == {200, 503}, statuses)
    check("busy workers: told when to come again", all((answer.field("retry-after") or "").isdigit() for answer in refused))
    check("busy workers: probes answer within 50 ms", delays[len(delays) * 9 // 10] < 0.05, delays[-10:])
    print(f"busy workers: {len(delays)} probes, p50 {delays[len(delays) // 2] * 1e3:.1f} ms, worst {delays[-1] * 1e3:.1f} ms;"
          f" {len(answers) - len(refused)} of {len(answers)} checks served")
    start = time.monotonic()
    peer = Peer(service.port)
    peer.send(b"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
              f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    peer.reset()
    answer = once(service.port, "POST", "/v1/check", SMALL, JSON, 30)
    check("a worker whose caller left is free again", answer.status == 200, answer)
    check("busy workers: ends well", service.stop() == 0)
    slow = Service(PROGRAM, {**QUIET, "BAREHULL_REQUEST_TIMEOUT": "100ms", "BAREHULL_WORKERS": "1"})
    start = time.monotonic()
    answer = once(slow.port, "POST", "/v1/check", big_check(8), JSON, 60)
    took = time.monotonic() - start
    check("an operation has a deadline", answer.status in (503, 504) and took < 3, (took, answer.status, answer.body[:300]))
    check("deadlines: ends well", slow.stop() == 0)


def drains():
    """SIGTERM: not ready at once, listening for the delay, what is at work is answered, exit 0 within the limit."""
    service = Service(PROGRAM, {**QUIET, "BAREHULL_DRAIN_DELAY": "1s", "BAREHULL_DRAIN_TIMEOUT": "5s",
                                "BAREHULL_WORKERS": "1"})
    env = {"HOST": "127.0.0.1", "PORT": str(service.port)}
    probe_says(env, "ready", 0, "ready: ")
    kept, body, answers = Peer(service.port), big_check(6), []
    kept.get("/livez")
    half = Peer(service.port)
    half.send(b"GET /livez HTTP/1.1\r\nHost: a\r\n")
    thread = threading.Thread(target=lambda: answers.append(once(service.port, "POST", "/v1/check", body, JSON, 30)))
    thread.start()
    time.sleep(0.3)
    start = time.monotonic()
    service.term()
    check("draining: not ready at once", wait_until(lambda: once(service.port, "GET", "/readyz").status == 503, 0.5))
    check("draining: live", once(service.port, "GET", "/livez").status == 200)
    probe_says(env, "ready", 3, "not ready: ", "draining")
    probe_says(env, "live", 0, "live: ")
    check("draining: a kept connection is served during the delay", kept.get("/livez").status == 200)
    check("draining: a new one, too", once(service.port, "POST", "/v1/check", SMALL, JSON).status == 200)
    status = service.wait(10)
    took = time.monotonic() - start
    check("drained: exit status 0", status == 0, (status, service.lines[-5:]))
    check("drained: in time, not before the delay", 0.95 < took < 7, took)
    thread.join()
    check("drained: what was at work was answered", answers and answers[0].status == 200, answers)
    check("drained: the idle one was closed", kept.is_closed(1))
    probe_says(env, "ready", 4, "refused: ")
    half.close()
    service.stop()


def drains_slow_peers():
    """SIGTERM with peers in every state: cut at the limit, exit 0; a second SIGTERM cuts at once."""
    for title, count, limit in [("the limit", 1, (0.8, 2.0)), ("a second SIGTERM", 2, (0, 0.9))]:
        service = Service(PROGRAM, {**QUIET, "BAREHULL_DRAIN_TIMEOUT": "1s"})
        post = b"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        peers = []
        for sent in [b"", b"GET /li", b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /", post + b"Content-Length: 9\r\n\r\nhalf",
                     post + b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf",
                     b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 60,
                     post + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"] * 3:
            peers.append(Peer(service.port, receive_buffer=2304))
            peers[-1].send(sent)
        time.sleep(0.2)
        start = time.monotonic()
        service.term()
        for _ in range(count - 1):
            time.sleep(0.2)
            service.term()
        status, took = service.wait(5), time.monotonic() - start
        check(f"SIGTERM with slow peers, {title}: exit 0", status == 0, (status, service.lines[-5:]))
        check(f"SIGTERM with slow peers, {title}: in time", limit[0] <= took <= limit[1], took)
        for peer in peers:
            peer.close()
        service.stop()
    service = Service(PROGRAM, QUIET)
    peers = [Peer(service.port) for _ in range(50)]
    start = time.monotonic()
    service.term()
    check("SIGTERM with idle peers: at once, but for the moment that new ones have", service.wait(5) == 0 and
          time.monotonic() - start < 0.8, time.monotonic() - start)
    service.stop()
    for peer in peers:
        peer.close()


def drains_under_load():
    """Requests that come while it drains: each is answered whole, or its connection refused or closed unanswered."""
    service = Service(PROGRAM, {**QUIET, "BAREHULL_DRAIN_DELAY": "200ms"})
    counts, broken, stop = {"answered": 0, "unanswered": 0, "refused": 0}, [], threading.Event()

    def load():
        while not stop.is_set():
            try:
                with Peer(service.port, timeout=5) as peer:
                    while not stop.is_set():
                        answer = peer.post("/v1/check", SMALL, JSON)
                        if answer is GONE:
                            counts["unanswered"] += 1
                            break
                        if answer.status != 200:
                            broken.append(answer)
                        counts["answered"] += 1
                        if answer.closes():
                            break
            except ValueError as error:
                broken.append(error)
            except OSError:
                counts["refused"] += 1
                time.sleep(0.01)

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    service.term()
    status = service.wait(10)
    stop.set()
    for thread in threads:
        thread.join()
    check("drained under load: exit 0", status == 0, (status, service.lines[-5:]))
    check("drained under load: nothing is cut or wrong", not broken, broken[:3])
    check("drained under load: work was done", counts["answered"] > 50, counts)
    service.stop()


def probe_says(env, question, status, begin, middle="", words=()):
    done = subprocess.run([str(PROBE), question, "--detailed-exit-code", *words], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=20)
    line = done.stdout + done.stderr
    check(f"probe {question} {env.get('HOST')}: {begin}", done.returncode == status and line.startswith(begin) and
          middle in line and line.count("\n") == 1, done)


def is_stopped(pid):
    """The signal reaches each thread in its own time, and the one that answers may be the last."""
    states = [task.joinpath("stat").read_text().rsplit(")", 1)[1].split()[0] for task in Path(f"/proc/{pid}/task").iterdir()]
    return all(state == "T" for state in states)


def probes():
    """The probe that we ship: Unix socket, IPv6, a service that hangs."""
    with tempfile.TemporaryDirectory() as scratch:
        path = f"{scratch}/a.sock"
        service = Service(PROGRAM, {**QUIET, "HOST": f"unix:{path}"}, ready=lambda: os.path.exists(path))
        env = {"HOST": f"unix:{path}"}
        check("a Unix socket: the probe gets through", wait_until(lambda: subprocess.run(
            [str(PROBE), "ready"], env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode == 0))
        for question, word in [("ready", "ready: "), ("live", "live: "), ("startup", "up: ")]:
            probe_says(env, question, 0, word)
        check("a Unix socket: ends well", service.stop() == 0, service.lines[-5:])
        check("a Unix socket: is gone behind it", not os.path.exists(path))
        probe_says(env, "ready", 4, "refused: ")
    for host in ("::1", "::", "0.0.0.0", "localhost"):
        env = {"HOST": host, "ALLOWED_HOSTS": "*"}
        service = Service(PROGRAM, {**QUIET, **env}, ready=lambda: True)
        env["PORT"] = str(service.port)
        check(f"HOST={host}: the probe gets through", wait_until(lambda env=env: subprocess.run(
            [str(PROBE), "ready"], env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode == 0),
            service.lines[-5:])
        probe_says(env, "ready", 0, "ready: ")
        if host == "localhost":
            service.process.send_signal(19)  # STOP
            check("stopped: every thread", wait_until(lambda service=service: is_stopped(service.process.pid)))
            probe_says(env, "live", 5, "timed out: ", words=["--timeout=300ms"])
            service.process.send_signal(18)  # CONT
            check("stopped and continued: serves on", service.is_ready())
        check(f"HOST={host}: ends well", service.stop() == 0, service.lines[-5:])


def killed():
    """kill -9 and a start on the same port: no waiting for what is left of the old one."""
    service = Service(PROGRAM, QUIET)
    peers = [Peer(service.port) for _ in range(20)]
    for peer in peers:
        peer.get("/livez")
    service.process.kill()
    service.process.wait()
    start = time.monotonic()
    again = Service(PROGRAM, {**QUIET, "PORT": str(service.port)})
    check("killed: the next one starts on the same port at once", time.monotonic() - start < 2, time.monotonic() - start)
    check("killed: the next one ends well", again.stop() == 0)
    service.stop()


CASES = [many_idle, too_many, no_descriptors, unread_log, busy_workers, drains, drains_slow_peers, drains_under_load, probes,
         killed]


def run():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    check("10,000 connections need 10,500 descriptors", hard == resource.RLIM_INFINITY or hard > 10500, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for case in CASES:
        if sys.argv[2:] and case.__name__ not in sys.argv[2:]:
            continue
        start = time.monotonic()
        case()
        Service.stop_all()
        print(f"{case.__name__}: {time.monotonic() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main(run)
