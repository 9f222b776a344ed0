#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/check_texts.py BUILD - a check of texts that are sent along answers, byte for byte, what the command
line answers when the same files lie alone below one directory and each is named: status, findings with their places,
files with their reasons. And what a caller can do wrong is told him."""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(sys.argv[1]).resolve()
DATA = ROOT / "tests" / "data"
NAMES = {"dockerfile": "Dockerfile", "compose": "compose.yaml", "kubernetes": "pod.yaml"}
passed = failed = 0


def verdict(name, faults):
    global passed, failed
    if faults:
        failed += 1
        print("".join(f"FAILED {name}: {fault}\n" for fault in faults), end="")
    else:
        passed += 1


def by_texts(arguments):
    done = subprocess.run([BUILD / "tests/tools/checktexts"], input=json.dumps(arguments).encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def by_paths(files, words):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ".git").mkdir()
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        done = subprocess.run([BUILD / "barehull", "check", *words, "--format", "json", *files], cwd=folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout.decode(), done.stderr.decode()


def first_difference(one, other):
    for left, right in zip(one.splitlines(), other.splitlines()):
        if left != right:
            return f"the command line says {left.strip()!r}, texts say {right.strip()!r}"
    return "one answer is longer"


def same(name, files, words=(), least=None, **arguments):
    """LEAST: findings that have to be there, so that two empty answers are no proof."""
    chosen = arguments.pop("kind", None)
    texts = [{"name": path, "content": text, **({"as": chosen} if chosen else {})} for path, text in files.items()]
    status, answer, told = by_texts({"files": texts, **arguments})
    own_status, own, own_told = by_paths(files, list(words) + (["--as", chosen] if chosen else []))
    faults = []
    if not answer or not own:
        faults.append(f"no answer: {told or own_told}")
    elif json.loads(answer) != json.loads(own):
        faults.append(first_difference(own, answer))
    elif least is not None and len(json.loads(own)["findings"]) < least:
        faults.append(f"only {len(json.loads(own)['findings'])} findings")
    if status != own_status:
        faults.append(f"status {own_status} by paths, {status} by texts")
    verdict(name, faults)


def refused(name, arguments, message):
    status, answer, told = by_texts(arguments)
    verdict(f"refused: {name}", [] if (status, answer, told) == (100, "", message + "\n") else [f"{status} {told!r}"])


def readable(path):
    try:
        text = path.read_bytes().decode()
        return None if "\0" in text else text
    except UnicodeDecodeError:
        return None


def rule_cases():
    files = {}
    for test in sorted((DATA / "rules").glob("*.test")):
        for number, case in enumerate(re.split(r"^=== ", test.read_text(), flags=re.M)[1:]):
            head, _, rest = case.partition("\n")
            surface = head.split()[0]
            text = re.split(r"^--- ", rest, flags=re.M)[0].replace("«", "").replace("»", "")
            if surface in NAMES:
                files[f"{test.stem}/{number}/{NAMES[surface]}"] = text
    return files


def seeds():
    files = {}
    for folder in ("dockerfile_*", "compose_*", "facts_*", "classify_*", "check_*", "data_yaml*"):
        for path in sorted((ROOT / "tests/fuzz/corpus").glob(folder + "/*")):
            text = readable(path)
            for name in ("Dockerfile", "compose.yaml", "object.yaml", "list.json", "other") if text is not None else ():
                files[f"{path.parent.name}/{path.name}/{name}"] = text
    return files


POD = """apiVersion: v1
kind: Pod
metadata: {name: %s}
spec:
  containers:
    - name: c
      image: nginx
