# SPDX-License-Identifier: Apache-2.0
"""What one instance carries, with the settings and limits of docker-compose.yml (docs/operations.md). Part of bench.py.

Rates come of the processor time that an answer costs, in the least of the runs, as other load on the machine only adds
to it: one processor carries the reciprocal. Memory is that inside a control group with the container's limits.
"""
import glob
import json
import os
import re
import resource
import subprocess
import time

import check_inputs
import serve

KEYS = ["sizing"]
COMPOSE = os.path.join(serve.HERE, os.pardir, "docker-compose.yml")
IDLE_CONNECTIONS = 5000


def compose_settings():
    """The service's variables and limits, as docker-compose.yml has them."""
    with open(COMPOSE, encoding="utf-8") as file:
        service = file.read().split("\n  prometheus:\n")[0]
    variables = dict(re.findall(r'^      (BAREHULL_\w+): "?([^"\s]+)"?$', service, re.M))
    memory = int(re.search(r"^    mem_limit: (\d+)m", service, re.M)[1]) << 20
    return variables, memory, float(re.search(r"^    cpus: ([\d.]+)", service, re.M)[1])


class ControlGroup:
    """Limits as an engine sets them, in either version of the hierarchy; removed when it is closed."""

    def __init__(self, memory_bytes, processors):
        self.dirs, name = {}, f"barehull-bench-{os.getpid()}"
        self.old = os.path.isdir("/sys/fs/cgroup/memory")
        for controller in ("memory", "cpu") if self.old else ("",):
            self.dirs[controller] = os.path.join("/sys/fs/cgroup", controller, name)
            os.mkdir(self.dirs[controller])
        self.memory = self.dirs["memory" if self.old else ""]
        quota = int(processors * 100000)
        if self.old:
            self.write(self.memory, "memory.limit_in_bytes", memory_bytes)
            self.write(self.dirs["cpu"], "cpu.cfs_quota_us", quota)
        else:
            self.write(self.memory, "memory.max", memory_bytes)
            self.write(self.memory, "cpu.max", f"{quota} 100000")

    @staticmethod
    def write(place, name, value):
        with open(os.path.join(place, name), "w", encoding="ascii") as file:
            file.write(str(value))

    def read(self, old, new):
        with open(os.path.join(self.memory, old if self.old else new), encoding="ascii") as file:
            return file.read()

    def enter(self):
        for place in self.dirs.values():
            self.write(place, "cgroup.procs", os.getpid())

    def used(self):
        return int(self.read("memory.usage_in_bytes", "memory.current"))

    def kills(self):
        text = self.read("memory.oom_control", "memory.events")
        return int(re.search(r"^oom_kill (\d+)", text, re.M)[1])

    def close(self):
        for place in self.dirs.values():
            os.rmdir(place)


