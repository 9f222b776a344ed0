# SPDX-License-Identifier: Apache-2.0
"""`barehull serve` against nginx and the servers of the TypeScript SDKs (docs/benchmarks.md). Part of bench.py.

Competitors run at the same time, pinned to one processor, and are asked in turn by a client on another one. Beside the
rate stands the processor time that an answer cost the server, which other load on the machine changes least; ratios are
of that.
"""
import glob
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import time

import check

BAREHULL, SCRATCH = os.environ["BAREHULL"], os.environ["SCRATCH"]
TOOLS = os.environ.get("BENCH_LOAD", "")  # where load, pipes and start are
BENCH_CHECK = os.environ.get("BENCH_CHECK", "")
SERVER_BUILD = os.environ.get("SERVER_BUILD", "")  # the program without its client half
TEST_CACHE = os.environ.get("TEST_CACHE", SCRATCH)
HERE = os.path.dirname(os.path.abspath(__file__))
PLACE = os.path.join(SCRATCH, "serve")
KEYS = ["serve-http", "serve-mcp", "serve-stdio", "serve-check", "serve-start", "serve-load"]
PACKAGES = {"@modelcontextprotocol/sdk": "1.32.2", "@modelcontextprotocol/server": "2.4.0",
            "@modelcontextprotocol/node": "2.1.2", "zod": "4.6.7"}
SERVER_CPU, CLIENT_CPU = 0, 1
RULE = "non-root-user"
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "load", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {}}
ACCEPT = "Accept: application/json, text/event-stream"
FLOOR, STDIO_FLOOR_BYTES = "cat, 3 KB there and back", 3000  # as many bytes as a call of explain moves, half each way
SMALL = "FROM gcr.io/distroless/static-debian12:nonroot\nCOPY app /app\nENTRYPOINT [\"/app\"]\n"


def tool(name):
    return os.path.join(TOOLS, name)


def file(name, content):
    path = os.path.join(PLACE, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(content if isinstance(content, str) else json.dumps(content, separators=(",", ":")))
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    return connection.getresponse().read()


class Server:
    """A program that listens on PORT, pinned; stopped by its process id."""

    running = []

    def __init__(self, name, argv, port, env=None, log="/dev/null"):
        self.name, self.port = name, port
        with open(log, "ab") as out:
            self.process = subprocess.Popen(["taskset", "-c", str(SERVER_CPU), *argv], cwd=PLACE,
                                            env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=out)
        Server.running.append(self)
        for _ in range(1000):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"{name} does not listen")

    def processes(self):
        """Itself and its children (nginx has a worker)."""
        found = [self.process.pid]
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/children"):
            with open(path, encoding="ascii") as children:
                found += map(int, children.read().split())
        return found

    def processor_ns(self):
        total = 0
        for pid in self.processes():
            for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
                with open(path, encoding="ascii") as stat:
                    total += int(stat.read().split()[0])
        return total

    def resident_kb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return [int(line.split()[1]) for line in status if line.startswith("VmRSS:")][0]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @classmethod
    def stop_all(cls):
        while cls.running:
            cls.running.pop().stop()


def barehull(name, log="/dev/null", program=BAREHULL, **variables):
    port = free_port()
    env = {"PORT": str(port), "ALLOWED_ORIGINS": "none", "BAREHULL_LOOPS": "1", "BAREHULL_WORKERS": "1",
           "BAREHULL_ACCESS_LOG": "false", **variables}
    return Server(name, [program, "serve"], port, env, log)


