#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# bench/run.sh BUILD_DIR [--runs N] [--only KEYS] [--network] - measures barehull against its peers in one run, with one
# payload, in turns; prints a table and writes BUILD_DIR/bench.json. Says which goals are met; misses fail nothing, as
# a busy machine may cause them. docs/benchmarks.md tells what is compared.

BENCH=$(cd "$(dirname "$0")" && pwd)
LIB=$(cd "$BENCH/../tests/lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/python.sh"
engines_begin "$@"
barehull_begin "$@"
need gcc python3 ninja
build_dir=$(realpath "${1:-build}")
[ $# -eq 0 ] || shift

# What making images is measured with.
prepare_images() {
    need umoci buildah mmdebstrap skopeo cppcheck
    apps chello
    mirror_begin
    BARECOST=$SCRATCH/barecost
    check "barecost compiles" gcc -O2 -Wno-deprecated-declarations -o "$BARECOST" "$BENCH/barecost.c" \
        -l:libdeflate.a -l:libcrypto.a -lpthread -ldl
    HOST_SOURCE=$SCRATCH/host.list
    cp "$TEST_CACHE/apt-amd64/sources.list" "$HOST_SOURCE"
    export APPS BARECOST MIRROR_ARGS MIRROR_URL MIRROR_KEYRING HOST_SOURCE
}

# shellcheck disable=SC2086 # lists of words
# What Python applications are measured with: projects with their environments, and a base as python:slim is, with
# shell, apt and pip, made once out of the machine's own archive.
prepare_python() {
    need umoci buildah mmdebstrap virtualenv crun curl
    [ -n "${MIRROR_URL:-}" ] || mirror_begin
    python_begin
    python_project fastapi venv "$FASTAPI_WHEELS"
    BENCH_PYTHON_FASTAPI=$PROJECT
    python_project flask virtualenv "$FLASK_WHEELS"
    BENCH_PYTHON_FLASK=$PROJECT
    python_project django venv-copies "$DJANGO_WHEELS"
    BENCH_PYTHON_DJANGO=$PROJECT
    SLIM=$TEST_CACHE/slim-amd64.tar
    [ -f "$SLIM" ] || check "the slim base is made" make_slim || check_finish
    netns_start
    BENCH_MAKE_VENV=$SCRATCH/make-venv.sh
    cat >"$BENCH_MAKE_VENV" <<VENV
set -e
mkdir -p "\$1"
cp "$BENCH_PYTHON_FASTAPI"/*.py "\$1"
virtualenv --quiet --python "$PYTHON" "\$1/.venv"
"\$1/.venv/bin/pip" --quiet --disable-pip-version-check --no-cache-dir install --no-index --no-deps --find-links "$WHEELS" \
    $(printf '%s ' $FASTAPI_WHEELS)
VENV
    BENCH_HARDEN=$BENCH/harden.sh
    BENCH_WHEELS_FASTAPI=$FASTAPI_WHEELS
    BENCH_WHEELS_FLASK=$FLASK_WHEELS
    BENCH_WHEELS_DJANGO=$DJANGO_WHEELS
    export BENCH_PYTHON_FASTAPI BENCH_PYTHON_FLASK BENCH_PYTHON_DJANGO SLIM NETNS_PID BENCH_MAKE_VENV BENCH_HARDEN WHEELS \
        BENCH_WHEELS_FASTAPI BENCH_WHEELS_FLASK BENCH_WHEELS_DJANGO MIRROR_ARGS
}

# As python:slim is: Debian's smallest variant without what these options name, CPython, and pip, setuptools and wheel
# installed by pip itself.
# shellcheck disable=SC2016,SC2317 # mmdebstrap's own $1; check calls it
make_slim() {
    mmdebstrap --quiet --variant=minbase --mode=root --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
        --include=usr-is-merged,python3,ca-certificates,netbase,tzdata \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        --aptopt='APT::Install-Recommends "false"' \
        --customize-hook='mkdir "$1/wheels" && cp /usr/share/python-wheels/*.whl "$1/wheels"' \
        --customize-hook='chroot "$1" sh -c "PYTHONPATH=\$(echo /wheels/pip-*.whl) python3 -m pip install --no-index \
            --find-links /wheels --break-system-packages --root-user-action=ignore pip setuptools wheel"' \
        --customize-hook='rm -rf "$1"/wheels "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
        bookworm "$SLIM.new.tar" "$TEST_CACHE/apt-amd64/sources.list" && mv "$SLIM.new.tar" "$SLIM"
}

# What `check` is measured with.
prepare_checks() {
    BENCH_YAML=$build_dir/tests/bench/bench_yaml
    check "bench_yaml is built" ninja -C "$build_dir" tests/bench/bench_yaml
    PEAK=$SCRATCH/peak
    check "peak compiles" gcc -O2 -o "$PEAK" "$BENCH/peak.c"
    export BENCH_YAML PEAK
}

# What the service is measured with.
prepare_service() {
    need nginx taskset
    need_npm
    check "the load client is built" ninja -C "$build_dir" tests/load/load tests/load/pipes tests/load/start \
        tests/bench/bench_check
    SERVER_BUILD=$(realpath "$BENCH/..")/build-server
    if [ ! -f "$SERVER_BUILD/build.ninja" ]; then
        check "the service alone is set up" meson setup "$SERVER_BUILD" "$BENCH/.." -Dclient=disabled
    fi
    check "the service alone is built" ninja -C "$SERVER_BUILD" barehull
    SERVER_BUILD=$SERVER_BUILD/barehull
    BENCH_LOAD=$build_dir/tests/load
    BENCH_CHECK=$build_dir/tests/bench/bench_check
    export BENCH_LOAD BENCH_CHECK SERVER_BUILD
}

# What the service's own image is measured with.
prepare_ship() {
    need umoci crun runc mmdebstrap nginx
    [ -n "${MIRROR_URL:-}" ] || mirror_begin
    SLIM=$TEST_CACHE/slim-amd64.tar
    [ -f "$SLIM" ] || check "the slim base is made" make_slim || check_finish
    check "the service's own image is made" "$BENCH/../tools/image" "$build_dir" --no-write \
        --arm64-root "$TEST_CACHE/arm64-root" || check_finish
    [ -n "${NETNS_PID:-}" ] || netns_start
    BENCH_HARDEN=$BENCH/harden.sh
    export SLIM NETNS_PID BENCH_HARDEN MIRROR_ARGS
}

keys=$(printf '%s\n' "$@" | sed -n '/^--only$/{n;p;}' | tr , '\n')
case $keys in
'')
    prepare_images
    prepare_python
    prepare_checks
    prepare_service
    prepare_ship
    ;;
*)
    if echo "$keys" | grep -qv '^check-\|^serve-\|^python-\|^sizing\|^ship'; then prepare_images; fi
    if echo "$keys" | grep -q '^python-'; then prepare_python; fi
    if echo "$keys" | grep -q '^check-'; then prepare_checks; fi
    if echo "$keys" | grep -q '^serve-\|^sizing'; then prepare_service; fi
    if echo "$keys" | grep -q '^ship'; then prepare_ship; fi
    ;;
esac
export BAREHULL SCRATCH TEST_CACHE

[ "$CHECK_FAILED" -eq 0 ] || check_finish
/usr/bin/python3 -B "$BENCH/bench.py" --out "$build_dir/bench.json" "$@"
status=$?
check_cleanup
exit $status
