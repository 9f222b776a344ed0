# SPDX-License-Identifier: Apache-2.0
"""python_servers.py PYTHONSTART PYTHON - see python-servers.sh."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

ANSWER = b"hello from here"
NOBODY = 65534
SYSTEM = "/usr/bin/python3"
SECONDS = 30
AT_ONCE = 4  # they mostly wait for each other's start and end

FASTAPI = """from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
%s = FastAPI()
@%s.get("/", response_class=PlainTextResponse)
def index():
    return "hello from here"
"""
ASGI = """async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello from here"})
"""
WSGI = """def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello from here"]
"""
FLASK = """from flask import Flask
app = Flask(__name__)
@app.route("/")
def index():
    return "hello from here"
"""
FLASK_FACTORY = """from flask import Flask
def create_app(config=None):
    app = Flask(__name__)
    @app.route("/")
    def index():
        return "hello from here"
    return app
"""
FASTAPI_FACTORY = "def make_app():\n    " + (FASTAPI % ("app", "app")).replace("\n", "\n    ") + "\n    return app\n"
FASTAPI_FACTORY = "from fastapi import FastAPI\n" + FASTAPI_FACTORY
SETTINGS = """SECRET_KEY = "x"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "site1.urls"
MIDDLEWARE = []
DATABASES = {}
WSGI_APPLICATION = "site1.wsgi.application"
"""
URLS = """from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("", lambda request: HttpResponse("hello from here"))]
"""
DJANGO = {
    "manage.py": """import os, sys
def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site1.settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
if __name__ == "__main__":
    main()
""",
    "site1/__init__.py": "",
    "site1/settings.py": SETTINGS,
    "site1/urls.py": URLS,
}
for kind in ("wsgi", "asgi"):
    DJANGO[f"site1/{kind}.py"] = f"""import os
from django.core.{kind} import get_{kind}_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site1.settings")
application = get_{kind}_application()
"""
AIOHTTP = """import os
from aiohttp import web
async def index(request):
    return web.Response(text="hello from here")
app = web.Application()
app.add_routes([web.get("/", index)])
if __name__ == "__main__":
    web.run_app(app, host=os.environ.get("HOST"), port=int(os.environ.get("PORT", "8080")))
"""
TORNADO = """import asyncio, os
import tornado.web
class Index(tornado.web.RequestHandler):
    def get(self):
        self.write("hello from here")
async def main():
    app = tornado.web.Application([("/", Index)])
    app.listen(int(os.environ["PORT"]), "127.0.0.1")
    await asyncio.Event().wait()
if __name__ == "__main__":
    asyncio.run(main())
"""
SANIC = """from sanic import Sanic
from sanic.response import text
app = Sanic("shop")
@app.get("/")
async def index(request):
    return text("hello from here")
"""
PLAIN = """import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from here")
if __name__ == "__main__":
    http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""

