# SPDX-License-Identifier: Apache-2.0
"""tests/lib/service.py - starts `barehull serve` and speaks to it byte by byte. Standard library only.

A Service is one process, with a log that is read all the time; a Peer is one connection whose bytes the test decides.
Everything that was started is stopped by process id, on every way out (Service.stop_all, called by finish).
"""
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

passed = failed = 0


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}\n    {str(detail)[:1500]}", flush=True)
    return bool(holds)


def finish():
    Service.stop_all()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def wait_until(holds, seconds=5.0):
    """True once HOLDS() was true; polls."""
    end = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < end:
        time.sleep(0.01)
    return found


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Service:
    """`barehull serve` over HTTP on loopback, once READY (by default: it answers). LIMITS: words for prlimit(1)."""

    running = []

    def __init__(self, program, env=None, limits=(), read_log=True, ready=None):
        self.port = int((env or {}).get("PORT", 0)) or free_port()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BAREHULL_")}
        self.env = {**clean, "HOST": "127.0.0.1", "PORT": str(self.port), "ALLOWED_ORIGINS": "https://app.example.org",
                    **(env or {})}
        command = [*(["prlimit", *limits, "--"] if limits else []), str(program), "serve"]
        self.process = subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        Service.running.append(self)
        self.pid = self.process.pid
        self.lines = []
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        if read_log:
            self.reader.start()
        if not wait_until(ready or self.is_ready, 20):
            self.process.kill()
            raise RuntimeError(f"the service does not start: {self.process.poll()} {self.lines[-20:]}")

    def read_log(self):
        for line in self.process.stderr:
            self.lines.append(line.decode(errors="replace").rstrip("\n"))

    def events(self, name=None):
        """Lines of the log as objects; what is no JSON is kept as {"text": line}."""
        found = []
        for line in list(self.lines):
            try:
                event = json.loads(line)
            except ValueError:
                event = {"text": line}
            if name in (None, event.get("event")):
                found.append(event)
        return found

    def is_ready(self):
        try:
            with Peer(self.port, timeout=5) as peer:
                return peer.get("/readyz").status == 200
        except OSError:
            return False

    def is_alive(self):
        return self.process.poll() is None

    def rss(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * 4096

    def peak(self):
        """The most resident bytes since reset_peak."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) * 1024

    def reset_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w", encoding="ascii") as refs:
            refs.write("5")

    def cpu_s(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            words = stat.read().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def fds(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def term(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds):
        """The exit status; None when it took longer."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, seconds=25):
        """TERM, and KILL when that was not enough; the exit status."""
        if self in Service.running:
            Service.running.remove(self)
        if self.is_alive():
            self.term()
        if self.wait(seconds) is None:
            self.process.kill()
            self.process.wait()
        if self.reader.is_alive():
            self.reader.join(2)
        self.process.stdout.close()
        if not self.reader.is_alive():
            self.process.stderr.close()
        return self.process.returncode

    @classmethod
    def stop_all(cls):
        for service in list(cls.running):
            service.process.kill()
            service.stop()


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def field(self, name):
        """The value, None when absent; twice the same name is an error of the server."""
        found = [value for key, value in self.fields if key == name.lower()]
        if len(found) > 1 and name.lower() != "vary":
            raise ValueError(f"{name} stands {len(found)} times")
        return found[0] if found else None

    def closes(self):
        return (self.field("connection") or "").lower() == "close"

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:200]!r}>"


GONE = Answer(0, [], b"")  # the server closed, or reset, without an answer


class Peer:
    """One connection. Reads answers strictly: whatever is not well-formed HTTP/1.1 raises ValueError."""

    def __init__(self, port, timeout=10, receive_buffer=0):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bytes = b""
        self.port = port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, sent):
        self.socket.sendall(sent)

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Closes with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()

    def more(self):
        """Reads on; False at the end."""
        try:
            block = self.socket.recv(262144)
        except ConnectionError:
            block = b""
        self.bytes += block
        return bool(block)

    def line(self):
        while b"\r\n" not in self.bytes:
            if not self.more():
                raise ValueError(f"cut off in a line: {self.bytes[:200]!r}")
        line, _, self.bytes = self.bytes.partition(b"\r\n")
        return line

    def take(self, count):
        parts, have = [], 0
        while have < count:
            if not self.bytes and not self.more():
                raise ValueError(f"cut off in a body: {have} of {count}")
            piece, self.bytes = self.bytes[:count - have], self.bytes[count - have:]
            parts.append(piece)
            have += len(piece)
        return b"".join(parts)

    def answer(self, head_only=False):
        """The next answer, 1xx too; GONE when the server closed instead."""
        if not self.bytes and not self.more():
            return GONE
        first = self.line()
        found = re.fullmatch(rb"HTTP/1\.1 (\d{3}) [ -~]*", first)
        if not found:
            raise ValueError(f"no status line: {first[:200]!r}")
        status, fields = int(found[1]), []
        while line := self.line():
            name, colon, value = line.partition(b":")
            if not colon or not re.fullmatch(rb"[!#-'*+.^_`|~0-9A-Za-z-]+", name):
                raise ValueError(f"no field: {line!r}")
            fields.append((name.decode().lower(), value.strip().decode("latin-1")))
        answer = Answer(status, fields, b"")
        if not head_only and status >= 200 and status not in (204, 304):
            answer.body = self.body(answer)
        return answer

    def body(self, answer):
        if answer.field("transfer-encoding") == "chunked":
            parts = []
            while size := int(self.line(), 16):
                parts.append(self.take(size))
                self.take(2)
            if self.line():
                raise ValueError("trailers")
            return b"".join(parts)
        if answer.field("content-length") is None:
            raise ValueError(f"neither length nor chunks: {answer}")
        return self.take(int(answer.field("content-length")))

    def final(self):
        """The next answer that is not 1xx."""
        while 100 <= (answer := self.answer()).status < 200:
            pass
        return answer

    def ask(self, method, path, body=None, fields=(), head_only=False):
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *fields]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join([*lines, "", ""]).encode() + (body or b""))
        return self.answer(head_only)

    def get(self, path, fields=()):
        return self.ask("GET", path, fields=fields)

    def post(self, path, body, fields=("Content-Type: application/json",)):
        return self.ask("POST", path, body, fields)

    def is_closed(self, seconds=2.0):
        """True when the server closes within SECONDS, with nothing more to say; False as well for bytes."""
        self.socket.settimeout(seconds)
        try:
            return not self.bytes and self.socket.recv(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    def rest(self):
        """All bytes until the end."""
        while self.more():
            pass
        taken, self.bytes = self.bytes, b""
        return taken


def once(port, method, path, body=None, fields=(), timeout=30):
    """One answer on a connection of its own."""
    with Peer(port, timeout) as peer:
        return peer.ask(method, path, body, fields, head_only=method == "HEAD")


def check_body(*files):
    """The body of POST /v1/check for (name, text) FILES."""
    return json.dumps({"files": [{"name": name, "content": text} for name, text in files]}).encode()


def main(run):
    """Runs the test; whatever happens, what it started is stopped."""
    try:
        run()
    except Exception:  # pylint: disable=broad-except
        import traceback
        check("the test runs to its end", False, traceback.format_exc())
    sys.exit(finish())
