#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/reports.py BUILD - what `check` writes, read as its readers read it.

JSON against the schema that is published, JUnit against tests/data/report/junit.xsd (xmllint), SARIF by what the
standard demands beyond its schema (tests/matrix/sarif-schema.sh has the official one), workflow commands by undoing
their escapes. Every span's bytes are the offending text.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from jsonschema import Draft202012Validator as Validator

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(sys.argv[1]).resolve()
passed = failed = 0

FILES = {
    "Dockerfile": b"FROM gcr.io/distroless/cc-debian12:nonroot\n"
                  b"HEALTHCHECK --interval=5s CMD curl -f http://localhost:8080/healthz || exit 1\n"
                  b'ENTRYPOINT ["/app","$PORT"]\n',
    "Dockerfile.bom": b"\xef\xbb\xbfFROM alpine\r\nRUN apk add curl\r\nCMD /app \xf0\x9f\x98\x80\r\n",
    "wide, name: 100%/d\xc3\xa9j\xc3\xa0 & <vu>.yaml".encode("latin-1"):
        "apiVersion: v1\nkind: Pod\nmetadata: {name: \"日本\"}\nspec:\n  containers:\n"
        "    - {name: \"é\\t日\", image: \"日本:latest\", securityContext: {privileged: true}}\n".encode(),
    "compose.yaml": b"services:\n  web:\n    image: nginx:${TAG}\n    privileged: true # barehull: allow no-privileged -- lab\n",
    "chart.yaml": b"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n"
                  b"{{- toYaml .Values.spec | nindent 2 }}\n",
}


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}\n    {detail}")


def position(data, offset):
    """Line and column of a byte as editors count."""
    line = data.count(b"\n", 0, offset) + 1
    start = data.rfind(b"\n", 0, offset) + 1
    text = data[start:offset]
    if start == 0 and text.startswith(b"\xef\xbb\xbf"):
        text = text[3:]
    return line, len(text.decode(errors="replace")) + 1


def check_spans(folder, report):
    for finding in report["findings"]:
        for place in [finding, *finding["related"]]:
            data = (folder / place["file"]).read_bytes()
            span = data[place["offset"]:place["offset"] + place["length"]]
            where = f"{place['file']}:{place['line']}:{place['column']} [{finding['rule']}]"
            check(f"{where}: the text is the span's", place["text"] in span.decode(errors="replace") and
                  (len(place["text"]) > 0 or not span), (place["text"], span))
            check(f"{where}: begins there", position(data, place["offset"]) == (place["line"], place["column"]))
            check(f"{where}: ends there", position(data, place["offset"] + place["length"]) ==
                  (place["end_line"], place["end_column"]))


def check_json(folder, report):
    schema = json.loads((ROOT / "docs/schema/check.json").read_text())
    faults = [fault.message for fault in Validator(schema).iter_errors(report)]
    check("JSON: matches docs/schema/check.json", not faults, faults)
    verdicts = {finding["verdict"] for finding in report["findings"]}
    check("JSON: every verdict is met", verdicts == {"fails", "unknown", "waived"}, verdicts)
    check("JSON: a file was not judged", report["summary"]["not_judged"] == 1, report["files"])
    check("JSON: fails", report["verdict"] == "fail")
    counted = sum(report["summary"][name] for name in ("errors", "warnings", "notes", "waived", "unknown"))
    check("JSON: the summary adds up", counted == len(report["findings"]))
    check_spans(folder, report)


def check_sarif(folder, report, log):
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    check("SARIF: as many results as findings", len(run["results"]) == len(report["findings"]))
    check("SARIF: rules are told once", len({rule["id"] for rule in rules}) == len(rules))
    check("SARIF: rules have help", all(rule["help"]["markdown"] and rule["helpUri"].startswith("https://") and
                                        re.fullmatch(r"([A-Z][a-z0-9]*)+", rule["name"]) for rule in rules))
    fingerprints = set()
    for result, finding in zip(run["results"], report["findings"]):
        name = f"SARIF: result {finding['rule']}"
        location = result["locations"][0]["physicalLocation"]
        artifact = run["artifacts"][location["artifactLocation"]["index"]]["location"]
        check(f"{name}: names its rule", rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding["rule"])
        check(f"{name}: names its artifact", artifact["uri"] == location["artifactLocation"]["uri"])
        check(f"{name}: the artifact is a file", (folder / unquote(artifact["uri"])).is_file(), artifact)
        check(f"{name}: level and kind agree", (result["kind"] == "fail") == (result["level"] != "none"))
        check(f"{name}: unknown is open", (result["kind"] == "open") == (finding["verdict"] == "unknown"))
        check(f"{name}: waived is suppressed", ("suppressions" in result) == (finding["verdict"] == "waived"))
        region, context = location["region"], location.get("contextRegion")
        check(f"{name}: region", (region["startLine"], region["startColumn"], region["endLine"], region["endColumn"],
                                  region["byteOffset"], region["byteLength"]) ==
              tuple(finding[key] for key in ("line", "column", "end_line", "end_column", "offset", "length")))
        if context:
            check(f"{name}: the context holds the region", context["startLine"] == region["startLine"] and
                  context["startColumn"] <= region["startColumn"] and context["endColumn"] >= region["endColumn"] and
                  len(context["snippet"]["text"]) == context["endColumn"] - context["startColumn"])
        fingerprints.add((artifact["uri"], result["partialFingerprints"]["barehullFinding/v1"]))
    check("SARIF: fingerprints differ within a file", len(fingerprints) == len(run["results"]))
    invocation = run["invocations"][0]
    check("SARIF: what was not judged is told", not invocation["executionSuccessful"] and
          len(invocation["toolExecutionNotifications"]) == 1)


