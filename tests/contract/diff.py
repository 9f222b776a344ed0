#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/diff.py BUILD - unified diffs (src/diff) against diff(1), patch(1) and git apply.

Random and real pairs: what we say turns one file into the other, byte for byte, in both tools and both directions, and
is no longer than what diff -u --minimal says; where that is one and the same script, the bytes are the same, too."""
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

BUILD = Path(sys.argv[1]).resolve()
DIFFTEXT = str(BUILD / "tests/tools/difftext")
ROOT = Path(__file__).resolve().parents[2]
passed = failed = same = compared = 0


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}\n    {str(detail)[:2000]}")


def run(*words, cwd=None, stdin=None):
    return subprocess.run(words, capture_output=True, cwd=cwd, input=stdin)


def body(text):
    return text.split(b"\n", 2)[2] if text.startswith(b"--- ") else text


def edits(text):
    return sum(line[:1] in (b"-", b"+") for line in body(text).split(b"\n"))


def lines(source, count, alphabet):
    return [source.choice(alphabet) for _ in range(count)]


def pair(source):
    """Two texts that have something in common, in a manner that varies."""
    alphabet = [b"%d" % i for i in range(source.choice([2, 3, 10, 1000]))] + [b"", b"\xff\x80", b"cr\r", b"--- x", b"\\ y"]
    before = lines(source, source.choice([0, 1, 5, 40]), alphabet)
    after = list(before)
    for _ in range(source.choice([0, 1, 3, 20])):
        at = source.randrange(len(after) + 1)
        kind = source.randrange(4)
        if kind == 0:
            after[at:at] = lines(source, source.randrange(1, 5), alphabet)
        elif kind == 1:
            del after[at:at + source.randrange(1, 5)]
        elif kind == 2:
            after[at:at + 1] = lines(source, 1, alphabet)
        else:
            after[at:at] = after[source.randrange(len(after) + 1):][:5]
    ends = [source.choice([b"", b"\n"]) for _ in range(2)]
    return b"\n".join(before) + (ends[0] if before else b""), b"\n".join(after) + (ends[1] if after else b"")


def judge(what, before, after, scratch, apply):
    """diff -u's words where the script is the only one; the same end by patch and git."""
    global same, compared
    a, b = scratch / "a.txt", scratch / "b.txt"
    a.write_bytes(before)
    b.write_bytes(after)
    ours = run(DIFFTEXT, str(a), str(b), "file.txt")
    theirs = run("diff", "-u", "--minimal", "--text", str(a), str(b))
    check(f"{what}: the status", ours.returncode == theirs.returncode == (before != after), (ours, theirs))
    if before == after:
        return
    compared += 1
    same += body(ours.stdout) == body(theirs.stdout)
    check(f"{what}: is not longer than diff --minimal", edits(ours.stdout) <= edits(theirs.stdout),
          ours.stdout + theirs.stdout)
    if not apply:
        return
    work = scratch / "work"
    work.mkdir(exist_ok=True)
    for tool, back in ((("patch", "-p1", "-s", "--binary", "-i", "-"), ("-R",)), (("git", "apply", "-"), ("-R",))):
        (work / "file.txt").write_bytes(before)
        done = run(*tool, cwd=work, stdin=ours.stdout)
        made = (work / "file.txt").read_bytes() if (work / "file.txt").exists() else b""
        check(f"{what}: {tool[0]} makes the second of the first", done.returncode == 0 and made == after,
              done.stderr + ours.stdout)
        (work / "file.txt").write_bytes(after)
        done = run(*tool[:-1], *back, tool[-1], cwd=work, stdin=ours.stdout) if tool[0] == "git" else \
            run(*tool, *back, cwd=work, stdin=ours.stdout)
        made = (work / "file.txt").read_bytes() if (work / "file.txt").exists() else b""
        check(f"{what}: {tool[0]} makes the first of the second", done.returncode == 0 and made == before,
              done.stderr + ours.stdout)


def unique(scratch):
    """Lines that are all different: there is one shortest script only."""
    source = random.Random(7)
    for n in range(60):
        before = [b"%d\n" % i for i in range(60)]
        after = [line for line in before if source.random() > 0.15]
        for _ in range(source.randrange(8)):
            after.insert(source.randrange(len(after) + 1), b"new %d\n" % source.randrange(10**9))
        (scratch / "a.txt").write_bytes(b"".join(before))
        (scratch / "b.txt").write_bytes(b"".join(after))
        ours, theirs = run(DIFFTEXT, str(scratch / "a.txt"), str(scratch / "b.txt")), \
            run("diff", "-u", str(scratch / "a.txt"), str(scratch / "b.txt"))
        check(f"unique {n}: the words of diff -u", body(ours.stdout) == body(theirs.stdout), ours.stdout + theirs.stdout)


def come_and_go(scratch):
    work = scratch / "new"
    work.mkdir()
    (scratch / "a.txt").write_bytes(b"one\ntwo")
    (scratch / "empty.txt").write_bytes(b"")
    for name in ("plain.txt", "two words.txt", 'quo"te.txt', "\u00e9.txt", "sub/dir.txt"):
        for source in ("a.txt", "empty.txt"):
            said = run(DIFFTEXT, "-", str(scratch / source), name).stdout
            for tool in (("patch", "-p1", "-s", "--binary", "-i", "-"), ("git", "apply", "-")):
                done = run(*tool, cwd=work, stdin=said)
                made = work / name
                check(f"{tool[0]} makes '{name}' of nothing ({source})",
                      done.returncode == 0 and made.exists() and made.read_bytes() == (scratch / source).read_bytes(),
                      done.stderr + done.stdout + said)
                made.unlink(missing_ok=True)
            (work / "sub").mkdir(exist_ok=True)
            (work / name).write_bytes((scratch / source).read_bytes())
            said = run(DIFFTEXT, str(scratch / source), "-", name).stdout
            done = run("git", "apply", "-", cwd=work, stdin=said)
            check(f"git apply takes '{name}' away ({source})", done.returncode == 0 and not (work / name).exists(),
                  done.stderr + said)


os.environ.update(LC_ALL="C", GIT_CONFIG_GLOBAL="/dev/null", GIT_CEILING_DIRECTORIES="/")
with tempfile.TemporaryDirectory() as made:
    scratch = Path(made)
    source = random.Random(int(os.environ.get("DIFF_SEED", "1")))
    for n in range(int(os.environ.get("DIFF_PAIRS", "150"))):
        judge(f"random {n}", *pair(source), scratch, apply=n % 3 == 0)
    real = sorted(p for p in ROOT.glob("src/*/*.c") if p.stat().st_size < 40000)[:: 40]
    for first, second in zip(real, real[1:]):
        judge(f"{first.name} and {second.name}", first.read_bytes(), second.read_bytes(), scratch, apply=True)
    unique(scratch)
    come_and_go(scratch)
print(f"{same} of {compared} in the very words of diff -u --minimal")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
