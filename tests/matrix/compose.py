# SPDX-License-Identifier: Apache-2.0
"""Holds one resolved Compose project against docker-compose's: compose.py OURS THEIRS DIRECTORY.

OURS is composedump's JSON, THEIRS what `docker-compose config` printed. Both are brought to one form: mappings of
texts, long ports, absolute paths, sets where the order means nothing. Prints what differs; the exit status tells.
"""
import json
import os
import sys

import yaml

KEYED = ("environment", "labels", "sysctls", "annotations", "args")
LISTS = ("tmpfs", "dns", "dns_search", "dns_opt")
SETS = ("cap_add", "cap_drop", "devices", "expose", "security_opt", "profiles")


def text(value):
    """Scalars as texts: 5 and '5' are one."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return {str(key): text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [text(item) for item in value]
    return "" if value is None else str(value)


def keyed(value):
    if isinstance(value, dict):
        return text(value)
    return {item.partition("=")[0]: item.partition("=")[2] for item in map(text, value or [])}


def port(value):
    if isinstance(value, dict):
        return (text(value.get("host_ip")), text(value.get("published")), text(value["target"]),
                value.get("protocol", "tcp"))
    rest, _, protocol = text(value).partition("/")
    head, _, target = rest.rpartition(":")
    address, _, published = head.rpartition(":")
    return (address, published, target, protocol or "tcp")


def volume(value):
    if isinstance(value, dict):
        return (text(value.get("source")), value["target"], "ro" if value.get("read_only") else "rw")
    parts = value.split(":")
    return ("", parts[0], "rw") if len(parts) == 1 else (parts[0], parts[1], parts[2] if len(parts) > 2 else "rw")


def names(value):
    return {item: {} for item in value} if isinstance(value, list) else {k: text(v or {}) for k, v in value.items()}


def depends(value):
    if isinstance(value, list):
        return {item: "service_started" for item in value}
    return {name: item.get("condition", "service_started") for name, item in value.items()}


def build(value, directory):
    if isinstance(value, str):
        value = {"context": value}
    value = {key: keyed(item) if key in KEYED else text(item) for key, item in value.items()}
    value["context"] = os.path.normpath(os.path.join(directory, value.get("context", ".")))
    return value


def healthcheck(value):
    test = value.get("test")
    return text(dict(value, test=["CMD-SHELL", test] if isinstance(test, str) else test))


def service(value, directory):
    out = {}
    for key, item in value.items():
        if key in KEYED:
            out[key] = keyed(item)
        elif key in LISTS:
            out[key] = text(item if isinstance(item, list) else [item])
        elif key in SETS:
            out[key] = sorted(set(text(item)))
        elif key in ("ports", "volumes"):
            out[key] = sorted({port(i) if key == "ports" else volume(i) for i in item})
        elif key in ("secrets", "configs"):
            out[key] = sorted(json.dumps(text({"source": i} if isinstance(i, str) else i), sort_keys=True) for i in item)
        elif key == "networks":
            out[key] = names(item)
        elif key == "depends_on":
            out[key] = depends(item)
        elif key == "build":
            out[key] = build(item, directory)
        elif key == "healthcheck":
            out[key] = healthcheck(item)
        elif key == "deploy":
            out[key] = text(dict(item, labels=keyed(item.get("labels"))))
        else:
            out[key] = text(item)
    return out


def project(root, directory):
    out = {"services": {name: service(item, directory) for name, item in root["services"].items()}}
    for section in ("volumes", "networks"):
        out[section] = {name: text(item or {}) for name, item in (root.get(section) or {}).items()}
    return out


def differences(ours, theirs, path):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            yield from differences(ours.get(key), theirs.get(key), f"{path}.{key}")
    elif ours != theirs:
        yield f"{path[1:]}: {ours!r} is not {theirs!r}"


def unescape(value):
    """docker-compose writes each "$" as "$$", so that its output can be read again."""
    if isinstance(value, dict):
        return {key.replace("$$", "$"): unescape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unescape(item) for item in value]
    return value.replace("$$", "$") if isinstance(value, str) else value


def main():
    ours_path, theirs_path, directory = sys.argv[1:]
    with open(ours_path, encoding="utf-8") as file:
        ours = json.load(file)
    with open(theirs_path, encoding="utf-8") as file:
        theirs = unescape(yaml.safe_load(file))
    found = [f"problem: {problem}" for problem in ours["problems"]]
    found += differences(project(ours["root"], directory), project(theirs, directory), "")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
