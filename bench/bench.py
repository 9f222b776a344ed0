#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The comparisons of docs/benchmarks.md. Called by bench/run.sh, which prepares what the variables below name."""
import argparse
import datetime
import json
import os
import shutil
import subprocess

import check
import measure
import python
import serve
import ship
import sizing
from measure import Case, Group

BAREHULL = os.environ["BAREHULL"]
APPS = os.environ.get("APPS", "")
BARECOST = os.environ.get("BARECOST", "")
SCRATCH = os.environ["SCRATCH"]
MIRROR_ARGS = os.environ.get("MIRROR_ARGS", "").split()
MIRROR_URL, MIRROR_KEYRING = os.environ.get("MIRROR_URL", ""), os.environ.get("MIRROR_KEYRING", "")
PAYLOAD = os.environ.get("PAYLOAD", "/usr/bin/cppcheck")
CACHE = os.path.join(SCRATCH, "cache")

# Closed under dependencies, so that both sides take the same packages.
PACKAGES = ["base-files", "netbase", "tzdata", "media-types", "ca-certificates", "libssl3", "libgomp1", "libstdc++6"]


def path(*parts):
    return os.path.join(SCRATCH, *parts)


def remove(*names):
    for name in names:
        shutil.rmtree(path(name), ignore_errors=True)
        if os.path.lexists(path(name)):
            os.unlink(path(name))


def call(*argv, **options):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, **options).stdout


def fresh_payload():
    """A few bytes differ each time, in what is never run here: no cache can have the finished layer."""
    with open(PAYLOAD, "rb") as source:
        data = bytearray(source.read())
    for share in (3, 4, 5):
        at = len(data) * share // 8
        data[at:at + 8] = os.urandom(8)
    with open(path("payload"), "wb") as out:
        out.write(data)
    os.chmod(path("payload"), 0o755)


def layer_bytes(layout, tag):
    """Compressed size of the top layer."""
    def blob(digest):
        with open(os.path.join(layout, "blobs", *digest.split(":")), encoding="utf-8") as source:
            return json.load(source)
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as source:
        manifests = json.load(source)["manifests"]
    entry = [m for m in manifests if m.get("annotations", {}).get("org.opencontainers.image.ref.name") == tag][0]
    return blob(entry["digest"])["layers"][-1]["size"]


# --- program to image -------------------------------------------------------------------------------------------------

def buildah(*args):
    return " ".join(["buildah", "--root", path("buildah/root"), "--runroot", path("buildah/run"),
                     "--storage-driver", "overlay", *args])


