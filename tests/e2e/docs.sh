#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/docs.sh BUILD_DIR - every command that README and docs show does what they say (tests/docs/run.py), in a
# network namespace of its own, so that the ports that the pages name are free. Programs of others that a page only
# pipes into barehull, and that are not to be had here, are stand-ins which print what the page is about.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
if [ -z "${DOCS_NETNS:-}" ]; then
    exec env DOCS_NETNS=1 unshare --net -- sh -c 'ip link set lo up && exec "$@"' sh "$0" "$@"
fi
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
. "$LIB/python.sh"
barehull_begin "$@"
cache_share
need jq curl skopeo gcc promtool
python_begin
mirror_begin
apps chello
python_project fastapi venv "$FASTAPI_WHEELS" || check_finish

PAGES=$SCRATCH/pages
BIN=$SCRATCH/bin
mkdir -p "$PAGES" "$BIN"
ln -s "$(dirname "$BAREHULL")/healthcheck" "$BIN/healthcheck"

# stand_in NAME TEXT: a program of the name, which runs TEXT.
stand_in() {
    printf '#!/bin/sh\n%s\n' "$2" >"$BIN/$1"
    chmod 755 "$BIN/$1"
}
# A reader's machine has apt sources; this one has the mirror.
stand_in barehull "case \$1 in
build) case \" \$* \" in *' --suite '*) exec '$BAREHULL' \"\$@\" --mirror '$MIRROR_URL' --keyring '$MIRROR_KEYRING' ;; esac
    exec '$BAREHULL' \"\$@\" $MIRROR_ARGS ;;
*) exec '$BAREHULL' \"\$@\" ;;
esac"
MANIFEST=$TESTS/../examples/shop/after/deployment.yaml
stand_in helm "cat '$MANIFEST'"
stand_in kustomize "cat '$MANIFEST'"
# What kustomize makes of an overlay is tests/contract/deploy.py's to judge; that it is there is judged here.
stand_in kubectl "[ \"\$1\" != kustomize ] || [ -f \"\$2/kustomization.yaml\" ] || exit 1
cat '$MANIFEST'"
# What a Docker engine is given has to be an archive that others read.
stand_in docker "[ \"\$1\" = load ] && cat >'$SCRATCH/loaded.tar' && skopeo inspect docker-archive:'$SCRATCH/loaded.tar' >/dev/null"

cat >"$SCRATCH/functions.bash" <<BASH
export PATH='$BIN':\$PATH HOME='$SCRATCH'
unset SOURCE_DATE_EPOCH NO_COLOR ALLOWED_ORIGINS HOST PORT
wait_for_service() {
    for _ in \$(seq 100); do
        healthcheck startup >/dev/null 2>&1 && return
        sleep 0.1
    done
}
BASH

# page NAME: its directory, with a program, a Python application and a Dockerfile.
page() {
    PAGE=$PAGES/$1
    mkdir -p "$PAGE/public" "$PAGE/deploy"
    cp "$APPS/chello" "$PAGE/server"
    echo hello >"$PAGE/public/index.html"
    cp "$MANIFEST" "$PAGE/deploy"
}

three_lines() {
    cat >"$1" <<'DOCKERFILE'
FROM gcr.io/distroless/cc-debian12:nonroot
HEALTHCHECK --interval=5s CMD curl -f http://localhost:8080/healthz || exit 1
ENTRYPOINT ["/app","$PORT"]
DOCKERFILE
}

# shop DIR: a FastAPI application with its environment.
shop() {
    cp -a "$PROJECT" "$1"
}

# authority FILE: a certificate.
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$(basename "$1" .pem)" \
        -addext basicConstraints=critical,CA:TRUE -keyout /dev/null -out "$1" 2>/dev/null
}

page README.md
three_lines "$PAGE/Dockerfile"
shop "$PAGE/shop"
authority "$PAGE/company.pem"
cp -r "$TESTS/../examples/orders" "$PAGE"
cat >"$PAGE/barehull.yaml" <<'YAML'
images:
  server: {app: server, expose: ["8080"]}
YAML
page docs-check.md
three_lines "$PAGE/Dockerfile"
page docs-deploy.md
cp -r "$TESTS/../k8s" "$PAGE"
cp -r "$TESTS/../deploy/overlays" "$PAGE/deploy"
page docs-http.md
three_lines "$PAGE/Dockerfile"
page docs-images.md
cp "$APPS/chello" "$PAGE/client"
authority "$PAGE/company-root.pem"
authority "$PAGE/partner.pem"
page docs-init.md
cp "$TESTS/../examples/orders/"* "$PAGE"
mkdir "$PAGE/build"
cp "$APPS/chello" "$PAGE/build/server"
"$BIN/barehull" build "$APPS/chello" -t app:1.0 --expose 8080 --quiet -o "docker-archive:$PAGE/app.tar" >"$SCRATCH/app.out" || check_fail "an archive" "$(cat "$SCRATCH/app.out")"
page docs-operations.md
mkdir -p "$PAGE/tests/data"
cp "$TESTS/../deploy/alerts.yml" "$PAGE/deploy"
cp -r "$TESTS/data/deploy" "$PAGE/tests/data"
page docs-python.md
shop "$PAGE/shop"

"$TESTS/docs/run.py" "$TESTS/.." "$SCRATCH" >"$SCRATCH/run.out" 2>&1 || check_fail "tests/docs/run.py" "$(tail "$SCRATCH/run.out")"
while IFS= read -r line; do
    case $line in
    'ok: '*) check_pass "${line#ok: }" ;;
    'FAILED: '*) check_fail "${line#FAILED: }" ;;
    *) printf '%s\n' "$line" ;;
    esac
done <"$SCRATCH/run.out"
check_finish
