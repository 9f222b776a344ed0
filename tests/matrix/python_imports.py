#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""python_imports.py PYTHONSCAN [-m MUTANTS] [ROOT...] - holds src/python/imports against CPython.

Every .py file under the roots (Debian's standard library and dist-packages unless told) is read by both: the imports
that `ast` finds must be the ones that PYTHONSCAN tells, with line, level, names and the number of functions around; a
file that CPython compiles must have no problem. Then MUTANTS files that one edit broke: those that CPython's tokenizer
refuses must not be accepted, and those that CPython compiles must not be refused.
"""
import ast
import os
import random
import subprocess
import sys
import tempfile
import warnings

ROOTS = ["/usr/lib/python3", "/usr/lib/python3.11", "/usr/lib/python3.13"]
# What the tokenizer itself refuses, by CPython's messages.
TOKEN_ERRORS = ("unterminated", "was never closed", "unmatched", "does not match opening", "unindent does not match",
                "inconsistent use of tabs", "unexpected indent", "expected an indented block", "null bytes",
                "invalid decimal literal", "invalid hexadecimal literal", "invalid octal literal",
                "invalid binary literal", "leading zeros", "unexpected character after line continuation",
                "unexpected EOF", "invalid non-printable", "too many nested", "'utf-8' codec can't decode", "Non-UTF-8")
warnings.simplefilter("ignore")
sys.setrecursionlimit(20000)


def imports_of(tree):
    """The import statements in the order of the source: (line, level, module, name, alias, functions)."""
    found = []

    def walk(node, functions):
        if isinstance(node, ast.Import):
            for one in node.names:
                found.append((one.lineno, one.col_offset, 0, one.name, "-", one.asname or "-", functions))
        elif isinstance(node, ast.ImportFrom):
            for one in node.names:
                found.append((one.lineno, one.col_offset, node.level or 0, node.module or "-", one.name,
                              one.asname or "-", functions))
        inner = functions + isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for child in ast.iter_child_nodes(node):
            walk(child, inner)

    walk(tree, 0)
    found.sort(key=lambda one: one[:2])
    return [(line, level, module, name, alias, functions)
            for line, _, level, module, name, alias, functions in found]


DYNAMIC = 256


def scan(program, paths, minor):
    """What the program says: {path: (imports, problem)}."""
    done = subprocess.run([program, "-v", str(minor)], input="\n".join(paths) + "\n", stdout=subprocess.PIPE,
                          check=True, encoding="utf-8", errors="surrogateescape")
    told, current = {}, None
    for line in done.stdout.split("\n"):
        if line.startswith("# "):
            current = told[line[2:]] = ([], [])
        elif line.startswith("error "):
            current[1].append(line[6:])
        elif line in ("unreadable",) or line.startswith("failed "):
            current[1].append(line)
        elif line:
            at, level, module, name, alias, functions, context = line.split(" ")
            if not int(context) & DYNAMIC:
                current[0].append((int(at), int(level), module, name, alias, int(functions)))
    return told


def parse(data):
    try:
        return ast.parse(data), None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as bad:
        return None, bad


def main():
    arguments = sys.argv[2:]
    mutants = 2000
    if arguments[:1] == ["-m"]:
        mutants, arguments = int(arguments[1]), arguments[2:]
    program, roots = sys.argv[1], arguments or ROOTS
    paths = sorted(os.path.join(folder, name) for root in roots for folder, _, names in os.walk(root)
                   for name in names if name.endswith(".py") and os.path.isfile(os.path.join(folder, name)))
    told = scan(program, paths, sys.version_info[1])
    passed = failed = statements = refused = 0
    good = []

    def fail(text):
        nonlocal failed
        failed += 1
        if failed <= 40:
            print("FAILED:", text)

    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        tree, bad = parse(data)
        ours, problem = told[path]
        if bad is not None:
            # Fixtures of other tools, of Python 2: only what is wrong with tokens must be seen.
            if not problem and any(text in str(bad) for text in TOKEN_ERRORS):
                fail(f"{path}: accepted, but {bad}")
            else:
                refused += bool(problem)
            continue
        try:
            theirs = imports_of(tree)
        except RecursionError:
            continue
        # Names in an encoding of the file's own are told by their bytes.
        statements += len(theirs)
        if problem:
            fail(f"{path}: refused: {problem[0]}")
        elif ours != theirs:
            odd = [pair for pair in zip(ours + [None], theirs + [None]) if pair[0] != pair[1]]
            fail(f"{path}: {odd[:1]}")
        else:
            passed += 1
            if len(data) < 60000:
                good.append(data)
    print(f"{len(paths)} files, {statements} names imported, {refused} files refused by both")
    missed, wrong, broken = mutate(program, good, mutants, fail)
    print(f"{mutants} mutants: {broken} that CPython's tokens do not survive, {missed} of them accepted; "
          f"{wrong} refused that CPython compiles")
    print(f"{passed + mutants - missed - wrong} passed, {failed} failed")
    return 1 if failed else 0


def mutated(rng, data):
    at = rng.randrange(len(data) + 1)
    if rng.random() < 0.7:  # near something that matters
        marks = [i for i in range(max(0, at - 400), min(len(data), at + 400)) if data[i:i + 1] in b"\"'()[]{}\n\\:#0"]
        at = rng.choice(marks) if marks else at
    kind = rng.randrange(5)
    if kind == 0:
        return data[:at] + data[at + 1:]
    if kind == 1:
        return data[:at] + rng.choice([b'"', b"'", b"(", b")", b"[", b"]", b"{", b"}", b"\\", b"\n", b"\t", b" ", b":",
                                       b"#", b"0", b"1", b"f", b"\r", b"\f", b"'''", b"\xff", b"\0", b"1_", b"0x",
                                       b"f'{", b"import ", b"lambda:", b";"]) + data[at:]
    if kind == 2:
        return data[:at]
    if kind == 3:
        end = min(len(data), at + rng.randrange(1, 40))
        return data[:at] + data[end:]
    return data[:at] + data[at:at + 1] * 2 + data[at + 1:]


def mutate(program, good, count, fail):
    rng = random.Random(20250314)
    missed = wrong = broken = 0
    with tempfile.TemporaryDirectory() as scratch:
        made = []
        for i in range(count if good else 0):
            data = mutated(rng, rng.choice(good))
            path = os.path.join(scratch, f"{i}.py")
            with open(path, "wb") as file:
                file.write(data)
            made.append((path, data))
        told = scan(program, [path for path, _ in made], sys.version_info[1])
        for path, data in made:
            tree, bad = parse(data)
            ours, problem = told[path]
            if bad is not None:
                tokens = any(text in str(bad) for text in TOKEN_ERRORS)
                broken += tokens
                if tokens and not problem:
                    missed += 1
                    fail(f"mutant {path}: accepted, but {bad}")
                    keep(path, data)
            elif problem and "no UTF-8" in problem[0]:
                pass  # ast lets it pass in a comment of a string; a file of it does not start
            elif problem:
                wrong += 1
                fail(f"mutant {path}: refused: {problem[0]}")
                keep(path, data)
            elif ours != imports_of(tree):
                wrong += 1
                fail(f"mutant {path}: other imports")
                keep(path, data)
    return missed, wrong, broken


def keep(path, data):
    folder = os.environ.get("PYTHON_IMPORTS_KEEP")
    if folder:
        with open(os.path.join(folder, os.path.basename(path)), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    sys.exit(main())