def nginx(name, body_bytes, access_log):
    port = free_port()
    place = os.path.join(PLACE, f"nginx-{port}")
    os.makedirs(place)
    temporary = "".join(f"{kind}_temp_path {place}/{kind};" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    conf = file(f"nginx-{port}.conf", f"""
worker_processes 1; pid {place}/pid; error_log {place}/error.log; daemon off; master_process on;
events {{ worker_connections 4096; }}
http {{ {temporary} access_log {access_log}; keepalive_requests 1000000000; keepalive_timeout 1h; tcp_nodelay on;
server {{ listen 127.0.0.1:{port} reuseport; location / {{ default_type application/json;
return 200 "{'x' * body_bytes}"; }} }} }}""")
    return Server(name, ["nginx", "-c", conf, "-e", f"{place}/error.log"], port)


class Ask:
    """What the client asks of SERVER: ARGV of tests/load, LINE_LOAD for how much at once."""

    def __init__(self, server, argv, name=None):
        self.server, self.argv, self.name = server, argv, name or server.name
        self.rates, self.processor_us, self.latency = [], [], []

    def run(self, connections, seconds, timed=True):
        before = self.server.processor_ns()
        done = subprocess.run(["taskset", "-c", str(CLIENT_CPU), tool("load"), "-c", str(connections), "-s",
                               str(seconds), *self.argv, f"127.0.0.1:{self.server.port}"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {done.stdout}{done.stderr}")
        result = json.loads(done.stdout)
        if timed:
            self.rates.append(result["rate"])
            self.processor_us.append((self.server.processor_ns() - before) / 1e3 / result["answers"])
            self.latency.append(result["latency_us"])

    def row(self):
        def median(key):
            return round(statistics.median(latency[key] for latency in self.latency), 1)
        return {"name": self.name, "rate": round(statistics.median(self.rates)), "best_rate": round(max(self.rates)),
                "processor_us": round(statistics.median(self.processor_us), 3),
                "processor_min_us": round(min(self.processor_us), 3),
                "p50_us": median("p50"), "p99_us": median("p99"), "p999_us": median("p999")}


def turns(asks, runs, connections=64, seconds=1):
    for turn in range(-1, runs):
        for ask in asks:
            ask.run(connections, seconds, turn >= 0)
    return [ask.row() for ask in asks]


def print_rows(title, rows):
    print(f"\n{title}")
    print(f"  {'':44} {'answers/s':>10} {'best':>10} {'processor':>11} {'least':>11} {'p50':>10} {'p99':>10} {'p99.9':>10}")
    for row in rows:
        print(f"  {row['name']:44} {row['rate']:10,} {row['best_rate']:10,} {row['processor_us']:9.2f}us "
              f"{row['processor_min_us']:9.2f}us {row['p50_us']:8.0f}us {row['p99_us']:8.0f}us {row['p999_us']:8.0f}us")


def goal(what, ratio, limit, at_least=False):
    met = ratio >= limit if at_least else ratio <= limit
    print(f"  {'met   ' if met else 'MISSED'} {what}: {ratio:.2f} ({'at least' if at_least else 'at most'} {limit:.2f})")
    return {"what": what, "ratio": round(ratio, 3), "limit": limit, "met": met}


def cost_ratio(rows, slow, quick):
    by_name = {row["name"]: row for row in rows}
    return by_name[slow]["processor_us"] / by_name[quick]["processor_us"]


# --- a small REST answer ----------------------------------------------------------------------------------------------

def http_report(runs):
    logs = {"log off": ("/dev/null", "false", "off"),
            "log on": (os.path.join(PLACE, "barehull.log"), "true", os.path.join(PLACE, "access.log"))}
    cases, goals_of = [], []
    for what, (log, switch, nginx_log) in logs.items():
        ours = barehull(f"barehull ({what})", log, BAREHULL_ACCESS_LOG=switch, LOG_LEVEL="info")
        for path in ("/livez", f"/v1/rules/{RULE}"):
            body = len(get(ours.port, path))
            peer = nginx(f"nginx ({what}), constant of {body} bytes", body, nginx_log)
            mine = Ask(ours, ["--get", path], f"barehull ({what}), {path}")
            other = Ask(peer, ["--get", "/"])
            cases += [mine, other]
            goals_of.append((mine.name, other.name))
    rows = turns(cases, runs)
    Server.stop_all()
    print_rows("A small REST answer, 64 connections, one processor", rows)
    goals = [goal(f"{mine} against nginx", cost_ratio(rows, other, mine), 1.0, True) for mine, other in goals_of]
    return {"key": "serve-http", "title": "A small REST answer", "cases": rows, "goals": goals}


# --- tools/call -------------------------------------------------------------------------------------------------------

def call(name, arguments, modern):
    params = {"name": name, "arguments": arguments}
    if modern:
        params["_meta"] = META
    return {"jsonrpc": "2.0", "id": "@@ID@@####", "method": "tools/call", "params": params}


def post(path, body_file, name, modern):
    fields = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", f"Mcp-Name: {name}"] if modern else [
        "MCP-Protocol-Version: 2025-11-25"]
    return ["--post", path, body_file, "application/json", ACCEPT, *fields, "--"]


def install_sdks():
    """The node that runs them; None without npm or a registry."""
    place = os.path.join(TEST_CACHE, "serve-peers")
    packages = [f"{name}@{version}" for name, version in PACKAGES.items()]
    node = shutil.which("node")
    if not node or check.node_version(node) < check.NODE_LEAST:
        packages.append(f"{check.NODE_PACKAGE}@{check.NODE_MAJOR}")
        node = os.path.join(place, "node_modules", check.NODE_PACKAGE, "bin", "node")
    missing = [name for name in PACKAGES if not os.path.exists(os.path.join(place, "node_modules", name))]
    if missing or not os.path.exists(node):
        os.makedirs(place, exist_ok=True)
        done = subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
                               "--prefix", place, *packages], check=False, capture_output=True, text=True) \
            if shutil.which("npm") else None
        if not done or done.returncode != 0:
            print("\nThe SDKs can't be installed: " + (done.stderr[-300:] if done else "there is no npm"))
            return None, None
    for name in ("sdk1.mjs", "sdk2.mjs"):  # modules are looked for beside the program
        shutil.copy(os.path.join(HERE, "serve", name), place)
    return node, place


