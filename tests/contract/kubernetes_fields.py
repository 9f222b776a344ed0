#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/kubernetes_fields.py BUILD - every policy/v1 and autoscaling/v2 object of k8s/, of its overlays, and of
what `barehull init` writes has fields that Kubernetes knows (tests/lib/kubernetes_fields.py), and no misspelt one would
pass."""
import copy
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lib"))
from kubernetes_fields import is_known, wrong_fields  # noqa: E402
from service import check, main  # noqa: E402

BAREHULL = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve() / "barehull"
# Each with what it is told; all of them write budgets and autoscalers, but for the one with volumes.
SETS = {
    "a server": ["-p", "8080", "--health", "/healthz", "--metrics", "/metrics", "-w", "/var/cache/app:32Mi", "-s", "TOKEN=app"],
    "a worker": ["-w", "/var/spool/app:16Mi", "-s", "KEY=app:key"],
    "five of them": ["-p", "8080", "--health", "/", "--replicas", "5"],
    "one of them": ["-p", "8080", "--health", "/", "--replicas", "1"],
    "a server with volumes": ["-p", "8080", "--health", "/", "--volume", "/var/lib/app:1Gi"],
    "three with volumes": ["-p", "8080", "--health", "/", "--volume", "/var/lib/app:1Gi", "--replicas", "3"],
}


def documents(folder):
    return [(file, document) for file in sorted(Path(folder).rglob("*.yaml"))
            for document in yaml.safe_load_all(file.read_text(encoding="utf-8")) if is_known(document)]


def judge(what, found):
    for file, document in found:
        wrong = wrong_fields(document)
        check(f"{what}: {file.name} has the fields of {document['apiVersion']}", not wrong, "\n".join(wrong))
    return {document["kind"] for _, document in found}


def misspelt(document):
    """DOCUMENT with each of its names, one at a time, spelt wrongly."""
    def places(node, path):
        for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
            if isinstance(node, dict) and path[-1:] not in (("labels",), ("matchLabels",), ("annotations",)):
                yield (*path, key)
            yield from places(node[key], (*path, key))
    for path in list(places(document, ())):
        wrong = copy.deepcopy(document)
        node = wrong
        for key in path[:-1]:
            node = node[key]
        node[path[-1] + "s"] = node.pop(path[-1])
        yield ".".join(map(str, path)), wrong


def run():
    own = documents(ROOT / "k8s")
    check("k8s/ has both", judge("k8s/", own) == {"PodDisruptionBudget", "HorizontalPodAutoscaler"}, own)
    for _, document in own:
        for path, wrong in misspelt(document):
            if path not in ("kind", "apiVersion"):
                check(f"{document['kind']}: a misspelt '{path}' is found", wrong_fields(wrong), wrong)
    for what, words in SETS.items():
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([BAREHULL, "init", "--yes", "--quiet", "--language", "go", "-n", "app", "-d", folder,
                                   "--write", "kubernetes", *words, ROOT / "tests/init-apps/go"], text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True, check=False)
            found = documents(folder)
            check(f"init writes {what}", done.returncode == 0, done.stdout + done.stderr)
            kinds = judge(f"init, {what}", found)
            if what in ("a server", "a worker"):
                check(f"init, {what}: both", kinds == {"PodDisruptionBudget", "HorizontalPodAutoscaler"}, kinds)


if __name__ == "__main__":
    main(run)
