# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/init.sh - Dockerfiles that `init` writes, built by buildah and run by crun.
# Needs tests/lib/{check,process,engines,barehull,mirror,builder,python,python_image}.sh and `barehull_begin`.

# What the stand-ins have, and the packages that the Dockerfiles install; dependencies follow.
INIT_PACKAGES='autoconf automake cargo cmake g++ gcc golang-go libc6-dev libtool make meson ninja-build pkg-config
    python3-minimal libpython3-stdlib rustc zlib1g-dev'

# init_begin: images, wheels and an empty store of buildah's.
init_begin() {
    INIT_WRITE=$(dirname "$BAREHULL")/tests/tools/initwrite
    apps chello
    netns_start
    builder_begin
    init_archive
    buildah_begin
    buildah_base docker.io/library/debian:12-slim "$BUILDER_TAR"
    for base in static base cc; do
        builder_distroless "$base" amd64 "$(dirname "$BAREHULL")/healthcheck"
        buildah_take "$SCRATCH/$base-amd64" "gcr.io/distroless/$base-debian12:nonroot"
    done
}

init_archive() {
    local root="$TEST_CACHE/init-amd64" port="$SCRATCH/init.port"
    check "the archive of compilers is made" builder_archive_make amd64 "$root" "$INIT_PACKAGES" || check_finish
    process_start init-archive "$TESTS/mirror/serve" "$root" --port-file "$port"
    wait_until 10 test -s "$port" || check_fail "the archive serves" "$(cat "$SCRATCH/init-archive.log")"
    echo "deb [arch=amd64 trusted=yes] http://127.0.0.1:$(cat "$port")/debian bookworm main" >>"$BUILDER_SOURCES"
}

# init_stand_in LANGUAGE: the image of its builder, once.
init_stand_in() {
    local dir="$SCRATCH/stand-in-$1"
    [ ! -d "$dir" ] || return 0
    mkdir "$dir"
    case $1 in
    go) init_installed "$dir" docker.io/library/golang:1.19-bookworm golang-go ;;
    rust) init_installed "$dir" docker.io/library/rust:1.63-slim-bookworm cargo rustc gcc libc6-dev ;;
    python) init_python "$dir" ;;
    esac
}

# init_installed DIR IMAGE PACKAGE...
init_installed() {
    local dir="$1" image="$2"
    shift 2
    printf 'FROM docker.io/library/debian:12-slim\nRUN apt-get update && apt-get install -y --no-install-recommends %s\n' "$*" \
        >"$dir/Dockerfile"
    check "a stand-in of $image is made" buildah_build -t "$image" "$dir"
}

# As upstream's: the interpreter in /usr/local, its libraries from Debian.
init_python() {
    local wheels
    python_begin
    # shellcheck disable=SC2086 # words
    wheels=$(printf '%s ' $FASTAPI_WHEELS)
    cp -R "$WHEELS" "$1/wheels"
    cat >"$1/Dockerfile" <<'END'
FROM docker.io/library/debian:12-slim AS debian
RUN apt-get update && apt-get install -y --no-install-recommends python3-minimal libpython3-stdlib
RUN cp -RL /usr/lib/python3.11 /python && rm -f /python/sitecustomize.py /python/EXTERNALLY-MANAGED \
    && sed -i 's/"dist-packages"/"site-packages"/g; s/"local\/lib"/"lib"/' /python/site.py \
    && mkdir -p /python/site-packages

FROM docker.io/library/debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends libexpat1 libffi8 libsqlite3-0 libbz2-1.0 liblzma5 libncursesw6 \
    libreadline8 libssl3 libuuid1 zlib1g libnsl2 libtirpc3 media-types
COPY --from=debian /usr/bin/python3.11 /usr/local/bin/
COPY --from=debian /python /usr/local/lib/python3.11
COPY wheels /wheels
END
    check "a stand-in of Python's image is made" buildah_build -t docker.io/library/python:3.11-slim-bookworm "$1"
    mkdir "$1/uv-image"
    cat >"$1/uv-image/uv" <<END
#!/bin/sh
# A stand-in for uv: 'venv DIR', 'pip install ...' and 'sync', which take what lies in /wheels.
set -eu
dir=\${UV_PROJECT_ENVIRONMENT:?}
case "\$1 \${2:-}" in
"venv "*) "\$UV_PYTHON" -m venv --without-pip "\$2" ;;
"pip install") test -f requirements.txt ;;
"sync --locked") [ -d "\$dir" ] || "\$UV_PYTHON" -m venv --without-pip "\$dir" ;;
*) echo "uv: no stand-in for '\$*'" >&2; exit 2 ;;
esac
site=\$(echo "\$dir"/lib/python3.*/site-packages)
for name in $wheels; do
    for wheel in /wheels/"\$name"-*.whl; do "\$UV_PYTHON" -m zipfile -e "\$wheel" "\$site"; done
