#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/init.py BUILD [--all] - what `init` writes for an application passes `check`, whatever the application.

Every combination of language, build, kind of server, directories, variables and digests is described over REST; by
default some hundred of them, spread evenly, with --all each (tests/matrix/init.sh). What comes back is judged

- by `barehull check`: no finding in the profile standard but images without a digest, none at all in pss-restricted;
- by PyYAML: one document each, and values arrive as they were described;
- by the schema of docker-compose, `docker-compose config` and `kubectl kustomize`, where those are installed;
- here: what refers to something finds it.
"""
import base64
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from service import Peer, Service, check, finish  # noqa: E402

PROGRAM = Path(sys.argv[1]).resolve() / "barehull"
ALL = "--all" in sys.argv
SAMPLE = 400
DIGEST = "@sha256:" + "0123456789abcdef" * 4
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
JSON = "Content-Type: application/json"

# Words that YAML, Compose, Kubernetes or a terminal could take for something else than text.
UGLY = ["", " ", "a b", " a", "a ", "#a", "a #b", "a: b", "a:", ":a", "- a", "-", "?", "? a", "!a", "&a", "*a", "|", ">", "%a",
        "@a", "`a`", "'a'", '"a"', 'a"b\\n', "\\", "{a: b}", "[a]", "a, b", "yes", "No", "ON", "y", "n", "true", "False", "null", "~", "Null",
        "0", "-1", "+1", "1.5", "1e3", "0x1f", "0o17", "017", "0b1", "1_000", "12:30:45", "2024-01-31", ".inf", ".NaN", "<<", "=",
        "$", "$$", "${A}", "$A", "$(A)", "$$(A)", "${A:?x}", "ä ö", "\u00a0", "日本", "😀", "--- a", "...", "a\u200bb", "{{ a }}",
        "1Mi", "128", "a" * 300]

LANGUAGES = [
    *({"language": language, "build": build, "link": link, "program": "build/shop"}
      for language in ("c", "c++") for build in ("cc", "make", "cmake", "meson", "autotools")
      for link in ("static", "dynamic")),
    *({"language": "go", "link": link} for link in ("auto", "static", "dynamic")),
    *({"language": "rust", "link": link} for link in ("static", "dynamic")),
    *({"language": "program", "link": link} for link in ("static", "dynamic")),
    *({"language": "python", "build": build, "module": "shop.main:app", "server": server}
      for build in ("uv", "requirements") for server in ("uvicorn", "gunicorn")),
    {"language": "python", "module": "shop.main"},
    {"language": "image"},
]
SERVERS = [
    {},
    {"health_command": ["/app/shop", "health"]},
    {"port": 8080, "port_variable": "PORT"},
    {"port": 8080, "health": "/health"},
    {"port": 8080, "port_variable": "PORT", "health": "/ready", "live": "/live", "metrics": "/metrics"},
    {"port": 8080, "health": "/health", "metrics": "/metrics", "metrics_port": 9100, "published_port": 18080},
    {"metrics": "/metrics", "metrics_port": 9100, "replicas": 1},
]
PATHS = [
    {},
    {"writable": ["/var/cache/shop", "/tmp:32Mi"], "memory": "256Mi", "user": "1000:2000"},
    {"volume": ["/var/lib/shop:2Gi"]},
    {"writable": ["/run/shop:1Mi"], "volume": ["/data", "/srv/data"], "replicas": 3, "cpu": "250m", "pids": 64},
]
VARIABLES = [
    {},
    {"env": ["MODE=production", *(f"UGLY_{number}={word}" for number, word in enumerate(UGLY[:63]))],
     "secret": ["DATABASE_URL=shop-database:url", "API_TOKEN=shop"], "stop_timeout": "45s", "namespace": "front"},
]
PINNED = [{}, {"image": f"registry.example/team/shop:1.4.2{DIGEST}", "tag": "1.4.2"}]
WRITTEN = [{}, {"write": ["dockerfile"]}, {"write": ["compose"]}, {"write": ["kubernetes"]}]


def descriptions():
    for parts in itertools.product(LANGUAGES, SERVERS, PATHS, VARIABLES, PINNED, WRITTEN):
        one = {"name": "shop"}
        for part in parts:
            one.update(part)
        image, serves = one["language"] == "image", "port" in one
        if image and (one.get("write") == ["dockerfile"]):
            continue
        if one.get("server") and not serves or one.get("module") == "shop.main" and serves:
            continue  # a server has a port, and a module that runs by itself says nothing of one
        one["source"] = "https://git.example/shop"
        yield one


class Asking:
    def __init__(self, service):
        self.peer = Peer(service.port)

    def ask(self, path, body):
        answer = self.peer.post(path, json.dumps(body).encode(), [JSON])
        return answer.status, json.loads(answer.body)

    def init(self, description):
        return self.ask("/v1/init", description)

    def findings(self, files, profile):
        texts = [{"name": file["path"], "content": file["content"]} for file in files if file["encoding"] == "utf-8"]
        status, result = self.ask("/v1/check", {"files": texts, "profile": profile})
        return result["findings"] if status == 200 else [{"rule": "status", "verdict": "fails", "message": str(result)}]


# --- what check says ------------------------------------------------------------------------------------------------

def told(findings):
    return [(finding["rule"], finding.get("file"), finding["message"]) for finding in findings]


def judge_findings(asking, label, description, files):
    findings = asking.findings(files, "standard")
    # A folder that a builder filled is not seen from a Dockerfile.
    open_ = [finding for finding in findings if finding["verdict"] != "waived" and
             not (finding["verdict"] == "unknown" and finding["file"] == "Dockerfile")]
    check(f"{label}: nothing to find", not open_, told(open_))
    waived = {(finding["rule"], finding["file"]) for finding in findings if finding["verdict"] == "waived"}
    image = description["language"] == "image"
    # The digests of builders and bases are not said here, and only whoever pulls them knows them; nor is that of an
    # image that was not pushed yet.
    needed = {("pinned-image", file["path"]) for file in files if file["path"] == "Dockerfile" or "image" not in description}
    if "health_command" not in description and ("health" not in description or image):
        needed |= {("healthcheck-present", file["path"]) for file in files}
    check(f"{label}: no waiver without need", waived <= needed, waived - needed)
    manifests = [file for file in files if file["path"].startswith("k8s/")]
    if manifests:
        strict = asking.findings(manifests, "pss-restricted")
        check(f"{label}: restricted pods", not strict, told(strict))


# --- what the files say ---------------------------------------------------------------------------------------------

def variables_of(description):
    values = dict(text.split("=", 1) for text in description.get("env", []))
    if "port_variable" in description:
        values.setdefault(description["port_variable"], str(description["port"]))
    return values


def expanded(text):
    """As Kubernetes does with $(NAME), when no variable of that name is there."""
    return re.sub(r"\$\$", "$", text)


def judge_compose(label, description, document):
    service = document["services"]["shop"]
    environment = {name: value.replace("$$", "$") for name, value in service.get("environment", {}).items()
                   if not value.startswith("${")}
    wanted = variables_of(description)
    check(f"{label}: Compose: variables", wanted.items() <= environment.items(), environment)
    secrets = {name for name, value in service.get("environment", {}).items() if value.startswith("${" + name + ":?")}
    check(f"{label}: Compose: secrets", secrets == {text.split("=")[0] for text in description.get("secret", [])}, secrets)
    hard = service["read_only"] is True and service["cap_drop"] == ["ALL"] and \
        service["security_opt"] == ["no-new-privileges:true"] and service["mem_limit"] and service["pids_limit"]
    check(f"{label}: Compose: hardened", hard, service)
    mounts = [mount.split(":")[0] for mount in service["tmpfs"]] + \
             [mount.split(":")[1] for mount in service.get("volumes", [])]
    asked = {"/tmp", *(path.split(":")[0] for key in ("writable", "volume") for path in description.get(key, []))}
    check(f"{label}: Compose: places to write", sorted(mounts) == sorted(asked), mounts)
    named = {mount.split(":")[0] for mount in service.get("volumes", [])}
    check(f"{label}: Compose: named volumes", named == set(document.get("volumes", {})), document.get("volumes"))
    published = description.get("published_port", description.get("port"))
    wanted = [f"127.0.0.1:{published}:{description['port']}"] if "port" in description else []
    check(f"{label}: Compose: ports", service.get("ports", []) == wanted, service.get("ports"))


def by_kind(files):
    kinds = {}
    for file in files:
        document = yaml.load(file["content"], LOADER)
        kinds[document["kind"]] = document
    return kinds


def judge_pod(label, description, workload):
    template = workload["spec"]["template"]
    pod, (container,) = template["spec"], template["spec"]["containers"]
    selector = workload["spec"]["selector"]["matchLabels"]
    check(f"{label}: pods are selected", selector.items() <= template["metadata"]["labels"].items(), selector)
    env = {entry["name"]: expanded(entry["value"]) for entry in container.get("env", []) if "value" in entry}
    check(f"{label}: variables", variables_of(description).items() <= env.items(), env)
    secrets = [f"{entry['name']}={entry['valueFrom']['secretKeyRef']['name']}:{entry['valueFrom']['secretKeyRef']['key']}"
               for entry in container.get("env", []) if "valueFrom" in entry]
    wanted = [text if ":" in text else f"{text}:{text.split('=')[0]}" for text in description.get("secret", [])]
    check(f"{label}: secrets", secrets == wanted, secrets)
    claims = {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
    volumes = {volume["name"] for volume in pod["volumes"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    check(f"{label}: mounts have volumes", set(mounts) == claims | volumes and not claims & volumes, mounts)
    asked = {"/tmp", *(path.split(":")[0] for key in ("writable", "volume") for path in description.get(key, []))}
    check(f"{label}: places to write", sorted(mounts.values()) == sorted(asked), mounts)
    check(f"{label}: those that last", {mounts[name] for name in claims} ==
          {path.split(":")[0] for path in description.get("volume", [])}, claims)
    ports = {port["name"] for port in container.get("ports", [])}
    probes = [container[key] for key in ("startupProbe", "readinessProbe", "livenessProbe") if key in container]
    asked = {probe[action]["port"] for probe in probes for action in ("httpGet", "tcpSocket") if action in probe}
    check(f"{label}: probes ask a port that is there", asked <= ports, asked)
    check(f"{label}: all probes or none", len(probes) in ((0, 3) if "port" not in description else (3,)), probes)
    return selector, ports


def judge_kubernetes(label, description, files):
    kinds = by_kind(files)
    names = {Path(file["path"]).name for file in files}
    kustomization = kinds["Kustomization"]
    check(f"{label}: the kustomization has them all", {"kustomization.yaml", *kustomization["resources"]} == names, names)
    stateful = "volume" in description
    check(f"{label}: volumes make it stateful", ("StatefulSet" in kinds, "Deployment" in kinds) == (stateful, not stateful))
    workload = kinds.get("StatefulSet") or kinds["Deployment"]
    selector, ports = judge_pod(label, description, workload)
    image = workload["spec"]["template"]["spec"]["containers"][0]["image"]
    (named,) = kustomization["images"]
    check(f"{label}: the kustomization's image is the container's", named["name"] == image, image)
    check(f"{label}: the digest is there", (named.get("digest") == DIGEST[1:]) == ("image" in description), named)
    check(f"{label}: the policy is the pods'", kinds["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == selector)
    check(f"{label}: a Service for servers", ("Service" in kinds) == ("port" in description))
    if "Service" in kinds:
        check(f"{label}: the Service finds the pods", kinds["Service"]["spec"]["selector"] == selector and
              {port["targetPort"] for port in kinds["Service"]["spec"]["ports"]} <= ports)
    scaler = kinds.get("HorizontalPodAutoscaler")
    check(f"{label}: scaled when alike", bool(scaler) == (not stateful and description.get("replicas", 2) > 1))
    check(f"{label}: one says how many", ("replicas" in workload["spec"]) != bool(scaler))
    if scaler:
        check(f"{label}: the autoscaler has its target", scaler["spec"]["scaleTargetRef"]["name"] == "shop")
    if "PodDisruptionBudget" in kinds:
        check(f"{label}: the budget is the pods'", kinds["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == selector)


def judge_files(asking, label, description, files, schema):
    judge_findings(asking, label, description, files)
    paths = [file["path"] for file in files]
    check(f"{label}: sorted, each once", paths == sorted(set(paths), key=str.encode), paths)
    ends = [file["path"] for file in files if file["encoding"] == "utf-8" and
            (not file["content"].endswith("\n") or re.search(r"[ \t]\n|\n\n\n|\t|\r", file["content"]) and
             file["path"].endswith((".yaml", ".yml")))]
    check(f"{label}: clean lines", not ends, ends)
    manifests = [file for file in files if file["path"].startswith("k8s/")]
    if manifests:
        judge_kubernetes(label, description, manifests)
    for file in files:
        if file["path"] == "docker-compose.yml":
            document = yaml.load(file["content"], LOADER)
            judge_compose(label, description, document)
            if schema:
                faults = [fault.message for fault in schema.iter_errors(document)]
                check(f"{label}: docker-compose's schema", not faults, faults)


# --- other judges ---------------------------------------------------------------------------------------------------

def compose_schema():
    """The Compose specification as docker-compose 1.29 has it; None where that is not installed."""
    try:
        import compose
        from jsonschema import Draft7Validator, FormatChecker
        path = Path(compose.__file__).parent / "config/compose_spec.json"
        return Draft7Validator(json.loads(path.read_text()), format_checker=FormatChecker())
    except (ImportError, OSError):
        print("docker-compose is not installed: its schema judges nothing")
        return None


def lay_out(files, folder):
    for file in files:
        path = Path(folder) / file["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        binary = file["encoding"] == "base64"
        path.write_bytes(base64.b64decode(file["content"]) if binary else file["content"].encode())
        path.chmod(int(file["mode"], 8))


def judge_tools(label, description, files):
    with tempfile.TemporaryDirectory() as folder:
        lay_out(files, folder)
        found = []
        if shutil.which("docker-compose") and (Path(folder) / "docker-compose.yml").exists():
            env = {**os.environ, "DATABASE_URL": "x", "API_TOKEN": "x"}
            done = subprocess.run(["docker-compose", "--project-directory", folder, "-f", f"{folder}/docker-compose.yml",
                                   "config", "--quiet"], env=env, capture_output=True, text=True)
            check(f"{label}: docker-compose config", done.returncode == 0, done.stderr)
            found.append("docker-compose")
        if shutil.which("kubectl") and (Path(folder) / "k8s").exists():
            done = subprocess.run(["kubectl", "kustomize", f"{folder}/k8s"], capture_output=True, text=True)
            check(f"{label}: kubectl kustomize", done.returncode == 0, done.stderr)
            # It takes the quotes off again, even of "<<" and "=": here all values are texts.
            documents = list(yaml.load_all(done.stdout, yaml.BaseLoader))
            namespaces = {document["metadata"].get("namespace") for document in documents if document["kind"] != "Namespace"}
            check(f"{label}: all in the namespace", namespaces == {description.get("namespace", "shop")}, namespaces)
            found.append("kubectl")
        return found


# --- what is refused ------------------------------------------------------------------------------------------------

REFUSED = [
    ({}, "name"),
    ({"name": "shop"}, "language"),
    ({"name": "shop", "language": "auto"}, "language"),
    ({"name": "Shop", "language": "go"}, "name"),
    ({"name": "1shop", "language": "go", "port": 8080}, "digit"),
    ({"name": "a" * 60, "language": "go", "volume": ["/data"]}, "StatefulSet"),
    ({"name": "shop\nx", "language": "go"}, "name"),
    ({"name": "shop", "language": "go", "env": ["A=b\nc"]}, "env"),
    ({"name": "shop", "language": "go", "env": ["DB_PASSWORD=hunter2hunter2"]}, "secret"),
    ({"name": "shop", "language": "go", "writable": ["/a,b"]}, "writable"),
    ({"name": "shop", "language": "go", "user": "0"}, "root"),
    ({"name": "shop", "language": "go", "env": [f"A{number}=x" for number in range(5000)]}, "env"),
    ({"name": "shop", "language": "go", "env": ["A=" + "x" * 100000]}, "env"),
    ({"name": "shop", "language": "go", "zzz": 1}, "zzz"),
]


def test_refused(asking):
    for description, word in REFUSED:
        status, problem = asking.init(description)
        check(f"refused: {str(description)[:80]}", status == 400 and word in problem["detail"] + problem.get("hint", ""), problem)
    _, problem = asking.init({"name": "shop", "language": "auto"})
    check("what to say in place of auto", "python" in problem.get("hint", ""), problem)


def test_ugly(asking):
    """One at a time, as a variable and as an argument: whatever is taken arrives as it is."""
    taken = 0
    for word in UGLY:
        for part in ({"env": [f"A={word}"]}, {"args": [word]}):
            description = {"name": "shop", "language": "image", "image": f"shop:1{DIGEST}", "port": 8080, **part}
            status, answer = asking.init(description)
            if not check(f"{part}: taken, or refused", status in (200, 400), answer) or status == 400:
                continue
            taken += 1
            judge_files(asking, str(part), description, answer["files"], None)
            files = {file["path"]: yaml.load(file["content"], LOADER) for file in answer["files"]}
            if "args" in part:
                container = files["k8s/deployment.yaml"]["spec"]["template"]["spec"]["containers"][0]
                check(f"{part}: in the pod", [expanded(text) for text in container["args"]] == [word], container)
                command = files["docker-compose.yml"]["services"]["shop"]["command"]
                check(f"{part}: in Compose", [text.replace("$$", "$") for text in command] == [word], command)
    check("most words are taken", taken > len(UGLY), taken)


def test_speed(asking):
    body = json.dumps({"name": "shop", "language": "go", "port": 8080, "health": "/health"}).encode()
    best = min(_timed(asking.peer, body) for _ in range(50))
    check("an answer within some milliseconds", best < 0.02, best)
    print(f"one answer takes {best * 1000:.2f} ms, with the client")


def _timed(peer, body):
    start = time.perf_counter()
    peer.post("/v1/init", body, [JSON])
    return time.perf_counter() - start


def main():
    service = Service(PROGRAM, {"LOG_LEVEL": "off"}, read_log=False)
    asking, schema = Asking(service), compose_schema()
    everything = list(descriptions())
    # A step that shares no factor with the numbers of choices meets all of them.
    step = 1 if ALL else max(1, len(everything) // SAMPLE) | 1
    chosen = everything[::step]
    tools = set()
    for number, description in enumerate(chosen):
        label = json.dumps({key: value for key, value in description.items() if key not in ("env", "source")})
        status, answer = asking.init(description)
        if not check(f"{label}: written", status == 200, answer):
            continue
        judge_files(asking, label, description, answer["files"], schema)
        again = asking.init(description)[1] if number % 50 == 0 else answer
        check(f"{label}: the same again", again == answer)
        if number % (max(1, len(chosen) // (200 if ALL else 6))) == 0:
            tools.update(judge_tools(label, description, answer["files"]))
    print(f"{len(chosen)} of {len(everything)} combinations; judged by {', '.join(sorted(tools)) or 'no other tool'}")
    test_refused(asking)
    test_ugly(asking)
    test_speed(asking)
    return finish()


try:
    sys.exit(main())
finally:
    Service.stop_all()
