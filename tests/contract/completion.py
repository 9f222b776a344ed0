#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/contract/completion.py BUILD - the three completion scripts, asked in their own shells."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

BUILD = Path(sys.argv[1]).resolve()
passed = failed = 0


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}\n    {detail}")


# The line as typed, and what must (not) be offered; files are in the directory where the shell runs.
CASES = [
    ("", {"echo", "fail", "help", "version"}, {"--help"}),
    ("ec", {"echo"}, {"fail"}),
    ("echo --", {"--path", "--no-on", "--number", "--format", "--help"}, {"--secret", "--man"}),
    ("echo --pa", {"--path"}, {"--map"}),
    ("echo --choice ", {"red", "green", "blue"}, {"a-file"}),
    ("echo -c ", {"red", "green", "blue"}, set()),
    ("echo --choice=gr", {"green"}, {"red"}),
    ("echo -p ", {"a-file", "a-dir"}, set()),
    ("echo --path a-f", {"a-file"}, {"a-dir"}),
    ("echo --out-path a-", {"a-dir"}, {"a-file"}),
    ("echo --format ", {"text", "json"}, set()),
    ("--format json ec", {"echo"}, {"fail"}),
    ("help e", {"echo"}, {"fail"}),
    ("completion ", {"bash", "zsh", "fish"}, set()),
    ("fail --offline li", {"library-missing", "limit-exceeded"}, {"elf"}),
]


def clean(words):
    """Without the option in front of "=", descriptions, and the slash behind directories."""
    plain = set()
    for word in words:
        word = word.split("\t")[0].strip().rstrip("/")
        plain.add(word.split("=", 1)[1] if word.startswith("--") and "=" in word and not word.endswith("=") else
                  word.rstrip("="))
    return plain


def ask_bash(line, work, script):
    driver = r'''
source "$1"; line="barehull $2"
# As readline splits it: at blanks, and around "=".
COMP_WORDS=(); for word in $line; do
    while [[ $word == *=* ]]; do COMP_WORDS+=("${word%%=*}" "="); word=${word#*=}; done
    [[ -n $word ]] && COMP_WORDS+=("$word")
done
[[ $line == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$line; COMP_POINT=${#line}
_barehull; printf '%s\n' "${COMPREPLY[@]}"
'''
    return subprocess.run(["bash", "-c", driver, "bash", script, line], cwd=work, capture_output=True, text=True)


def ask_fish(line, work, script):
    return subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C $argv[1]", f"barehull {line}"],
                          cwd=work, capture_output=True, text=True, env={**os.environ, "HOME": str(work.parent)})


def ask_zsh(line, work, script):
    """zsh completes in a terminal only: the list that the tab key shows there."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 200, 0, 0))
    shell = subprocess.Popen(["zsh", "-f", "-i"], stdin=slave, stdout=slave, stderr=slave, cwd=work,
                             start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                             env={"PATH": "/usr/bin:/bin", "TERM": "dumb", "HOME": "/nonexistent", "LC_ALL": "C"})
    os.close(slave)

    def read_until(mark, count=1, seconds=15):
        seen, end = b"", time.monotonic() + seconds
        while seen.count(mark) < count and time.monotonic() < end:
            if select.select([master], [], [], 0.2)[0]:
                seen += os.read(master, 65536)
        return seen

    setup = f"""PROMPT='@''> ' RPS1= PROMPT_EOL_MARK=; autoload -U compinit; compinit -u -D; source {script}; LISTMAX=0
zstyle ':completion:*' verbose false; bindkey '^I' list-choices"""
    os.write(master, setup.replace("\n", "; ").encode() + b"\n")
    read_until(b"@> ")  # from here on it is the line editor that reads
    os.write(master, f"barehull {line}\t".encode())
    seen = read_until(f"barehull {line}".encode(), 2, 3).decode(errors="replace")
    shell.kill()
    shell.wait()
    os.close(master)
    # What is listed stands between the first and the second line that shows what was typed.
    lists = seen.split(f"barehull {line}")
    words = lists[1].split() if len(lists) > 2 else []
    return subprocess.CompletedProcess([], 0, "\n".join(words), "")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch) / "work"
        (work / "a-dir").mkdir(parents=True)
        (work / "a-file").write_text("")
        scripts = {}
        for shell in ("bash", "fish", "zsh"):
            scripts[shell] = Path(scratch) / f"completion.{shell}"
            text = subprocess.run([BUILD / "tests/cli/hullops", "completion", shell], stdout=subprocess.PIPE, check=True)
            scripts[shell].write_bytes(text.stdout)
            syntax = subprocess.run([shell, "-n", scripts[shell]], capture_output=True, text=True)
            check(f"{shell} reads the script", syntax.returncode == 0 and not syntax.stderr, syntax.stderr)
        lint = subprocess.run(["shellcheck", "-s", "bash", "-e", "SC2207", scripts["bash"]], capture_output=True, text=True)
        check("shellcheck finds nothing in the script for bash", lint.returncode == 0, lint.stdout)
        for shell, ask in (("bash", ask_bash), ("fish", ask_fish), ("zsh", ask_zsh)):
            for line, wanted, unwanted in CASES:
                if shell == "fish" and line == "":
                    unwanted = set()  # fish offers options for an empty word too
                done = ask(line, work, str(scripts[shell]))
                got = clean(done.stdout.splitlines())
                check(f"{shell}: 'barehull {line}'", wanted <= got and not unwanted & got and not done.stderr,
                      f"{sorted(got)} {done.stderr}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
