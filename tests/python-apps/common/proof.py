# SPDX-License-Identifier: Apache-2.0
"""What an application finds where it runs: who it is, what it may write, and what of Python works."""
import asyncio
import bz2
import ctypes
import datetime
import errno
import hashlib
import importlib.util
import json
import lzma
import multiprocessing
import os
import socket
import sqlite3
import ssl
import sys
import tempfile
import uuid
import zlib
import zoneinfo


def write(path):
    try:
        with open(path, "w", encoding="utf-8") as out:
            out.write("x")
        os.unlink(path)
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]


def status(key):
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(line.split()[1] for line in lines if line.startswith(key + ":"))


def compressed(module):
    return module.decompress(module.compress(b"hull" * 100)) == b"hull" * 100


def sqlite():
    with tempfile.NamedTemporaryFile(suffix=".db") as file, sqlite3.connect(file.name) as connection:
        connection.execute("create table t (n)")
        connection.executemany("insert into t values (?)", [(40,), (2,)])
        return connection.execute("select sum(n) from t").fetchone()[0]


def square(number, answers):
    answers.put(number * number)


def processes(method):
    context = multiprocessing.get_context(method)
    answers = context.Queue()
    child = context.Process(target=square, args=(7, answers))
    child.start()
    answer = answers.get(timeout=20)
    child.join()
    return answer


async def shell():
    process = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", "print(6 * 7)", stdout=asyncio.subprocess.PIPE)
    return int((await process.communicate())[0])


def security():
    return {"uid": os.getuid(), "gid": os.getgid(), "capabilities": status("CapEff"), "bounding": status("CapBnd"),
            "no_new_privs": status("NoNewPrivs"), "write /": write("/written"),
            "write beside the application": write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "written")),
            "write /tmp": write("/tmp/written"), "shells": [path for path in ("/bin/sh", "/bin/bash", "/usr/bin/dash")
                                                           if os.path.lexists(path)]}


def library():
    utc = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.timezone.utc)
    c_library = ctypes.CDLL(None)
    return {"berlin": utc.astimezone(zoneinfo.ZoneInfo("Europe/Berlin")).isoformat(),
            "ssl authorities": len(ssl.create_default_context().get_ca_certs()) > 100,
            "tls 1.3": ssl.HAS_TLSv1_3, "sha3": hashlib.sha3_256(b"").hexdigest()[:8],
            "scrypt": hashlib.scrypt(b"x", salt=b"y", n=2, r=1, p=1, dklen=2).hex(), "sqlite": sqlite(),
            "ctypes": c_library.abs(-42), "uuid": uuid.uuid5(uuid.NAMESPACE_DNS, "example.org").hex[:8],
            "bz2": compressed(bz2), "lzma": compressed(lzma), "zlib": compressed(zlib), "processes": processes("fork"),
            "https": socket.getservbyname("https"), "utf8": "ä".encode(sys.getfilesystemencoding()).hex()}


def interpreter():
    """How it runs: what differs from one environment to another."""
    return {"executable": sys.executable, "prefix": sys.prefix, "base": sys.base_prefix,
            "version": "%d.%d" % sys.version_info[:2], "unbuffered": os.environ.get("PYTHONUNBUFFERED", ""),
            "writes bytecode": not sys.dont_write_bytecode,
            "has bytecode": os.path.exists(importlib.util.cache_from_source(os.path.abspath(__file__))),
            "standard library has bytecode": os.path.exists(importlib.util.cache_from_source(json.__file__)),
            "directory": os.getcwd()}


def proofs():
    return {"security": security(), "library": library(), "interpreter": interpreter()}


def text(part=None):
    found = proofs()
    return json.dumps(found[part] if part else found, sort_keys=True)