TOOLS_OF = {"explain": {"rule": RULE}, "check": {"files": [{"name": "Dockerfile", "content": SMALL}]}}


def mcp_report(runs):
    node, place = install_sdks()
    ours = barehull("barehull")
    asks = []
    for name, arguments in TOOLS_OF.items():
        for modern in (True, False):
            body = file(f"{name}-{modern}.json", call(name, arguments, modern))
            asks.append(Ask(ours, post("/mcp", body, name, modern) + ["--contains", '"content"'],
                            f"barehull, {name}, {'2026-07-28' if modern else '2025-11-25'}"))
    peers = []
    for modern, program in ((True, "sdk2.mjs"), (False, "sdk1.mjs")) if node else ():
        port = free_port()
        server = Server(program, [node, os.path.join(place, program), str(port)], port)
        body = file(f"echo-{modern}.json", call("echo", {"text": "hello"}, modern))
        peers.append(Ask(server, post("/mcp", body, "echo", modern) + ["--contains", "hello"],
                         f"TypeScript SDK {'2.4, echo, 2026-07-28' if modern else '1.32, echo, 2025-11-25'}"))
    rows = turns(asks + peers, runs)
    Server.stop_all()
    print_rows("tools/call over HTTP, 64 connections, one processor", rows)
    best = min(rows[len(asks):], key=lambda row: row["processor_us"])["name"] if peers else None
    goals = [goal(f"{ask.name} against {best}", cost_ratio(rows, best, ask.name), 30, True) for ask in asks
             if best and "explain" in ask.name]
    return {"key": "serve-mcp", "title": "tools/call over HTTP", "cases": rows, "goals": goals}


