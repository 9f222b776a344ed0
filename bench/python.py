# SPDX-License-Identifier: Apache-2.0
"""Python applications as barehull packages them beside the same by a Dockerfile on a slim base. See docs/benchmarks.md.

bench/run.sh prepares the projects with their environments, the base, and (for `python-start`) bundles in a network
namespace with nothing but loopback.
"""
import ctypes
import http.client
import json
import os
import shutil
import subprocess
import sys
import time

from measure import Case, Group

KEYS = ("python-size", "python-start", "python-build")
BAREHULL = os.environ["BAREHULL"]
SCRATCH = os.environ["SCRATCH"]
MIRROR_ARGS = os.environ.get("MIRROR_ARGS", "").split()
CLONE_NEWNET = 0x40000000

# Application: how the Dockerfile starts it (barehull finds that itself).
COMMANDS = {
    "fastapi": ["python3", "-m", "uvicorn", "--host", "0.0.0.0", "app:app"],
    "flask": ["python3", "-m", "gunicorn", "--bind", "0.0.0.0:8000", "wsgi:app"],
    "django": ["python3", "-m", "gunicorn", "--bind", "0.0.0.0:8000", "shop.wsgi:application"],
}
DOCKERFILE = """FROM localhost/slim
WORKDIR /app
COPY requirements.txt .
RUN --mount=type=bind,source=wheels,target=/wheels \\
    pip install --break-system-packages --root-user-action=ignore --no-cache-dir --no-index --find-links /wheels \\
    --no-deps -r requirements.txt
COPY src .
USER 65532:65532
EXPOSE 8000
CMD {command}
"""


def path(*parts):
    return os.path.join(SCRATCH, "python", *parts)


def remove(*names):
    for name in names:
        shutil.rmtree(path(name), ignore_errors=True)


def call(*argv, **options):
    done = subprocess.run(argv, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(argv)} failed:\n{done.stdout[-3000:]}")
    return done.stdout


def buildah(*args):
    return ["buildah", "--root", path("buildah/root"), "--runroot", path("buildah/run"), "--storage-driver", "overlay",
            *args]


# --- the two images ---------------------------------------------------------------------------------------------------

def project(app):
    return os.environ["BENCH_PYTHON_" + app.upper()]


def write_context(app):
    """What a person would have beside a Dockerfile: sources, requirements, and wheels in place of an index."""
    context = path("context-" + app)
    os.makedirs(context)
    shutil.copytree(project(app), os.path.join(context, "src"), symlinks=True, ignore=shutil.ignore_patterns(".venv"))
    shutil.copytree(os.environ["WHEELS"], os.path.join(context, "wheels"))
    with open(os.path.join(context, "requirements.txt"), "w", encoding="utf-8") as out:
        out.write("\n".join(os.environ[f"BENCH_WHEELS_{app.upper()}"].split()) + "\n")
    with open(os.path.join(context, "Dockerfile"), "w", encoding="utf-8") as out:
        out.write(DOCKERFILE.format(command=json.dumps(COMMANDS[app])))
    return context


def bud(app, *options):
    return buildah("bud", "--quiet", "--isolation", "chroot", "--layers", *options, "-t", f"localhost/{app}",
                   path("context-" + app))


def push(app, layout):
    return buildah("push", "--quiet", f"localhost/{app}", f"oci:{layout}:slim")


def barehull(directory, layout):
    return [BAREHULL, "build", directory, "-t", "localhost/app:bare", "--quiet", "-o", f"oci:{layout}", *MIRROR_ARGS]


def prepare():
    """Both images of each application, in layouts."""
    remove("")
    os.makedirs(path())
    # The base is one layer, as what a registry gives is few: a container of its tree, committed.
    container = call(*buildah("from", "scratch")).split()[-1]
    call(*buildah("add", "--quiet", container, os.environ["SLIM"], "/"))
    call(*buildah("commit", "--quiet", "--rm", container, "localhost/slim"))
    for app in COMMANDS:
        write_context(app)
        call(*bud(app))
        call(*push(app, path("images-" + app)))
        call(*barehull(project(app), path("images-" + app)))


# --- sizes ------------------------------------------------------------------------------------------------------------

def blob(layout, digest):
    with open(os.path.join(layout, "blobs", *digest.split(":")), encoding="utf-8") as source:
        return json.load(source)


def manifest(layout, tag):
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as source:
        entries = json.load(source)["manifests"]
    name = "org.opencontainers.image.ref.name"
    return blob(layout, [entry["digest"] for entry in entries if entry.get("annotations", {}).get(name) == tag][0])


def bundle(app, tag):
    place = path(f"bundle-{app}-{tag}")
    if not os.path.exists(place):
        call("umoci", "unpack", "--image", f"{path('images-' + app)}:{tag}", place)
    return place


def debian_packages(root):
    status = os.path.join(root, "var/lib/dpkg/status.d")
    if os.path.isdir(status):
        return len([name for name in os.listdir(status) if not name.endswith(".md5sums")])
    with open(os.path.join(root, "var/lib/dpkg/status"), encoding="utf-8") as source:
        return sum(line.startswith("Package:") for line in source)


def measured(app, tag):
    root = os.path.join(bundle(app, tag), "rootfs")
    files, seen, unpacked = 0, set(), 0
    for folder, _, names in os.walk(root):
        for name in names:
            told = os.lstat(os.path.join(folder, name))
            files += 1
            if told.st_ino not in seen:
                seen.add(told.st_ino)
                unpacked += told.st_size
    layers = manifest(path("images-" + app), tag)["layers"]
    return {"compressed": sum(layer["size"] for layer in layers), "unpacked": unpacked, "files": files,
            "packages": debian_packages(root), "own_layer": layers[-1]["size"]}


