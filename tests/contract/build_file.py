#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/build_file.py BUILD - the published JSON Schema of barehull.yaml and the program agree on what one is.

Files are written as JSON, which YAML contains, so that both judges see the same values. No program is where the files
say: a file that is one ends with "not found", any other with wrong usage.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from jsonschema import Draft202012Validator as Validator

BUILD = Path(sys.argv[1]).resolve()
ROOT = Path(__file__).resolve().parent.parent.parent
passed = failed = 0


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}\n    {detail}")


def program(folder, document):
    (Path(folder) / "barehull.yaml").write_text(json.dumps(document))
    done = subprocess.run([BUILD / "barehull", "build", "--offline"], cwd=folder, stderr=subprocess.PIPE, text=True,
                          stdout=subprocess.DEVNULL, env={"HOME": folder, "XDG_CACHE_HOME": folder + "/cache"})
    return done.returncode, done.stderr


schema = json.loads(subprocess.run([BUILD / "barehull", "help", "build", "--file-schema"], check=True,
                                   stdout=subprocess.PIPE).stdout)
Validator.check_schema(schema)
judge = Validator(schema)
operations = json.loads(subprocess.run([BUILD / "barehull", "help", "build", "--format", "json"], check=True,
                                       stdout=subprocess.PIPE).stdout)["operations"]
options = set(operations[0]["input_schema"]["properties"]) - {"file", "image"}
check("every option can stand in a file", set(schema["properties"]) == options | {"images", "defaults"},
      set(schema["properties"]) ^ options)
check("every option is described", all("description" in schema["$defs"][name] for name in options))
check("the schema is published", json.loads((ROOT / "docs/schema/build-file.json").read_text()) == schema)

APP = {"app": "./no-such-program"}
GOOD = [
    APP,
    {**APP, "x-note": [1, {"a": None}]},
    {**APP, "tag": "a:1", "output": ["oci:a", "oci-archive:b"], "env": {"A": 1, "B": ""}, "expose": 80},
    {**APP, "env": ["A=b", "C="], "label": "a=b", "entrypoint": ["/app/x", 1], "cmd": []},
    {"app": ["./no-such-program", "./nor-this"]}, {"images": {"a": {"app": ["./no-such-program"]}}},
    {"images": {"a": APP}},
    {"images": {"a": APP, "b-c.d_e9": {**APP, "port": 80}}, "x-y": 1},
    {"defaults": APP, "images": {"a": {}, "b": {"tag": "x"}}},
    {"defaults": {"suite": "trixie"}, "images": {"a": APP}},
    {"defaults": {}, "images": {f"i{number}": APP for number in range(64)}},
]
BAD = [
    {}, {"app": []}, {"app": ["x", ""]}, {"app": {"amd64": "x"}}, [], "text", 1, None, {"tag": "x"}, {"x-y": 1},
    {**APP, "defaults": {}}, {**APP, "version": 1}, {**APP, "zzz": 1}, {**APP, "X-y": 1}, {**APP, "file": "x"},
    {**APP, "image": ["x"]}, {"image": {"a": APP}},
    {"images": {}}, {"images": []}, {"images": None}, {"images": "a"}, {"images": {"a": None}}, {"images": {"a": "x"}},
    {"images": {"a": {}}}, {"images": {"a": APP, "b": {}}}, {"images": {"a": APP}, "app": "x"},
    {"images": {"a": APP}, "port": 80}, {"images": {"a": APP}, "defaults": []}, {"images": {"a": APP}, "defaults": None},
    {"images": {"a": {**APP, "x-y": 1}}}, {"images": {"a": {**APP, "images": {}}}},
    {"images": {"a": APP}, "defaults": {"images": {}}}, {"images": {"a": APP}, "defaults": {"x-y": 1}},
    *({"images": {name: APP}} for name in ("A", "", "a b", "-a", "a-", "a--b", "a/b", "a:b", "ä", "a" * 65)),
    {"images": {f"i{number}": APP for number in range(65)}},
    {**APP, "env": {"": "x"}}, {**APP, "env": {"a=b": "x"}}, {**APP, "env": ["A"]}, {**APP, "env": "=x"},
    {**APP, "expose": [1] * 4097}, {**APP, "env": {f"a{number}": 1 for number in range(4097)}},
]
VALUES = ["", "text", "a=b", 0, 1, -1, 70000, 1.5, True, None, [], ["text"], ["a=b", 2], [True], [[]], [""], {},
          {"key": "text"}, {"key": 1}, {"key": True}, {"key": None}]

with tempfile.TemporaryDirectory() as folder:
    for documents, good in ((GOOD, True), (BAD, False)):
        for document in documents:
            shown = json.dumps(document)[:120]
            faults = [fault.message for fault in judge.iter_errors(document)]
            check(f"the schema on {shown}", (not faults) == good, faults)
            status, text = program(folder, document)
            check(f"the program on {shown}", status == (3 if good else 2) and
                  (re.match(r"barehull: error: barehull\.yaml:\d+:\d+: ", text) is not None), text)

    # Every option with values of every kind. What a value means is looked at later: there the message names the value,
    # and not the key.
    for name in sorted(options):
        for value in VALUES:
            document = {**APP, name: value}
            faults = [fault.message for fault in judge.iter_errors(document)]
            status, text = program(folder, document)
            refused = re.match(rf"barehull: error: barehull\.yaml:\d+:\d+: '{name}'[ :]", text) is not None
            check(f"{name}: {json.dumps(value)}", status in (2, 3) and refused == bool(faults), f"{faults} {text}")

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
