# SPDX-License-Identifier: Apache-2.0
"""python_facts.py PYFACTS SCRATCH ROUNDS SEED - for python-facts.sh. The last line is "N agree, N differ"."""
import csv
import email
import importlib.metadata
import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

from packaging import specifiers, tags, utils, version

PYFACTS, SCRATCH, ROUNDS, SEED = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
RANDOM = random.Random(SEED)
COUNTS = {"agree": 0, "differ": 0}
GLIBC = os.confstr("CS_GNU_LIBC_VERSION").split()[1]


def same(title, ours, theirs):
    if ours == theirs:
        COUNTS["agree"] += 1
        return
    COUNTS["differ"] += 1
    if COUNTS["differ"] < 40:
        print(f"{title}: {ours!r} here, {theirs!r} there")


def ask(questions, platform="x86_64-linux-gnu", release="3.11"):
    done = subprocess.run([PYFACTS, "ask", platform, release, GLIBC], input="\n".join(questions) + "\n",
                          capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


def show(kind, path):
    return json.loads(subprocess.run([PYFACTS, kind, str(path)], capture_output=True, text=True, check=True).stdout)


def random_version():
    pick = RANDOM.choice
    text = pick(["", "", "", "v", "0!", "1!"]) + ".".join(pick(["0", "1", "2", "10", "01"]) for _ in range(pick([1, 2, 3])))
    text += pick(["", "", "", "a1", "b", "rc2", ".alpha.1", "-c_0", "preview3", "A0"])
    text += pick(["", "", "", ".post1", "-1", "-2", ".rev", "r4", ".POST0"])
    text += pick(["", "", "", ".dev0", "dev", "-dev3"])
    text += pick(["", "", "", "+1", "+ab.1", "+Ab_1", "+01-z"])
    if RANDOM.random() < 0.05:
        at = RANDOM.randrange(len(text) + 1)
        text = text[:at] + pick(".-_+! xa1*") + text[at:]
    return text


def order(left, right):
    try:
        a, b = version.Version(left), version.Version(right)
    except version.InvalidVersion:
        return "invalid"
    return "lt" if a < b else "gt" if a > b else "eq"


def random_specifier():
    operator, found = RANDOM.choice(["~=", "==", "!=", "<=", ">=", "<", ">", "===", " >= ", "= "]), random_version()
    if operator == "~=" and order(found, found) == "eq":
        found = str(version.Version(found))
    return operator + found + RANDOM.choice(["", "", "", ".*"])


def contains(wanted, found):
    try:
        version.Version(found)
        return "yes" if specifiers.SpecifierSet(wanted).contains(found, prereleases=True) else "no"
    except (specifiers.InvalidSpecifier, version.InvalidVersion):
        return "invalid"


def try_versions():
    pairs = [(random_version(), random_version()) for _ in range(ROUNDS)]
    for (a, b), ours in zip(pairs, ask(f"cmp {a}\t{b}" for a, b in pairs)):
        same(f"{a} and {b}", ours, order(a, b))
    asked = [(",".join(random_specifier() for _ in range(RANDOM.choice([1, 1, 2]))), random_version())
             for _ in range(ROUNDS)]
    for (wanted, found), ours in zip(asked, ask(f"spec {w}\t{f}" for w, f in asked)):
        # packaging before 24 compares prefixes without regard to the epoch and as they are spelled; "=== x" compares
        # text, and it normalises the version first.
        prefix = "~=" in wanted or ".*" in wanted
        if "===" not in wanted and not (prefix and ("!" in wanted.replace("!=", "") or "!" in found)):
            same(f"{found} in {wanted}", ours, contains(wanted, found))


def try_tags():
    release = "%d.%d" % sys.version_info[:2]
    taken = {str(tag) for tag in tags.sys_tags()}
    pythons = ["cp311", "cp310", "cp312", "cp32", "cp31", "cp3", "py3", "py2", "py311", "py312", "py30", "pp311", "cp27"]
    abis = ["cp311", "cp311d", "cp311t", "cp310", "abi3", "none", "cp311m", "abi4"]
    platforms = ["any", "linux_x86_64", "linux_aarch64", "manylinux1_x86_64", "manylinux2010_x86_64",
                 "manylinux2014_x86_64", "manylinux2014_aarch64", "manylinux_2_17_x86_64", "manylinux_2_5_x86_64",
                 f"manylinux_{GLIBC.replace('.', '_')}_x86_64", "manylinux_2_99_x86_64", "manylinux_3_0_x86_64",
                 "musllinux_1_1_x86_64", "win_amd64", "macosx_11_0_arm64", "manylinux_x86_64"]
    every = [f"{a}-{b}-{c}" for a in pythons for b in abis for c in platforms]
    every += sorted(taken)
    platform = sys.implementation._multiarch
    for tag, ours in zip(every, ask((f"tag {tag}" for tag in every), platform, release)):
        same(f"tag {tag}", ours, "yes" if tag in taken else "no")
    names = ["Flask_SQLAlchemy", "a.-_b", "X", "zope.interface", "ruamel.yaml.clib", "a--b__c..d"]
    for name, ours in zip(names, ask(f"norm {name}" for name in names)):
        same(name, ours, utils.canonicalize_name(name))


def distributions():
    places = {Path(p) for p in sys.path if p.endswith("-packages")} | set(SCRATCH.glob("*/lib/python3*/site-packages"))
    return [p for place in sorted(places) if place.is_dir() for p in sorted(place.iterdir())
            if p.suffix in (".dist-info", ".egg-info")]


def requirement_name(text):
    return re.match(r"[A-Za-z0-9._-]*", text)[0]


def try_distribution(path):
    found = path / "METADATA" if path.suffix == ".dist-info" else path / "PKG-INFO" if path.is_dir() else path
    if found.exists():
        theirs, ours = email.message_from_string(found.read_text()), show("metadata", found)
        for ours_key, key in (("name", "Name"), ("version", "Version"), ("requires_python", "Requires-Python")):
            same(f"{found} {key}", ours[ours_key], (theirs[key] or "").strip())
        same(f"{found} Requires-Dist", ours["requires"],
             [requirement_name(text) for text in theirs.get_all("Requires-Dist") or []])
    if (path / "WHEEL").exists():
        theirs, ours = email.message_from_string((path / "WHEEL").read_text()), show("wheel", path / "WHEEL")
        same(f"{path} tags", ours["tags"], theirs.get_all("Tag") or [])
    if (path / "RECORD").exists():
        with open(path / "RECORD", newline="") as rows:
            theirs = [[r[0], r[1], int(r[2] or -1)] for r in csv.reader(rows) if r]
        same(f"{path} RECORD", show("record", path / "RECORD")["rows"], theirs)
    if (path / "entry_points.txt").exists():
        theirs = importlib.metadata.EntryPoints._from_text((path / "entry_points.txt").read_text())
        same(f"{path} entry points", show("entries", path / "entry_points.txt")["entries"],
             [[e.group, e.name, e.module, e.attr or ""] for e in theirs])


def try_csv():
    """Tables with quotes, commas and line ends in odd places."""
    for number in range(300):
        path = SCRATCH / "odd.csv"
        cells = [["".join(RANDOM.choice('ab",\n ') for _ in range(RANDOM.choice([1, 3, 6]))) for _ in range(3)]
                 for _ in range(RANDOM.choice([1, 4]))]
        with open(path, "w", newline="") as out:
            csv.writer(out, lineterminator=RANDOM.choice(["\n", "\r\n"])).writerows(cells)
        same(f"table {number}", [row[:2] for row in show("record", path)["rows"]], [row[:2] for row in cells])


PROBE = "import sys, site, json; print(json.dumps([sys.prefix, sys.base_prefix, [p for p in sys.path if 'dist-' in p]]))"


def try_environment(title, python, make):
    where = SCRATCH / re.sub(r"\W", "-", title)
    subprocess.run([*make, str(where)], check=True, stdout=subprocess.DEVNULL)
    config = where / "pyvenv.cfg"
    ours = show("venv", config)
    said = json.loads(subprocess.run([python, "-c", "import sys, json; print(json.dumps([sys.version_info[1], "
                      "sys.version_info[2], sys.base_prefix]))"], capture_output=True, text=True, check=True).stdout)
    same(f"{title} minor", ours["minor"], said[0])
    same(f"{title} micro", ours["micro"], said[1])
    same(f"{title} home", Path(ours["home"]).resolve(), Path(said[2], "bin").resolve())
    same(f"{title} maker", ours["maker"], title.split()[0])
    same(f"{title} problems", ours["problems"], 0)
    program = str(where / "bin/python")
    before = subprocess.run([program, "-c", PROBE], capture_output=True, text=True, check=True).stdout
    config.write_text(ours["rewritten"].replace("home = /usr/bin", "home = " + ours["home"]))
    same(f"{title} starts", subprocess.run([program, "-c", PROBE], capture_output=True, text=True).stdout, before)
    for script in sorted((where / "bin").glob("pip*")):
        try_script(script, program)
    for pth in (where / "lib").glob("python3*/site-packages/*.pth"):
        lines = [line.rstrip() for line in pth.read_text().split("\n") if line.strip() and not line.startswith("#")]
        same(f"{pth}", [text for _, text in show("pth", pth)["lines"]], lines)


def try_script(script, interpreter):
    ours = show("script", script)
    same(f"{script} interpreter", Path(ours["interpreter"]).parent, Path(interpreter).parent)
    same(f"{script} module", ours["module"], "pip._internal.cli.main")
    same(f"{script} function", ours["function"], "main")
    script.write_text(ours["rewritten"].replace("#!/usr/bin/python3", "#!" + interpreter))
    done = subprocess.run([str(script), "--version"], capture_output=True, text=True)
    same(f"{script} runs", (done.returncode, done.stdout[:4]), (0, "pip "))


def long_place():
    """distlib writes a shell's head where the interpreter's path has more than 127 bytes, or a space."""
    for name in ("a b", "x" * 120):
        place = SCRATCH / name
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run(["/usr/bin/python3", "-m", "venv", str(place)], check=True, stdout=subprocess.DEVNULL)
        script = place / "bin/pip"
        ours = show("script", script)
        same(f"{script} kind", ours["kind"], "trampoline")
        same(f"{script} interpreter", ours["interpreter"].startswith(str(place / "bin/python3")), True)
        same(f"{script} start", (ours["module"], ours["function"]), ("pip._internal.cli.main", "main"))
        body = ours["rewritten"].split("\n", 1)
        same(f"{script} head", body[0], "#!/usr/bin/python3")
        same(f"{script} body", script.read_text().endswith(body[1]) and body[1].startswith("# -*- coding"), True)


def try_suffixes(python):
    said = json.loads(subprocess.run([python, "-c", "import json, _imp, sys, sysconfig; print(json.dumps(["
                      "_imp.extension_suffixes(), '%d.%d' % sys.version_info[:2] + ('t' if sysconfig.get_config_var("
                      "'Py_GIL_DISABLED') else ''), sys.implementation._multiarch]))"],
                      capture_output=True, text=True, check=True).stdout)
    suffixes = set(said[0])
    others = {f".cpython-3{n}{m}-{p}.so" for n in range(6, 15) for m in ("", "m", "t", "d")
              for p in ("x86_64-linux-gnu", "aarch64-linux-gnu", "x86_64-linux-musl")}
    tried = sorted(suffixes | others | {".abi3.so", ".so", ".pyd", ".pypy39-pp73-x86_64-linux-gnu.so"})
    for suffix, ours in zip(tried, ask((f"ext _x{suffix}" for suffix in tried), said[2], said[1])):
        same(f"{python} {suffix}", ours, "yes" if suffix in suffixes else "no")


PROJECT = """[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "Demo.%s"
version = "0.1"
[project.scripts]
%s = "%s:main"
%s"""


def try_editable(where):
    """setuptools puts the sources' directory into a .pth, or a finder when the layout is none that it knows."""
    site = next((where / "lib").glob("python3*/site-packages"))
    for name, folder, more in (("plain", "src/plain", ""), ("mapped", "mapped",
                               '[tool.setuptools]\npackages = ["mapped"]\n')):
        project = SCRATCH / "project" / name
        (project / folder).mkdir(parents=True)
        (project / folder / "__init__.py").write_text("def main():\n    print('runs')\n")
        (project / "pyproject.toml").write_text(PROJECT % (name, name, name, more))
        subprocess.run([str(where / "bin/pip"), "install", "-q", "--no-build-isolation", "--no-index", "-e", str(project)],
                       check=True)
        url = show("direct-url", next(site.glob(f"[Dd]emo*{name}*.dist-info")) / "direct_url.json")
        same(f"editable {name}", (url["url"], url["editable"]), (project.as_uri(), True))
        kind, text = show("pth", next(site.glob(f"__editable__.[Dd]emo*{name}-0.1.pth")))["lines"][0]
        if name == "plain":
            same("path of an editable install", (kind, text), (0, str(project / "src")))
        else:
            same("finder of an editable install", (kind, text.split(";")[0][:20]), (2, "import __editable___"))
            finder = next(site.glob("__editable___*_finder.py"))
            same("mapping of a finder", show("finder", finder)["mapping"], {name: str(project / folder)})
        script = show("script", where / "bin" / name)
        same(f"script {name}", (script["module"], script["function"]), (name, "main"))


def main():
    try_versions()
    try_tags()
    pythons = ["/usr/bin/python3", *os.environ.get("PYTHONS", "").split()]
    for number, python in enumerate(pythons):
        try_suffixes(python)
        try_environment(f"venv {number}", python, [python, "-m", "venv"])
        try_environment(f"venv system {number}", python, [python, "-m", "venv", "--system-site-packages"])
    try_environment("virtualenv 0", pythons[0], ["virtualenv", "-q", "--no-download", "-p", pythons[0]])
    try_editable(SCRATCH / "virtualenv-0")
    long_place()
    for path in distributions():
        try_distribution(path)
    try_csv()
    print(f"{COUNTS['agree']} agree, {COUNTS['differ']} differ")


main()
