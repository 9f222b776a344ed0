#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""python_bytecode.py MARSHALCANON [DIR...] - holds src/python/marshal against the interpreter that runs this.

Compiles every module below the directories (the standard library and the packages of this interpreter when none is
named) in fresh processes: in order; shuffled, with another hash seed, in the company of many modules and of
all code that was compiled before; each of some modules alone. The canonical forms
must be the same, load as equal code, stay as they are, and be taken by importlib with a right source hash.
"""
import importlib.util
import marshal
import os
import random
import struct
import subprocess
import sys
import tempfile
import types

COMPILE = """
import marshal, sys
kept = []
if len(sys.argv) > 1:
    import argparse, ast, asyncio, ctypes, decimal, email.mime.text, http.server, inspect, json, logging, unittest
for path in sys.stdin.read().split("\\0"):
    with open(path, "rb") as f:
        source = f.read()
    try:
        code = compile(source, path, "exec", dont_inherit=True, optimize=0)
        if len(sys.argv) > 1:
            kept.append(code)
            kept.append([co.co_code for co in code.co_consts if hasattr(co, "co_code")])
        code = marshal.dumps(code)
    except (SyntaxError, ValueError, RecursionError):
        code = b""
    sys.stdout.buffer.write(len(code).to_bytes(4, "little") + code)
"""
failures = 0
sys.setrecursionlimit(9000)


def fail(message):
    global failures
    failures += 1
    print("not ok -", message)


def compiled(paths, seed, crowded=False):
    env = {"PYTHONHASHSEED": str(seed), "PYTHONWARNINGS": "ignore", "LC_ALL": "C.UTF-8"}
    out = subprocess.run([sys.executable, "-S", "-B", "-c", COMPILE] + ["crowded"] * crowded, input="\0".join(paths).encode(), env=env,
                         stdout=subprocess.PIPE, check=True).stdout
    codes, at = {}, 0
    for path in paths:
        size = int.from_bytes(out[at:at + 4], "little")
        codes[path] = out[at + 4:at + 4 + size]
        at += 4 + size
    return codes


def canonical(tool, pairs):
    """PAIRS of source and code to whole .pyc files."""
    magic = importlib.util.MAGIC_NUMBER
    version = "%x" % (sys.version_info[0] << 8 | sys.version_info[1])
    frames = b"".join(struct.pack("<I", len(x)) + x for pair in pairs for x in pair)
    with tempfile.TemporaryFile() as f:
        f.write(frames)
        f.seek(0)
        out = subprocess.run([tool, version, "%x" % int.from_bytes(magic, "little")], stdin=f,
                             stdout=subprocess.PIPE, check=True).stdout
    result, at = [], 0
    while at < len(out):
        size = int.from_bytes(out[at:at + 4], "little")
        result.append(out[at + 4:at + 4 + size])
        at += 4 + size
    assert len(result) == len(pairs)
    return result


def ascii_key(value):
    """Independent of the order in which sets show what they hold."""
    if isinstance(value, (set, frozenset)):
        return "{%s}" % sorted(map(ascii_key, value))
    if isinstance(value, tuple):
        return "(%s)" % list(map(ascii_key, value))
    return ascii(value)


def same(a, b):
    """Equal in type and value, code objects in every field; floats by their bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, types.CodeType):
        names = [n for n in dir(a) if n.startswith("co_") and n not in ("co_lines", "co_positions", "co_lnotab",
                                                                        "co_branches")]
        return all(same(getattr(a, n), getattr(b, n)) for n in names) and list(a.co_positions()) == list(
            b.co_positions())
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, (frozenset, set)):
        return sorted(map(marshal.dumps, a)) == sorted(map(marshal.dumps, b)) or (
            a == b and sorted(map(ascii_key, a)) == sorted(map(ascii_key, b)))
    if isinstance(a, float):
        return struct.pack("<d", a) == struct.pack("<d", b)
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    return a == b


def walk(dirs):
    for top in dirs:
        for base, subdirs, names in os.walk(top):
            subdirs.sort()
            subdirs[:] = [d for d in subdirs if d not in ("site-packages", "dist-packages") or base == top]
            for name in sorted(names):
                if name.endswith(".py"):
                    yield os.path.join(base, name)


