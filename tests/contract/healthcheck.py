#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/healthcheck.py BUILD - the health probe against real servers: statuses, lines, and times.

nginx and Python's http.server answer well; servers of a few lines answer badly, slowly or not at all. The probe for the
other machine runs the same under qemu. Every server listens on loopback or in a scratch directory.

Runs alone: it measures time, or fills the machine.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BUILD = Path(sys.argv[1]).resolve()
PROBE = [str(BUILD / "healthcheck" if (BUILD / "healthcheck").exists() else BUILD / "tests/tools/healthcheck-hosted")]
OK = b"HTTP/1.1 200 OK\r\n"
TOLERANCE = 0.050
passed = failed = 0


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}\n    {detail}")


def probe(*words, env=None, program=None, **options):
    return subprocess.run([*(program or PROBE), *words], env=env or {}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=20, **options)


def expect(words, status, line, env=None, program=None, title=""):
    """The detailed status, the plain one (0 or 1), and the whole line in its stream."""
    title = " ".join([title, *words, *(f"{name}={value}" for name, value in (env or {}).items())])
    for detailed in (True, False):
        done = probe(*words, *(["--detailed-exit-code"] if detailed else []), env=env, program=program)
        wanted = status if detailed else min(status, 1)
        outputs = (line + "\n", "") if status == 0 else ("", line + "\n")
        check(title, (done.returncode, done.stdout, done.stderr) == (wanted, *outputs), f"{done}, expected {line!r}")


