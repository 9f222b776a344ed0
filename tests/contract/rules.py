#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/rules.py BUILD - the examples of every rule show what they say: in the bad file the rule finds
something, in the good one nothing, and nothing unknown; both are files that the platform reads."""
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BUILD = Path(sys.argv[1]).resolve()
# Rules about a profile's versions, or about what can't be read, whose example of the rule is not a readable file.
UNREADABLE = {"valid-syntax", "not-rendered"}


def output(*words):
    return json.loads(subprocess.run([BUILD / "barehull", *words, "--format", "json"], stdout=subprocess.PIPE,
                                     check=True).stdout)


def judge(folder, rule, surface, text, only):
    path = Path(folder) / {"dockerfile": "Dockerfile", "compose": "compose.yaml", "kubernetes": "pod.yaml"}[surface]
    path.write_text(text)
    profile = "standard" if "standard" in rule["profiles"] else rule["profiles"][-1]
    words = ["--only", rule["id"]] if only else []
    done = subprocess.run([BUILD / "barehull", "check", path, "--as", surface, "--no-config", "--profile", profile,
                           "--fail-on", "never", "--format", "json", *words], stdout=subprocess.PIPE)
    report = json.loads(done.stdout)
    return [finding for finding in report["findings"] if finding["rule"] == rule["id"]], report


def faults_of(rule):
    faults = []
    for example in rule["examples"]:
        for kind in ("bad", "good"):
            with tempfile.TemporaryDirectory() as folder:
                name = f"{rule['id']}: the {kind} {example['surface']}"
                only = rule["id"] != "valid-waivers"  # a waiver of another rule is unused when that rule is not asked
                found, report = judge(folder, rule, example["surface"], example[kind], only)
                if kind == "bad" and not any(finding["verdict"] == "fails" for finding in found):
                    faults.append(f"{name} does not fail: {found}")
                if kind == "good" and found:
                    faults.append(f"{name} is not clean: {[finding['message'] for finding in found]}")
                if (kind == "good" or rule["id"] not in UNREADABLE) and report["summary"]["judged"] != 1:
                    faults.append(f"{name} is not judged: {report['files']}")
                broken = [finding["message"] for finding in judge(folder, {**rule, "id": "valid-syntax"},
                          example["surface"], example[kind], True)[0]]
                if (kind == "good" or rule["id"] not in UNREADABLE) and broken:
                    faults.append(f"{name} is broken: {broken}")
    return faults


def main():
    ids = [rule["id"] for rule in output("rules")["rules"]]
    listed = [rule["id"] for rule in output("explain")["rules"]]
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rules = list(pool.map(lambda id: output("explain", id)["rules"][0], ids))
        for faults in pool.map(faults_of, rules):
            print("".join(f"FAILED: {fault}\n" for fault in faults), end="")
            failed += bool(faults)
    if ids != listed or ids != [rule["id"] for rule in rules]:
        print("FAILED: 'rules' and 'explain' list different rules")
        failed += 1
    print(f"{len(rules) + 1 - failed} passed, {failed} failed")
    return 1 if failed or not rules else 0


sys.exit(main())
