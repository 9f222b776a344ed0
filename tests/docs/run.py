#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/docs/run.py ROOT SCRATCH - runs the commands that README and docs show, as a reader would type them.

A fenced block of `console` holds commands behind "$ " and what they print; one of `sh` holds commands alone. A command in
any other block, fenced or indented, fails: it would be run by nobody. The commands of one page run one after the other in
one shell, in a directory that SCRATCH/pages/NAME (made by tests/e2e/docs.sh) was copied to. What a console block shows is
compared line by line: figures, digests and times may be others, "..." stands for anything, lines of a log are left out.
A console block that begins with `cat FILE` has a directory of its own, with that file and what the page says is in it. A service that a line starts in the foreground is stopped once it
is up. SERVED pages have one running.

A command that can't be run so is named in ELSEWHERE: with the test that runs it, and the words by which that test does, which
have to be there; or with the reason why nobody does. One that is named there and shown nowhere fails, so that the list does
not rot; a page without a single command that runs fails, too.
Prints "ok: NAME" or "FAILED: NAME" and what was wrong, for each command.
"""
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT, SCRATCH = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
READERS = {"barehull", "make", "curl", "docker", "docker-compose", "kubectl", "kustomize", "helm", "skopeo", "podman", "promtool",
           "healthcheck", "meson", "ninja", "git", "gzip", "jq", "buildah", "umoci", "ctr", "uv", "tools/image",
           "tools/build-server", "bench/run.sh"}


class By(NamedTuple):
    """A test that runs a command, and the words of it that do."""
    test: str
    words: str


DEMO = By("tests/e2e/demo.sh", '"$ROOT/tools/demo" "$build_dir"')
IMAGE = By("tests/e2e/image.sh", '"$ROOT/tools/image" "$build_dir"')
UP = By("tests/e2e/compose.sh", "compose up --detach")
LOAD = By("tests/e2e/compose.sh", "docker_client load --input")
READYZ = By("tests/e2e/compose.sh", '"$URL/readyz"')
MACHINES = By("tests/e2e/image.sh", "linux/amd64 linux/arm64/v8")
COPY = By("tests/e2e/image.sh", "skopeo copy --quiet --all")
INSIDE = By("tests/e2e/compose.sh", "/busybox/sh -c")
ROLLOUT = By("tests/kubernetes/run", '"rollout", "status", "deployment/barehull"')
DEBUG = By("tests/kubernetes/run", 'cluster.kubectl("debug"')
OVERLAY = By("tests/kubernetes/run", 'cluster.kubectl("apply", "-f", "-"')
BUD = By("tests/e2e/dockerfile.sh", "buildah_build")
OUTSIDE = "gcr.io and docker.io are not to be reached from here"
MEASURES = "it measures for minutes"

# Page -> beginnings of commands that are not run here, each with who runs them, or why nobody does.
ELSEWHERE = {
    "README.md": {
        "make demo": DEMO,
        "make test": "it is what runs this",
        "make image": IMAGE,
        "docker load --input": LOAD,
        "docker-compose up": UP,
        "curl -s http://127.0.0.1:8080/readyz": READYZ,
        "curl -s 'http://127.0.0.1:8080/v1/check?format=text'": "docs/http.md has it, and is run",
        "skopeo copy --all": COPY,
        "kubectl apply": OVERLAY,
        "barehull build amd64/server arm64/server": MACHINES,
        "barehull build ./server-arm64 --suite trixie": By("tests/e2e/debug.sh", '"$APPS/chello-arm64" -t arm'),
    },
    "CONTRIBUTING.md": {
        "make build": "make test does",
        "make test": "it is what runs this",
    },
    "docs/benchmarks.md": {
        "make bench": MEASURES,
        "bench/run.sh": MEASURES,
    },
    "docs/images.md": {
        "barehull build amd64/server arm64/server": MACHINES,
        "docker run -it": By("tests/e2e/debug.sh", "/busybox/sh"),
        "docker exec -it": INSIDE,
        "kubectl exec -it": DEBUG,
        "skopeo copy --all": COPY,
        "make image": IMAGE,
    },
    "docs/operations.md": {
        "make image": IMAGE,
        "bench/run.sh": MEASURES,
        "docker load --input": LOAD,
        "docker-compose up": UP,
        "docker-compose --profile metrics up": By("tests/e2e/compose.sh", "compose --profile metrics up --detach"),
        "docker-compose logs": By("tests/e2e/compose.sh", "compose logs --no-log-prefix barehull"),
        "docker inspect": By("tests/e2e/compose.sh", "{{range .State.Health.Log}}{{.Output}}{{end}}"),
        "curl -s http://127.0.0.1:8080/readyz": READYZ,
        "curl -s 'http://127.0.0.1:9090": By("tests/e2e/compose.sh", "/api/v1/targets?state=active"),
        "BAREHULL_IMAGE=barehull:0.1.0 docker-compose": By("tests/e2e/compose.sh", 'BAREHULL_IMAGE="$SERVICE_DEBUG_IMAGE"'),
    },
    "docs/deploy.md": {
        "make image": IMAGE,
        "docker load -i": LOAD,
        "docker-compose up": UP,
        "docker build": By("tests/matrix/dockerfile.sh", "docker_client build"),
        "docker run -it": By("tests/e2e/debug.sh", "/busybox/sh"),
        "curl": READYZ,
        "skopeo copy": COPY,
        "skopeo inspect": OUTSIDE,
        "kubectl apply": OVERLAY,
        "kubectl rollout": ROLLOUT,
        "kubectl label": "it wants a cluster with namespaces of others",
        "kubectl logs": By("tests/kubernetes/run", 'cluster.kubectl("logs"'),
        "kubectl get": By("tests/kubernetes/run", 'cluster.kubectl("get", "events"'),
        "kubectl debug": DEBUG,
    },
    "docs/python.md": {
        "barehull build /app -t shop:1": By("tests/e2e/python-layouts.sh", "/usr/local"),
        "docker run": By("tests/e2e/python-apps.sh", "docker_client run --detach --read-only"),
        "kubectl debug": DEBUG,
    },
    "docs/service.md": {
        "docker build": By("tests/matrix/dockerfile.sh", "docker_client build"),
        "buildah bud": BUD,
        "docker run": By("tests/e2e/compose.sh", "docker_client run --rm"),
        "skopeo inspect": OUTSIDE,
    },
}
# Pages that ask a service which they did not start.
SERVED = {"docs/http.md"}
# Pages without commands that run.
SILENT = {"CONTRIBUTING.md", "docs/benchmarks.md"}
# Commands whose exit status is 1 by what they are for.
FINDS = re.compile(r"^(barehull check|helm template|kustomize build|barehull init .*--diff)\b")

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.S | re.M)


class Command:
    def __init__(self, page, block, text, shown):
        self.page, self.block, self.text, self.shown = page, block, text, shown
        self.first = self.alone = False

    @property
    def name(self):
        return f"{self.page}: {self.text.splitlines()[0][:100]}"


def is_whole(text):
    """Neither a quote nor a line is open."""
    if text.rstrip(" ").endswith("\\"):
        return False
    return subprocess.run(["bash", "-n", "-c", text], stderr=subprocess.DEVNULL, check=False).returncode == 0


def first_word(text):
    words = [word for word in text.split() if "=" not in word]
    return words[0] if words else ""


def whole_commands(lines):
    """Lines of a block of sh, joined where a command goes on."""
    pending = ""
    for line in lines:
        pending = f"{pending}\n{line}" if pending else line
        if not pending.strip() or pending.lstrip().startswith("#"):
            pending = ""
        elif is_whole(pending):
            yield pending
            pending = ""
    if pending:
        yield pending


def console_commands(lines):
    """(command, what is shown below it)"""
    at = 0
    while at < len(lines):
        text, at = lines[at][2:], at + 1
        while not is_whole(text) and at < len(lines):
            text, at = f"{text}\n{lines[at]}", at + 1
        begin = at
        while at < len(lines) and not lines[at].startswith("$ "):
            at += 1
        yield text, lines[begin:at]


def commands_of(page):
    for block, match in enumerate(FENCE.finditer((ROOT / page).read_text()), 1):
        indent, kind, body = match.groups()
        lines = [line[len(indent):] for line in body.splitlines()]
        if kind == "console":
            commands = [Command(page, block, text, shown) for text, shown in console_commands(lines)]
            commands[0].first = True
            for command in commands:
                command.alone = made_by(commands[0]) is not None
            yield from commands
        elif kind == "sh":
            for text in whole_commands(lines):
                yield Command(page, block, text, None)


def hidden_in(page):
    """Lines that look like commands, and stand where nobody runs them."""
    kind = None
    for line in (ROOT / page).read_text().splitlines():
        fence = re.match(r" *```(\w*)", line)
        if fence:
            kind = fence[1] if kind is None else None
        elif kind not in ("sh", "console") and (kind is not None or line.startswith("    ")):
            if line.lstrip().startswith("$ ") or first_word(line) in READERS:
                yield line.strip()


def pattern_of(line):
    """What a shown line stands for."""
    parts = re.split(r"(\.\.\.|\b(?:sha256:)?[0-9a-f]{12,}\b|\d+(?:\.\d+)? m?s\b|\d+(?:\.\d+)?(?: ?[kMG]?B\b)?|\s+)", line.rstrip())
    out = ""
    for part in parts:
        if part == "...":
            out += r".*"
        elif re.fullmatch(r"(?:sha256:)?[0-9a-f]{12,}", part):
            out += r"(?:sha256:)?[0-9a-f]{12,}"
        elif re.fullmatch(r"\d.* m?s", part):
            out += r"\d+(?:\.\d+)? m?s"
        elif re.fullmatch(r"\d.*", part):
            out += r"\d+(?:\.\d+)?(?: ?[kMG]?B)?"
        elif part.isspace():
            out += r"\s+"
        else:
            out += re.escape(part)
    return re.compile(out + "$")


def without_luck(line):
    """Whether a layer was in the cache is not the page's to say."""
    return re.sub(r"(B)\s+cached$", r"\1", line.rstrip())


