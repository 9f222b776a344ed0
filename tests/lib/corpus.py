#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/lib/corpus.py gather FOLDER NAME <TAR - keeps the Dockerfiles, Compose files and Kubernetes manifests of an
archive in FOLDER/NAME, with the files that are read beside them (.env, a chart's Chart.yaml).
tests/lib/corpus.py check BAREHULL FOLDER - holds what `barehull check` answers about each package in FOLDER against
the files themselves. Prints what is wrong with FAILED, then "N passed, N failed"."""
import gzip
import json
import re
import subprocess
import sys
import tarfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

DOCKERFILE = re.compile(r"(dockerfile|containerfile)([.-].*)?|.*\.(dockerfile|containerfile)", re.I)
COMPOSE = re.compile(r"(docker-)?compose.*\.ya?ml", re.I)
BESIDE = re.compile(r"\.env|.*\.env|Chart\.yaml|values\.ya?ml")
DATA = re.compile(r".*\.(ya?ml|json)", re.I)
# Programs, documentation and grammars that are called after what they are about.
FOREIGN = re.compile(r".*\.(js|vim|el|rb|pm|lua|kak|jsf|html|md|gz|bz2|tar|png|svg|py|go|rs|\d|hi|dyn_hi|p_hi)$")
OBJECT = re.compile(rb"^\s*\"?apiVersion\"?\s*:", re.M)
KIND = re.compile(rb"^\s*\"?kind\"?\s*:", re.M)
LARGEST = 4 << 20
LONGEST_SECONDS = 10


def wanted(name, content):
    if DOCKERFILE.fullmatch(name):
        return not FOREIGN.fullmatch(name)
    if COMPOSE.fullmatch(name) or BESIDE.fullmatch(name):
        return True
    return bool(DATA.fullmatch(name) and OBJECT.search(content) and KIND.search(content))


def gather(folder, package):
    """Debian compresses long documentation: a .gz is looked at as what it was."""
    kept = 0
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|*") as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            name = path.name[:-3] if path.suffix == ".gz" else path.name
            if not member.isfile() or member.size > LARGEST or ".." in path.parts or path.is_absolute():
                continue
            if not (DOCKERFILE.fullmatch(name) or BESIDE.fullmatch(name) or DATA.fullmatch(name)):
                continue
            content = archive.extractfile(member).read()
            if path.suffix == ".gz":
                content = gzip.decompress(content)
            if wanted(name, content):
                place = Path(folder, package, *path.parts[:-1], name)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
                kept += 1
    print(f"{package}: {kept} files")
    return 0


def place_of(data, offset):
    """Line and column, both from 1, columns in characters: those of a decoder that counts each bad byte as one."""
    start = data.rfind(b"\n", 0, offset) + 1
    text = data[start:offset].removeprefix(b"\xef\xbb\xbf" if start == 0 else b"\0")
    return data.count(b"\n", 0, offset) + 1, len(text.decode("utf-8", "surrogateescape")) + 1


def faults_of_place(place, files):
    if place["line"] == 0:
        return [] if place["length"] == 0 else ["a place without a line has a length"]
    name = place["file"]
    if name not in files:
        files[name] = Path(name).read_bytes()
    data = files[name]
    offset, end = place["offset"], place["offset"] + place["length"]
    faults = []
    if end > len(data):
        return [f"offset {offset} and length {place['length']} are behind the end {len(data)}"]
    there = data[offset:end].decode("utf-8", "replace")
    told = place["text"]
    cut = told.removesuffix("…").removesuffix("...") if len(told) < len(there) else None
    if told != there and not (cut and there.startswith(cut)):
        faults.append(f"tells {told!r} where {there[:80]!r} is")
    for what, at, line, column in (("start", offset, "line", "column"), ("end", end, "end_line", "end_column")):
        if (place[line], place[column]) != place_of(data, at):
            faults.append(f"{what} {place[line]}:{place[column]} is {place_of(data, at)}")
    return faults


def check(barehull, package):
    """A pair: what was wrong, and the report."""
    command = [barehull, "check", package, "--no-config", "--no-gitignore", "--format", "json"]
    begin = time.monotonic()
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    except subprocess.TimeoutExpired:
        return ["takes longer than a minute"], None
    seconds = time.monotonic() - begin
    if done.returncode not in (0, 1, 3):
        return [f"exit status {done.returncode}: {done.stderr.decode('utf-8', 'replace')[:400]}"], None
    report = json.loads(done.stdout)
    faults = [f"took {seconds:.1f} s"] if seconds > LONGEST_SECONDS else []
    files = {}
    for finding in report["findings"]:
        for place in (finding, *finding["related"]):
            for fault in faults_of_place(place, files):
                faults.append(f"{place['file']}:{place['line']}: {finding['rule']}: {fault}")
    return faults, report


def tell(reports):
    """What was met, for docs/test-results.md."""
    files = Counter((file["surface"] or "-", file["state"]) for report in reports for file in report["files"])
    print("files: " + ", ".join(f"{count} {surface} {state}" for (surface, state), count in sorted(files.items())))
    found = Counter((finding["rule"], finding["verdict"]) for report in reports for finding in report["findings"])
    for rule in sorted({rule for rule, _ in found}):
        print(f"  {rule:26}" + "".join(f" {found[rule, verdict]:5} {verdict}" for verdict in ("fails", "unknown")
                                        if found[rule, verdict]))


def check_all(barehull, folder):
    packages = sorted(path for path in Path(folder).iterdir() if path.is_dir())
    passed = failed = 0
    reports = []
    with ThreadPoolExecutor(2) as pool:
        for package, (faults, report) in zip(packages, pool.map(lambda path: check(barehull, path), packages)):
            reports += [report] if report else []
            passed, failed = passed + (not faults), failed + bool(faults)
            if faults:
                print(f"FAILED: {package.name}")
            for fault in faults[:20]:
                print(f"    {fault}")
    tell(reports)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed else 1


if __name__ == "__main__":
    sys.exit({"gather": gather, "check": check_all}[sys.argv[1]](*sys.argv[2:]))