def payload_group():
    build = [BAREHULL, "build", path("payload"), "-t", "app:new", "--quiet"]
    fresh_payload()
    call(*build, "-o", f"oci:{path('base')}", *MIRROR_ARGS)  # fills the cache, and is the base of all others
    # A relative path: buildah makes the image's name of it, and that must be in lower case.
    base_id = call("/bin/sh", "-ec", buildah("pull", "--quiet", "oci:base:new"), cwd=SCRATCH).decode().split()[-1]

    def before_fresh():
        fresh_payload()
        remove("out")

    def before_existing():
        fresh_payload()
        remove("out")
        shutil.copytree(path("base"), path("out"))

    def after_buildah():
        subprocess.run(["/bin/sh", "-c", buildah("rm", "--all") + "; " + buildah("rmi", "bench") + "; " +
                        buildah("rmi", "--prune")], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    image = f"{path('out')}:new"
    offline = [*MIRROR_ARGS, "--offline"]
    cases = [
        Case("bare cost: compress and hash", [BARECOST, path("payload")], before_fresh),
        Case("barehull build, layout that has the base", [*build, "-o", f"oci:{path('out')}", *offline], before_existing),
        Case("barehull build, fresh layout", [*build, "-o", f"oci:{path('out')}", *offline], before_fresh),
        Case("barehull build, fresh layout, asks the mirror", [*build, "-o", f"oci:{path('out')}", *MIRROR_ARGS],
             before_fresh),
        Case("umoci insert + config, layout that has the base",
             f"umoci insert --image {image} {path('payload')} /app/payload\n"
             f"umoci config --image {image} --config.entrypoint /app/payload", before_existing),
        Case("buildah from + copy + config + commit + push",
             "\n".join([
                 f"c=$({buildah('from', base_id)})",
                 buildah("copy", "$c", path("payload"), "/app/payload"),
                 buildah("config", "--entrypoint", "'[\"/app/payload\"]'", "$c"),
                 buildah("commit", "--quiet", "$c", "bench"),
                 buildah("push", "--quiet", "bench", "oci:" + image)]),
             before_fresh, after_buildah),
    ]
    bare, existing, fresh, _, umoci, buildah_all = (case.name for case in cases)
    group = Group("payload", f"A program of {os.path.getsize(PAYLOAD) / 1e6:.1f} MB into an OCI layout, base cached", cases, [
        ("build into a layout against the bare cost", existing, bare, 1.2),
        ("the same into a fresh layout", fresh, bare, 1.2),
        ("faster than umoci", existing, umoci, 1.0),
        ("ten times faster than buildah", fresh, buildah_all, 0.1),
    ])
    sizes = {}
    cases[0].after = lambda: sizes.update(bare=int(call(BARECOST, path("payload")).split()[1]))
    cases[1].after = lambda: sizes.update(barehull=layer_bytes(path("out"), "new"))
    cases[4].after = lambda: sizes.update(umoci=layer_bytes(path("out"), "new"))

    def after_push():
        sizes.update(buildah=layer_bytes(path("out"), "new"))
        after_buildah()
    cases[5].after = after_push
    return group, sizes


# --- archive to image -------------------------------------------------------------------------------------------------

def barehull_archive(mirror_args, cache):
    packages = [word for name in PACKAGES for word in ("--package", name)]
    return [BAREHULL, "build", os.path.join(APPS, "chello"), "-t", "app:new", "--quiet", "--base", "cc", "--full",
            *packages, "-o", f"oci:{path('out')}", *mirror_args], {"XDG_CACHE_HOME": cache}


def mmdebstrap(source):
    return ["/usr/bin/mmdebstrap", "--quiet", "--variant=extract", "--mode=root", "--include=" + ",".join(PACKAGES),
            "bookworm", path("tree.tar"), source]


def finished_layers():
    """What `cache` knows as finished layers goes, so that packages become a layer again."""
    for kind in ("layers", "layer"):
        shutil.rmtree(os.path.join(CACHE, "barehull", kind), ignore_errors=True)


def archive_group(key, title, mirror_args, source, with_cached):
    argv, warm = barehull_archive(mirror_args, CACHE)
    cold_argv, cold = barehull_archive(mirror_args, path("cold"))
    cases = [Case("mmdebstrap --variant=extract, same packages", mmdebstrap(source), lambda: remove("tree.tar")),
             Case("barehull build, nothing cached", cold_argv, lambda: remove("out", "cold"), env=cold)]
    goals = [("no slower than mmdebstrap with nothing cached", cases[1].name, cases[0].name, 1.0)]
    if with_cached:
        def before():
            remove("out")
            finished_layers()
        call(*argv, env={**os.environ, **warm})
        cases.append(Case("barehull build, indexes and packages cached", argv, before, env=warm))
        cases.append(Case("barehull build, finished layers cached too", argv, lambda: remove("out"), env=warm))
        goals.append(("a fifth of mmdebstrap with packages cached", cases[2].name, cases[0].name, 0.2))
    return Group(key, title, cases, goals)


# --- small things -----------------------------------------------------------------------------------------------------

def start_group():
    return Group("start", "Start of the program", [
        Case("barehull version", [BAREHULL, "version"]),
        Case("/bin/true", ["/bin/true"]),
        Case("umoci --version", ["/usr/bin/umoci", "--version"]),
        Case("skopeo --version", ["/usr/bin/skopeo", "--version"]),
    ])


def inspect_group():
    image = f"{path('base')}:new"
    return Group("inspect", "What is in an image", [
        Case("barehull inspect", [BAREHULL, "inspect", f"oci:{image}"]),
        Case("barehull inspect --files", [BAREHULL, "inspect", "--files", f"oci:{image}"]),
        Case("umoci stat", ["/usr/bin/umoci", "stat", "--image", image]),
        Case("skopeo inspect", ["/usr/bin/skopeo", "inspect", f"oci:{image}"]),
    ])


def images(args, add, header):
    payload, sizes = payload_group()
    add(payload)
    if sizes:
        header["layer_bytes"] = sizes
        print("  compressed layer: " + ", ".join(f"{name} {size:,} bytes" for name, size in sizes.items()))
    add(archive_group("archive", "Signed archive to image, loopback mirror", MIRROR_ARGS,
                      f"deb [signed-by={MIRROR_KEYRING}] {MIRROR_URL} bookworm main", True))
    if args.network:
        add(archive_group("network", "Signed archive to image, the machine's mirror", [],
                          os.environ["HOST_SOURCE"], False), 3, False)
    add(start_group(), args.runs * 5)
    add(inspect_group(), args.runs)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--network", action="store_true", help="once with the machine's own mirror, three runs")
    parser.add_argument("--only", default="", help="keys of groups, with commas")
    args = parser.parse_args()
    only = set(filter(None, args.only.split(",")))
    header = {"date": datetime.date.today().isoformat(), "machine": measure.machine(),
              "versions": measure.versions({
                  "barehull": [BAREHULL, "version"], "umoci": ["umoci", "--version"],
                  "buildah": ["buildah", "--version"], "mmdebstrap": ["mmdebstrap", "--version"]})}
    print(f"{header['machine']['cores']} cores, {header['machine']['processor']}, load {header['machine']['load_before']}")
    os.environ["XDG_CACHE_HOME"] = CACHE
    reports = []
    with open(path("bench.log"), "w+", encoding="utf-8") as log:
        def wanted(*keys):
            return not only or only & set(keys)

        def add(group, runs=args.runs, warm_up=True):
            if wanted(group.key):
                group.run(runs, log, warm_up)
                reports.append(group.report())
                measure.print_group(reports[-1])

        if wanted("payload", "archive", "start", "inspect", "network"):
            images(args, add, header)
        if wanted(*check.KEYS):
            check.run(wanted, add, args.runs, reports, header)
        if wanted(*python.KEYS):
            python.run(wanted, add, args.runs, reports)
        if wanted(*serve.KEYS):
            serve.run(wanted, (args.runs + 2) // 3, reports, header)
        sizing.run(wanted, (args.runs + 2) // 3, reports)
        ship.run(wanted, add, args.runs, header)
    measure.finish(args.out, header, reports)


main()
