#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/python-determinism.sh BUILD_DIR - one application, one digest: whatever the directory its environment was
# made in, the time, rights, order of files, umask, temporary directory, threads and cache; with bytecode.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/python.sh"
engines_begin "$@"
barehull_begin "$@"
need jq umoci skopeo
python_begin
mirror_begin

# digest DIR WHAT COMMAND-PREFIX...: of the manifest of a build of DIR, under the prefix.
DIGESTS=0
digest() {
    local dir="$1" what="$2"
    shift 2
    DIGESTS=$((DIGESTS + 1))
    # shellcheck disable=SC2086
    check "$what: builds" "$@" "$BAREHULL" build "$dir" -t app:app $MIRROR_ARGS -o "oci:$SCRATCH/out-$DIGESTS" &&
        layout_manifest "$SCRATCH/out-$DIGESTS" app >"$SCRATCH/digest"
}

same() {
    digest "$@" && check_eq "$2: the same digest" "$EXPECTED" "$(cat "$SCRATCH/digest")"
}

python_project flask virtualenv "$FLASK_WHEELS"
digest "$PROJECT" first env || check_finish
EXPECTED=$(cat "$SCRATCH/digest")
same "$PROJECT" again env
mkdir "$SCRATCH/temporary"
same "$PROJECT" "cold cache, one thread, umask, time zone, locale, TMPDIR, settings of Python" env \
    "XDG_CACHE_HOME=$SCRATCH/cold" BAREHULL_THREADS=1 TZ=Asia/Kolkata LC_ALL=C.UTF-8 "TMPDIR=$SCRATCH/temporary" \
    PYTHONHASHSEED=7 PYTHONPATH=/nowhere PYTHONHOME=/nowhere PYTHONOPTIMIZE=2 sh -c 'umask 077; exec "$@"' sh
check_eq "nothing is left in the temporary directory" "" "$(ls -A "$SCRATCH/temporary")"
mkdir "$SCRATCH/readonly"
mount --bind "$PROJECT" "$SCRATCH/readonly" && mount -o remount,bind,ro "$SCRATCH/readonly"
# shellcheck disable=SC2016
same . "a read-only directory, from inside" sh -c 'cd "$0" && exec "$@"' "$SCRATCH/readonly"
umount "$SCRATCH/readonly"
same "$PROJECT/../$(basename "$PROJECT")/./" "a path with detours" env

# The same application, its environment made in another directory, at another time, under another umask, by pip.
other=$SCRATCH/elsewhere/with\ space/shop
mkdir -p "$other"
# shellcheck disable=SC2086
check "another environment is made" sh -c 'umask 002; "$@"' sh virtualenv --quiet --python "$PYTHON" "$other/.venv" &&
    pip_install "$other/.venv/bin/python" $FLASK_WHEELS
python_sources flask "$other"
"$other/.venv/bin/python" -c 'import sys; sys.path.insert(0, sys.argv[1]); import wsgi' "$other" # leaves caches
find "$other" -exec touch -h -d '2001-02-03 04:05:06' {} +
same "$other" "made elsewhere, later, with caches" env

# Copied in another order of directory entries, with other rights.
mkdir "$SCRATCH/copied"
(cd "$other" && find . ! -type d | sort -r | tar -cf - -T -) | tar -xf - -C "$SCRATCH/copied"
find "$SCRATCH/copied" -type f ! -perm -100 -exec chmod 600 {} +
check_eq "the copy is whole" "$(find "$other" -type f | wc -l)" "$(find "$SCRATCH/copied" -type f | wc -l)"
same "$SCRATCH/copied" "other order and rights" env

# Only the application's own layer changes with its own code.
cp -a "$PROJECT" "$SCRATCH/changed"
layers() {
    jq -r '.layers[].digest' "$1/blobs/sha256/$(layout_manifest "$1" app)"
}
echo '# changed' >>"$SCRATCH/changed/wsgi.py"
digest "$SCRATCH/changed" "a line changed" env
check_eq "a line changed: all layers but one stay" 1 \
    "$(layers "$SCRATCH/out-$DIGESTS" | grep -cvxF "$(layers "$SCRATCH/out-1")")"

digest "$PROJECT" "without bytecode" sh -c 'exec "$@" --bytecode none' sh
WITHOUT=$(cat "$SCRATCH/digest")
check_ne "--bytecode none: another image" "$EXPECTED" "$WITHOUT"
umoci unpack --image "$SCRATCH/out-$DIGESTS:app" "$SCRATCH/whole" >/dev/null 2>&1
check_eq "--bytecode none: no bytecode" "" "$(find "$SCRATCH/whole/rootfs" -name '*.pyc')"
rm -rf "$SCRATCH/whole"
umoci unpack --image "$SCRATCH/out-1:app" "$SCRATCH/whole" >/dev/null 2>&1
check_not "no path of this machine in the image" grep -rqaF -e "$SCRATCH" -e "$PYTHON_CACHE" "$SCRATCH/whole/rootfs"
check_eq "all bytecode is checked by no time" "" "$(find "$SCRATCH/whole/rootfs" -name '*.pyc' | "$PYTHON" -c '
import sys
for path in map(str.strip, sys.stdin):
    with open(path, "rb") as file:
        if file.read(8)[4:] != b"\1\0\0\0":
            print(path)')"
check_has "and there is some" "$(find "$SCRATCH/whole/rootfs/app" -name '*.pyc')" "/app/__pycache__/wsgi.cpython-311.pyc"

check_finish
