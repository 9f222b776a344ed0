#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/e2e/faults-serve.py BUILD - `barehull serve` while the n-th allocation or system call fails.

`serve --check-config`, a conversation over stdio and one over HTTP, each as a whole process (tests/tools/faultrun). One
failure costs one answer at most: an error, or a result that says what it could not judge. All other answers are those of
a run without faults, and the service ends as it was asked to. A start that fails says why and exits 3.
Samples FAULT_SAMPLES places (40) of each kind; FAULT_SAMPLES=all takes every one.

Runs alone: it measures time, or fills the machine.
"""
import gzip
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from service import Peer, check, check_body, main  # noqa: E402

BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
FAULTRUN = BUILD / "tests/tools/faultrun"
SAMPLES = os.environ.get("FAULT_SAMPLES", "40")
SECONDS = 30
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("BAREHULL_")}
ENV = {**CLEAN, "HOST": "127.0.0.1", "PORT": "0", "ALLOWED_ORIGINS": "https://app.example.org", "BAREHULL_LOOPS": "1",
       "BAREHULL_WORKERS": "1", "BAREHULL_PROT": "1"}
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
FILES = {"Dockerfile": "FROM debian\nRUN curl x | sh\n",
         "compose.yaml": "services: {web: {image: 'app:latest', privileged: true}}\n"}
RPC = ("Content-Type: application/json", "Accept: application/json, text/event-stream")


def call(number, method, params=None):
    message = {"jsonrpc": "2.0", "id": number, "method": method}
    return {**message, "params": params} if params is not None else message


def conversation(folder):
    texts = [{"name": name, "content": content} for name, content in FILES.items()]
    return [
        call(1, "initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                               "clientInfo": {"name": "a", "version": "1"}}),
        call(2, "tools/list"),
        call(3, "tools/call", {"name": "check", "arguments": {"files": texts}, "_meta": {"progressToken": 1}}),
        call(4, "tools/call", {"name": "check_files", "arguments": {"path": [str(folder)]}}),
        call(5, "tools/call", {"name": "explain", "arguments": {"rule": "no-host-namespaces"}}),
        call(6, "resources/read", {"uri": "barehull://standard"}),
        call(7, "prompts/list"),
        call(8, "completion/complete", {"ref": {"type": "ref/resource", "uri": "barehull://rules/{id}"},
                                        "argument": {"name": "id", "value": "no-"}}),
        call(9, "server/discover", {"_meta": META}),
        call(10, "ping"),
    ]


REQUESTS = [
    ("GET", "/readyz", None, ()),
    ("GET", "/", None, ("Accept: text/html",)),
    ("POST", "/v1/check", check_body(*FILES.items()), ("Content-Type: application/json",)),
    ("POST", "/v1/check", FILES["Dockerfile"].encode(), ("Content-Type: text/plain", "Accept-Encoding: gzip")),
    ("POST", "/mcp", json.dumps(call(1, "tools/call", {"name": "check", "arguments": {
        "files": [{"name": "Dockerfile", "content": FILES["Dockerfile"]}]}})).encode(), RPC),
    ("POST", "/mcp", json.dumps(call(2, "resources/read", {"uri": "barehull://standard"})).encode(), RPC),
    ("GET", "/openapi.json", None, ("Accept-Encoding: gzip",)),
    ("GET", "/metrics", None, ()),
]


class Run:
    """`barehull WORDS` with the Nth point of KIND failing."""

    def __init__(self, kind, number, words, folder):
        self.log = tempfile.TemporaryFile()  # whose place is the child's, too: it is read without moving it
        self.process = subprocess.Popen([str(FAULTRUN), kind, str(number), *words], env=ENV, cwd=folder,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        self.bytes = b""

    def text(self):
        return os.pread(self.log.fileno(), 1 << 20, 0).decode(errors="replace")

    def line(self, seconds=SECONDS):
        """The next line of standard output; None at its end or when there is none in time."""
        end = time.monotonic() + seconds
        while b"\n" not in self.bytes:
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                return None
            block = os.read(self.process.stdout.fileno(), 1 << 20)
            if not block:
                return None
            self.bytes += block
        line, _, self.bytes = self.bytes.partition(b"\n")
        return line.decode()

    def end(self):
        """The exit status; None when it had to be killed."""
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            status = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            self.kill()
        return status

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.stderr = self.text()
        self.log.close()

    def points(self):
        found = re.findall(r"^points (\d+)$", self.stderr, re.M)
        return int(found[-1]) if found else 0


def run_config(kind, number, folder):
    run = Run(kind, number, ["serve", "--check-config"], folder)
    try:
        out = run.process.stdout.read().decode()
    finally:
        status = run.end()
    return run, status, [out] if out else []


def run_stdio(kind, number, folder):
    """The answers by the order of the questions; None from where there were no more."""
    run, answers = Run(kind, number, ["serve", "--stdio"], folder), []
    try:
        for message in conversation(folder):
            try:
                os.write(run.process.stdin.fileno(), json.dumps(message).encode() + b"\n")
            except OSError:
                break
            line = run.line()
            while line and '"method":"notifications/' in line:
                line = run.line()
            if line is None:
                break
            answers.append(line)
    finally:
        status = run.end()
    return run, status, answers


def port_of(run):
    """Of a service that listens; 0 when it ended instead."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and run.process.poll() is None:
        found = re.search(r'"event":"listening".*"port":(\d+)', run.text())
        if found:
            return int(found[1])
        time.sleep(0.002)
    return 0


