#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/init-apps.sh BUILD_DIR - init over tests/init-apps: what it finds, that check passes, a second run, edits;
# and directories that are no such application, or can't be read or written.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/barehull.sh"
barehull_begin "$@"
need jq
need setpriv

APPS=$(dirname "$LIB")/init-apps
cd "$SCRATCH" || exit 3

# init STATUS DIRECTORY ARGUMENT...: what it says is in said and err.
init() {
    local want="$1" dir="$2" status
    shift 2
    (cd "$dir" && "$BAREHULL" init "$@") >said 2>err </dev/null
    status=$?
    check_eq "$dir: init $*: exit status" "$want" "$status"
}
found() {
    jq -r --arg answer "$1" '[.found[] | select(.answer == $answer) | .value][0] // ""' said
}
tree() {
    (cd "$1" && find . -type f -exec sha256sum {} + | sort)
}

# application APP LANGUAGE PORT HEALTH BUILD: as a person would go about it.
application() {
    local app="$1" kind="$2" port="$3" health="$4" build="$5"
    cp -r "$APPS/$app" "$app"
    init 0 "$app" --format json
    check_has "$app: its language" "$(jq -r .kind said)" "$kind"
    check_eq "$app: its port" "$port" "$(found port)"
    check_eq "$app: its health" "$health" "$(found health)"
    check_eq "$app: its build" "$build" "$(found build)"
    check_eq "$app: judged" pass "$(jq -r .check.verdict said)"
    (cd "$app" && "$BAREHULL" check) >said 2>&1
    check_eq "$app: check finds nothing" 0 "$?"
    tree "$app" >before
    init 0 "$app" --format json
    check_eq "$app: the second run finds all the same" same "$(jq -r '[.files[].state] | unique | join(" ")' said)"
    check_eq "$app: and writes nothing" "$(cat before)" "$(tree "$app")"
    echo '# mine' >>"$app/k8s/deployment.yaml"
    init 1 "$app"
    check_has "$app: an edit is shown" "$(cat said)" "-# mine"
    check_eq "$app: and kept" "# mine" "$(tail -n 1 "$app/k8s/deployment.yaml")"
    init 0 "$app" --force
    check_eq "$app: --force takes it back" "$(cat before)" "$(tree "$app")"
}

application c-make 'C project' 8081 /healthz make
application cxx-cmake 'C++ project' 8082 /health cmake
application go 'Go module' 8083 /healthz go
application rust 'Rust project' 8084 /healthz cargo
application python-requirements 'Python project' 8000 /health requirements
application python-uv 'Python project' 8085 /livez uv

# A digest in the kustomization takes the exception's place, and nothing is told to be unneeded.
DIGEST=$(printf x | sha256sum | cut -d ' ' -f 1)
check_eq "the exception stands beside the tag" 1 "$(grep -c 'newTag: .*barehull: allow pinned-image' go/k8s/kustomization.yaml)"
sed -i "s/newTag: .*/digest: sha256:$DIGEST/" go/k8s/kustomization.yaml
(cd go && "$BAREHULL" check) >said 2>&1
check_eq "with a digest check finds nothing" 0 "$?"
sed -i "s/digest: .*/newTag: 0.1.0/" go/k8s/kustomization.yaml
(cd go && "$BAREHULL" check) >said 2>&1
check_eq "a tag without the exception is told" 1 "$?"
check_has "by its rule" "$(cat said)" "pinned-image"

# What is none, or can't be used.
mkdir empty
init 3 empty
check_has "an empty directory" "$(cat err)" "nothing in it tells what the application is written in"
mkdir node
echo '{"name": "x"}' >node/package.json
init 3 node
check_has "a language that it doesn't know" "$(cat err)" "init knows C, C++, Go, Rust and Python"
mkdir script
printf 'if __name__ == "__main__":\n    print("hello")\n' >script/hello.py
init 3 script
check_has "Python that doesn't say what it needs" "$(cat err)" "does not say which packages it needs"
check_has "is told what says it" "$(cat err)" "write requirements.txt (empty, when it needs none)"
: >script/requirements.txt
init 0 script --health-command '["/app/.venv/bin/python", "hello.py", "--check"]'
check_has "a script is what is started" "$(cat script/Dockerfile)" 'ENTRYPOINT ["/app/.venv/bin/python", "-m", "hello"]'
name=$(printf 'caf\351')
cp -r "$APPS/go" "$name"
init 0 . "$name" --format json
check "a name that is no UTF-8 leaves JSON whole" jq -e . said
check "and its files are there" test -e "$name/k8s/deployment.yaml"

cp -r "$APPS/go" shut
if [ "$(id -u)" -eq 0 ]; then
    chmod 755 "$SCRATCH"
    chmod -R a+rX shut
    chmod 555 shut
    setpriv --reuid 65534 --regid 65534 --clear-groups "$BAREHULL" init shut >said 2>err </dev/null
    check_eq "a directory that can't be written" 3 "$?"
    check_has "is told" "$(cat err)" "nothing was written in 'shut'"
    check_has "with what to do" "$(cat err)" "--directory"
    chmod 711 shut
    setpriv --reuid 65534 --regid 65534 --clear-groups "$BAREHULL" init shut >said 2>err </dev/null
    check_eq "a directory that can't be read" 3 "$?"
    check_has "is told, too" "$(cat err)" "'shut': Permission denied"
    chmod 755 shut
    mkdir full
    if mount -t tmpfs -o size=64k tmpfs full; then
        cp -r "$APPS/go/." full
        dd if=/dev/zero of=full/fill bs=1k count=40 2>/dev/null
        init 3 full
        check_has "a full disk" "$(cat err)" "No space left on device"
        check_eq "leaves nothing behind" "fill go.mod main.go" "$(find full -mindepth 1 -printf '%P\n' | sort | xargs)"
        umount full
    fi
fi
check_finish
