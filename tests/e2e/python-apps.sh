#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/python-apps.sh BUILD_DIR - Python applications become images with one command and run hardened under crun,
# runc, podman and Docker: user 65532 over a read-only root, no capabilities, spoken to over HTTP, ended by TERM.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/docker.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/python.sh"
. "$LIB/python_image.sh"
engines_begin "$@"
barehull_begin "$@"
cache_share
need crun runc podman dockerd umoci jq curl nsenter skopeo
python_begin
mirror_begin
netns_start

# shellcheck disable=SC2034 # of python_image
LAYOUT=$SCRATCH/images
VENV=/app/.venv/bin/python

entrypoint() {
    jq -c '.config.Entrypoint + (.config.Cmd // [])' "$BUNDLE/image.json"
}

variable() {
    jq -r --arg name "$1" '.config.Env[] | select(startswith($name + "=")) | ltrimstr($name + "=")' "$BUNDLE/image.json"
}

# promises NAME: what every image of an application in Python has, and has not.
promises() {
    check_eq "$1: user and directory" "65532:65532 /app" "$(jq -r '.config | .User + " " + .WorkingDir' "$BUNDLE/image.json")"
    check_eq "$1: variables" "C.UTF-8 1 1" \
        "$(variable LANG) $(variable PYTHONUNBUFFERED) $(variable PYTHONDONTWRITEBYTECODE)"
    check_eq "$1: no shell, no pip, no caches of others, nothing to develop with" "" "$(cd "$BUNDLE/rootfs" &&
        find . \( -name sh -o -name bash -o -name dash -o -name busybox -o -name 'apt*' -o -name dpkg -o -name pip \
            -o -name 'pip[0-9]*' -o -name 'activate*' -o -name '*.a' -o -name '*.h' -o -name idlelib -o -name lib2to3 \) \
            ! -type d -o \( -name pip -o -name 'pip-*' -o -name tests \) -type d -path '*site-packages*')"
    check_eq "$1: every interpreter named in a script is there" "" "$(grep -rIl '^#!' "$BUNDLE/rootfs/app" | while read -r script; do
        program=$(sed -n '1s/^#! *\([^ ]*\).*/\1/p' "$script")
        case $program in
        /bin/sh | /usr/bin/env) ;;
        *) [ -L "$BUNDLE/rootfs$program" ] || [ -e "$BUNDLE/rootfs$program" ] || echo "$script: $program" ;;
        esac
    done)"
    check_not "$1: nothing of where it was made" grep -rqF "$PYTHON_CACHE" "$BUNDLE/rootfs" "$BUNDLE/image.json"
}

# --- FastAPI, uvicorn, cryptography, in a venv ---------------------------------------------------------------------

fastapi_answers() {
    check_eq "$1: keeps a note" '{"id":1}' "$(answer /notes --json '{"text": "grüße"}')" || server_log
    check_eq "$1: and gives it back, by way of a native extension" \
        '{"text":"grüße","sha256":"8285d1ad84c6b6e475d3b50dbf90389c8c7a07a278d9ae46d5698cbe872e3834","encrypted":true}' \
        "$(answer /notes/1)"
    check_eq "$1: refuses what is no note" 422 \
        "$(answer /notes --no-fail -o /dev/null -w '%{http_code}' --json '{"test": 1}')"
}

python_project fastapi venv "$FASTAPI_WHEELS"
FASTAPI=$PROJECT
if python_image fastapi "$FASTAPI" --health /healthz --health-interval 1s --health-start-period 5s \
    -o "docker-archive:$SCRATCH/fastapi.tar"; then
    promises fastapi
    check_eq "fastapi: starts without a shell" '["/app/.venv/bin/python","-m","uvicorn","app:app"]' "$(entrypoint)"
    check_eq "fastapi: the port, by uvicorn's own variables" "0.0.0.0 8000" "$(variable UVICORN_HOST) $(variable UVICORN_PORT)"
    check_eq "fastapi: the port is exposed" '{"8000/tcp":{}}' "$(jq -c .config.ExposedPorts "$BUNDLE/image.json")"
    python_tells
    start_oci crun "$BUNDLE"
    answers "fastapi under crun" '{"status":"ok"}' http://127.0.0.1:8000/healthz
    fastapi_answers "fastapi"
    python_proves "fastapi" $VENV /app/.venv /usr 3.11
    python_compiles_nothing "fastapi"
    python_stops "fastapi" crun
fi

# --- Flask, gunicorn, in a virtualenv ------------------------------------------------------------------------------

python_project flask virtualenv "$FLASK_WHEELS"
if python_image flask "$PROJECT"; then
    promises flask
    check_eq "flask: starts without a shell" \
        '["/app/.venv/bin/python","-m","gunicorn","--worker-tmp-dir","/dev/shm","wsgi:app"]' "$(entrypoint)"
    check_eq "flask: the port, by the one variable that gunicorn reads" 8000 "$(variable PORT)"
    python_tells
    start_oci runc "$BUNDLE"
    answers "flask under runc" "ok" http://127.0.0.1:8000/healthz
    answer /hello/hull -c "$SCRATCH/jar" >/dev/null
    check_has "flask: a template, its base and a signed session" "$(answer /hello/hull -b "$SCRATCH/jar")" \
        "<!doctype html><title>hello</title><p>hull: 2</p>" || server_log
    check_eq "flask: a static file" "body { margin: 0 }" "$(answer /static/style.css)"
    python_proves "flask" $VENV /app/.venv /usr 3.11
    python_compiles_nothing "flask"
    python_stops "flask" runc
fi

