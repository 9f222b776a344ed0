# SPDX-License-Identifier: Apache-2.0
"""The service's own image: how large it is, and how long from an engine's start to ready. Part of bench.py.

Beside it, under the same posture (hardened.jq) and engines: nginx packaged by barehull, Python's http.server on a base as
python:slim is, and as the floor a static program that ends at once. Enters a network namespace for good: it comes last.
"""
import ctypes
import http.client
import json
import os
import subprocess
import sys
import tarfile
import time
import zlib

from measure import Case, Group

KEYS = ("ship",)
ENGINES = ("crun", "runc")
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir)
CLONE_NEWNET = 0x40000000
NGINX = """daemon off;
pid /tmp/nginx.pid;
error_log stderr;
worker_processes 2;
events {}
http {
    access_log off;
    client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d;
    scgi_temp_path /tmp/e;
    server { listen 0.0.0.0:8080; location / { return 200 ok; } }
}
"""


def path(*parts):
    return os.path.join(os.environ["SCRATCH"], "ship", *parts)


def call(*argv):
    done = subprocess.run(argv, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(argv)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


class Start(Case):
    """From the engine's start to the first answer of 200, or to the end of a program that serves nothing."""

    def __init__(self, name, engine, directory, serves=True):
        super().__init__(name, [engine])
        self.engine, self.directory, self.serves = [engine, "--root", path(engine)], directory, serves
        self.identity = f"bench-{os.getpid()}-{engine}-{os.path.basename(directory)}"

    def fail(self, log):
        log.flush()
        with open(log.name, encoding="utf-8", errors="replace") as text:
            sys.exit(f"bench: '{self.name}' does not answer:\n" + "".join(text.readlines()[-20:]))

    def run(self, log, timed=True):
        start = time.perf_counter()
        with subprocess.Popen([*self.engine, "run", "--bundle", self.directory, self.identity], stdin=subprocess.DEVNULL,
                              stdout=log, stderr=log) as server:
            while self.serves and not answers():
                if server.poll() is not None or time.perf_counter() - start > 30:
                    self.fail(log)
                time.sleep(0.0005)
            if not self.serves and server.wait(timeout=30) != 0:
                self.fail(log)
            taken = time.perf_counter() - start
            if self.serves:
                subprocess.run([*self.engine, "kill", self.identity, "KILL"], check=False, stderr=log)
                server.wait(timeout=15)
        subprocess.run([*self.engine, "delete", "--force", self.identity], check=False, stderr=log)
        if timed:
            self.times.append(taken)
            self.processor.append(0)


def answers():
    connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=5)
    try:
        connection.request("GET", "/readyz" if answers.path is None else answers.path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


answers.path = None


def build(name, *words):
    """Bundle and run directory of an image; what it takes."""
    layout = path("layout-" + name)
    told = json.loads(call(os.environ["BAREHULL"], "build", *words, "-t", "bench:1", "-o", f"oci:{layout}", "--format", "json",
                           "--quiet", *os.environ["MIRROR_ARGS"].split()))["images"][0]
    call("umoci", "unpack", "--image", f"{layout}:1", path(f"bundle-{name}"))
    call("/bin/sh", os.environ["BENCH_HARDEN"], path(f"bundle-{name}"), layout, "1", path(f"run-{name}"))
    return {"unpacked_bytes": told["unpacked_bytes"], "compressed_bytes": told["size_bytes"]}


def slim():
    """The base that bench/run.sh made for Python, run as our image is."""
    root = path("bundle-slim", "rootfs")
    os.makedirs(root)
    size = 0
    with tarfile.open(os.environ["SLIM"]) as archive:
        size = sum(member.size for member in archive if member.isfile())
    call("tar", "-C", root, "-xf", os.environ["SLIM"])
    packer, packed = zlib.compressobj(6, wbits=31), 0
    with open(os.environ["SLIM"], "rb") as file:
        while chunk := file.read(1 << 20):
            packed += len(packer.compress(chunk))
    packed += len(packer.flush())
    with open(path("run-ours", "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    config["root"]["path"] = root
    config["process"]["args"] = ["/usr/bin/python3", "-m", "http.server", "8080", "--directory", "/etc/alternatives"]
    config["process"]["cwd"] = "/"
    os.makedirs(path("run-slim"))
    with open(path("run-slim", "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file)
    return {"unpacked_bytes": size, "compressed_bytes": packed}


def prepare():
    os.makedirs(path())
    with open(path("nginx.conf"), "w", encoding="utf-8") as file:
        file.write(NGINX)
    with open(path("end.c"), "w", encoding="utf-8") as file:
        file.write("int main(void) { return 0; }\n")
    call("gcc", "-O2", "-static", "-s", "-o", path("end"), path("end.c"))
    declared = os.path.join(ROOT, "deploy", "barehull.yaml")
    return {
        "barehull serve": build("ours", "--file", declared, "amd64", "-e", "ALLOWED_ORIGINS=none"),
        "nginx, by barehull": build("nginx", "/usr/sbin/nginx", "--include", path("nginx.conf") + ":/app/nginx.conf",
                                    "--entrypoint", '["/app/nginx", "-e", "stderr", "-c", "/app/nginx.conf"]'),
        "Python's http.server on slim": slim(),
        "a static program that ends": build("end", path("end")),
    }


DIRECTORIES = {"barehull serve": "run-ours", "nginx, by barehull": "run-nginx", "Python's http.server on slim": "run-slim",
               "a static program that ends": "run-end"}


class Asking(Start):
    """Only our server has /readyz."""

    def run(self, log, timed=True):
        answers.path = "/readyz" if self.directory == path("run-ours") else "/"
        super().run(log, timed)


def run(wanted, add, runs, header):
    if not wanted(*KEYS):
        return
    header["ship"] = prepare()
    print("\nSizes of images")
    for name, size in header["ship"].items():
        print(f"  {name:54} {size['unpacked_bytes'] / 1e6:8.2f} MB {size['compressed_bytes'] / 1e6:8.2f} MB compressed")
    namespace = os.open(f"/proc/{os.environ['NETNS_PID']}/ns/net", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(namespace, CLONE_NEWNET) != 0:
        sys.exit("bench: can't enter the network namespace")
    for engine in ENGINES:
        cases = [Asking(name, engine, path(directory), directory != "run-end") for name, directory in DIRECTORIES.items()]
        add(Group("ship", f"{engine}: from its start to ready", cases))