class Server:
    """Takes connections one after the other and lets BEHAVE(connection, request) do what it wants."""

    def __init__(self, behave, family=socket.AF_INET, address=("127.0.0.1", 0), read=True):
        self.requests, self.read, self.behave = [], read, behave
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.bind(address)
        self.socket.listen(16)
        self.port = self.socket.getsockname()[1] if family != socket.AF_UNIX else 0
        threading.Thread(target=self.loop, daemon=True).start()

    def loop(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        request = b""
        try:
            while self.read and not request.endswith(b"\r\n\r\n"):
                request += connection.recv(4096)
            self.requests.append(request)
            self.behave(connection)
        except OSError:
            pass
        finally:
            connection.close()


def says(*pieces, pause=0.0):
    def behave(connection):
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
    return behave


def drip(connection):
    for byte in OK + b"Content-Length: 0\r\n\r\n":
        connection.sendall(bytes([byte]))
        time.sleep(1)


def endless(head):
    def behave(connection):
        connection.sendall(head)
        while True:
            connection.sendall(b"x" * 65536)
    return behave


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


ANSWERS = [  # title, behaviour, status, the line's words before and after the URL
    ("empty body", says(OK + b"Content-Length: 0\r\n\r\n"), 0, "ready:", " answered 200"),
    ("body to the end", says(OK + b"\r\nfine"), 0, "ready:", " answered 200"),
    ("chunks", says(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2\r\nok\r\n", b"0\r\n\r\n"), 0, "ready:", " answered 200"),
    ("in small pieces", says(*[bytes([byte]) for byte in OK + b"Content-Length: 1\r\n\r\nx"]), 0, "ready:", " answered 200"),
    ("an interim answer", says(b"HTTP/1.1 103 Hints\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n"), 0, "ready:",
     " answered 200"),
    ("kept alive all the same", lambda c: (c.sendall(OK + b"Content-Length: 0\r\n\r\n"), time.sleep(30)), 0, "ready:",
     " answered 200"),
    ("a body that never ends", endless(OK + b"\r\n"), 0, "ready:", " answered 200"),
    ("30 KB of fields", says(OK + b"Cookie: " + b"x" * 30000 + b"\r\nContent-Length: 0\r\n\r\n"), 0, "ready:",
     " answered 200"),
    ("503 with a reason", says(b"HTTP/1.1 503 Busy\r\nContent-Length: 23\r\n\r\nwarming up: 3 of 5 done"), 3,
     "not ready:", " answered 503: warming up: 3 of 5 done"),
    ("503 before it reads", lambda c: c.sendall(b"HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n"), 3, "not ready:",
     " answered 503"),
    ("500 with control characters", says(b"HTTP/1.1 500 x\r\nContent-Length: 7\r\n\r\n\x1b[31mno"), 1, "wrong answer:",
     " answered 500: ?[31mno"),
    ("a redirect", says(b"HTTP/1.1 302 x\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"), 1, "wrong answer:",
     " answered 302, and redirects are not followed"),
    ("garbage", says(b"\0\1\2garbage"), 1, "wrong answer:", " does not speak HTTP/1"),
    ("another protocol", lambda c: (c.sendall(b"SSH-2.0-x\r\n"), time.sleep(30)), 1, "wrong answer:",
     " does not speak HTTP/1"),
    ("TLS", says(b"\x15\x03\x01\0\2\2\x46"), 1, "wrong answer:", " speaks TLS, not HTTP"),
    ("malformed", says(b"HTTP/1.1 abc\r\n\r\n"), 1, "wrong answer:", " answered with malformed HTTP"),
    ("closes at once", says(), 1, "wrong answer:", " closed the connection without an answer"),
    ("resets", reset, 1, "wrong answer:", " closed the connection without an answer"),
    ("closes in the head", says(OK + b"Content-Le"), 1, "wrong answer:",
     " closed the connection before the answer was complete"),
    ("closes in the body", says(OK + b"Content-Length: 9\r\n\r\nhalf"), 1, "wrong answer:",
     " closed the connection before the answer was complete"),
    ("fields that never end", endless(OK + b"X: "), 1, "wrong answer:", " answered with a head longer than 65536 bytes"),
    ("lines that never end", endless(b"HTTP/1.1 200 "), 1, "wrong answer:", " answered with a head longer than 65536 bytes"),
]
SLOW = [
    ("never answers", lambda c: time.sleep(30), " did not answer"),
    ("one byte a second", drip, " did not complete its answer"),
    ("stops in the body", lambda c: (c.sendall(OK + b"Content-Length: 9\r\n\r\nhalf"), time.sleep(30)),
     " did not complete its answer"),
    ("interim answers, slowly", says(*[b"HTTP/1.1 100 x\r\n\r\n"] * 200, pause=0.05), " did not complete its answer"),
]


def bad_servers(program=None, title=""):
    for name, behave, status, before, after in ANSWERS:
        server = Server(behave, read=name != "503 before it reads")
        url = f"http://127.0.0.1:{server.port}/x"
        expect([url], status, f"{before} '{url}'{after}", program=program, title=f"{title}{name}:")
        server.socket.shutdown(socket.SHUT_RDWR)
        server.socket.close()


def timed(words, seconds, line, title):
    """Not before its time, and at most TOLERANCE behind it: the best of three, for others use this machine too."""
    best = 99.0
    for _ in range(3):
        start = time.monotonic()
        done = probe(*words, f"--timeout={seconds}", "--detailed-exit-code")
        took = time.monotonic() - start
        check(f"{title}: says so", (done.returncode, done.stderr) == (5, line + "\n"), done)
        check(f"{title}: not before its time", took >= seconds, took)
        best = min(best, took)
        if best <= seconds + TOLERANCE:
            break
    check(f"{title}: in time", best <= seconds + TOLERANCE, f"{best:.3f} s instead of {seconds}")


def slow_servers():
    for name, behave, after in SLOW:
        server = Server(behave)
        url = f"http://127.0.0.1:{server.port}/x"
        timed([url], 0.3, f"timed out: '{url}'{after} within 300 ms", name)
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(full.getsockname())
    url = f"http://127.0.0.1:{full.getsockname()[1]}/x"
    timed([url], 0.3, f"timed out: '{url}' took no connection within 300 ms", "takes no connection")
    for one in [full, *waiting]:
        one.close()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(connectable, address, family=socket.AF_INET):
    for _ in range(200):
        with socket.socket(family) as one:
            if connectable.poll() is None and one.connect_ex(address) == 0:
                return
        time.sleep(0.05)
    check("a server starts", False, connectable.args)


def places(scratch):
    """IPv4, IPv6, localhost, Unix sockets, and the server's own variables."""
    answer = says(OK + b"Content-Length: 0\r\n\r\n")
    four = Server(answer)
    six = Server(answer, socket.AF_INET6, ("::1", 0))
    local = Server(answer, socket.AF_UNIX, f"{scratch}/a.sock")
    hidden = Server(answer, socket.AF_UNIX, f"\0barehull-{os.getpid()}")
    port, port6 = str(four.port), str(six.port)
    for words, env, url, host, server in [
        ([], {"PORT": port}, f"http://127.0.0.1:{port}/readyz", f"127.0.0.1:{port}", four),
        ([], {"HOST": "0.0.0.0", "PORT": port}, f"http://127.0.0.1:{port}/readyz", f"127.0.0.1:{port}", four),
        ([], {"HOST": "::", "PORT": port6}, f"http://[::1]:{port6}/readyz", f"[::1]:{port6}", six),
        ([], {"HOST": "localhost", "PORT": port6}, f"http://localhost:{port6}/readyz", f"localhost:{port6}", six),
        ([], {"HOST": f"unix:{scratch}/a.sock"}, f"unix:{scratch}/a.sock:/readyz", "localhost", local),
        (["/x?y"], {"PORT": port}, f"http://127.0.0.1:{port}/x?y", f"127.0.0.1:{port}", four),
        ([f"http://localhost:{port}"], {"PORT": "1"}, f"http://localhost:{port}/", f"localhost:{port}", four),
        ([f"http://localhost:{port6}/a"], {}, f"http://localhost:{port6}/a", f"localhost:{port6}", six),
        ([f"http://[::1]:{port6}"], {}, f"http://[::1]:{port6}/", f"[::1]:{port6}", six),
        ([f"unix:{scratch}/a.sock:/b"], {}, f"unix:{scratch}/a.sock:/b", "localhost", local),
        ([f"unix:@barehull-{os.getpid()}"], {}, f"unix:@barehull-{os.getpid()}:/", "localhost", hidden),
    ]:
        expect(words, 0, f"ready: '{url}' answered 200", env=env)
        target = url[url.rindex(":/" if url.startswith("unix") else "/") + url.startswith("unix"):]
        wanted = (f"GET {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: barehull-healthcheck\r\nAccept: */*\r\n"
                  "Connection: close\r\n\r\n").encode()
        check(f"{url}: the request", server.requests[-1] == wanted, server.requests[-1])
    for question, word, path in [("live", "live", "/livez"), ("ready", "ready", "/readyz"), ("startup", "up", "/readyz")]:
        expect([question], 0, f"{word}: 'http://127.0.0.1:{port}{path}' answered 200", env={"PORT": port})


def questions():
    busy = Server(says(b"HTTP/1.1 503 x\r\nContent-Length: 9\r\n\r\ndraining\n"))
    env = {"PORT": str(busy.port)}
    url = f"http://127.0.0.1:{busy.port}"
    expect(["ready"], 3, f"not ready: '{url}/readyz' answered 503: draining", env=env)
    expect(["startup"], 3, f"not up yet: '{url}/readyz' answered 503: draining", env=env)
    expect(["live"], 1, f"not live: '{url}/livez' answered 503: draining", env=env)


def nobody(scratch):
    port = free_port()
    for url in (f"http://127.0.0.1:{port}/x", f"http://[::1]:{port}/x", f"http://localhost:{port}/x"):
        expect([url], 4, f"refused: '{url}' takes no connections")
    expect([f"unix:{scratch}/none:/x"], 4, f"refused: 'unix:{scratch}/none:/x' is not there")
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(f"{scratch}/dead")
    dead.close()
    expect([f"unix:{scratch}/dead:/x"], 4, f"refused: 'unix:{scratch}/dead:/x' takes no connections")


def mistakes():
    for words, env, words_of_line in [
        (["http://db.example/"], {}, "neither an IP address nor 'localhost' (names are not looked up): 'db.example'"),
        (["https://127.0.0.1/"], {}, "TLS is not spoken: serve health in clear on loopback or a Unix socket, not at"
                                     " 'https://127.0.0.1/'"),
        (["http://u:p@127.0.0.1/"], {}, "a user in the URL, where anyone can read it: '@127.0.0.1'"),
        (["http://127.0.0.1/a\r\nX: y"], {}, "a space, '#', control or non-ASCII character (write %XX) in '/a??X: y'"),
        ([], {"PORT": "http"}, "PORT is 1 to 65535, not 'http'"),
        ([], {"PORT": "0"}, "PORT is 1 to 65535, not '0'"),
        ([], {"HOST": "*"}, "HOST is neither an IP address, 'localhost' nor 'unix:PATH': '*'"),
        (["--timeout", "soon"], {}, "--timeout takes seconds ('1.5') or '800ms', up to 300 seconds, not 'soon'"),
        (["--frob"], {}, "unknown option '--frob'"),
        (["live", "ready"], {}, "a second question: 'ready'"),
    ]:
        expect(words, 1, f"misconfigured: {words_of_line}", env=env)
    done = probe("--help")
    check("--help", done.returncode == 0 and done.stdout.startswith("Usage: healthcheck ") and not done.stderr, done)
    check("--help: 80 columns", max(len(line) for line in done.stdout.splitlines()) <= 80, done.stdout)
    check("--version", re.fullmatch(r"healthcheck \(barehull\) \d+\.\d+\.\d+\n", probe("--version").stdout) or
          "hosted" in PROBE[0], probe("--version"))


def surroundings():
    """Nobody reads what it says, no descriptors, no arguments, no variables."""
    server = Server(says(OK + b"Content-Length: 0\r\n\r\n"))
    url = f"http://127.0.0.1:{server.port}/"
    for title, preexec in [
        ("a closed pipe", None),
        ("no descriptors", lambda: [os.close(fd) for fd in (0, 1, 2)]),
    ]:
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([*PROBE, url], env={}, stdout=writing, stderr=writing, preexec_fn=preexec)
        os.close(writing)
        check(f"{title}: the status counts", done.returncode == 0, done)


def python_server(scratch):
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "-d", scratch, str(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(server, ("127.0.0.1", port))
        url = f"http://127.0.0.1:{port}"
        expect([url], 0, f"ready: '{url}/' answered 200", title="http.server")
        expect([f"{url}/none"], 1, f"wrong answer: '{url}/none' answered 404", title="http.server")
    finally:
        server.terminate()
        server.wait()


def nginx_server(scratch, probes):
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if not program:
        check("nginx is there", False)
        return
    port = free_port()
    Path(f"{scratch}/nginx.conf").write_text(f"""
daemon off; master_process off; pid {scratch}/nginx.pid; error_log stderr crit; events {{}}
http {{
    access_log off; client_body_temp_path {scratch}; proxy_temp_path {scratch}; fastcgi_temp_path {scratch};
    uwsgi_temp_path {scratch}; scgi_temp_path {scratch};
    server {{
        listen 127.0.0.1:{port}; listen [::1]:{port}; listen unix:{scratch}/nginx.sock;
        location = /livez {{ return 200 "ok"; }}
        location = /readyz {{ default_type text/plain; return 503 "draining\\n"; }}
        location = /moved {{ return 301 /livez; }}
        location / {{ return 404; }}
    }}
}}
""")
    server = subprocess.Popen([program, "-e", "stderr", "-c", f"{scratch}/nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        wait_for(server, ("127.0.0.1", port))
        for title, program in probes.items():
            for place in (f"http://127.0.0.1:{port}", f"http://[::1]:{port}", f"http://localhost:{port}",
                          f"unix:{scratch}/nginx.sock"):
                shown = place + ":" if place.startswith("unix") else place
                options = {"program": program, "title": f"nginx, {title}:"}
                expect([place, "live"], 0, f"live: '{shown}/livez' answered 200", **options)
                expect([place, "ready"], 3, f"not ready: '{shown}/readyz' answered 503: draining", **options)
                expect([shown + "/none"], 1, f"wrong answer: '{shown}/none' answered 404", **options)
            url = f"http://127.0.0.1:{port}/moved"
            expect([url], 1, f"wrong answer: '{url}' answered 301, and redirects are not followed", program=program)
    finally:
        server.terminate()
        server.wait()


def main():
    probes = {"this machine": PROBE}
    for other in BUILD.glob("healthcheck-*"):
        if other.is_file():
            emulator = shutil.which(f"qemu-{other.name.partition('-')[2]}-static")
            check(f"{other.name}: can be run", emulator)
            if emulator:
                probes[other.name] = [emulator, str(other)]
    with tempfile.TemporaryDirectory() as scratch:
        places(scratch)
        nobody(scratch)
        nginx_server(scratch, probes)
        python_server(scratch)
    questions()
    mistakes()
    surroundings()
    for title, program in probes.items():
        bad_servers(program, f"{title}, ")
    slow_servers()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main())