def ask_http(port, request):
    """What is the same in each run; a connection that is closed instead is an answer, too."""
    method, path, body, fields = request
    try:
        with Peer(port, SECONDS) as peer:
            answer = peer.ask(method, path, body, fields)
    except (OSError, ValueError) as error:
        return f"{type(error).__name__}" if not isinstance(error, socket.timeout) else "timeout"
    body = gzip.decompress(answer.body) if answer.field("content-encoding") == "gzip" else answer.body
    return f"{answer.status} {answer.field('content-type')} {body.decode() if path != '/metrics' else ''}"


def run_http(kind, number, folder):
    run, answers = Run(kind, number, ["serve"], folder), []
    try:
        port = port_of(run)
        if port:
            answers = [ask_http(port, request) for request in REQUESTS]
            run.process.send_signal(signal.SIGTERM)
    finally:
        status = run.end()
    return run, status, answers


def is_error(answer):
    """Whether ANSWER says that something failed, or that something was not judged."""
    if re.match(r"(5\d\d|0) |ConnectionResetError|ValueError|200 .*\"error\":{\"code\":-32603,", answer):
        return True
    try:
        message = json.loads(answer)
    except ValueError:
        return False
    result = message.get("result", {})
    summary = result.get("structuredContent", {}).get("summary", {})
    return message.get("error", {}).get("code") in (-32603, -32000) or bool(result.get("isError")) or \
        bool(summary.get("not_judged"))


def problem(outcome, good):
    """What is wrong with OUTCOME; empty when it is as it should be."""
    run, status, answers = outcome
    text = run.stderr
    if re.search(r"Sanitizer|runtime error", text):
        return re.search(r"(?:.*(?:Sanitizer|runtime error)[^$]{0,1200})", text)[0]
    if status not in (0, 3):
        return f"ended with {status}: {text[-600:]}"
    if status == 3 and not re.search(r"error: \S|\"error\":", text):
        return f"failed without a word: {text[-600:]}"
    if status == 0 and len(answers) < len(good):
        return f"ended well with {len(answers)} of {len(good)} answers: {text[-600:]}"
    wrong = [index for index, answer in enumerate(answers) if answer != good[index]]
    if len(wrong) > 1:
        return f"one failure, {len(wrong)} wrong answers: {[answers[index][:200] for index in wrong]}"
    if wrong and not is_error(answers[wrong[0]]):
        return f"answered {answers[wrong[0]][:500]} instead of {good[wrong[0]][:500]}"
    return ""


def sweep(name, kind, take, folder):
    run, status, good = take(kind, 0, folder)
    points = run.points()
    fine = status == 0 and good and not any(is_error(answer) for answer in good)
    if not check(f"{name}: without faults it goes well", fine, (status, run.stderr[-800:], good)):
        return
    again = take(kind, 0, folder)[2]
    check(f"{name}: and the same again", again == good, [pair for pair in zip(good, again) if pair[0] != pair[1]])
    step = 1 if SAMPLES == "all" else max(1, -(-points // int(SAMPLES)))
    problems, refused = [], 0
    for number in range(1, points + 1, step):
        outcome = take(kind, number, folder)
        refused += outcome[1] == 3
        found = problem(outcome, good)
        if found:
            problems.append(f"{kind} {number} of {points}: {found}")
    check(f"{name}: every {kind} fault ends cleanly ({points} points, every {step}th)", not problems,
          f"{len(problems)}: " + "\n    ".join(problems[:6]))
    print(f"{name}: {points} {kind} points, every {step}th; {refused} runs refused", flush=True)


def run_all():
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, content in FILES.items():
            (folder / name).write_text(content, encoding="ascii")
        sweep("serve --check-config", "alloc", run_config, folder)
        sweep("serve --stdio", "alloc", run_stdio, folder)
        sweep("serve --stdio", "io", run_stdio, folder)
        sweep("serve", "alloc", run_http, folder)


main(run_all)