def check_junit(folder, report):
    done = subprocess.run(["xmllint", "--noout", "--schema", ROOT / "tests/data/report/junit.xsd", folder / "o.xml"],
                          capture_output=True, text=True)
    check("JUnit: matches the schema", done.returncode == 0, done.stderr)
    top = ElementTree.parse(folder / "o.xml").getroot()
    suites = list(top)
    check("JUnit: a suite a file", [suite.get("name") for suite in suites] == [item["file"] for item in report["files"]])
    for suite in [top, *suites]:
        cases = list(suite.iter("testcase"))
        counts = {"tests": len(cases), "failures": len(list(suite.iter("failure"))),
                  "errors": len(list(suite.iter("error"))), "skipped": len(list(suite.iter("skipped")))}
        told = {name: int(suite.get(name)) for name in counts}
        check(f"JUnit: the counts of {suite.get('name')}", counts == told, (counts, told))
    summary = report["summary"]
    check("JUnit: failures are errors and warnings", int(top.get("failures")) == summary["errors"] + summary["warnings"])


def unescape(text, property):
    pairs = [("%0D", "\r"), ("%0A", "\n")] + ([("%3A", ":"), ("%2C", ",")] if property else []) + [("%25", "%")]
    for escape, character in pairs:
        text = text.replace(escape, character)
    return text


def check_github(report, text):
    lines = text.splitlines()
    told = [finding for finding in report["findings"] if finding["verdict"] != "waived"]
    check("github: a line for each", len(lines) == len(told) + report["summary"]["not_judged"], text)
    names = {re.sub(r"^\./", "", item["file"]) for item in report["files"]}
    for line in lines:
        match = re.fullmatch(r"::(error|warning|notice) (.*?)::(.*)", line)
        check("github: a command", match is not None, line)
        properties = dict(pair.split("=", 1) for pair in match[2].split(",")) if match else {}
        check("github: names a file", unescape(properties.get("file", ""), True) in names, line)
        check("github: has a message", bool(match and unescape(match[3], False).strip()), line)


def check_sample():
    """What tools/demo shows: the sample fails on both surfaces, and hardened it passes, with reasons."""
    for state, status, verdict in (("before", 1, "fail"), ("after", 0, "pass")):
        done = subprocess.run([BUILD / "barehull", "check", ROOT / "examples/shop" / state, "--format", "json"],
                              capture_output=True, text=True)
        report = json.loads(done.stdout)
        found = [(finding["file"], finding["rule"]) for finding in report["findings"] if finding["verdict"] == "fails"]
        check(f"examples/shop/{state}", (done.returncode, report["verdict"], report["summary"]["judged"]) ==
              (status, verdict, 2), (done.returncode, found))
        if state == "before":
            rules = {rule for _, rule in found}
            wanted = {"healthcheck-runs", "exec-form", "no-shell-syntax", "known-keys", "read-only-root", "no-secrets"}
            check("examples/shop/before: shows what it is for", wanted <= rules, wanted - rules)


def main():
    check_sample()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, data in FILES.items():
            path = folder / (name if isinstance(name, str) else name.decode())
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        formats = ["--format", "json=o.report", "--format", "sarif=o.sarif", "--format", "junit=o.xml",
                   "--format", "github", "--format", "text=o.txt", "--format", "compact=o.compact"]
        done = subprocess.run([BUILD / "barehull", "check", ".", "--no-config", *formats], cwd=folder,
                              capture_output=True, text=True)
        check("fails, with nothing on standard error", (done.returncode, done.stderr) == (1, ""), done)
        report = json.loads((folder / "o.report").read_text())
        check_json(folder, report)
        check_sarif(folder, report, json.loads((folder / "o.sarif").read_text()))
        check_junit(folder, report)
        check_github(report, done.stdout)
        told = [finding for finding in report["findings"] if finding["verdict"] != "waived"]
        lines = (folder / "o.compact").read_text().splitlines()
        check("compact: a line for each", len(lines) == len(told) + 1, lines)
        text = (folder / "o.txt").read_text()
        check("text: ends with the verdict", text.splitlines()[-1].startswith("fail: "), text)
        check("text: no control characters", re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text) is None)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main())
