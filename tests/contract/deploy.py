#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/deploy.py BUILD - docker-compose.yml, k8s/ and deploy/ say what the rest of the tree says: versions, drain
times, variables, metrics; promtool takes the alerts and sees each fire; docs/operations.md tells of each."""
import json
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lib"))
from service import check, main  # noqa: E402

BAREHULL = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve() / "barehull"
# Of Prometheus itself.
KNOWN = {"up"}
WORDS = {"and", "or", "unless", "by", "offset", "sum", "rate", "increase", "changes", "absent", "histogram_quantile",
         "avg_over_time", "le", "job"}


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def call(*words):
    done = subprocess.run([str(word) for word in words], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def seconds(duration):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", duration).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


def prometheus():
    for words in (("check", "config", "deploy/prometheus.yml"), ("check", "rules", "deploy/alerts.yml"),
                  ("test", "rules", "tests/data/deploy/alerts.test.yml")):
        status, output = call("promtool", *words)
        check("promtool " + " ".join(words), status == 0, output)
    alerts = text("deploy/alerts.yml")
    tests = text("tests/data/deploy/alerts.test.yml")
    documented = set(re.findall(r"^\| `(\w+)` \|", text("docs/metrics.md"), re.M))
    documented |= {name + suffix for name in documented for suffix in ("_bucket", "_count", "_sum")}
    expressions = "\n".join(one or other for one, other in re.findall(r"expr: (?:\|\n((?: {10}.*\n)+)|(.*))", alerts))
    names = set(re.findall(r"[a-z_]{2,}", re.sub(r"\{[^}]*\}|by \([^)]*\)|\[\w+\]|offset \w+", "", expressions))) - WORDS
    check("alerts ask for metrics that there are", names <= documented | KNOWN, names - documented - KNOWN)
    labels = set(re.findall(r"(\w+)(?:=~|!=|=)\"", expressions))
    known = set(re.findall(r"^\| `(\w+)` \|", text("docs/metrics.md").split("## Labels")[1], re.M)) | {"job"}
    check("and for labels", labels <= known, labels - known)
    operations = text("docs/operations.md")
    found = re.findall(r"- alert: (\w+)", alerts)
    check("there are alerts", len(found) == len(set(found)) >= 10, found)
    for name in found:
        check(f"{name} is told of", f"\n#### {name}\n" in operations)
        check(f"{name} names that place", f"runbook: docs/operations.md#{name.lower()}\n" in alerts)
        check(f"{name} fires in a test", re.search(rf"alertname: {name}\n +exp_alerts:\n +- exp_labels", tests))


def compose():
    status, output = call(BAREHULL, "check", "docker-compose.yml", "--format", "json")
    answer = json.loads(output)
    found = [finding["rule"] for finding in answer["findings"] if finding["verdict"] != "waived"]
    check("docker-compose.yml passes our own check", status == 0 and not found, output)
    waived = [finding["rule"] for finding in answer["findings"] if finding["verdict"] == "waived"]
    check("with one waiver, for the image that has no digest of a registry", waived in ([], ["pinned-image"]), waived)
    status, output = call("docker-compose", "-f", "docker-compose.yml", "--profile", "metrics", "config", "--quiet")
    check("docker-compose 1.29 takes it", status == 0, output)
    whole = text("docker-compose.yml")
    service, rest = whole.split("\n  prometheus:\n", 1)
    version = re.search(r"^\s*version: '([^']+)'", text("meson.build"), re.M)[1]
    check("the image is this version's", f"${{BAREHULL_IMAGE:-barehull:{version}}}" in service)
    check("Prometheus is pinned by its digest", re.search(r":-prom/prometheus:v[\d.]+@sha256:[0-9a-f]{64}\}", rest))
    variables = dict(re.findall(r'^      ([A-Z_]+): "?([^"\s]+)"?$', service, re.M))
    known = set(re.findall(r"^\| \[`(\w+)`\]", text("docs/configuration.md"), re.M))
    check("its variables are the service's", variables.keys() <= known, variables.keys() - known)
    drain = seconds(variables["BAREHULL_DRAIN_TIMEOUT"]) + seconds(variables.get("BAREHULL_DRAIN_DELAY", "0s"))
    grace = seconds(re.search(r"stop_grace_period: (\w+)", service)[1])
    check("the engine waits longer than it drains", drain < grace <= drain + 10, (drain, grace))
    nofile = int(re.search(r"soft: (\d+)", service)[1])
    most = int(re.search(r"^\| \[`BAREHULL_MAX_CONNECTIONS`\].*?\| `(\d+)`", text("docs/configuration.md"), re.M)[1])
    check("descriptors for all connections", nofile > most + 1000, (nofile, most))
    for limit in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "pids_limit:", "mem_limit:", "cpus:",
                  "max-size:", "healthcheck:", "127.0.0.1:"):
        check(f"both services have '{limit}'", limit in service and limit in rest)


def size(text):
    number, unit = re.fullmatch(r"(\d+)(Mi|m|M)?", text).groups()
    return int(number) * {"Mi": 1 << 20, "m": 1 << 20, "M": 10 ** 6, None: 1}[unit]


def alike():
    """What was measured with Compose's limits holds for a pod, since it has the same."""
    service = text("docker-compose.yml").split("\n  prometheus:\n", 1)[0]
    deployment = text("k8s/deployment.yaml")
    one = dict(re.findall(r'^      ([A-Z_]+): "?([^"\s]+)"?$', service, re.M))
    other = dict(re.findall(r'^            - name: ([A-Z_]+)\n +value: "?([^"\s]+)"?$', deployment, re.M))
    for name in ("HOST", "PORT", "BAREHULL_LOOPS", "BAREHULL_WORKERS", "BAREHULL_MAX_MEMORY", "BAREHULL_DRAIN_TIMEOUT"):
        check(f"{name} is the same in Compose and in k8s/", name in one and one[name] == other.get(name),
              (one.get(name), other.get(name)))
    memory = size(re.search(r"^    mem_limit: (\w+)", service, re.M)[1])
    limits = re.search(r"limits:\n +cpu: \"(\d+)\"\n +memory: (\w+)", deployment)
    check("the limit of memory too", memory == size(limits[2]), (memory, limits[2]))
    check("and that of the processor", float(re.search(r"cpus: ([\d.]+)", service)[1]) == float(limits[1]), limits[1])
    body = size(re.search(r"^\| \[`BAREHULL_MAX_BODY`\].*?\| `(\w+)`", text("docs/configuration.md"), re.M)[1])
    needed = size(one["BAREHULL_MAX_MEMORY"]) + 8 * body * int(one["BAREHULL_WORKERS"]) + (16 << 20)
    check("it is what docs/operations.md says is enough", needed <= memory < 1.2 * needed, (needed, memory))