class Limited:
    """The service alone, as its container runs it. Has what serve.Ask wants of a server."""

    def __init__(self, group, variables):
        self.name, self.port = "barehull", serve.free_port()
        env = {"PORT": str(self.port), "HOST": "127.0.0.1", "ALLOWED_ORIGINS": "none", **variables}
        resource.setrlimit(resource.RLIMIT_NOFILE, (16384, max(16384, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
        self.process = subprocess.Popen([serve.SERVER_BUILD, "serve"], env=env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=group.enter)  # pylint: disable=subprocess-popen-preexec-fn
        for _ in range(500):
            try:
                serve.get(self.port, "/readyz")
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("the service does not start")

    def processor_ns(self):
        total = 0
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/schedstat"):
            with open(path, encoding="ascii") as stat:
                total += int(stat.read().split()[0])
        return total

    def memory_kb(self, field):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(rf"^{field}:\s+(\d+)", status.read(), re.M)[1])

    def reset_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w", encoding="ascii") as refs:
            refs.write("5")

    def load(self, argv):
        return subprocess.run([serve.tool("load"), *argv, f"127.0.0.1:{self.port}"], capture_output=True, text=True,
                              check=False)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def manifests(kind, size):
    """SIZE bytes of Deployments at most, in documents of 1.5 KB; one at least."""
    parts, have = [], 0
    sources = sorted(glob.glob(os.path.join(serve.SCRATCH, "check", f"hundred-{kind}", "*.yaml")))
    while True:
        for path in sources:
            with open(path, encoding="utf-8") as file:
                part = "---\n" + file.read()
            if parts and have + len(part) > size:
                return "".join(parts)
            parts.append(part)
            have += len(part)


def requests():
    """(name, words for tests/load): a second of many small ones, or some large ones."""
    many, few = ["-c", "64", "-s", "1"], ["-c", "2", "-n", "6", "-s", "60"]
    check_inputs.main(os.path.join(serve.SCRATCH, "check"))
    yield "GET /livez", [*many, "--get", "/livez"]
    yield "GET /v1/rules/{id}", [*many, "--get", f"/v1/rules/{serve.RULE}"]
    for name, arguments in serve.TOOLS_OF.items():
        for modern in (True, False):
            body = serve.file(f"sizing-{name}-{modern}.json", serve.call(name, arguments, modern))
            yield (f"MCP tools/call {name}, {'2026-07-28' if modern else '2025-11-25'}", many +
                   serve.post("/mcp", body, name, modern) + ["--contains", '"content"'])
    body = serve.file("sizing-small", serve.SMALL)
    yield "check, Dockerfile of 3 lines", [*many, "--post", "/v1/check", body, "text/x-dockerfile", "--"]
    for kind in ("clean", "typical"):
        for size in (1600, 10_000, 100_000, 1_000_000, 9_900_000):
            text = manifests(kind, size)
            body = serve.file(f"sizing-{kind}-{size}", text)
            yield (f"check, manifests, {len(text):,} bytes, {kind}",
                   [*(few if size > 100_000 else many), "--post", "/v1/check", body, "application/yaml", "--"])


def rates(server, runs):
    rows = []
    print("\nWhat a processor carries, by the processor time of an answer; the most that was resident meanwhile")
    print(f"  {'':52} {'processor':>12} {'least':>12} {'one carries':>13} {'resident':>10}")
    for name, argv in requests():
        server.reset_peak()
        costs = []
        for turn in range(-1, runs):
            before = server.processor_ns()
            done = server.load(argv)
            if done.returncode != 0:
                raise RuntimeError(f"{name}: {done.stdout}{done.stderr}")
            if turn >= 0:
                costs.append((server.processor_ns() - before) / 1e3 / json.loads(done.stdout)["answers"])
        costs.sort()
        least, median = costs[0], costs[len(costs) // 2]
        row = {"name": name, "processor_us": round(median, 2), "processor_min_us": round(least, 2),
               "rate": round(1e6 / least, 1),
               "peak_kb": server.memory_kb("VmHWM")}
        rows.append(row)
        print(f"  {name:52} {median:10,.1f}us {least:10,.1f}us {row['rate']:11,.1f}/s {row['peak_kb'] / 1024:7.1f}MiB")
    return rows


def idle_report(server):
    alone = server.memory_kb("VmRSS")
    holder = subprocess.Popen([serve.tool("load"), "-c", "1", "-s", "3", "--idle", str(IDLE_CONNECTIONS), "--get",
                               "/livez", f"127.0.0.1:{server.port}"], stdout=subprocess.PIPE, text=True)
    most = alone
    while holder.poll() is None:
        most = max(most, server.memory_kb("VmRSS"))
        time.sleep(0.05)
    open_then = json.loads(holder.stdout.read())["idle_open"]
    print(f"\nMemory: idle {alone / 1024:.1f} MiB, with {open_then:,} idle connections {most / 1024:.1f} MiB: "
          f"{(most - alone) * 1024 / max(open_then, 1):,.0f} bytes for each")
    return {"idle_kb": alone, "connections": open_then, "with_connections_kb": most}


def worst_bodies():
    """Many documents, many findings, and one document: a List, which is held in memory whole."""
    for kind in ("clean", "typical"):
        yield kind, os.path.join(serve.PLACE, f"sizing-{kind}-9900000")
    items = ""
    for document in manifests("clean", 8_500_000).split("---\n")[1:]:
        items += "- " + document.rstrip("\n").replace("\n", "\n  ") + "\n"
    items = items[:9_800_000].rpartition("\n- ")[0]
    yield "one document", serve.file("sizing-list", "apiVersion: v1\nkind: List\nitems:\n" + items + "\n")


def worst_report(group, server):
    """More of the largest bodies at once than there is room for: refused, never killed."""
    rows = []
    for kind, body in worst_bodies():
        server.reset_peak()
        done = server.load(["-c", "32", "-s", "5", "--post", "/v1/check", body, "application/yaml", "--", "--status", "0"])
        result = json.loads(done.stdout)
        row = {"name": kind, "statuses": result["statuses"], "peak_kb": server.memory_kb("VmHWM"),
               "killed": group.kills(), "lives": server.process.poll() is None}
        rows.append(row)
        print(f"  32 clients with bodies of 9.9 MB, {kind}: statuses {row['statuses']}, at most "
              f"{row['peak_kb'] / 1024:.0f} MiB resident, {row['killed']} kills")
    return rows


def run(wanted, runs, reports):
    if not wanted(*KEYS):
        return
    os.makedirs(serve.PLACE, exist_ok=True)
    variables, memory, processors = compose_settings()
    print(f"\nOne instance: {processors:g} processor, {memory >> 20} MiB, "
          + ", ".join(f"{name}={value}" for name, value in variables.items()))
    group = ControlGroup(memory, processors)
    try:
        server = Limited(group, variables)
        try:
            idle = idle_report(server)
        finally:
            server.stop()
        server = Limited(group, variables)
        try:
            rows = rates(server, runs)
            worst = worst_report(group, server)
            after = server.memory_kb("VmRSS")
            print(f"  behind it all {after / 1024:.0f} MiB are resident")
        finally:
            server.stop()
    finally:
        group.close()
    held = all(row["lives"] and row["killed"] == 0 for row in worst)
    print(f"  {'met   ' if held else 'MISSED'} never killed at the memory limit")
    reports.append({"key": "sizing", "title": "What one instance carries", "limits": {
        "memory_bytes": memory, "processors": processors, "variables": variables}, "idle": idle, "cases": rows,
        "worst": worst, "resident_after_kb": after, "goals": [
            {"what": "never killed at the memory limit", "ratio": 0 if held else 1, "limit": 0, "met": held}]})