# --- Django with a database in /tmp --------------------------------------------------------------------------------

django_answers() {
    check_eq "$1: orders" '{"id": 1}{"id": 2}' "$(answer /orders -d '{"customer": "ann", "cents": 123456}')$(answer /orders \
        -d '{"customer": "ann", "cents": 44}')" || server_log
    check_eq "$1: a query, and the locale's numbers" '{"cents": 123500, "text": "1235,00"}' "$(answer '/total?customer=ann')"
}

python_project django venv-copies "$DJANGO_WHEELS"
DJANGO=$PROJECT
if python_image django "$DJANGO" -o "docker-archive:$SCRATCH/django.tar"; then
    promises django
    check_eq "django: starts without a shell" \
        '["/app/.venv/bin/python","-m","gunicorn","--worker-tmp-dir","/dev/shm","shop.wsgi:application"]' "$(entrypoint)"
    python_tells
    start_oci crun "$BUNDLE"
    answers "django under crun" "ok" http://127.0.0.1:8000/healthz
    django_answers django
    python_proves "django" $VENV /app/.venv /usr 3.11
    python_compiles_nothing "django"
    python_stops "django" crun
fi

# --- the same from Debian's packages -------------------------------------------------------------------------------

python_sources fastapi "$SCRATCH/debian/fastapi"
python_sources django "$SCRATCH/debian/django"
python_sources hypercorn "$SCRATCH/debian/hypercorn"
if python_image debian-fastapi "$SCRATCH/debian/fastapi" --package python3-fastapi --package python3-uvicorn \
    --package python3-cryptography; then
    check_eq "debian fastapi: starts without a shell" '["/usr/bin/python3.11","-m","uvicorn","app:app"]' "$(entrypoint)"
    python_tells
    start_oci runc "$BUNDLE"
    answers "debian fastapi under runc" '{"status":"ok"}' http://127.0.0.1:8000/healthz
    fastapi_answers "debian fastapi"
    python_proves "debian fastapi" /usr/bin/python3.11 /usr /usr 3.11
    python_compiles_nothing "debian fastapi"
    python_stops "debian fastapi" runc
fi
if python_image debian-django "$SCRATCH/debian/django" --package python3-django --package python3-gunicorn; then
    python_tells
    start_oci crun "$BUNDLE"
    answers "debian django under crun" "ok" http://127.0.0.1:8000/healthz
    django_answers "debian django"
    python_compiles_nothing "debian django"
    python_stops "debian django" crun
fi
if python_image debian-hypercorn "$SCRATCH/debian/hypercorn" --package python3-hypercorn --package python3-starlette \
    --port 8000; then
    check_eq "debian hypercorn: the port is in the command" \
        '["/usr/bin/python3.11","-m","hypercorn","--bind","0.0.0.0:8000","main:app"]' "$(entrypoint)"
    python_tells
    start_oci runc "$BUNDLE"
    answers "debian hypercorn under runc" "ok" http://127.0.0.1:8000/healthz
    check_eq "debian hypercorn: HTTP/2 in the clear" 2 "$(answer /version --http2-prior-knowledge)"
    python_compiles_nothing "debian hypercorn"
    python_stops "debian hypercorn" runc
fi

# --- a script, a module --------------------------------------------------------------------------------------------

python_sources script "$SCRATCH/script"
printf 'import sys\n\nprint("grüße aus", sys.argv)\n' >"$SCRATCH/hello.py"
if python_image hello "$SCRATCH/hello.py"; then
    check_eq "hello.py: one file, in UTF-8" "grüße aus ['/app/hello.py', 'a b']" "$(run_oci crun "$BUNDLE" "a b" 2>&1)"
fi
if python_image script-directory "$SCRATCH/script" --language python; then
    ANSWER=$(run_oci runc "$BUNDLE" library 2>&1)
    check_eq "script: the standard library works" "$PYTHON_WORKS" "$(part .)"
    check_eq "script: further processes start by the interpreter's own path" "49 49 42" "$(run_oci crun "$BUNDLE" spawn 2>&1)"
fi
python_project module virtualenv "numpy fasthash"
if python_image module "$PROJECT" --module inventory; then
    promises module
    check_eq "module: libraries that wheels bring, data, metadata, find_library" "solution: [1.0, 3.0]
hash: 6e7eacee
data: ten crates
version: 1.24.2
C library: libc.so.6" "$(run_oci runc "$BUNDLE" 2>&1)"
fi

# --- podman and Docker ---------------------------------------------------------------------------------------------

podman_begin
if check "podman loads django" pod load --quiet --input "$SCRATCH/django.tar"; then
    start_podman localhost/django:django
    answers "podman: django" "ok" http://127.0.0.1:8000/healthz
    django_answers "podman: django"
    check_eq "podman: TERM ends django" 0 "$(pod stop --time 5 "$RUN_ID" >/dev/null && pod wait "$RUN_ID")"
    stop_podman "$RUN_ID"
fi

docker_begin
docker_healthy() {
    [ "$(docker_client inspect --format '{{.State.Health.Status}}' "$1")" = healthy ]
}
if check "docker loads fastapi" docker_client load --input "$SCRATCH/fastapi.tar"; then
    id=$(docker_client run --detach --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --network none \
        localhost/fastapi:fastapi)
    check "docker: fastapi turns healthy" wait_until 20 docker_healthy "$id" || docker_client logs "$id"
    docker_client stop --time 5 "$id" >/dev/null
    check_eq "docker: TERM ends it" 0 "$(docker_client inspect --format '{{.State.ExitCode}}' "$id")"
    docker_client rm --force "$id" >/dev/null
fi

check_finish
