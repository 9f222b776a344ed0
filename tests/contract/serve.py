#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/serve.py BUILD - the life of `barehull serve`: what it refuses, how it starts, how it ends.

Every process is started here, listens on a free port of loopback, and is killed by its id when a test fails.

Runs alone: it measures time, or fills the machine.
"""
import json
import os
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = str(Path(sys.argv[1]).resolve() / "barehull")
SLOW = 3 if "asan" in sys.argv[1] or os.environ.get("SLOW") else 1  # sanitizers take their time
passed = failed = 0
started = []


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}\n    {detail}")


def equal(what, found, wanted):
    check(what, found == wanted, f"found {found!r}\n    wanted {wanted!r}")


def run(*words, env=None, **options):
    return subprocess.run([PROGRAM, "serve", *words], env=env or {}, capture_output=True, text=True, timeout=20,
                          **options)


# --- configuration ----------------------------------------------------------------------------------------------

def test_refusals():
    done = run()
    equal("no origins: status", (done.returncode, done.stdout), (2, ""))
    equal("no origins: one error with an example", done.stderr,
          "barehull: error: ALLOWED_ORIGINS: is not set: name the web pages that may call this service, or say "
          "'none'\nhint: for example: ALLOWED_ORIGINS=https://app.example.com,http://localhost:3000\n")
    done = run(env={"PORT": "http", "LOG_LEVEL": "INFO", "BAREHULL_PORT": "80", "BAREHULL_MAX_BODY": "1e3",
                    "ALLOWED_ORIGINS": "https://a/,null"})
    equal("all at once: status", (done.returncode, done.stdout), (2, ""))
    subjects = re.findall(r"^barehull: (error|warning): (\w+):", done.stderr, re.M)
    equal("all at once: each", subjects, [
        ("error", "PORT"), ("error", "ALLOWED_ORIGINS"), ("error", "ALLOWED_ORIGINS"), ("error", "LOG_LEVEL"),
        ("error", "BAREHULL_MAX_BODY"), ("warning", "BAREHULL_PORT")])
    check("all at once: in the end, how many",
          "barehull: error: can't serve: 5 problems with the environment\n" in done.stderr, done.stderr)
    done = run("--format", "json", env={"PORT": "http"})
    lines = [json.loads(line)["error"] for line in done.stderr.splitlines()]
    equal("as JSON", (done.returncode, done.stdout, [line["code"] for line in lines]), (2, "", ["usage"] * 3))
    done = run("--stdio", env={"LOG_FORMAT": "xml"}, stdin=subprocess.DEVNULL)
    equal("over stdio nothing is printed but messages", (done.returncode, done.stdout), (2, ""))
    for wrong, words in (({"ALLOWED_ORIGINS": "*"}, "needs ALLOW_CORS_WILDCARD_DEV=true"),
                         ({"ALLOWED_ORIGINS": "*", "ALLOW_CORS_WILDCARD_DEV": "true", "HOST": "0.0.0.0"},
                          "for a HOST on loopback")):
        done = run(env=wrong)
        check(f"{wrong}", done.returncode == 2 and words in done.stderr, done)


def test_check_config():
    done = run("--check-config", "--format", "json", env={"ALLOWED_ORIGINS": "none", "PORT": "9000",
                                                          "BAREHULL_WORKER": "1"})
    answer = json.loads(done.stdout)
    values = {var["variable"]: (var["value"], var["source"]) for var in answer["variables"]}
    equal("valid", (done.returncode, answer["valid"], answer["mode"]), (0, True, "http"))
    equal("a default", values["HOST"], ("127.0.0.1", "default"))
    equal("a setting", values["PORT"], ("9000", "environment"))
    equal("a warning", answer["problems"], [{
        "severity": "warning", "variable": "BAREHULL_WORKER",
        "message": "is no variable of barehull's: did you mean 'BAREHULL_WORKERS'?"}])
    done = run("--check-config", "--format", "json", env={"PORT": "x"})
    answer = json.loads(done.stdout)
    equal("not valid", (done.returncode, answer["valid"], [problem["variable"] for problem in answer["problems"]]),
          (2, False, ["PORT", "ALLOWED_ORIGINS"]))
    done = run("--check-config", env={"ALLOWED_ORIGINS": "none"})
    check("as text", done.returncode == 0 and re.search(r"^PORT +default +8080$", done.stdout, re.M), done)
    done = run("--check-config", "--stdio", "--format", "json", env={"PORT": "x"})
    equal("stdio has little to configure", [var["variable"] for var in json.loads(done.stdout)["variables"]],
          ["LOG_LEVEL", "LOG_FORMAT", "BAREHULL_WORKERS"])


# --- HTTP -------------------------------------------------------------------------------------------------------

class Http:
    """A service on a free port; its log is read as it comes."""

    def __init__(self, files=None, **env):
        limit = files and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)))
        self.process = subprocess.Popen([PROGRAM, "serve"], preexec_fn=limit, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE,
                                        env={"ALLOWED_ORIGINS": "none", "PORT": "0", "BAREHULL_WORKERS": "2", **env})
        started.append(self.process)
        self.log, self.rest = [], b""
        self.address = self.wait_for("listening")

    def wait_for(self, event, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in self.log:
                if line["event"] == event:
                    return line
            if not select.select([self.process.stderr], [], [], 0.2)[0]:
                continue
            piece = os.read(self.process.stderr.fileno(), 65536)
            if not piece:
                break
            *lines, self.rest = (self.rest + piece).split(b"\n")
            self.log += [json.loads(line) for line in lines]
        raise AssertionError(f"no event '{event}': {self.log} {self.rest}")

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.address["port"]), timeout=10)

    def get(self, path):
        with self.connect() as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def ends(self, seconds=5):
        """Status and seconds."""
        began = time.monotonic()
        try:
            return self.process.wait(seconds * SLOW), time.monotonic() - began
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None, seconds


CHECK = json.dumps({"files": [{"name": "Dockerfile", "content": "FROM debian\n"}]}).encode()
HEAD = (b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % len(CHECK))


def half_sent(server):
    """A request that is in work: its head and half of its body."""
    connection = server.connect()
    connection.sendall(HEAD + CHECK[:10])
    time.sleep(0.1)
    return connection


def answer_of(connection):
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


def test_start_and_stop():
    server = Http(BAREHULL_WORKER="1")
    equal("the configuration is logged before it listens", [line["event"] for line in server.log][:3],
          ["configuration-warning", "configuration", "listening"])
    config = server.log[1]
    equal("as it holds", (config["HOST"], config["BAREHULL_IDLE_TIMEOUT"], config["level"]), ("127.0.0.1", "75s", "info"))
    equal("loopback alone", server.address["address"], "127.0.0.1")
    equal("ready", server.get("/readyz")[0], 200)
    server.signal()
    status, seconds = server.ends()
    equal("SIGTERM: status", status, 0)
    check("SIGTERM: at once when nothing is in work", seconds < 0.5 * SLOW, seconds)
    equal("standard output stays empty", server.process.stdout.read(), b"")
    for number in (signal.SIGINT, signal.SIGHUP):
        server = Http()
        server.signal(number)
        equal(f"{number.name}: status", server.ends()[0], 0)


def test_drain():
    server = Http(BAREHULL_DRAIN_DELAY="600ms")
    connection = half_sent(server)
    server.signal()
    server.wait_for("not-ready")
    equal("not ready while it drains", server.get("/readyz")[0], 503)
    equal("alive while it drains", server.get("/livez")[0], 200)
    for asked in (b"GET /v1/rules HTTP/1.1\r\n", b"GET /nothing HTTP/1.1\r\n", b"OPTIONS * HTTP/1.1\r\n"):
        with server.connect() as other:
            other.sendall(asked + b"Host: localhost\r\n\r\n")
            said = answer_of(other)
            check(f"{asked}: served before the listener ends, and told to go elsewhere",
                  said.startswith(b"HTTP/1.1 ") and b"\r\nconnection: close\r\n" in said.lower(), said[:400])
    connection.sendall(CHECK[10:])
    answer = answer_of(connection)
    check("what was in work is answered", answer.startswith(b"HTTP/1.1 200 ") and b'"findings"' in answer, answer[:300])
    check("and told to go elsewhere", b"\r\nconnection: close\r\n" in answer.lower(), answer[:300])
    equal("drained: status", server.ends()[0], 0)
    equal("drained: clean", server.wait_for("stopped")["clean"], True)
    server = Http()
    connection = half_sent(server)
    server.signal()
    server.wait_for("draining")
    connection.sendall(CHECK[10:])
    check("it is told that it was the last", b"\r\nconnection: close\r\n" in answer_of(connection).lower())
    equal("drained without a delay: status", server.ends()[0], 0)


def test_drain_limit():
    server = Http(BAREHULL_DRAIN_TIMEOUT="300ms")
    connection = half_sent(server)
    server.signal()
    status, seconds = server.ends()
    equal("a request that never ends: status", status, 0)
    check("a request that never ends: the limit", 0.2 < seconds < 1.5 * SLOW, seconds)
    equal("it was cut", server.wait_for("stopped")["clean"], False)
    connection.close()


def test_second_signal():
    for delay in ("0s", "1m"):
        server = Http(BAREHULL_DRAIN_DELAY=delay, BAREHULL_DRAIN_TIMEOUT="1m")
        connection = half_sent(server)
        server.signal()
        server.wait_for("not-ready")
        time.sleep(0.1)
        server.signal()
        status, seconds = server.ends()
        equal(f"second signal, delay {delay}: status", status, 0)
        check(f"second signal, delay {delay}: at once", seconds < 1 * SLOW, seconds)
        connection.close()


def test_taken_port():
    server = Http()
    done = run(env={"ALLOWED_ORIGINS": "none", "PORT": str(server.address["port"]), "LOG_LEVEL": "off"})
    check("a port that is taken", done.returncode == 3 and str(server.address["port"]) in done.stderr, done)
    server.signal()
    server.ends()


def test_few_files():
    server = Http(files=200)
    warning = server.wait_for("few-files")
    equal("few descriptors", (warning["level"], warning["limit"], warning["wanted"]), ("warning", 200, 10304))
    server.signal()
    equal("few descriptors: status", server.ends()[0], 0)


def test_doors():
    with socket.create_server(("127.0.0.1", 0)) as room:
        port = room.getsockname()[1]
    server = Http(METRICS_PORT=str(port))
    equal("no metrics at PORT", server.get("/metrics")[0], 404)
    server.wait_for("listening")
    server.address = {"port": port}
    equal("metrics at METRICS_PORT", server.get("/metrics")[0], 200)
    equal("nothing else there", server.get("/v1/rules")[0], 404)
    server.signal()
    equal("two doors: status", server.ends()[0], 0)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "socket")
        server = Http(HOST=f"unix:{path}")
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            check("a socket in the file system", connection.recv(100).startswith(b"HTTP/1.1 200 "))
        server.signal()
        equal("a socket: status", server.ends()[0], 0)


# --- stdio ------------------------------------------------------------------------------------------------------

class Stdio:
    """A client; every line that comes has to be JSON."""

    def __init__(self, *words, sockets=False, **env):
        ends = None
        if sockets:  # as some clients do
            ends = socket.socketpair()
        self.process = subprocess.Popen([PROGRAM, "serve", "--stdio", *words], bufsize=0,
                                        stdin=ends[1] if ends else subprocess.PIPE,
                                        stdout=ends[1] if ends else subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={"BAREHULL_TEST": str(os.getpid()), "PATH": os.environ["PATH"], **env})
        started.append(self.process)
        self.rest = b""
        if ends:
            ends[1].close()
            self.socket = ends[0]
            self.input, self.output = self.socket.fileno(), self.socket.fileno()
        else:
            self.input, self.output = self.process.stdin.fileno(), self.process.stdout.fileno()

    def write(self, data):
        while data:
            data = data[os.write(self.input, data):]

    def send(self, method, params=None, id=None, **members):
        message = {"jsonrpc": "2.0", "method": method, **({"params": params} if params is not None else {}),
                   **({"id": id} if id is not None else {}), **members}
        self.write(json.dumps(message).encode() + b"\n")

    def call(self, id, tool, arguments, meta=None):
        self.send("tools/call", {"name": tool, "arguments": arguments, **({"_meta": meta} if meta else {})}, id)

    def receive(self, seconds=10):
        """The next message, or None."""
        end = time.monotonic() + seconds
        while b"\n" not in self.rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.output], [], [], left)[0]:
                return None
            piece = os.read(self.output, 1 << 16)
            if not piece:
                return None
            self.rest += piece
        line, _, self.rest = self.rest.partition(b"\n")
        try:
            return json.loads(line)
        except ValueError:
            check("each line of standard output is JSON", False, line[:200])
            return {}

    def close(self):
        self.process.stdin.close()

    def ends(self, seconds=5):
        began = time.monotonic()
        try:
            return self.process.wait(seconds * SLOW), time.monotonic() - began
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None, seconds


def result_of(answer, id):
    return answer["result"] if answer and answer.get("id") == id and "result" in answer else answer


def test_messages():
    for sockets in (False, True):
        client = Stdio(sockets=sockets)
        client.send("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                                   "clientInfo": {"name": "test", "version": "1"}}, 1)
        equal("initialize", result_of(client.receive(), 1)["protocolVersion"], "2025-11-25")
        client.write(b'\n  \r\n{"jsonrpc":"2.0","method":"notifications/initialized"}\r\n')
        client.write(b'{"jsonrpc":"2.0","id":"a","method":"ping"}\r\n')
        equal("CRLF, empty lines, notifications", client.receive(), {"jsonrpc": "2.0", "id": "a", "result": {}})
        client.write(b'nonsense\n{"jsonrpc":"2.0","id":2,"method":"ping"}\n{"jsonrpc":"2.0",')
        answer = client.receive()
        equal("nonsense", (answer["id"], answer["error"]["code"]), (None, -32700))
        equal("and what follows it", client.receive(), {"jsonrpc": "2.0", "id": 2, "result": {}})
        client.write(b'"id":3,"method":"ping"}\n')
        equal("a line in two pieces", client.receive(), {"jsonrpc": "2.0", "id": 3, "result": {}})
        client.call(4, "check", {"files": [{"name": "Dockerfile", "content": "FROM debian\n"}]})
        check("a check", result_of(client.receive(), 4)["structuredContent"]["verdict"] == "fail")
        client.send("tools/list", {}, 5)
        tools = [tool["name"] for tool in result_of(client.receive(), 5)["tools"]]
        equal("tools", tools, ["check", "explain", "init", "rules", "check_files", "build", "init_files", "inspect"])
        if sockets:
            client.socket.shutdown(socket.SHUT_WR)
        else:
            client.close()
        status, seconds = client.ends()
        equal("end of input: status", status, 0)
        check("end of input: at once", seconds < 0.3 * SLOW, seconds)
        equal("end of input: nothing more is said", client.receive(1), None)
        equal("standard error is silent", client.process.stderr.read(), b"")
        if sockets:
            client.socket.close()


def test_long_lines():
    client = Stdio()
    client.write(b"[" * ((16 << 20) + 10))
    answer = client.receive()
    equal("beyond the limit", (answer["id"], answer["error"]["code"]), (None, -32600))
    client.write(b"[" * 100000 + b'\n{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
    equal("back in step behind its end", client.receive(), {"jsonrpc": "2.0", "id": 1, "result": {}})
    text = "# " + "x" * 3000000 + "\nFROM debian\n"
    client.call(2, "check", {"files": [{"name": "Dockerfile", "content": text}]})
    check("a long one that is fine", result_of(client.receive(20), 2)["structuredContent"]["verdict"] == "fail")
    client.write(b'{"jsonrpc":"2.0","id":3,"method":"ping"}')
    client.close()
    equal("the last line needs no end", client.receive(), {"jsonrpc": "2.0", "id": 3, "result": {}})
    equal("its status", client.ends()[0], 0)


def silent_mirror():
    """A server that takes connections and says nothing; a build waits for it."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(10 * SLOW)
    return server, f"http://127.0.0.1:{server.getsockname()[1]}/debian"


