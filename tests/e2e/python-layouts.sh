#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/python-layouts.sh BUILD_DIR - however a project's packages and its interpreter lie on this machine, the image
# runs: venv, virtualenv, uv, --target, an environment elsewhere; interpreters of the archive, of uv, under /usr/local.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/python.sh"
. "$LIB/python_image.sh"
engines_begin "$@"
barehull_begin "$@"
cache_share
need crun runc umoci jq curl nsenter
python_begin
mirror_begin
netns_start
standalone_begin || check_finish

# shellcheck disable=SC2034 # of python_image
LAYOUT=$SCRATCH/images
VENV=/app/.venv/bin/python

entrypoint() {
    jq -c '.config.Entrypoint + (.config.Cmd // [])' "$BUNDLE/image.json"
}

packages_of_python() {
    find "$BUNDLE/rootfs/var/lib/dpkg/status.d" -name '*python*' ! -name '*.md5sums' -printf '%f\n' | sort | paste -sd' ' -
}

# runs WHAT ENGINE EXECUTABLE PREFIX BASE VERSION: the image's server answers, and proves all that it should.
runs() {
    python_tells
    start_oci "$2" "$BUNDLE"
    answers "$1: answers" "ok" http://127.0.0.1:8000/healthz
    python_proves "$1" "$3" "$4" "$5" "$6"
    python_compiles_nothing "$1"
    python_stops "$1" "$2"
}

first_line() {
    head -n 1 "$BUNDLE/rootfs/$1"
}

# content NAME: configuration and layers; the manifest's title differs where the names do.
content() {
    jq -r '.config.digest, .layers[].digest' "$LAYOUT/blobs/sha256/$(layout_manifest "$LAYOUT" "$1")"
}

# --- uv's layout, and the interpreter that uv installed ------------------------------------------------------------

python_project hypercorn uv "$HYPERCORN_WHEELS"
UV=$PROJECT
if python_image uv "$UV"; then
    check_eq "uv: nothing to warn of" "" "$WARNINGS"
    check_eq "uv: starts without a shell" \
        '["/app/.venv/bin/python","-m","hypercorn","--bind","0.0.0.0:8000","main:app"]' "$(entrypoint)"
    check_eq "uv: the interpreter is the application's own" "" "$(packages_of_python)"
    check_eq "uv: scripts start it" "#!/app/.venv/bin/python" "$(first_line app/.venv/bin/hypercorn)"
    check_eq "uv: pyvenv.cfg leads to it" "home = /usr/local/bin" "$(grep ^home "$BUNDLE/rootfs/app/.venv/pyvenv.cfg")"
    check_not "uv: nothing of where it was made" grep -rqF "$PYTHON_CACHE" "$BUNDLE/rootfs" "$BUNDLE/image.json"
    runs uv crun $VENV /app/.venv /usr/local 3.11
fi

# What ctypes.util.find_library asks ships for a brought interpreter too.
cat >"$SCRATCH/finds.py" <<'END'
import ctypes.util

print([ctypes.util.find_library(name) for name in ("c", "ssl", "nosuch")])
END
if python_image finds "$SCRATCH/finds.py" --python "$STANDALONE/bin/python3.11"; then
    check_eq "uv: find_library answers" "['libc.so.6', 'libssl.so.3', None]" "$(run_oci crun "$BUNDLE" 2>&1)"
fi

# uv links packages out of its cache where told so; what ships is the same.
mkdir -p "$SCRATCH/uv-cache" "$SCRATCH/uv-links"
cp -a "$UV/." "$SCRATCH/uv-links"
(cd "$UV/.venv/lib/python3.11/site-packages" && find . -type f ! -name '_virtualenv*' ! -path '*/__pycache__/*') | while read -r file; do
    ln -sf "$UV/.venv/lib/python3.11/site-packages/$file" "$SCRATCH/uv-links/.venv/lib/python3.11/site-packages/$file"
done
sed -i "1s|^#!.*|#!$SCRATCH/uv-links/.venv/bin/python|" "$SCRATCH/uv-links/.venv/bin/hypercorn"
if python_image uv-links "$SCRATCH/uv-links"; then
    check_eq "uv with --link-mode symlink: the same image" "$(content uv)" "$(content uv-links)"
fi

# The archive's interpreter for the same environment.
if python_image uv-archive "$UV" --python archive; then
    check_eq "--python archive: pyvenv.cfg leads to it" "home = /usr/bin" "$(grep ^home "$BUNDLE/rootfs/app/.venv/pyvenv.cfg")"
    check_has "--python archive: the interpreter is Debian's" "$(packages_of_python)" "libpython3.11-stdlib"
    runs "--python archive" runc $VENV /app/.venv /usr 3.11
