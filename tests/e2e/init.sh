#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/init.sh BUILD_DIR - init over programs: what is written, left alone, shown and refused.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/barehull.sh"
barehull_begin "$@"
need git

WORK=$SCRATCH/work
mkdir "$WORK"
cd "$WORK" || exit 3
cp "$BAREHULL" shop
DIGEST=$(printf x | sha256sum | cut -d " " -f 1)
ALL="--port 8080 --health /health --image shop:0.1.0@sha256:$DIGEST"

# init STATUS ARGUMENT...: what it says is in $SCRATCH/said and $SCRATCH/err.
init() {
    local want="$1" status
    shift
    # shellcheck disable=SC2086
    "$BAREHULL" init shop $ALL "$@" >"$SCRATCH/said" 2>"$SCRATCH/err" </dev/null
    status=$?
    check_eq "init $*: exit status" "$want" "$status"
}
tree() {
    find . -type f ! -name shop -exec sha256sum {} + | sort
}
states() {
    jq -r '[.files[].state] | unique | join(" ")' "$SCRATCH/said"
}

init 1 --diff
check_eq "--diff writes nothing" "shop" "$(ls -A)"
mkdir "$SCRATCH/patched"
git -C "$SCRATCH/patched" init -q
grep -v '^Binary files' "$SCRATCH/said" | git -C "$SCRATCH/patched" apply
check_eq "its patch makes the files" 0 "$?"

init 0 --format json
check_eq "all are new" new "$(states)"
check_eq "they pass" pass "$(jq -r .check.verdict "$SCRATCH/said")"
check "check passes" "$BAREHULL" check
for file in docker-compose.yml k8s/deployment.yaml Dockerfile; do
    check "$file is as in the patch" cmp "$file" "$SCRATCH/patched/$file"
done
tree >"$SCRATCH/before"

init 0 --format json
check_eq "then all are the same" same "$(states)"
init 0 --diff
check_eq "and nothing would change" "" "$(cat "$SCRATCH/said")"

echo '# mine' >>docker-compose.yml
chmod 600 docker-compose.yml
init 1
check_has "an edit is shown" "$(cat "$SCRATCH/said")" "-# mine"
check_has "and the remedy" "$(cat "$SCRATCH/err")" "--force"
check_eq "and kept" "# mine" "$(tail -n 1 docker-compose.yml)"
rm k8s/service.yaml
init 1
check_not "nothing else is written then" test -e k8s/service.yaml
init 0 --force
check_eq "--force restores all" "$(cat "$SCRATCH/before")" "$(tree)"
check_eq "and keeps the mode" 600 "$(stat -c %a docker-compose.yml)"

# What is in the way.
rm Dockerfile
ln -s /etc/passwd Dockerfile
init 3 --force
check_has "a symbolic link" "$(cat "$SCRATCH/err")" "'Dockerfile' is a symbolic link"
rm Dockerfile
mkdir Dockerfile
init 3 --force
check_has "a directory" "$(cat "$SCRATCH/err")" "'Dockerfile' is a directory"
rmdir Dockerfile
mv k8s elsewhere
ln -s elsewhere k8s
rm elsewhere/service.yaml
init 3 --force
check_has "a link to a directory" "$(cat "$SCRATCH/err")" "'k8s' is a symbolic link"
check_not "nothing is written behind it" test -e elsewhere/service.yaml
rm k8s
: >k8s
init 3
check_has "a file for a directory" "$(cat "$SCRATCH/err")" "'k8s' is a file"
check_not "nothing else is written" test -e Dockerfile
"$BAREHULL" init --language image --name shop --image "shop:0.1.0@sha256:$DIGEST" --directory "$SCRATCH/none" 2>"$SCRATCH/err"
check_eq "a directory that is not there" 3 "$?"
check_has "and the remedy for that" "$(cat "$SCRATCH/err")" "mkdir -p"
init 2 --directory "$SCRATCH/patched"
check_has "a program elsewhere" "$(cat "$SCRATCH/err")" "is not below"
for app in none /etc/passwd /dev/null; do
    "$BAREHULL" init "$app" >"$SCRATCH/said" 2>"$SCRATCH/err" </dev/null
    check_eq "$app is refused" 3 "$?"
done

# The n-th allocation or system call fails: all files (the answer itself may be what fails then), or none with an
# error, or an error that says which.
FAULTRUN=$(realpath -- "$(dirname "$BAREHULL")/tests/tools/faultrun")
mkdir "$SCRATCH/faults"
cd "$SCRATCH/faults" || exit 3
for kind in alloc io; do
    rm -rf out && mkdir out && cp "$WORK/shop" out/shop
    points=$(cd out && "$FAULTRUN" "$kind" 0 init shop --port 8080 2>&1 >/dev/null | sed -n 's/^points //p')
    whole=$(find out -type f | wc -l)
    check "$kind points are counted" test "${points:-0}" -gt 20
    problems=
    n=1
    while [ "$n" -le "$points" ]; do
        rm -rf out && mkdir out && cp "$WORK/shop" out/shop
        (cd out && timeout 20 "$FAULTRUN" "$kind" "$n" init shop --port 8080) >said 2>err
        status=$?
        files=$(find out -type f | wc -l)
        [ -z "$(find out -name '.barehull-*')" ] || problems="$problems; $n left a temporary file"
        case $status in
        0) [ "$files" -eq "$whole" ] || problems="$problems; $n said it went well with $files files" ;;
        3) [ "$files" -eq 1 ] || [ "$files" -eq "$whole" ] || grep -q 'written before' err || problems="$problems; $n wrote $files files silently" ;;
        *) problems="$problems; $n ended with $status" ;;
        esac
        n=$((n + 1 + points / ${FAULT_SAMPLES:-60}))
    done
    check_eq "every $kind fault ends cleanly ($points points)" "" "$problems"
done
check_finish
