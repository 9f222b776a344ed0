# SPDX-License-Identifier: Apache-2.0
"""What the check-* programs share: where the sources are, and how a verdict is told.

Each check is `tools/check-NAME [BUILD]`, looks at the tree in $CHECK_ROOT (default: this one; the self-test gives bad
samples), prints one line a fault, and ends with "N passed, N failed".
"""
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(os.environ.get("CHECK_ROOT", Path(__file__).resolve().parent.parent)).resolve()


class Verdict:
    def __init__(self):
        self.passed = self.failed = 0

    def passes(self, count=1):
        self.passed += count

    def fails(self, message):
        self.failed += 1
        print(message)

    def judge(self, faults):
        """One thing looked at, with its faults (none: it passed)."""
        if faults:
            self.failed += 1
            print("\n".join(faults))
        else:
            self.passed += 1

    def finish(self):
        if self.passed + self.failed == 0:
            self.fails("nothing was found to check")
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


def build_dir():
    return Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build").resolve()


def tracked():
    """Files of the tree: what git knows or would add; everything in a tree that is no repository."""
    try:
        listing = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-zco", "--exclude-standard"],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        names = {name.decode() for name in listing.split(b"\0") if name}
        files = [ROOT / name for name in names]
    except (subprocess.CalledProcessError, FileNotFoundError):
        files = [path for path in ROOT.rglob("*")]
    return sorted(path for path in files if path.is_file() and not path.is_symlink())


def sources(*folders, suffixes=(".c", ".h")):
    wanted = [ROOT / folder for folder in folders]
    return [path for path in tracked() if path.suffix in suffixes and any(w in path.parents for w in wanted)]


def name(path):
    return str(path.relative_to(ROOT))


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code_only(text, keep_strings=False):
    """C without comments (and strings), lines kept."""
    def blank(match):
        token = match[0]
        if token[0] in "\"'":
            return token if keep_strings else token[0] * 2
        return "\n" * token.count("\n") or " "
    return TOKEN.sub(blank, text)


def function_lengths(text):
    """(name, line, lines) of each function. Style makes it simple: its brace stands in the first column."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        if line != "{":
            continue
        first = start
        while first > 0 and lines[first - 1].strip() and not lines[first - 1].startswith(("}", "#", "/", " */")):
            first -= 1
        end = next((i for i in range(start, len(lines)) if lines[i] == "}"), len(lines) - 1)
        head = " ".join(lines[first:start])
        found = re.search(r"(\w+)\s*\(", re.sub(r"\b(PRINTF_LIKE|CLEANUP|__attribute__)\s*\([^)]*\)+", "", head))
        yield (found[1] if found else "?", first + 1, end - first + 1)