def is_log(line):
    return line.startswith('{"time":')


def agrees_in_one(shown, printed):
    """A page may break a long line: the same without white space."""
    def squeeze(lines):
        return re.sub(r"\s+", "", "".join(lines))
    return bool(pattern_of(squeeze(shown)).match(squeeze(printed)))


def compare(shown, printed):
    """What of SHOWN is not in PRINTED, or the other way round; None when they agree."""
    shown = [without_luck(line) for line in shown if line.strip()]
    printed = [without_luck(line) for line in printed if line.strip() and not is_log(line)]
    at = 0
    if agrees_in_one(shown, printed):
        return None
    for index, line in enumerate(shown):
        if line.strip() == "...":
            if index + 1 == len(shown):
                return None
            following = pattern_of(shown[index + 1])
            while at < len(printed) and not following.match(printed[at]):
                at += 1
            continue
        if at >= len(printed):
            return f"shown, but not printed: {line}"
        if not pattern_of(line).match(printed[at]):
            return f"shown:   {line}\nprinted: {printed[at]}"
        at += 1
    return f"printed, but not shown: {printed[at]}" if at < len(printed) else None


def is_elsewhere(command, used):
    for beginning in ELSEWHERE.get(command.page, {}):
        if command.text.startswith(beginning):
            used.add((command.page, beginning))
            return True
    return False