def values(tool):
    """What no compiler makes, but the format has."""
    shared = ("a b", 1 << 70, -(1 << 45), 2.5, 3j, b"x", "\u00e9", "\udc80", "\U0001f600")
    nested = 0
    for _ in range(150):
        nested = (nested,)
    cases = [None, True, ..., StopIteration, -1, 1 << 31, -(1 << 200), 0.1, float("inf"), -0.0, complex(1, -0.0), b"",
             b"z" * 300, "", "x", " ", "\x00", "z" * 300, "z " * 200, (), (1,) * 300, [], [1, [2]], {}, {"a": [1, {}]},
             set(), frozenset(), {1, 2, "a", None, 2.5}, frozenset({("a", 1), frozenset({"b", "c d"}), b"x", 1 << 90}),
             [shared, shared, list(shared)], {"k": shared, "l": shared}, nested,
             [frozenset({shared, ("y", shared)}), shared, "a b"]]
    if sys.version_info >= (3, 14):
        cases += [slice(1, None, ("a", "a")), (slice(None), [slice(shared, shared)])]
    raw = [marshal.dumps(c) for c in cases]
    for case, one, pyc in zip(cases, raw, canonical(tool, [(b"", c) for c in raw])):
        if not pyc or not same(marshal.loads(pyc[16:]), case):
            fail("value %.60r: %.80r" % (case, pyc))
        elif len(pyc) - 16 > len(one):
            fail("value %.60r grew" % (case,))
    damaged = [c[:i] for c in raw for i in range(len(c)) if len(c) < 400] + [c + b"N" for c in raw]
    for code, pyc in zip(damaged, canonical_quiet(tool, [(b"", c) for c in damaged])):
        if pyc:
            fail("damaged %.60r was taken" % code)


def canonical_quiet(tool, pairs):
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        return canonical(tool, pairs)
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def main():
    tool = sys.argv[1]
    lib = os.path.dirname(os.__file__)
    dirs = sys.argv[2:] or [d for d in (lib, "/usr/lib/python3/dist-packages" if lib.startswith("/usr/lib") else
                                        lib + "/site-packages") if os.path.isdir(d)]
    paths = list(walk(dirs))
    values(tool)
    forward = compiled(paths, 0)
    paths = [p for p in paths if forward[p]]
    shuffled = list(paths)
    random.Random(5).shuffle(shuffled)
    backward = compiled(shuffled, 4711, True)
    sources = {}
    for p in paths:
        with open(p, "rb") as f:
            sources[p] = f.read()
    first = dict(zip(paths, canonical(tool, [(sources[p], forward[p]) for p in paths])))
    second = dict(zip(paths, canonical(tool, [(sources[p], backward[p]) for p in paths])))
    again = dict(zip(paths, canonical(tool, [(sources[p], first[p][16:]) for p in paths])))
    alone = random.Random(7).sample(paths, min(60, len(paths)))
    for p in alone:
        one = compiled([p], "random")[p]
        if canonical(tool, [(sources[p], one)])[0] != first[p]:
            fail("%s: other bytes when it is compiled alone" % p)
    differing = 0
    for p in paths:
        differing += forward[p] != backward[p]
        pyc = first[p]
        if not pyc:
            fail("%s: not taken" % p)
            continue
        if second[p] != pyc:
            at = next((i for i, (a, b) in enumerate(zip(pyc, second[p])) if a != b), 0)
            fail("%s: other bytes in another order at %d: %r, %r" % (
                p, at, pyc[max(at - 40, 0):at + 20], second[p][max(at - 40, 0):at + 20]))
        if again[p] != pyc:
            fail("%s: not idempotent" % p)
        if len(pyc) - 16 > len(forward[p]):
            fail("%s: grew" % p)
        if not same(marshal.loads(pyc[16:]), marshal.loads(forward[p])):
            fail("%s: other code" % p)
        if pyc[:4] != importlib.util.MAGIC_NUMBER or pyc[4:8] != b"\1\0\0\0" or pyc[8:16] != importlib.util.source_hash(
                sources[p]):
            fail("%s: header %r" % (p, pyc[:16]))
    print("Python %s: %d modules, %d of which an interpreter writes differently from one time to another; %d failures" %
          (sys.version.split()[0], len(paths), differing, failures))
    sys.exit(failures > 0)


main()
