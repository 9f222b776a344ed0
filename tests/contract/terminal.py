#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/terminal.py BUILD - what a person sees on a terminal, and what Ctrl-C does (tests/cli/hullops.c).

Runs alone: it measures time, or fills the machine.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

BUILD = Path(sys.argv[1]).resolve()
HULLOPS = str(BUILD / "tests/cli/hullops")
passed = failed = 0


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}\n    {detail}")


def on_terminal(words, columns=80, env=None, stdout_too=True, after=None, program=None):
    """Runs with a terminal as standard error (and output). Returns (bytes, wait status)."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(program or [HULLOPS, *words], stdin=slave, stdout=slave if stdout_too else subprocess.DEVNULL,
                               stderr=slave, start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                               env={"PATH": "/usr/bin:/bin", "TERM": "xterm", "HOME": "/nonexistent", **(env or {})})
    os.close(slave)
    seen, started = b"", time.monotonic()
    while time.monotonic() - started < 30:
        ready, _, _ = select.select([master], [], [], 0.05)
        if after and time.monotonic() - started > 0.3:
            after(process, master)
            after = None
        if ready:
            try:
                piece = os.read(master, 65536)
            except OSError:  # the other end is gone
                break
            if not piece:
                break
            seen += piece
    os.close(master)
    return seen, process.wait(timeout=10)


def progress():
    seen, status = on_terminal(["work", "--ms", "1000"])
    frames = seen.count(b"\r\x1b[K")
    check("progress ends well", status == 0, str(status))
    check("progress is drawn about ten times a second", 5 <= frames <= 14, f"{frames} frames")
    check("the line is wiped before the answer", seen.endswith(b"\r\x1b[Kworked\r\n"), repr(seen[-60:]))
    check("progress tells the phase, the amount and the rate",
          re.search(rb"working \xe2?.*path/\\x1b\[31mred  [\d.]+ k?B of 1\.0 MB, 1\.0 MB/s", seen), repr(seen[-300:]))
    check("an item can't steer the terminal", b"\x1b[31m" not in seen, repr(seen))
    seen, _ = on_terminal(["work", "--ms", "300"], columns=30)
    widest = max(len(frame.decode()) for frame in seen.replace(b"\x1b[K", b"").split(b"\r"))
    check("no line is wider than the terminal", widest < 30 and b"\xe2\x80\xa6" in seen, f"{widest}: {seen!r}")
    seen, _ = on_terminal(["work", "--ms", "600", "--items"])
    check("items are counted", re.search(rb"working  (2[0-9]|3[0-9]) of 60", seen), repr(seen))
    seen, _ = on_terminal(["work", "--ms", "100", "--items"])
    check("what is quick draws no line", b"working" not in seen, repr(seen))
    for words, env in ([["--quiet"], {}], [["--format", "json"], {}], [[], {"TERM": "dumb"}]):
        seen, _ = on_terminal(["work", "--ms", "200", *words], env=env)
        check(f"no progress with {words} {env}", b"\x1b" not in seen and b"working" not in seen, repr(seen))


def colour():
    seen, _ = on_terminal(["echo", "w"])
    check("colour on a terminal", b"\x1b[1mbold\x1b[0m" in seen, repr(seen))
    for words, env in ([[], {"NO_COLOR": "1"}], [["--color=never"], {}], [[], {"TERM": "dumb"}]):
        seen, _ = on_terminal(["echo", "w", *words], env=env)
        check(f"no colour with {words} {env}", b"\x1b" not in seen, repr(seen))
    seen, _ = on_terminal(["--help"])
    check("help has colour on a terminal", b"\x1b[36mecho\x1b[0m" in seen, repr(seen[:200]))
    seen, _ = on_terminal(["raw"])
    check("bytes do not go to a terminal", b"standard output is a terminal" in seen, repr(seen))


def interrupt():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with tempfile.TemporaryDirectory() as scratch:
            mark = Path(scratch) / "mark"
            there = []

            def stop(process, _keys, number=number, mark=mark, there=there):
                there.append(mark.exists())
                process.send_signal(number)

            seen, status = on_terminal(["work", "--ms", "20000", "--mark", str(mark)], after=stop)
            check(f"{number.name}: ends by that signal", status == -number, str(status))
            check(f"{number.name}: undoes what was half done", there == [True] and not mark.exists())
            check(f"{number.name}: says so on a clean line",
                  seen.endswith(b"\r\x1b[Kbarehull: \x1b[31merror:\x1b[0m interrupted\r\n"), repr(seen[-80:]))

    def twice(process, _keys):
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)

    start = time.monotonic()
    _, status = on_terminal(["work", "--ms", "20000", "--stubborn"], after=twice)
    check("a second Ctrl-C ends at once", status == -signal.SIGINT and time.monotonic() - start < 5, str(status))

    _, status = on_terminal(["work", "--ms", "700", "--stubborn"], after=lambda p, _keys: p.send_signal(signal.SIGINT))
    check("work that was done nevertheless is a success", status == 0, str(status))

    done = subprocess.run(["nohup", HULLOPS, "work", "--ms", "10"], capture_output=True)
    check("nohup works", done.returncode == 0, str(done))
    ignored = subprocess.Popen(["sh", "-c", f"trap '' HUP; exec {HULLOPS} work --ms 800"], stdout=subprocess.PIPE)
    time.sleep(0.3)
    ignored.send_signal(signal.SIGHUP)
    check("an ignored hang-up stays ignored", ignored.wait(timeout=10) == 0)

    json = subprocess.Popen([HULLOPS, "work", "--ms", "20000", "--format", "json"], stderr=subprocess.PIPE)
    time.sleep(0.3)
    json.send_signal(signal.SIGTERM)
    said = json.communicate(timeout=10)[1]
    check("an interruption is JSON too", said == b'{"error":{"code":"cancelled","message":"interrupted"}}\n', repr(said))

    # As a person does it: the key reaches the loop's shell and the program; both stop.
    loop = ["bash", "-c", 'for i in 1 2 3; do "$0" work --ms 2000; echo "status $?"; done', HULLOPS]
    start = time.monotonic()
    seen, _ = on_terminal([], program=loop, after=lambda process, keys: os.write(keys, b"\x03"))
    check("Ctrl-C ends a shell's loop too", time.monotonic() - start < 1.8 and b"status" not in seen, repr(seen))


def answering(*keys):
    """Types KEYS one after the other, with a pause."""
    def type_them(_process, master):
        for key in keys:
            os.write(master, key)
            time.sleep(0.15)
    return type_them


def questions():
    seen, status = on_terminal(["ask"], after=answering(b"\n", b"\n", b"word\n"))
    check("empty answers take the suggestions", status == 0 and b"<42|red|word>" in seen, repr(seen))
    check("a question has its suggestion and its reason, and words of others can't steer the terminal",
          b"\x1b[1ma number\x1b[0m\x1b[2m (x\\x1b[31m.c:1 has it)\x1b[0m [\x1b[36m42\x1b[0m]: " in seen, repr(seen))
    check("choices are shown", b"\x1b[1ma colour\x1b[0m\x1b[2m (red, blue)\x1b[0m [\x1b[36mred\x1b[0m]: " in seen, repr(seen))
    seen, status = on_terminal(["ask"], after=answering(b"7\n", b" 8 \n", b"green\n", b"blue\n", b"\n", b"w\xff\n", b"w x\n"))
    check("wrong answers are told why, and asked again", status == 0 and b"<8|blue|w x>" in seen and
          b"'7' is not even" in seen and b"answer one of red, blue" in seen and b"an answer is needed" in seen and
          b"no UTF-8" in seen, repr(seen))
    seen, status = on_terminal(["ask"], after=answering(b"1" * 3000 + b"\n", b"2\n", b"\n", b"w\n"))
    check("an answer has an end", status == 0 and b"at most 1024 bytes" in seen and b"<2|red|w>" in seen, repr(seen[-300:]))
    seen, status = on_terminal(["ask"], after=answering(b"\n", b"\x04"))
    check("Ctrl-D calls it off", status == 3, repr(status))
    check("and says so on a clean line", b"\r\nbarehull: \x1b[31merror:\x1b[0m called off at a question: 'a colour'\r\n" in seen,
          repr(seen))
    seen, status = on_terminal(["ask"], after=answering(b"\n", b"\x03"))
    check("Ctrl-C ends by the signal", status == -signal.SIGINT and seen.endswith(b"interrupted\r\n"), f"{status} {seen!r}")
    seen, status = on_terminal(["ask"], env={"NO_COLOR": "1"}, after=answering(b"\n", b"\n", b"w\n"))
    check("NO_COLOR", b"\x1b[1m" not in seen and b"a number (x\\x1b[31m.c:1 has it) [42]: " in seen, repr(seen))
    seen, _ = on_terminal(["ask", "--format", "json"])
    check("a program is not asked", b"nobody is there" in seen, repr(seen))
    done = subprocess.run([HULLOPS, "ask"], stdin=subprocess.DEVNULL, capture_output=True)
    check("without a terminal nobody is asked", done.stdout == b"nobody is there\n", str(done))


def questions_of_init():
    """init asks for the port of a program: what is typed, and that a question that is called off leaves nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        app = Path(scratch) / "shop"
        app.write_bytes((BUILD / "barehull").read_bytes())
        app.chmod(0o755)
        command = [str(BUILD / "barehull"), "init", str(app), "--directory", scratch]
        for key, ends, word in ((b"\x03", -signal.SIGINT, b"interrupted"), (b"\x04", 3, b"called off at a question: 'port")):
            seen, status = on_terminal([], program=command, after=answering(key))
            check(f"init ends with {ends} at a question", status == ends and word in seen, f"{status} {seen!r}")
            check("and nothing was written", os.listdir(scratch) == ["shop"], os.listdir(scratch))
        seen, status = on_terminal([], program=command, after=answering(b"80\n", b"8080\n", b"health\n", b"/health\n"))
        check("a wrong port is told by its name", b"port '80' is neither from 1024 to 65535 nor 0" in seen, repr(seen))
        check("and asked for again", status == 0 and b"health 'health'" in seen, f"{status} {seen!r}")
        check("then the files are written", (Path(scratch) / "k8s/deployment.yaml").exists(), os.listdir(scratch))


def namespace_init():
    """As the first process of a PID namespace no signal's default action ends it."""
    done = subprocess.Popen(["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c",
                             f"exec {HULLOPS} work --ms 20000"], stderr=subprocess.PIPE)
    time.sleep(0.5)
    children = Path(f"/proc/{done.pid}/task/{done.pid}/children").read_text().split()
    if children:
        os.kill(int(children[0]), signal.SIGTERM)
    try:
        done.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        done.kill()
    check("a container's first process ends with 143", bool(children) and done.returncode == 143, str(done.returncode))


progress()
colour()
interrupt()
questions()
questions_of_init()
if os.geteuid() == 0:
    namespace_init()
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
