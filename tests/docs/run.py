#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/docs/run.py ROOT SCRATCH - runs the commands that README and docs show, as a reader would type them.

A fenced block of `console` (or one whose first line begins with "$ ") holds commands and what they print; one of `sh` (or
whose first word is a program that READERS type) holds commands alone. The commands of one page run one after the other in
one shell, in a directory that SCRATCH/pages/NAME (made by tests/e2e/docs.sh) was copied to. What a console block shows is
compared line by line: figures, digests and times may be others, "..." stands for anything, lines of a log are left out.
A console block that begins with `cat FILE` has a directory of its own, with that file and what the page says is in it. A service that a line starts in the foreground is stopped once it
is up. SERVED pages have one running.

A command that can't be run so is named in ELSEWHERE, with the test that runs it or the reason. One that is named there and
shown nowhere fails, so that the list does not rot; a page without a single command that runs fails, too.
Prints "ok: NAME" or "FAILED: NAME" and what was wrong, for each command.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT, SCRATCH = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
READERS = {"barehull", "make", "curl", "docker", "docker-compose", "kubectl", "kustomize", "helm", "skopeo", "podman", "promtool",
           "healthcheck", "meson", "ninja", "git", "gzip", "jq", "buildah", "tools/image"}

# Page -> beginnings of commands that are not run here, each with who runs them.
ELSEWHERE = {
    "README.md": {
        "barehull build ./server-arm64 --suite trixie": "tests/e2e/determinism.sh and debug.sh, the machine and the release",
        "make demo": "tests/e2e/demo.sh",
        "make test": "it is what runs this",
    },
    "CONTRIBUTING.md": {
        "make build": "make test does",
        "make test": "it is what runs this",
    },
    "docs/operations.md": {
        "make image": "tests/e2e/image.sh",
        "bench/run.sh": "it measures for minutes",
        "docker": "tests/e2e/compose.sh, with an engine",
        "curl -s http://127.0.0.1:8080/readyz": "tests/e2e/compose.sh, through the published port",
        "curl -s 'http://127.0.0.1:9090": "tests/e2e/compose.sh, with Prometheus beside it",
        "BAREHULL_IMAGE=barehull:0.1.0 docker-compose": "tests/e2e/compose.sh, which replaces one variant by the other",
    },
    "docs/deploy.md": {
        "make image": "tests/e2e/image.sh",
        "docker": "tests/e2e/compose.sh and dockerfile.sh, with an engine; tests/e2e/debug.sh for the debug variant",
        "curl": "tests/e2e/compose.sh, with the service up",
        "skopeo": "tests/e2e/image.sh copies the layout; gcr.io is not to be reached from here",
        "kubectl apply": "tests/kubernetes/run, with a cluster",
        "kubectl rollout": "tests/kubernetes/run, with a cluster",
        "kubectl label": "it wants a cluster",
        "kubectl logs": "tests/kubernetes/run, with a cluster",
        "kubectl get": "tests/kubernetes/run, with a cluster",
        "kubectl debug": "tests/kubernetes/run, with a cluster",
    },
    "docs/python.md": {
        "barehull build /app -t shop:1": "tests/e2e/python-layouts.sh, for an environment elsewhere",
        "docker run": "tests/e2e/python-apps.sh, with an engine",
    },
}
# Pages that ask a service which they did not start.
SERVED = {"docs/http.md"}
# Pages without commands that run.
SILENT = {"CONTRIBUTING.md"}
# Commands whose exit status is 1 by what they are for.
FINDS = re.compile(r"^(barehull check|helm template|kustomize build)\b")

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
        if kind in ("", "console") and lines and lines[0].startswith("$ "):
            commands = [Command(page, block, text, shown) for text, shown in console_commands(lines)]
            commands[0].first = True
            for command in commands:
                command.alone = made_by(commands[0]) is not None
            yield from commands
        elif kind == "sh" or (kind == "" and lines and first_word(lines[0]) in READERS):
            for text in whole_commands(lines):
                yield Command(page, block, text, None)


def pattern_of(line):
    """What a shown line stands for."""
    parts = re.split(r"(\.\.\.|\b(?:sha256:)?[0-9a-f]{12,}\b|\d+(?:\.\d+)?(?: ?[kMG]?B\b)?|\s+)", line.rstrip())
    out = ""
    for part in parts:
        if part == "...":
            out += r".*"
        elif re.fullmatch(r"(?:sha256:)?[0-9a-f]{12,}", part):
            out += r"(?:sha256:)?[0-9a-f]{12,}"
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


def main():
    used, unused = set(), {(page, text) for page, texts in ELSEWHERE.items() for text in texts}
    for page in ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]:
        shown = list(commands_of(page))
        here = [command for command in shown if not is_elsewhere(command, used)]
        if shown and not here and page not in SILENT:
            report(page, "none of its commands is run")
        for command, (status, lines) in zip(here, run_page(page, here) if here else []):
            report(command.name, judge(command, status, lines), lines)
    for page, text in sorted(unused - used):
        report(f"{page}: '{text}' of ELSEWHERE", "it is not shown any more")


main()