def pipes(argv, first, line, count=5000, warm_up=500, contains='"content"', cpus=(CLIENT_CPU, SERVER_CPU)):
    client, server = (["taskset", "-c", str(cpu)] for cpu in cpus) if cpus else ([], [])
    done = subprocess.run([*client, tool("pipes"), "-n", str(count), "-w", str(warm_up),
                           *(["--first", first] if first else []), "--line", line, "--contains", contains,
                           *server, *argv], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return json.loads(done.stdout)


def handshake():
    return file("handshake.jsonl", "\n".join(json.dumps(message) for message in (
        {"jsonrpc": "2.0", "id": 1, "method": "initialize",
         "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"})) + "\n")


def stdio_report(runs):
    node, place = install_sdks()
    cases = []
    for name, arguments in TOOLS_OF.items():
        for modern in (True, False):
            cases.append((f"barehull, {name}, {'2026-07-28' if modern else '2025-11-25'}", [BAREHULL, "serve", "--stdio"],
                          None if modern else handshake(),
                          file(f"line-{name}-{modern}.json", json.dumps(call(name, arguments, modern)) + "\n")))
    for modern, program in ((True, "sdk2.mjs"), (False, "sdk1.mjs")) if node else ():
        cases.append((f"TypeScript SDK {'2.4, echo, 2026-07-28' if modern else '1.32, echo, 2025-11-25'}",
                      [node, os.path.join(place, program)], None if modern else handshake(),
                      file(f"line-echo-{modern}.json", json.dumps(call("echo", {"text": "hello"}, modern)) + "\n")))
    # What the machine takes for two pipes and two wake-ups: as many bytes, there and back, and nothing in between.
    floor = file("line-floor.txt", "@@ID@@####" + "x" * STDIO_FLOOR_BYTES + "\n")
    cases.append((FLOOR, ["cat"], None, floor))
    places = {"": (CLIENT_CPU, SERVER_CPU), ", same processor": (SERVER_CPU, SERVER_CPU)}
    results = {name + place: [] for place in places for name, *_ in cases}
    for _ in range(runs):
        for place, cpus in places.items():
            for name, argv, first, line in cases:
                contains = "x" if name == FLOOR else '"content"'
                results[name + place].append(pipes(argv, first, line, contains=contains, cpus=cpus))
    print("\ntools/call over stdio, one at a time; server and client on processors of their own, and on one")
    print(f"  {'':52} {'calls/s':>10} {'p50':>10} {'least p50':>10} {'p99':>10} {'p99.9':>10}")
    rows = []
    for name, found in results.items():
        p50s = [one["latency_us"]["p50"] for one in found]
        row = {"name": name, "rate": statistics.median(one["rate"] for one in found),
               "p50_us": statistics.median(p50s), "p50_min_us": min(p50s)}
        row.update({f"{key}_us": statistics.median(one["latency_us"][key] for one in found) for key in ("p99", "p999")})
        rows.append(row)
        print(f"  {name:52} {row['rate']:10,.0f} {row['p50_us']:8.1f}us {row['p50_min_us']:8.1f}us {row['p99_us']:8.1f}us "
              f"{row['p999_us']:8.1f}us")
    goals = [goal(f"{row['name']}, p50 in microseconds", row["p50_min_us"], 17) for row in rows
             if row["name"].startswith("barehull, explain")]
    return {"key": "serve-stdio", "title": "tools/call over stdio", "cases": rows, "goals": goals}


# --- a check ----------------------------------------------------------------------------------------------------------

def manifests(clean):
    """About 10 KB of Deployments, as people write them or with nothing to find."""
    pattern = os.path.join(SCRATCH, "check", f"hundred-{'clean' if clean else 'typical'}", "*.yaml")
    text = ""
    for path in sorted(glob.glob(pattern)):
        with open(path, encoding="utf-8") as source:
            text += "---\n" + source.read()
        if len(text) > 9500:
            break
    return text


def check_report(runs):
    import check_inputs  # pylint: disable=import-outside-toplevel
    check_inputs.main(os.path.join(SCRATCH, "check"))
    ours = barehull("barehull")
    rows, goals = [], []
    print("\nA check of 10 KB over HTTP, against the same in one process")
    for clean in (True, False):
        text = manifests(clean)
        body = file(f"check-{clean}.json", {"files": [{"name": "web.yaml", "content": text}]})
        ask = Ask(ours, ["--post", "/v1/check", body, "application/json", "--", "--contains", "verdict"],
                  f"{len(text):,} bytes, {'nothing to find' if clean else 'typical'}")
        own = []
        for turn in range(-1, runs):
            ask.run(4, 1, turn >= 0)
            done = subprocess.run(["taskset", "-c", str(SERVER_CPU), BENCH_CHECK, body, "500"], capture_output=True,
                                  text=True, check=True)
            own.append(json.loads(done.stdout))
        row = ask.row()
        row["own_us"] = min(one["all_processor_us"] for one in own)
        rows.append(row)
        print(f"  {row['name']:44} {row['rate']:8,}/s, {row['processor_min_us']:.1f}us of processor an answer; in process "
              f"{row['own_us']:.1f}us")
        goals.append(goal(f"{row['name']}: microseconds beyond the checker's own", row["processor_min_us"] - row["own_us"],
                          15))
    Server.stop_all()
    return {"key": "serve-check", "title": "A check over HTTP", "cases": rows, "goals": goals}


# --- start and memory -------------------------------------------------------------------------------------------------

def start_report(runs):
    programs = {"barehull": BAREHULL}
    if SERVER_BUILD and os.path.exists(SERVER_BUILD):
        programs["server build"] = SERVER_BUILD
    rows, goals = [], []
    line = file("line-list.json", json.dumps({"jsonrpc": "2.0", "id": "@@ID@@####", "method": "tools/list",
                                              "params": {"_meta": META}}) + "\n")
    print("\nFrom exec to the first answer, and resident memory then")
    for name, program in programs.items():
        port = free_port()
        env = {**os.environ, "PORT": str(port), "ALLOWED_ORIGINS": "none"}
        done = subprocess.run([tool("start"), "-n", str(runs * 3), str(port), "/readyz", program, "serve"], env=env,
                              capture_output=True, text=True, check=True)
        result = json.loads(done.stdout)
        firsts = [pipes([program, "serve", "--stdio"], None, line, 1, 0, '"tools"', None)["first_ms"]
                  for _ in range(runs * 3)]
        row = {"name": name, "http_ms": result["first_ms"]["median"], "http_min_ms": result["first_ms"]["min"],
               "stdio_ms": statistics.median(firsts), "stdio_min_ms": min(firsts), "end_ms": result["end_ms"]["median"],
               "resident_kb": result["resident_kb"]["median"]}
        rows.append(row)
        print(f"  {name:20} HTTP {row['http_ms']:.2f} ms (least {row['http_min_ms']:.2f}), stdio {row['stdio_ms']:.2f} ms "
              f"(least {row['stdio_min_ms']:.2f}), {row['resident_kb']:,.0f} KB, SIGTERM to end {row['end_ms']:.2f} ms")
        goals.append(goal(f"{name}: HTTP, least ms to the first answer", row["http_min_ms"], 5))
        goals.append(goal(f"{name}: stdio, least ms to the first answer", row["stdio_min_ms"], 5))
        goals.append(goal(f"{name}: idle memory in MB", row["resident_kb"] * 1024 / 1e6, 4))
    return {"key": "serve-start", "title": "Start and memory", "cases": rows, "goals": goals}


def load_report(runs):
    """Latency with few and with many connections, idle ones beside them."""
    ours = barehull("barehull")
    body = file("explain-load.json", call("explain", TOOLS_OF["explain"], True))
    asks = []
    for title, argv in (("GET /livez", ["--get", "/livez"]), ("tools/call explain", post("/mcp", body, "explain", True))):
        for connections in (1, 8, 64, 512):
            ask = Ask(ours, argv, f"{title}, {connections} connections")
            for turn in range(-1, runs):
                ask.run(connections, 1, turn >= 0)
            asks.append(ask)
    idle = Ask(ours, ["--get", "/livez", "--idle", "5000"], "GET /livez, 64 connections, 5,000 idle")
    for turn in range(-1, runs):
        idle.run(64, 1, turn >= 0)
    rows = [ask.row() for ask in [*asks, idle]]
    resident = ours.resident_kb()
    Server.stop_all()
    print_rows("Latency under load, one processor", rows)
    print(f"  resident behind it all: {resident:,} KB")
    return {"key": "serve-load", "title": "Latency under load", "cases": rows, "resident_kb": resident, "goals": []}


def stolen_ms():
    """What a hypervisor took from this machine's processors since it started: of no server's making."""
    with open("/proc/stat", encoding="ascii") as stat:
        return int(stat.readline().split()[8]) * 1000 // os.sysconf("SC_CLK_TCK")


REPORTS = {"serve-http": http_report, "serve-mcp": mcp_report, "serve-stdio": stdio_report, "serve-check": check_report,
           "serve-start": start_report, "serve-load": load_report}


def run(wanted, runs, reports, header):
    os.makedirs(PLACE, exist_ok=True)
    header["versions"].update({name: version for name, version in PACKAGES.items() if name != "zod"})
    try:
        for key, report in REPORTS.items():
            if wanted(key):
                began, stolen = time.monotonic(), stolen_ms()
                reports.append(report(runs))
                stolen, took = stolen_ms() - stolen, (time.monotonic() - began) * 1000
                reports[-1]["stolen_ms"] = stolen
                if stolen > took / 100:
                    print(f"  the machine was taken {stolen:,} ms of processor time in these {took:,.0f} ms: latencies, "
                          "p99 above all, are not the servers' alone")
    finally:
        Server.stop_all()