# name, files, distributions told, server expected, modules that have to be there
CASES = [
    ("FastAPI, uvicorn", {"main.py": FASTAPI % ("app", "app")}, "uvicorn", "uvicorn", "fastapi uvicorn"),
    ("FastAPI, src layout", {"src/shop/main.py": "from shop import names\n" + FASTAPI % ("api", "api"),
                             "src/shop/__init__.py": "", "src/shop/names.py": ""}, "uvicorn", "uvicorn",
     "fastapi uvicorn"),
    ("FastAPI made by a function, uvicorn", {"app.py": FASTAPI_FACTORY}, "uvicorn", "uvicorn", "fastapi uvicorn"),
    ("FastAPI made by a function, hypercorn", {"app.py": FASTAPI_FACTORY}, "hypercorn", "hypercorn",
     "fastapi hypercorn"),
    ("FastAPI made by a function, granian", {"app.py": FASTAPI_FACTORY}, "granian", "granian", "fastapi granian"),
    ("a name with a hyphen", {"my-app.py": ASGI}, "uvicorn", "uvicorn", "uvicorn"),
    ("plain ASGI, hypercorn", {"app.py": ASGI}, "hypercorn", "hypercorn", "hypercorn"),
    ("plain ASGI, granian", {"app.py": ASGI}, "granian", "granian", "granian"),
    ("plain ASGI, daphne", {"app.py": ASGI}, "daphne", "daphne", "daphne"),
    ("FastAPI, gunicorn by the Procfile",
     {"main.py": FASTAPI % ("app", "app"), "Procfile": "web: gunicorn -k uvicorn.workers.UvicornWorker main:app\n"},
     "gunicorn uvicorn", "gunicorn", "fastapi uvicorn.workers gunicorn"),
    ("FastAPI, gunicorn with uvicorn-worker",
     {"main.py": FASTAPI % ("app", "app"), "Procfile": "web: gunicorn -k uvicorn_worker.UvicornWorker main:app\n"},
     "gunicorn uvicorn-worker", "gunicorn", "fastapi uvicorn_worker gunicorn"),
    ("plain WSGI, gunicorn", {"wsgi.py": WSGI}, "gunicorn", "gunicorn", "gunicorn"),
    ("plain WSGI, waitress", {"wsgi.py": WSGI}, "waitress", "waitress", "waitress"),
    ("plain WSGI, granian", {"wsgi.py": WSGI}, "granian", "granian", "granian"),
    ("Flask, gunicorn", {"app.py": FLASK}, "flask gunicorn", "gunicorn", "flask gunicorn"),
    ("Flask, its own server", {"app.py": FLASK}, "flask", "flask", "flask"),
    ("Flask made by a function, gunicorn", {"shop/__init__.py": FLASK_FACTORY}, "gunicorn", "gunicorn",
     "flask gunicorn"),
    ("Flask made by a function, its own server", {"shop/__init__.py": FLASK_FACTORY}, "flask", "flask", "flask"),
    ("Flask made by a function, waitress", {"shop/__init__.py": FLASK_FACTORY}, "waitress", "waitress",
     "flask waitress"),
    ("Flask made by a function, granian", {"shop/__init__.py": FLASK_FACTORY}, "granian", "granian", "flask granian"),
    ("Flask of another module", {"wsgi.py": "from shop import create_app\napp = create_app()\n",
                                 "shop/__init__.py": FLASK_FACTORY}, "gunicorn", "gunicorn", "flask gunicorn"),
    ("Django, gunicorn", DJANGO, "django gunicorn", "gunicorn", "django gunicorn"),
    ("Django, uvicorn", DJANGO, "django uvicorn", "uvicorn", "django uvicorn"),
    ("Django, hypercorn", DJANGO, "django hypercorn", "hypercorn", "django hypercorn"),
    ("Django, its own server", DJANGO, "django", "", "django"),
    ("Django without manage.py", {k: v for k, v in DJANGO.items() if k != "manage.py"}, "django", "", "django"),
    ("aiohttp", {"app.py": AIOHTTP}, "aiohttp", "", "aiohttp"),
    ("aiohttp, gunicorn", {"app.py": AIOHTTP[: AIOHTTP.index("if __name__")].replace("import os\n", "")},
     "aiohttp gunicorn", "gunicorn", "aiohttp gunicorn"),
    ("Tornado", {"app.py": TORNADO}, "tornado", "", "tornado"),
    ("Sanic", {"app.py": SANIC}, "sanic", "sanic", "sanic"),
    ("a plain module", {"main.py": PLAIN}, "", "", ""),
    ("a package", {"shop/__init__.py": "", "shop/__main__.py": PLAIN}, "", "", ""),
]
ELSEWHERE = {"granian", "daphne", "sanic", "uvicorn_worker"}  # Debian 12 has none, or none that is small

passed = failed = skipped = 0


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
        return
    failed += 1
    print(f"FAILED: {what}")
    for line in str(detail).splitlines()[-25:]:
        print(f"    {line}")