"""
TREE = {
    "Dockerfile": "FROM debian:12 AS build\nRUN make\nFROM debian:12\nUSER root\nCMD run --it\n",
    "docker/web.Dockerfile": "FROM node:22\n",
    "Dockerfile.j2": "FROM {{ base }}\n",
    "README.md": "# nothing\n",
    "notes": "nothing\n",
    "settings.yaml": "a: 1\n",
    "compose.yaml": "services:\n  web:\n    image: web:${TAG}\n    env_file: [web.env, missing.env]\n"
                    "  old: {extends: {file: shared/base.yaml, service: base}}\ninclude: [more/compose.yaml]\n",
    "compose.override.yaml": "services:\n  web:\n    privileged: true\n",
    "compose.prod.yaml": "services:\n  web:\n    ports: ['80:80']\n",
    ".env": "TAG=1.2\n",
    "web.env": "PASSWORD=hunter2hunter2\n",
    "shared/base.yaml": "services:\n  base:\n    image: base:latest\n    env_file: ../web.env\n",
    "more/compose.yaml": "services:\n  more:\n    extends: {file: ../shared/base.yaml, service: base}\n",
    "alone/docker-compose.override.yml": "services:\n  x:\n    image: x\n",
    "lost/compose.yaml": "services:\n  x: {extends: {file: ../../outside.yaml, service: y}}\n"
                         "include: [/etc/compose.yaml]\n",
    "chart/Chart.yaml": "name: chart\n",
    "chart/templates/pod.yaml": POD % "'{{ .Values.name }}'",
    "chart/templates/plain.yaml": POD % "plain",
    "kustomization.yaml": "patches:\n  - path: overlays/patch.yaml\n",
    "overlays/patch.yaml": POD % "patched",
    "k8s/list.json": '{"apiVersion": "v1", "kind": "Pod", "spec": {"hostNetwork": true, "containers": []}}',
    "k8s/bom.yaml": "\ufeff" + POD % "bom",
    "k8s/crlf.yaml": (POD % "crlf").replace("\n", "\r\n"),
    "k8s/empty.yaml": "",
    "empty/Dockerfile": "",
    "empty/compose.yaml": "",
    "k8s/broken.yaml": "apiVersion: v1\nkind: Pod\nspec: [\n",
}
POLICY = """fail-on: error
rules: {image-labels: off}
waivers:
  - {rule: "*", paths: [docker/], reason: another team's}
  - {rule: no-shell, paths: [nowhere/], reason: gone}
"""


def trees():
    same("a tree of everything", TREE, least=40)
    same("the same with a policy among the files", {**TREE, ".barehull.yaml": POLICY}, least=40)
    same("a profile", TREE, ["--profile", "pss-baseline", "--kubernetes", "1.30"], profile="pss-baseline",
         kubernetes="1.30")
    same("one rule", TREE, ["--only", "no-privileged", "--fail-on-unknown"], only=["no-privileged"],
         fail_on_unknown=True)
    same("a stage", {"Dockerfile": TREE["Dockerfile"]}, ["--target", "build", "--fail-on", "never"], target="build",
         fail_on="never", least=1)
    for kind, name in (("dockerfile", "build"), ("compose", "stack.txt"), ("kubernetes", "pod")):
        for text in (TREE["Dockerfile"], TREE["compose.yaml"], POD % "x", ""):
            same(f"as {kind}: {text[:20]!r}", {name: text, "compose.override.yaml": TREE["compose.override.yaml"]},
                 kind=kind)
    same("a policy that is given", TREE, ["--no-config"], config="", least=40)
    # Fewer findings than one call tells (LIMIT_CHECK_TEXTS_FINDINGS), and more bytes than one stretch.
    many = "---\n".join(POD % f"pod-{i}" + "#" * 99 + "\n" for i in range(9000))
    same("a stream of several stretches", {"big.yaml": many}, ["--only", "non-root-user"],
         only=["non-root-user"], least=9000)
    same("a Dockerfile that is too large", {"Dockerfile": "FROM scratch\n" + "# x\n" * (1 << 20)}, least=0)
    same("a Compose file that is too large", {"compose.yaml": "services: {}\n" + "# x\n" * (1 << 20)}, least=0)
    same("a name in other characters", {"dépôt/Dockerfile": TREE["Dockerfile"], "a b/compose.yaml": "services: {}\n"},
         least=3)


def over_stdio():
    """The whole way that an agent's call takes."""
    call = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {
        "name": "check", "arguments": {"files": [{"name": name, "content": text} for name, text in TREE.items()]},
        "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                  "io.modelcontextprotocol/clientCapabilities": {}}}}
    with subprocess.Popen([BUILD / "barehull", "serve", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as serving:
        serving.stdin.write(json.dumps(call).encode() + b"\n")
        serving.stdin.flush()
        answer = json.loads(serving.stdout.readline())
        serving.stdin.close()
        status = serving.wait(10)
    own = json.loads(by_paths(TREE, [])[1])
    given = answer.get("result", {}).get("structuredContent")
    verdict("over stdio", [] if given == own and status == 0 else [f"status {status}, {str(answer)[:500]}"])


def refusals():
    file = {"name": "Dockerfile", "content": "FROM scratch\n"}
    below = "file name '%s' is not a path below the project"
    refused("no files", {"files": []}, "'files' is empty")
    refused("nothing", {}, "'files' is missing")
    refused("an empty name", {"files": [{**file, "name": ""}]}, "'files[0].name' is empty")
    refused("no content", {"files": [{"name": "Dockerfile"}]}, "'files[0].content' is missing")
    refused("a kind", {"files": [{**file, "as": "helm"}]}, "'files[0].as': unknown value 'helm'")
    refused("a NUL", {"files": [file, {**file, "content": "\0"}]}, "'files[1].content' holds a NUL character")
    for name in ("/etc/Dockerfile", "../Dockerfile", "a/../Dockerfile", "a//Dockerfile", "a/", ".", "./", "a/./b"):
        refused(f"the name {name}", {"files": [{**file, "name": name}]}, below % name.removeprefix("./"))
    refused("one name twice", {"files": [file, {**file, "name": "./Dockerfile"}]}, "two files are called 'Dockerfile'")
    refused("too many", {"files": [{"name": f"{i}", "content": ""} for i in range(4097)]},
            "'files' has more than 4096 elements")
    refused("too much", {"files": [{"name": f"{i}.yaml", "content": "#" * (1 << 20)} for i in range(33)]},
            "the files have more than 32 MiB in all")
    refused("a policy", {"files": [file], "config": "profil: standard\n"},
            "'.barehull.yaml': line 1, column 1: there is no key 'profil' here: did you mean 'profile'?")
    refused("a rule", {"files": [file], "only": ["no-shel"]}, "there is no rule 'no-shel'")


def main():
    same("the cases of the rules", rule_cases(), least=500)
    same("the seeds of the fuzzers", seeds(), least=100)
    for project in sorted(DATA.glob("compose-projects/*")):
        paths = [path for path in sorted(project.rglob("*")) if path.is_file() and path.name != "expected.json"]
        files = {str(path.relative_to(project)): readable(path) for path in paths}
        same(f"compose-projects/{project.name}", {name: text for name, text in files.items() if text is not None})
    trees()
    over_stdio()
    refusals()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


os.environ.pop("BAREHULL_CACHE_DIR", None)
sys.exit(main())