class Build:
    """A client with a build in work, which waits for a mirror."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.mirror, url = silent_mirror()
        self.client = Stdio(BAREHULL_MIRROR=url, BAREHULL_CACHE_DIR=self.folder.name + "/cache")
        self.start(1)

    def start(self, id):
        self.client.call(id, "build", {"app": ["/bin/cat"], "suite": "bookworm",
                                       "output": [f"oci:{self.folder.name}/out"]})
        self.connection, _ = self.mirror.accept()
        self.connection.settimeout(5 * SLOW)
        self.connection.recv(65536)

    def connection_ends(self):
        """The work is not only forgotten: it stopped."""
        try:
            while self.connection.recv(65536):
                pass
            return True
        except OSError as problem:
            return isinstance(problem, ConnectionResetError)

    def done(self):
        self.mirror.close()
        self.connection.close()
        self.folder.cleanup()


def orphans():
    mark, found = f"BAREHULL_TEST={os.getpid()}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int(folder.name) != os.getpid() and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes())
        except OSError:
            pass
    return found


def test_cancellation():
    build = Build()
    client = build.client
    client.send("ping", id=2)
    equal("ping while a build runs", client.receive(), {"jsonrpc": "2.0", "id": 2, "result": {}})
    client.call(1, "rules", {})
    answer = client.receive()
    equal("an id that is in work", (answer["id"], answer["error"]["code"]), (1, -32600))
    client.send("notifications/cancelled", {"requestId": 99})
    client.send("notifications/cancelled", {"requestId": 1, "reason": "no more"})
    check("called off: it stops", build.connection_ends())
    client.send("ping", id=3)
    equal("called off: no answer", client.receive(), {"jsonrpc": "2.0", "id": 3, "result": {}})
    build.start(1)
    client.send("notifications/cancelled", {"requestId": 1})
    check("its id may be used again", build.connection_ends())
    client.close()
    equal("then the end: status", client.ends()[0], 0)
    equal("and nothing more was said", client.receive(1), None)
    build.done()


def test_end_in_work():
    for how in ("end of input", "SIGTERM", "SIGINT"):
        build = Build()
        if how == "end of input":
            build.client.close()
        else:
            build.client.process.send_signal(getattr(signal, how))
        status, seconds = build.client.ends()
        equal(f"{how} while a build runs: status", status, 0)
        check(f"{how} while a build runs: at once", seconds < 1.5 * SLOW, seconds)
        equal(f"{how}: nothing is said", build.client.receive(0.2), None)
        equal(f"{how}: no orphan", orphans(), [])
        check(f"{how}: the work stopped", build.connection_ends())
        build.done()


def test_cancel_check():
    """A long computation is stopped too: the processor is idle again."""
    with tempfile.TemporaryDirectory() as folder:
        document = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: b, image: c}]}\n---\n"
        Path(folder, "big.yaml").write_text(document * 300000)
        client = Stdio()
        client.call(1, "check_files", {"path": [folder]}, {"progressToken": "t"})
        time.sleep(0.15)
        client.send("notifications/cancelled", {"requestId": 1})
        time.sleep(0.25 * SLOW)

        def ticks():
            return sum(map(int, Path(f"/proc/{client.process.pid}/stat").read_text().rsplit(")")[1].split()[11:13]))
        before = ticks()
        time.sleep(0.2)
        check("a check that was called off uses no processor", ticks() - before <= 2, ticks() - before)
        client.send("ping", id=2)
        answer = client.receive()
        while answer and answer.get("method") == "notifications/progress":
            answer = client.receive()
        equal("and has no answer", answer, {"jsonrpc": "2.0", "id": 2, "result": {}})
        client.close()
        equal("end behind it", client.ends()[0], 0)


def test_streams_are_the_protocols():
    """Nothing but the protocol reads standard input or writes to standard output, whatever a tool is asked."""
    client = Stdio()
    client.call(1, "check_files", {"path": ["-"]})
    client.send("ping", id=2)
    answers = sorted([client.receive(), client.receive()], key=lambda answer: answer["id"])
    equal("'-' is not the conversation", answers[1], {"jsonrpc": "2.0", "id": 2, "result": {}})
    client.call(3, "build", {"app": [PROGRAM], "output": ["oci-archive:-"], "base": "static"})
    answer = client.receive()
    check("'-' is not standard output", result_of(answer, 3).get("isError"), answer)
    client.close()
    equal("streams: status", client.ends()[0], 0)


def test_terminal():
    """Who types the command is told what it waits for."""
    keyboard, terminal = os.openpty()
    process = subprocess.Popen([PROGRAM, "serve", "--stdio"], env={}, stdin=terminal, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    started.append(process)
    os.close(terminal)
    first = process.stderr.readline()
    check("a terminal: what is waited for", first.startswith(b"barehull: warning: standard input is a terminal:"), first)
    os.write(keyboard, b"\x04")
    equal("a terminal: Ctrl-D ends", (process.wait(5 * SLOW), process.stdout.read()), (0, b""))
    os.close(keyboard)


def test_output_gone():
    client = Stdio()
    client.process.stdout.close()
    client.send("ping", id=1)
    status, _ = client.ends()
    equal("nobody reads: status", status, 3)
    check("nobody reads: why", b"can't write to standard output: Broken pipe" in client.process.stderr.read())
    client = Stdio()  # a client that does not read holds neither a signal nor the end up
    client.send("ping", id=0)
    client.receive()
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).encode() + b"\n"
    os.set_blocking(client.input, False)
    try:
        while True:
            os.write(client.input, request)
    except BlockingIOError:
        pass
    client.process.send_signal(signal.SIGTERM)
    status, seconds = client.ends()
    check("SIGTERM while nobody reads", status == 0 and seconds < 1 * SLOW, (status, seconds))


def test_piped():
    """`printf ... | barehull serve --stdio` gets its answers."""
    lines = [{"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {
        "name": "check", "arguments": {"files": [{"name": "Dockerfile", "content": "FROM debian\n"}]}}}
        for id in range(20)]
    done = run("--stdio", input="\n".join(map(json.dumps, lines)))
    equal("piped", (done.returncode, [json.loads(line)["id"] for line in done.stdout.splitlines()]), (0, list(range(20))))


def main():
    tests = [test for name, test in globals().items() if name.startswith("test_")]
    only = sys.argv[2:]
    for test in tests:
        if only and test.__name__ not in only:
            continue
        began = time.monotonic()
        try:
            test()
        except Exception as problem:  # a broken pipe, a missing member: the test's own failure
            check(test.__name__, False, repr(problem))
        if os.environ.get("TIMES"):
            print(f"{test.__name__}: {time.monotonic() - began:.2f} s")
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