def overlay():
    """kustomize takes no base that holds the overlay ("cycle detected"), and patches what is there by kind and name."""
    path = ROOT / "deploy/overlays/example/kustomization.yaml"
    kustomization = path.read_text(encoding="utf-8")
    resources = re.search(r"^resources:\n((?:  - .*\n)+)", kustomization, re.M)[1].split()[1::2]
    base = (path.parent / resources[0]).resolve()
    check("the overlay's base is k8s/", len(resources) == 1 and base == ROOT / "k8s", resources)
    check("which does not hold the overlay", base not in path.parents)
    there = {match for name in re.findall(r"^  - (\w+\.yaml)$", text("k8s/kustomization.yaml"), re.M)
             for match in re.findall(r"^kind: (\w+)\nmetadata:\n  name: (\w+)$", text(f"k8s/{name}"), re.M)}
    patched = set(re.findall(r"^      kind: (\w+)\n      metadata:\n        name: (\w+)$", kustomization, re.M))
    check("it patches what is there", patched and patched <= there, patched - there)
    known = set(re.findall(r"- name: ([A-Z_]+)$", text("k8s/deployment.yaml"), re.M))
    changed = set(re.findall(r"- name: ([A-Z_]+)$", kustomization, re.M))
    check("and variables that are there", changed and changed <= known, changed - known)
    namespace = re.search(r"^namespace: (\w+)$", kustomization, re.M)[1]
    hosts = re.search(r"name: ALLOWED_HOSTS\n +value: (\S+)", kustomization)[1].split(",")
    check("the Service's names are those of its namespace",
          {"barehull"} | {f"barehull.{namespace}{rest}" for rest in ("", ".svc", ".svc.cluster.local")} <= set(hosts), hosts)


def run():
    prometheus()
    compose()
    alike()
    overlay()


if __name__ == "__main__":
    main(run)