def made_by(command):
    """The name of the file that a console block begins with; or None."""
    name = re.match(r"cat ([\w./-]+)$", command.text)
    return name[1] if name and command.shown and command.first else None


def directory_of(command):
    """Where a block runs: in what it shows, or in a copy of what tests/e2e/docs.sh made for its page."""
    name = command.page.replace("/", "-")
    directory, source = SCRATCH / "work" / name, SCRATCH / "pages" / name
    if command.alone:
        directory = Path(f"{directory}.{command.block}")
        source = Path("/nowhere")
    if not directory.exists():
        directory.parent.mkdir(exist_ok=True)
        if source.is_dir():
            subprocess.run(["cp", "-a", "--reflink=auto", source, directory], check=True)
        else:
            directory.mkdir()
    if made_by(command):
        (directory / made_by(command)).write_text("\n".join(command.shown) + "\n")
    return directory


def is_foreground_service(text):
    return re.search(r"\bbarehull serve\b", text) and not re.search(r"--stdio|--check-config|&\s*$|\|", text)


def script_of(command, directory, out):
    """The text that runs COMMAND, its output and status in files."""
    text = f"cd '{directory}'\n{{ {command.text}\n}} >'{out}.out' 2>&1 </dev/null"
    if is_foreground_service(command.text):
        return f"{text} &\nwait_for_service\npkill -P $!\nwait $!\necho $? >'{out}.status'"
    text += f"\necho $? >'{out}.status'"
    return f"{text}\nwait_for_service" if re.search(r"&\s*$", command.text) else text


