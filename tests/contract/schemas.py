#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/schemas.py BUILD - the schemas of all operations are JSON Schema 2020-12, and answers match them."""
import json
import subprocess
import sys
from pathlib import Path

from jsonschema import Draft202012Validator as Validator

BUILD = Path(sys.argv[1]).resolve()
passed = failed = 0


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}\n    {detail}")


def output(program, *words):
    return json.loads(subprocess.run([BUILD / program, *words, "--format", "json"], stdout=subprocess.PIPE,
                                     check=True).stdout)


def strict(schema):
    """As written, but with no room for names that the schema does not have."""
    if isinstance(schema, dict):
        closed = {key: strict(value) for key, value in schema.items()}
        if "properties" in closed and "additionalProperties" not in closed:
            closed["additionalProperties"] = False
        return closed
    return [strict(item) for item in schema] if isinstance(schema, list) else schema


ANSWERS = [
    ("barehull", "version", []),
    ("barehull", "help", []),
    ("barehull", "help", ["version"]),
    ("barehull", "completion", ["zsh"]),
    ("tests/cli/hullops", "echo", ["word"]),
    ("tests/cli/hullops", "echo", ["word", "-m", "a=b", "-l", "x", "--argv", "[]", "-p", "p", "--out-path", "o", "r"]),
    ("tests/cli/hullops", "work", ["--ms", "1"]),
]

for program in ("barehull", "tests/cli/hullops"):
    operations = output(program, "help")["operations"]
    by_name = {operation["name"]: operation for operation in operations}
    for operation in operations:
        for kind in ("input_schema", "output_schema"):
            name = f"{program}: {kind} of {operation['name']}"
            try:
                Validator.check_schema(operation[kind])
                check(name, operation[kind]["$schema"] == "https://json-schema.org/draft/2020-12/schema")
            except Exception as fault:  # whatever the validator raises is the finding
                check(name, False, str(fault))
        described = [field for field in operation["input_schema"]["properties"].values() if "description" not in field]
        check(f"{program}: parameters of {operation['name']} are described", not described)
    for where, command, words in ANSWERS:
        if where == program:
            faults = list(Validator(strict(by_name[command]["output_schema"])).iter_errors(
                output(program, command, *words)))
            check(f"{program}: the answer of {command} {words}", not faults, str(faults))

echo = {operation["name"]: operation for operation in output("tests/cli/hullops", "help")["operations"]}["echo"]
for arguments, good in [
    ({"word": "w"}, True),
    ({"word": "w", "number": 10, "size": 0, "choice": "red", "map": {"a": "b"}, "argv": [], "on": False}, True),
    ({}, False),
    ({"word": ""}, False),
    ({"word": "w", "number": 11}, False),
    ({"word": "w", "size": -1}, False),
    ({"word": "w", "choice": "pink"}, False),
    ({"word": "w", "map": {"a": 1}}, False),
    ({"word": "w", "argv": "x"}, False),
    ({"word": "w", "zzz": 1}, False),
    ({"word": "w", "path": ""}, False),
]:
    check(f"arguments {arguments}", Validator(echo["input_schema"]).is_valid(arguments) == good)
defaults = {name: field["default"] for name, field in echo["input_schema"]["properties"].items() if "default" in field}
check("defaults have their type", defaults == {"on": True, "number": 3, "size": 10485760, "choice": "green"}, defaults)

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