def free_ports(count):
    """Different ones, as they are all held until the last is known."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def get(host, port):
    with socket.create_connection((host, port), timeout=5) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        data = b""
        while block := peer.recv(65536):
            data += block
        return data


def wait_for(process, host, port):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            return get(host, port)
        except OSError:
            time.sleep(0.05)
    return b""


def refuses(host, port):
    try:
        socket.create_connection((host, port), timeout=2).close()
        return False
    except OSError:
        return True


class Started:
    """A server in a session of its own, as a user who can write nowhere."""

    def __init__(self, command, cwd, environment, log):
        other = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
        self.process = subprocess.Popen(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                        stderr=log, start_new_session=True, **other)

    def __enter__(self):
        return self.process

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def start_of(tool, directory, port, distributions):
    asked = subprocess.run([tool, directory, str(port), *distributions.split()], capture_output=True, text=True)
    return json.loads(asked.stdout) if asked.returncode == 0 else asked.stderr


def environment_of(start, root, host, port):
    environment = {"PATH": "/nowhere", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": "/nowhere",
                   "HOME": "/nowhere"}
    if start["root"]:
        environment["PYTHONPATH"] = os.path.join(root, start["root"])
    if start["host_variable"]:
        environment[start["host_variable"]] = host
    if start["port_variable"]:
        environment[start["port_variable"]] = str(port)
    return environment


def run_case(tool, python, work, case, port):
    global skipped
    if not has_modules(python, case[4]):
        absent = python != SYSTEM or any(word in ELSEWHERE for word in case[4].split())
        skipped += 1
        check(f"{case[0]}: installed", absent, f"install what has {case[4]} (tools/packages/test.txt)")
        return
    name, files, distributions, server, _ = case
    root = tempfile.mkdtemp(dir=work)
    for path, text in files.items():
        target = pathlib.Path(root, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for directory, _, _ in os.walk(root):
        os.chmod(directory, 0o555)
    start = start_of(tool, root, port, distributions)
    if isinstance(start, str):
        check(f"{name}: a start", False, start)
        return
    check(f"{name}: the server", start["server"] == server, start)
    # All addresses is what it asks for; here it has to be one of the loopback's, the second where variables say it.
    host = "127.0.0.2" if start["host_variable"] else "127.0.0.1"
    command = [python] + [arg.replace("0.0.0.0", "127.0.0.1") for arg in start["args"]]
    with tempfile.TemporaryFile() as log:
        with Started(command, root, environment_of(start, root, host, port), log) as process:
            answer = wait_for(process, host, port)
            log.seek(0)
            said = log.read().decode(errors="replace")
            check(f"{name}: answers", answer.startswith(b"HTTP/1.1 200") or answer.startswith(b"HTTP/1.0 200"),
                  f"{command}\n{answer!r}\n{said}")
            check(f"{name}: with its own words", ANSWER in answer, answer)
            if start["host_variable"]:
                check(f"{name}: at that address alone", refuses("127.0.0.1", port))
            if start["server"] == "gunicorn":
                check(f"{name}: at all addresses", not refuses("127.0.0.2", port))
        check(f"{name}: ends when it is told to", process.returncode in (0, -15, 143), f"{process.returncode}\n{said}")


def has_modules(python, names):
    code = "import importlib.util as u, sys\nfor n in sys.argv[1:]:\n assert u.find_spec(n), n\n"
    return subprocess.run([python, "-c", code, *names.split()], capture_output=True).returncode == 0


def main(tool, python):
    work = tempfile.mkdtemp(prefix="barehull-python-servers.")
    os.chmod(work, 0o755)
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            jobs = [pool.submit(run_case, tool, python, work, case, port)
                    for case, port in zip(CASES, free_ports(len(CASES)))]
            for job in jobs:
                job.result()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{len(CASES) - skipped} of {len(CASES)} applications started")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main(sys.argv[1], sys.argv[2]))
