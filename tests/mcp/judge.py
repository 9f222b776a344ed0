#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/mcp/judge.py EXPECTED SERVER REVISION RESULTS [SCENARIO...] - judges a run of MCP's conformance suite.

RESULTS is the folder that the suite wrote (-o). A scenario passes when none of its checks failed or warned and at least
one succeeded. EXPECTED (tests/mcp/expected-failures.txt) names what does not, with a reason: whole scenarios, which must
have something that fails, and single checks (SCENARIO:CHECK), each of which must fail while the scenario's others pass.
With SCENARIO only those are looked at. The last line counts; the exit status is 0 when all is as expected.
"""
import json
import re
import sys
from pathlib import Path

FOLDER = re.compile(r"^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$")
BAD = ("FAILURE", "WARNING")


def read_expected(path, server, revision):
    whole, checks = set(), {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        what, dashes, reason = line.partition(" -- ")
        fields = what.split()
        if len(fields) != 3 or not dashes or not reason.strip():
            sys.exit(f"{path}:{number}: not 'SERVER REVISION SCENARIO[:CHECK] -- reason'")
        if fields[:2] != [server, revision]:
            continue
        scenario, colon, check = fields[2].partition(":")
        if colon:
            checks.setdefault(scenario, set()).add(check)
        else:
            whole.add(scenario)
    return whole, checks


def read_results(folder):
    results = {}
    for entry in sorted(folder.iterdir()):
        told = FOLDER.match(entry.name)
        if told:
            results[told[1]] = json.loads((entry / "checks.json").read_text())
    return results


def judge_scenario(name, checks, whole, single):
    """What is not as expected, as lines."""
    bad = {check["id"] for check in checks if check["status"] in BAD}
    good = [check for check in checks if check["status"] == "SUCCESS"]
    if name in whole:
        return [] if bad or not good else [f"{name} passes: take it out of the expected failures"]
    excused = single.get(name, set())
    faults = [f"{name}: {check['status']} {check['id']}: {check.get('errorMessage', '')[:400]}"
              for check in checks if check["status"] in BAD and check["id"] not in excused]
    faults += [f"{name}:{check} passes: take it out of the expected failures" for check in sorted(excused - bad)]
    if not good:
        faults.append(f"{name}: nothing succeeded, so nothing was tried")
    return faults


def main():
    expected, server, revision, folder = Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])
    whole, single = read_expected(expected, server, revision)
    results = read_results(folder)
    if sys.argv[5:]:
        results = {name: checks for name, checks in results.items() if name in sys.argv[5:]}
    faults = [f"{name}: was not run" for name in sorted({*whole, *single, *sys.argv[5:]} - set(results))]
    passed = checks = 0
    for name, result in results.items():
        found = judge_scenario(name, result, whole, single)
        faults += found
        if not found and name not in whole:
            passed += 1
            checks += sum(check["status"] == "SUCCESS" for check in result)
    excused = sum(len(ids) for ids in single.values())
    print("\n".join(faults))
    print(f"{passed} scenarios pass with {checks} checks, {len(whole)} scenarios and {excused} checks fail as expected")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
