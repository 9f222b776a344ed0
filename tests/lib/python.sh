# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/python.sh - real environments for the sample applications in tests/python-apps: made by venv, virtualenv and
# pip, out of wheels that make-wheels makes of Debian's packages; what takes long is kept in $TEST_CACHE/python.
# Needs tests/lib/check.sh, process.sh and barehull.sh.

# Debian's own: another one may come first in PATH.
PYTHON=/usr/bin/python3
PYTHON_LIBRARY=/usr/lib/python3.11

FASTAPI_WHEELS='asgiref fastapi starlette pydantic anyio sniffio idna typing_extensions uvicorn click h11 uvloop httptools
    cryptography cffi'
FLASK_WHEELS='Flask Werkzeug Jinja2 MarkupSafe click itsdangerous gunicorn setuptools'
DJANGO_WHEELS='Django asgiref sqlparse pytz gunicorn setuptools'
HYPERCORN_WHEELS='hypercorn h11 h2 hpack hyperframe priority wsproto toml starlette anyio sniffio idna
    typing_extensions'

LOCAL_WHEELS='uvicorn click h11 asgiref starlette anyio sniffio idna typing_extensions'

# python_begin: wheels in $WHEELS. What is kept is kept for one state of its makers and of the packages it is made of;
# another checkout may be at work with another.
python_begin() {
    local stamp
    need gcc patchelf virtualenv dpkg-query
    PYTHON_APPS=$TESTS/python-apps
    stamp=$({
        cat "$TESTS/lib/python.sh" "$PYTHON_APPS/make-wheels" "$PYTHON_APPS"/fasthash/* "$PYTHON_APPS"/interpreter/*
        # shellcheck disable=SC2016 # dpkg-query's own
        dpkg-query -W -f '${Package} ${Version}\n' 'python3*'
    } | sha256sum | head -c 12)
    PYTHON_CACHE=$TEST_CACHE/python/$stamp
    mkdir -p "$PYTHON_CACHE"
    touch "$PYTHON_CACHE"
    exec 8>"$TEST_CACHE/python.lock"
    flock 8
    find "$TEST_CACHE/python" -mindepth 1 -maxdepth 1 -mtime +6 -exec rm -rf {} +
    flock -u 8
    python_once wheels "$PYTHON_APPS/make-wheels" "$PYTHON_CACHE/wheels" || check_finish
    WHEELS=$MADE
}

# python_once NAME COMMAND...: runs it unless $PYTHON_CACHE/NAME was made before; that path in $MADE.
python_once() {
    local name="$1" status=0
    shift
    MADE=$PYTHON_CACHE/$name
    flock 8
    if [ ! -f "$MADE.made" ]; then
        rm -rf "$MADE"
        mkdir -p "$(dirname "$MADE")"
        check "$name is made" "$@" && touch "$MADE.made" || status=1
    fi
    flock -u 8
    return $status
}

# pip_install PROGRAM WHEEL...: what is in the environment of PROGRAM afterwards is pip's doing.
pip_install() {
    local program="$1"
    shift
    "$PYTHON" -m pip --python "$program" --quiet --disable-pip-version-check --no-cache-dir install --no-index --no-deps \
        --find-links "$WHEELS" --no-warn-script-location "$@"
}

# pip_target DIR WHEEL...: packages beside the application.
pip_target() {
    local dir="$1"
    shift
    "$PYTHON" -m pip --quiet --disable-pip-version-check --no-cache-dir install --no-index --no-deps --find-links "$WHEELS" \
        --target "$dir" "$@"
}

# make_environment KIND DIR WHEEL...: venv, virtualenv, uv or uv-symlink.
make_environment() {
    local kind="$1" dir="$2"
    shift 2
    case $kind in
    venv) "$PYTHON" -m venv "$dir" && pip_install "$dir/bin/python" "$@" ;;
    venv-copies) "$PYTHON" -m venv --copies --without-pip "$dir" && pip_install "$dir/bin/python" --no-compile "$@" ;;
    virtualenv) virtualenv --quiet --python "$PYTHON" "$dir" && pip_install "$dir/bin/python" --no-compile "$@" ;;
    uv) make_uv "$dir" "$STANDALONE" "$@" ;;
    esac
}

# make_uv DIR PREFIX WHEEL...: an environment as uv lays it out, of the interpreter in PREFIX.
make_uv() {
    local dir="$1" prefix="$2" site
    shift 2
    site=$dir/lib/python3.11/site-packages
    mkdir -p "$dir/bin" "$site"
    ln -s lib "$dir/lib64"
    ln -s "$prefix/bin/python3.11" "$dir/bin/python"
    ln -s python "$dir/bin/python3"
    ln -s python "$dir/bin/python3.11"
    echo '*' >"$dir/.gitignore"
    echo 'Signature: 8a477f597d28d172789f06886806bc55' >"$dir/CACHEDIR.TAG"
    cat >"$dir/pyvenv.cfg" <<CFG
home = $prefix/bin
implementation = CPython
uv = 0.5.1
version_info = 3.11.2
include-system-site-packages = false
prompt = shop
CFG
    echo 'import _virtualenv' >"$site/_virtualenv.pth"
    echo '"""Patches that distutils needs; nothing to do."""' >"$site/_virtualenv.py"
    [ $# -eq 0 ] || pip_install "$dir/bin/python" --no-compile "$@" || return 1
    find "$site" -name INSTALLER -exec sh -c 'for file; do printf uv >"$file"; done' sh {} +
}

# python_project APP KIND WHEELS: a copy of the sample with its environment in .venv; the directory in $PROJECT.
python_project() {
    local app="$1" kind="$2"
    PROJECT=$PYTHON_CACHE/projects/$app-$kind
    # shellcheck disable=SC2086
    python_once "projects/$app-$kind.env" make_environment "$kind" "$PROJECT/.venv" $3 || return 1
    python_sources "$app" "$PROJECT"
}

# python_sources APP DIR: the application alone.
python_sources() {
    mkdir -p "$2"
    cp -R "$PYTHON_APPS/$1/." "$2"
    [ "$1" = module ] || cp "$PYTHON_APPS/common/proof.py" "$2"
}

# standalone_begin: a CPython of its own in $STANDALONE, under a prefix that no package knows, as uv installs them: its
# libpython beside it, found by a RUNPATH with $ORIGIN.
standalone_begin() {
    python_once share/uv/python/cpython-3.11.2-linux-x86_64-gnu make_standalone \
        "$PYTHON_CACHE/share/uv/python/cpython-3.11.2-linux-x86_64-gnu" || return 1
    STANDALONE=$MADE
}

make_standalone() {
    local prefix="$1" library="$1/lib/python3.11"
    mkdir -p "$prefix/bin" "$prefix/lib" "$prefix/include/python3.11"
    cp -RL "$PYTHON_LIBRARY" "$library"
    find "$library" -depth -name __pycache__ -exec rm -rf {} +
    rm -rf "$library/sitecustomize.py" "$library/EXTERNALLY-MANAGED" "$library"/config-* "$library/dist-packages"
    cp -L /usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0 "$prefix/lib"
    make_upstream "$library"
    cp /usr/include/python3.11/pyconfig.h "$prefix/include/python3.11"
    gcc -O2 -o "$prefix/bin/python3.11" "$PYTHON_APPS/interpreter/main.c" -L"$prefix/lib" -l:libpython3.11.so.1.0 \
        '-Wl,-rpath,$ORIGIN/../lib' || return 1
    ln -s python3.11 "$prefix/bin/python3"
    ln -s python3.11 "$prefix/bin/python"
    [ "$("$prefix/bin/python3.11" -c 'import sys; print(sys.prefix)')" = "$prefix" ]
}

# make_upstream LIBRARY: site-packages where upstream has it; Debian's interpreter looks for dist-packages.
make_upstream() {
    sed -i 's/"dist-packages"/"site-packages"/g; s/"local\/lib"/"lib"/' "$1/site.py"
    mkdir -p "$1/site-packages"
}

# local_begin: Debian 13's interpreter as /usr/local/bin/python3.13, with an environment that it made in /srv/shop: what
# the builder stage of a Dockerfile has. Below $LOCAL_ROOT; local_mount puts the interpreter in its place for this
# mount namespace alone. Needs mirror_begin amd64 trixie, which has the packages.
local_begin() {
    python_once local-root make_local "$PYTHON_CACHE/local-root" || return 1
    LOCAL_ROOT=$MADE
}

local_mount() {
    mount --bind "$LOCAL_ROOT/usr/local" /usr/local
}

make_local() {
    local root="$1" deb dir
    mkdir -p "$root/debian" "$root/usr/local/bin" "$root/srv/shop"
    for deb in libc6 zlib1g libexpat1 libffi8 python3.13-minimal libpython3.13-minimal libpython3.13-stdlib; do
        dpkg-deb -x "$(find "$TEST_CACHE/mirror-trixie-amd64" -name "${deb}_*.deb" | head -n 1)" "$root/debian" || return 1
    done
    mkdir -p "$root/usr/lib" "$root/usr/local/lib"
    for dir in lib lib64; do
        ln -s "usr/$dir" "$root/$dir"
    done
    cp -R "$root/debian/usr/lib/x86_64-linux-gnu" "$root/usr/lib/"
    cp -R "$root/debian/usr/lib64" "$root/usr/"
    cp "$root/debian/usr/bin/python3.13" "$root/usr/local/bin/"
    ln -s python3.13 "$root/usr/local/bin/python3"
    rm -f "$root/debian/usr/lib/python3.13/sitecustomize.py" "$root/debian/usr/lib/python3.13/EXTERNALLY-MANAGED"
    cp -RL "$root/debian/usr/lib/python3.13" "$root/usr/local/lib/"
    rm -rf "$root/debian"
    make_upstream "$root/usr/local/lib/python3.13"
    chroot "$root" /usr/local/bin/python3.13 -m venv --without-pip /srv/shop/.venv || return 1
    # shellcheck disable=SC2086
    pip_target "$root/srv/shop/.venv/lib/python3.13/site-packages" --python-version 3.13 --only-binary=:all: --no-compile \
        $LOCAL_WHEELS || return 1
    cp "$PYTHON_APPS/hypercorn/main.py" "$PYTHON_APPS/common/proof.py" "$root/srv/shop"
}