fi

# An environment that was made elsewhere: its interpreter is not here, its version is the archive's.
cp -a "$UV/." "$SCRATCH/moved"
sed -i 's|^home = .*|home = /home/build/.local/share/uv/python/cpython-3.11.9-linux-x86_64-gnu/bin|' "$SCRATCH/moved/.venv/pyvenv.cfg"
ln -sfn /home/build/.local/share/uv/python/cpython-3.11.9-linux-x86_64-gnu/bin/python3.11 "$SCRATCH/moved/.venv/bin/python"
if python_image moved "$SCRATCH/moved"; then
    check_has "an interpreter that is not here: told" "$WARNINGS" "/home/build/.local/share/uv"
    check_eq "an interpreter that is not here: the archive's in its place" "$(content uv-archive)" "$(content moved)"
fi

# --- prefixes that stay --------------------------------------------------------------------------------------------

# Debian 13's interpreter as /usr/local/bin/python3.13, as in builder images; this mount namespace is ours alone.
bookworm_args=$MIRROR_ARGS
mirror_begin amd64 trixie
if local_begin && local_mount; then
    if python_image local "$LOCAL_ROOT/srv/shop"; then
        check_eq "/usr/local: starts without a shell" '["/app/.venv/bin/python","-m","uvicorn","main:app"]' "$(entrypoint)"
        check_eq "/usr/local: the environment leads to the interpreter" "/usr/local/bin/python3.13" \
            "$(chroot "$BUNDLE/rootfs" /usr/local/bin/python3.13 -c 'import os; print(os.path.realpath("/app/.venv/bin/python"))')"
        check_eq "/usr/local: the interpreter is the application's own" "" "$(packages_of_python)"
        runs "/usr/local" runc $VENV /app/.venv /usr/local 3.13
    fi
    python_sources script "$SCRATCH/local-script"
    if python_image local-script "$SCRATCH/local-script" --python /usr/local/bin/python3.13; then
        check_eq "/usr/local: a script by the interpreter itself" '["/usr/local/bin/python3.13","-m","report"]' "$(entrypoint)"
        ANSWER=$(run_oci crun "$BUNDLE" library 2>&1)
        check_eq "/usr/local: the standard library works for a script" "$PYTHON_WORKS" "$(part .)"
    fi
    umount /usr/local
fi

# Debian 13's own interpreter.
python_sources script "$SCRATCH/trixie"
if python_image trixie "$SCRATCH/trixie" --language python; then
    check_eq "trixie: starts the suite's interpreter" '["/usr/bin/python3.13","-m","report"]' "$(entrypoint)"
    ANSWER=$(run_oci runc "$BUNDLE" library 2>&1)
    check_eq "trixie: the standard library works" "$PYTHON_WORKS" "$(part .)"
fi
MIRROR_ARGS=$bookworm_args

# --- packages without an environment -------------------------------------------------------------------------------

python_sources hypercorn "$SCRATCH/target"
# shellcheck disable=SC2086
pip_target "$SCRATCH/target/packages" $HYPERCORN_WHEELS >"$SCRATCH/pip.log" 2>&1 || check_fail "pip --target" "$(cat "$SCRATCH/pip.log")"
if python_image target "$SCRATCH/target"; then
    check_eq "--target: starts the archive's interpreter" \
        '["/usr/bin/python3.11","-m","hypercorn","--bind","0.0.0.0:8000","main:app"]' "$(entrypoint)"
    check_has "--target: packages are on the path" "$(jq -r '.config.Env[]' "$BUNDLE/image.json")" "PYTHONPATH=/app/packages"
    runs "--target" runc /usr/bin/python3.11 /usr /usr 3.11
fi

python_project flask virtualenv "$FLASK_WHEELS"
python_sources flask "$SCRATCH/beside"
if python_image inside "$PROJECT" && python_image beside "$SCRATCH/beside" --venv "$PROJECT/.venv"; then
    check_eq "--venv: an environment elsewhere gives the same image" "$(content inside)" "$(content beside)"
fi
if python_image entrypoint "$PROJECT" --entrypoint '["/app/.venv/bin/gunicorn"]' \
    --cmd '["--bind=0.0.0.0:8000","wsgi:app"]'; then
    check_eq "--entrypoint: a script of the environment" \
        '["/app/.venv/bin/gunicorn","--bind=0.0.0.0:8000","wsgi:app"]' "$(entrypoint)"
    start_oci crun "$BUNDLE"
    answers "--entrypoint: answers" "ok" http://127.0.0.1:8000/healthz
fi

check_finish