done
END
    chmod 755 "$1/uv-image/uv"
    printf 'FROM scratch\nCOPY uv /uv\n' >"$1/uv-image/Dockerfile"
    check "a stand-in of uv's image is made" buildah_build -t "$(sed -n 's/.*INIT_UV_IMAGE "\(.*\)"/\1/p' \
        "$TESTS/../src/init/dockerfile.h")" "$1/uv-image"
}

# init_project NAME [SAMPLE...]: a directory with copies of samples of tests/apps, in $PROJECT.
init_project() {
    PROJECT=$SCRATCH/projects/$1
    mkdir -p "$PROJECT"
    shift
    for sample; do
        cp "$TESTS/apps/$sample" "$PROJECT"
    done
}

# init_image NAME OPTION=VALUE...: writes the files into $PROJECT, builds the image, unpacks it into $BUNDLE.
init_image() {
    local name="$1"
    shift
    BUNDLE=$SCRATCH/none
    case " $* " in
    *" language=go "*) init_stand_in go ;;
    *" language=rust "*) init_stand_in rust ;;
    *" language=python "*) init_stand_in python ;;
    esac
    check "$name: init writes" "$INIT_WRITE" "$PROJECT" name=shop targets=dockerfile "$@" || return 1
    init_build "$name"
}

# init_survey NAME APP OPTION...: as init_image, of a copy of tests/init-apps/APP, by `barehull init` itself.
init_survey() {
    local name="$1"
    PROJECT=$SCRATCH/projects/$1
    mkdir -p "$SCRATCH/projects"
    cp -R "$TESTS/init-apps/$2" "$PROJECT"
    BUNDLE=$SCRATCH/none
    case $2 in
    go | rust) init_stand_in "$2" ;;
    python-*) init_stand_in python ;;
    esac
    shift 2
    check "$name: barehull init writes" "$BAREHULL" init "$PROJECT" --yes --write dockerfile "$@" || return 1
    init_build "$name"
}

init_build() {
    local name="$1" log="$SCRATCH/$1.build"
    check "$name: passes our own check" "$BAREHULL" check "$PROJECT/Dockerfile"
    if ! buildah_build -t "localhost/$name:test" "$PROJECT" >"$log" 2>&1; then
        check_fail "$name: builds" "$(tail -n 25 "$log")"
        return 1
    fi
    check_pass "$name: builds"
    buildah_give "localhost/$name:test" "$SCRATCH/images-$name"
    bundle_new "$name" "$SCRATCH/images-$name" test
    check_eq "$name: runs as a number" "65532:65532" "$(jq -r .config.User "$BUNDLE/image.json")"
    check_not "$name: has no shell" test -e "$BUNDLE/rootfs/bin/sh"
    check_not "$name: has no sources of the probe" test -e "$BUNDLE/rootfs/app/barehull"
}

init_ask() {
    in_netns curl -fsS --max-time 10 "$1" 2>&1
}

# init_serves NAME PORT PATH EXPECTED: hardened; the image's own health check says so, too. It runs until the next one does.
init_serves() {
    local name="$1" status
    [ -d "$BUNDLE" ] || return 1
    [ -z "${INIT_RUNNING:-}" ] || stop_oci crun "$INIT_RUNNING"
    start_oci crun "$BUNDLE"
    INIT_RUNNING=$RUN_ID
    wait_until 15 init_ask "http://127.0.0.1:$2$3" >/dev/null
    check_eq "$name: answers" "$4" "$(init_ask "http://127.0.0.1:$2$3")" || server_log
    # The OCI format has no place for it.
    # shellcheck disable=SC2046 # words
    set -- $(bud inspect --type image "localhost/$name:test" | jq -r '.Docker.config.Healthcheck.Test[1:][]')
    status=$(oci_engine crun exec "$RUN_ID" "$@" 2>&1)
    check_has "$name: the probe says so" "$status" "ready: "
}

# init_says NAME LINE: among what it prints, hardened.
init_says() {
    local name="$1"
    [ -d "$BUNDLE" ] || return 1
    check_has "$name: runs" "$(run_oci crun "$BUNDLE" 2>&1)" "$2"
}
