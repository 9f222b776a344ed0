#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs competing commands in turn (A B C, A B C, ...) and reports medians and ratios to the first of each group.

Turns, not blocks: what else the machine does then hits all alike, so that ratios hold where figures do not. A case's
`before` prepares a run and is not timed. What a command prints goes to a log; a command that fails ends everything.
"""
import json
import os
import platform
import statistics
import subprocess
import sys
import time


class Case:
    """
    One competitor: ARGV is a list, or text for /bin/sh -e where it takes several programs. It ends with one of
    STATUSES. OUT takes what it prints instead of the log.
    """

    def __init__(self, name, argv, before=None, after=None, env=None, statuses=(0,), out=None):
        self.name, self.before, self.after = name, before, after
        self.statuses, self.out = statuses, out
        self.argv = argv if isinstance(argv, list) else ["/bin/sh", "-ec", argv]
        self.env = {**os.environ, **(env or {})}
        self.times, self.processor = [], []

    def run(self, log, timed=True):
        if self.before:
            self.before()
        start = time.perf_counter()
        pid = os.posix_spawn(self.argv[0], self.argv, self.env, file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, self.out, os.O_WRONLY, 0) if self.out else (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
            (os.POSIX_SPAWN_DUP2, log.fileno(), 2)])
        _, status, usage = os.wait4(pid, 0)
        taken = time.perf_counter() - start
        if os.waitstatus_to_exitcode(status) not in self.statuses:
            log.flush()
            with open(log.name, encoding="utf-8", errors="replace") as text:
                sys.exit(f"bench: '{self.name}' failed:\n" + "".join(text.readlines()[-20:]))
        if timed:
            self.times.append(taken)
            self.processor.append(usage.ru_utime + usage.ru_stime)
        if self.after:
            self.after()

    @property
    def median(self):
        return statistics.median(self.times)


    @property
    def processor_median(self):
        return statistics.median(self.processor)


class Group:
    """
    Cases that do the same work; ratios are to the first: of the time taken, or of processor time where BY says so.
    LIMITS are (what, name, milliseconds): the least processor time of the runs, to which other load only adds.
    """

    def __init__(self, key, title, cases, goals=None, by="time", limits=None):
        self.key, self.title, self.cases, self.goals = key, title, cases, goals or []
        self.by, self.limits = by, limits or []

    def run(self, runs, log, warm_up=True):
        for turn in range(-1 if warm_up else 0, runs):
            for case in self.cases:
                case.run(log, timed=turn >= 0)

    def cost(self, case):
        return case.processor_median if self.by == "processor" else case.median

    def ratio(self, name, other):
        by_name = {case.name: case for case in self.cases}
        return self.cost(by_name[name]) / self.cost(by_name[other])

    def verdicts(self):
        """GOALS are (what, name, other, limit): the median of NAME is at most LIMIT times that of OTHER."""
        for what, name, limit in self.limits:
            ms = [min(case.processor) for case in self.cases if case.name == name][0] * 1e3
            yield {"what": what, "ratio": round(ms, 3), "limit": limit, "met": ms <= limit}
        for what, name, other, limit in self.goals:
            ratio = self.ratio(name, other)
            yield {"what": what, "ratio": round(ratio, 3), "limit": limit, "met": ratio <= limit}

    def report(self):
        first = self.cost(self.cases[0])
        return {
            "key": self.key, "title": self.title,
            "cases": [{"name": c.name, "median_ms": round(c.median * 1e3, 3), "min_ms": round(min(c.times) * 1e3, 3),
                       "max_ms": round(max(c.times) * 1e3, 3), "runs": len(c.times),
                       "processor_ms": round(c.processor_median * 1e3, 3),
                       "processor_min_ms": round(min(c.processor) * 1e3, 3),
                       "ratio": round(self.cost(c) / first, 3)} for c in self.cases],
            "goals": list(self.verdicts()),
        }


def print_group(report):
    print(f"\n{report['title']}")
    print(f"  {'':54} {'median':>10} {'min':>10} {'max':>10} {'ratio':>7} {'processor':>10} {'least':>10}")
    for case in report["cases"]:
        print(f"  {case['name']:54} {case['median_ms']:8.1f}ms {case['min_ms']:8.1f}ms {case['max_ms']:8.1f}ms "
              f"{case['ratio']:6.2f}x {case['processor_ms']:8.1f}ms {case['processor_min_ms']:8.1f}ms")
    for goal in report["goals"]:
        print(f"  {'met   ' if goal['met'] else 'MISSED'} {goal['what']}: {goal['ratio']:.2f} (at most {goal['limit']:.2f})")
    sys.stdout.flush()


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        names = [line.split(":")[1].strip() for line in info if line.startswith("model name")]
    return {"cores": os.cpu_count(), "processor": names[0] if names else platform.machine(),
            "kernel": platform.release().split("-")[0], "load_before": round(os.getloadavg()[0], 2)}


def versions(commands):
    found = {}
    for name, argv in commands.items():
        text = subprocess.run(argv, check=False, capture_output=True, text=True).stdout.strip()
        found[name] = text.splitlines()[0] if text else "?"
    return found


def finish(path, header, reports):
    with open(path, "w", encoding="utf-8") as out:
        json.dump({**header, "groups": reports}, out, indent=2)
        out.write("\n")
    missed = [goal["what"] for report in reports for goal in report["goals"] if not goal["met"]]
    print(f"\n{len(missed)} goals missed" + (": " + "; ".join(missed) if missed else ""))