def run_page(page, commands):
    """One shell for the page; (status, lines) of each command."""
    script = ["trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"]
    if page in SERVED:
        script.append("ALLOWED_ORIGINS=none barehull serve 2>/dev/null &\nwait_for_service")
    outs = []
    for index, command in enumerate(commands):
        directory = directory_of(command)
        outs.append(Path(f"{directory}.{index}"))
        script.append(script_of(command, directory, outs[-1]))
    runner = SCRATCH / "work" / f"{page.replace('/', '-')}.bash"
    runner.write_text((SCRATCH / "functions.bash").read_text() + "\n".join(script) + "\n")
    try:
        subprocess.run(["bash", runner], timeout=120, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        pass
    for out in outs:
        status, text = Path(f"{out}.status"), Path(f"{out}.out")
        lines = text.read_text(errors="replace").splitlines() if text.exists() else []
        yield (int(status.read_text()) if status.exists() else None), lines


def judge(command, status, lines):
    if status is None:
        return "it did not end"
    if command.shown:
        return compare(command.shown, lines)
    if status != 0 and not (status == 1 and FINDS.search(command.text)):
        return f"exit status {status}"
    return None


def report(name, problem, lines=()):
    print(f"FAILED: {name}" if problem else f"ok: {name}")
    if problem:
        for line in [*problem.splitlines(), *lines[:15]]:
            print(f"    {line}")


def judge_elsewhere(page, beginning, who):
    """A test that is named runs, and does what is said of it."""
    if isinstance(who, By):
        script = ROOT / who.test
        if not script.is_file() or not os.access(script, os.X_OK):
            report(f"{page}: '{beginning}'", f"there is no test {who.test}")
        elif who.words not in script.read_text():
            report(f"{page}: '{beginning}'", f"{who.test} does not say: {who.words}")
        else:
            report(f"{page}: '{beginning}' is run by {who.test}", None)


def main():
    used, unused = set(), {(page, text) for page, texts in ELSEWHERE.items() for text in texts}
    for page in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]:
        shown = list(commands_of(page))
        here = [command for command in shown if not is_elsewhere(command, used)]
        if shown and not here and page not in SILENT:
            report(page, "none of its commands is run")
        for line in hidden_in(page):
            report(f"{page}: {line[:100]}", "it stands in a block that is neither sh nor console")
        for command, (status, lines) in zip(here, run_page(page, here) if here else []):
            report(command.name, judge(command, status, lines), lines)
    for page, texts in ELSEWHERE.items():
        for beginning, who in texts.items():
            judge_elsewhere(page, beginning, who)
    for page, text in sorted(unused - used):
        report(f"{page}: '{text}' of ELSEWHERE", "it is not shown any more")


main()