def sizes(reports):
    print(f"\n{'Size':24} {'compressed':>12} {'unpacked':>12} {'files':>7} {'packages':>9} {'a change moves':>15}")
    cases = []
    for app in COMMANDS:
        for tag in ("bare", "slim"):
            found = measured(app, tag)
            cases.append({"name": f"{app}, {tag}", **found})
            print(f"{app + ', ' + tag:24} {found['compressed'] / 1e6:9.1f} MB {found['unpacked'] / 1e6:9.1f} MB "
                  f"{found['files']:7} {found['packages']:9} {found['own_layer'] / 1e3:12.1f} kB")
    reports.append({"key": "python-size", "title": "Python images", "cases": cases, "goals": []})


# --- start ------------------------------------------------------------------------------------------------------------

class Start(Case):
    """From `crun run` to the first whole answer; read-only, in the namespaces that hardened.jq makes."""

    def __init__(self, name, directory):
        super().__init__(name, ["crun"])
        self.directory = directory
        self.identity = f"bench-{os.getpid()}-{os.path.basename(directory)}"

    def run(self, log, timed=True):
        crun = ["crun", "--root", path("crun")]
        start = time.perf_counter()
        with subprocess.Popen([*crun, "run", "--bundle", self.directory, self.identity], stdin=subprocess.DEVNULL,
                              stdout=log, stderr=log) as server:
            while not answers():
                if server.poll() is not None or time.perf_counter() - start > 30:
                    log.flush()
                    with open(log.name, encoding="utf-8", errors="replace") as text:
                        sys.exit(f"bench: '{self.name}' does not answer:\n" + "".join(text.readlines()[-20:]))
                time.sleep(0.001)
            taken = time.perf_counter() - start
            with open(processor_file(self.identity), encoding="ascii") as stat:
                fields = stat.read().rpartition(")")[2].split()
            subprocess.run([*crun, "kill", self.identity, "TERM"], check=False, stderr=log)
            server.wait(timeout=15)
        subprocess.run([*crun, "delete", "--force", self.identity], check=False, stderr=log)
        if timed:
            self.times.append(taken)
            self.processor.append(sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK"))


def processor_file(identity):
    state = json.loads(call("crun", "--root", path("crun"), "state", identity))
    return f"/proc/{state['pid']}/stat"


def answers():
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def starts(add, runs):
    """Enters the network namespace for good: nothing after this needs the machine's."""
    namespace = os.open(f"/proc/{os.environ['NETNS_PID']}/ns/net", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(namespace, CLONE_NEWNET) != 0:
        sys.exit("bench: can't enter the network namespace")
    for app in COMMANDS:
        cases = []
        for tag in ("bare", "slim"):
            made = call("/bin/sh", os.environ["BENCH_HARDEN"], bundle(app, tag), path("images-" + app), tag,
                        path(f"run-{app}-{tag}"))
            del made
            cases.append(Start(f"{app}, {'barehull' if tag == 'bare' else 'Dockerfile on slim'}", path(f"run-{app}-{tag}")))
        add(Group("python-start", f"{app}: from the container's start to its first answer", cases, [
            ("no slower to start: " + app, cases[0].name, cases[1].name, 1.0)]), runs)


# --- build ------------------------------------------------------------------------------------------------------------

def build_group():
    """fastapi: cold, with nothing to do, and after one line changed."""
    app = "fastapi"
    line = [0]

    def change(directory, name="app.py"):
        line[0] += 1
        with open(os.path.join(directory, name), "a", encoding="utf-8") as out:
            out.write(f"# {line[0]}\n")

    copy = path("project")
    if os.path.exists(copy):
        shutil.rmtree(copy)
    shutil.copytree(project(app), copy, symlinks=True)
    site = os.environ["BENCH_MAKE_VENV"]
    out = path("out")
    context = path("context-" + app)

    def forget():
        remove("out")
        subprocess.run(buildah("rmi", "--force", f"localhost/{app}"), check=False, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        subprocess.run(buildah("rmi", "--prune"), check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def shell(*commands):
        return "\n".join(" ".join(f"'{word}'" for word in command) for command in commands)

    def changed_barehull():
        remove("out")
        change(copy)

    def changed_bud():
        remove("out")
        change(os.path.join(context, "src"))

    fresh = path("fresh")
    cases = [
        Case("Dockerfile on slim, buildah, nothing cached but the base",
             shell(bud(app, "--no-cache"), push(app, out)), forget),
        Case("pip into an environment, then barehull, cold cache",
             shell(["/bin/sh", site, fresh], barehull(fresh, out)), lambda: remove("out", "fresh", "cold"),
             env={"XDG_CACHE_HOME": path("cold")}),
        Case("barehull of an environment that is there, cold cache", barehull(copy, out), lambda: remove("out", "cold"),
             env={"XDG_CACHE_HOME": path("cold")}),
        Case("Dockerfile on slim, one line changed", shell(bud(app), push(app, out)), changed_bud),
        Case("barehull, one line changed", barehull(copy, out), changed_barehull),
        Case("Dockerfile on slim, nothing changed", shell(bud(app), push(app, out)), lambda: remove("out")),
        Case("barehull, nothing changed", barehull(copy, out), lambda: remove("out")),
    ]
    names = [case.name for case in cases]
    return Group("python-build", "fastapi: to an image in an OCI layout", cases, [
        ("the same work from nothing, no slower", names[1], names[0], 1.0),
        ("one line changed: no slower", names[4], names[3], 1.0),
        ("nothing changed: no slower", names[6], names[5], 1.0)])


def run(wanted, add, runs, reports):
    prepare()
    if wanted("python-size"):
        sizes(reports)
    if wanted("python-build"):
        add(build_group(), max(3, runs // 2))
    if wanted("python-start"):
        starts(add, runs)
