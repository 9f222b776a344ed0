#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/check.sh BUILD_DIR - `barehull check` as a whole: what a repository holds is found, judged and told in every
# format with the right status; ugly input ends in a finding or a reason, in bounded time, and the others are judged.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/barehull.sh"
barehull_begin "$@"
need git jq setpriv xmllint pre-commit
WORK=$SCRATCH/work
GOOD=gcr.io/distroless/static-debian12:nonroot@sha256:0000000000000000000000000000000000000000000000000000000000000000
mkdir "$WORK"
cd "$WORK" || exit 3

# run STATUS WHAT ARGS...: barehull check in the current directory; $OUT and $ERR tell how it went.
run() {
    local status="$1" what="$2"
    shift 2
    timeout 60 "$BAREHULL" check "$@" </dev/null >"$SCRATCH/out" 2>"$SCRATCH/err"
    check_eq "$what: exit status" "$status" $?
    OUT=$(head -c 200000 "$SCRATCH/out")
    ERR=$(cat "$SCRATCH/err")
}

# errors: what $OUT (JSON) holds, a line for each finding that fails as an error.
errors() {
    printf '%s\n' "$OUT" | jq -r '.findings[] | select(.severity == "error" and .verdict == "fails") |
        "\(.file):\(.line):\(.column)-\(.end_line):\(.end_column) \(.rule)"'
}

# --- the three-line file that can't start ----------------------------------------------------------------------------

mkdir three
cat >three/Dockerfile <<'EOF'
FROM gcr.io/distroless/cc-debian12:nonroot
HEALTHCHECK --interval=5s CMD curl -f http://localhost:8080/healthz || exit 1
ENTRYPOINT ["/app","$PORT"]
EOF
run 1 "three lines" three --format json
check_eq "three lines: three errors, each at its place" "three/Dockerfile:2:31-2:35 healthcheck-runs
three/Dockerfile:2:31-2:78 exec-form
three/Dockerfile:3:20-3:27 no-shell-syntax" "$(errors)"
check_eq "three lines: the offending text" 'curl
curl -f http://localhost:8080/healthz || exit 1
"$PORT"' "$(printf '%s\n' "$OUT" | jq -r '.findings[] | select(.severity == "error").text')"
rm -r three

# --- a repository ----------------------------------------------------------------------------------------------------

git init -q .
mkdir -p app deploy/chart/templates deploy/base .github node_modules/x vendor out
cat >app/Dockerfile <<EOF
# barehull: allow image-labels -- the pipeline sets them
FROM golang:1.22@sha256:0000000000000000000000000000000000000000000000000000000000000000 AS build
RUN go build -o /app .
FROM $GOOD
COPY --from=build /app /app
HEALTHCHECK CMD ["/app", "health"]
ENTRYPOINT ["/app"]
EOF
cat >compose.yaml <<EOF
include: [deploy/base/db.yaml]
services:
  web: &hard
    image: \${IMAGE}
    read_only: true
    tmpfs: ["/tmp:size=16m"]
    cap_drop: [ALL]
    security_opt: [no-new-privileges]
    mem_limit: 64m
    cpus: 1
    pids_limit: 50
    healthcheck: {test: [CMD, /app, health]}
EOF
echo "IMAGE=$GOOD" >.env
cat >deploy/base/db.yaml <<EOF
services:
  db:
    extends: {file: common.yaml, service: hard}
    privileged: true
EOF
sed "s|\${IMAGE}|$GOOD|; /^include/d; s/web: &hard/hard:/" compose.yaml >deploy/base/common.yaml
printf 'services: {web: {read_only: !reset null}}\n' >compose.override.yaml
cat >deploy/pod.yaml <<EOF
apiVersion: v1
kind: Pod
metadata: {name: demo}
spec:
  hostPID: true # barehull: allow no-host-namespaces -- reads what runs there
  containers: [{name: web, image: $GOOD}]
EOF
printf '{"apiVersion": "v1", "kind": "Pod", "spec": {"hostNetwork": true}}\n' >deploy/pod.json
printf 'apiVersion: v2\nname: chart\n' >deploy/chart/Chart.yaml
printf 'kind: {{ .Values.kind }}\n' >deploy/chart/templates/pod.yaml
for path in node_modules/x vendor out; do echo 'FROM debian' >$path/Dockerfile; done
printf '/out/\n' >.gitignore
printf '{"name": "x"}\n' >package.json
ln -s . loop
ln -s app/Dockerfile Dockerfile.link

run 1 "a repository" --format json --exclude /vendor
cp "$SCRATCH/out" "$SCRATCH/named-none"
check_eq "a repository: the files" "app/Dockerfile dockerfile judged
compose.yaml compose judged
deploy/chart/templates/pod.yaml kubernetes not-judged
deploy/pod.json kubernetes judged
deploy/pod.yaml kubernetes judged" "$(printf '%s\n' "$OUT" | jq -r '.files[] | "\(.file) \(.surface) \(.state)"')"
check_eq "a repository: the project is one, with what it resets, includes and extends" "compose.yaml read-only-root
deploy/base/db.yaml no-privileged" "$(printf '%s\n' "$OUT" | jq -r '.findings[] |
    select(.verdict == "fails" and .severity == "error" and (.file | endswith("pod.yaml") or endswith("pod.json") | not)) |
    "\(.file) \(.rule)"' | sort)"
check_eq "a repository: what was waived" "image-labels no-host-namespaces" \
    "$(printf '%s\n' "$OUT" | jq -r '[.findings[] | select(.verdict == "waived").rule] | unique | join(" ")')"
run 1 "named by '.'" --format json --exclude /vendor .
check_eq "named by '.': the same answer" "" "$(diff "$SCRATCH/out" "$SCRATCH/named-none")"
run 1 "what git ignores" --format json --no-gitignore --only distroless-final-stage
check_eq "what git ignores: found when asked for" "out/Dockerfile vendor/Dockerfile" \
    "$(printf '%s\n' "$OUT" | jq -r '[.findings[].file] | unique | join(" ")')"
run 1 "what git ignores, named" out/Dockerfile --only distroless-final-stage

# --- statuses --------------------------------------------------------------------------------------------------------

run 0 "a clean file" app/Dockerfile
check_has "a clean file: the verdict" "$OUT" "pass: nothing found"
run 3 "a template alone" deploy/chart
run 3 "a template beside a clean file" deploy/chart app/Dockerfile
run 0 "a template that is excluded" deploy/chart app/Dockerfile --exclude templates/
run 2 "nothing there" .github
run 2 "a path that is not there" nosuch
run 3 "a path that is not there beside a clean file" nosuch app/Dockerfile
run 2 "an unknown option" --nosuch
run 2 "an unknown rule" --only exec-from
check_has "an unknown rule: did you mean" "$ERR" "exec-form"
run 2 "an unknown version" --kubernetes 1.999 app/Dockerfile
run 0 "errors that are not to fail the run" --fail-on never deploy/pod.json
printf 'ARG BASE\nFROM $BASE\nUSER 65532\nENTRYPOINT ["/app"]\n' >unknown.Dockerfile
run 0 "an unknown" --only distroless-final-stage unknown.Dockerfile
run 3 "an unknown that is to be told" --only distroless-final-stage --fail-on-unknown unknown.Dockerfile
rm unknown.Dockerfile

# stdin_is STATUS WHAT TEXT ARGS...
stdin_is() {
    local status="$1" what="$2" text="$3"
    shift 3
    printf '%b' "$text" |
        timeout 60 "$BAREHULL" check - --no-config "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"
    check_eq "standard input, $what" "$status" $?
}
stdin_is 2 "empty, of any kind" ''
stdin_is 2 "empty manifests" '' --as kubernetes
stdin_is 2 "manifests without an object" '# Source: x\n---\n' --as kubernetes
stdin_is 1 "an empty Dockerfile" '' --as dockerfile
stdin_is 1 "an empty Compose file" '' --as compose
stdin_is 1 "a Dockerfile" 'FROM debian\n' --as dockerfile
stdin_is 1 "manifests" 'apiVersion: v1\nkind: Pod\nspec: {hostPID: true}\n'

# --- policy ----------------------------------------------------------------------------------------------------------

cat >.barehull.yaml <<'EOF'
exclude: [vendor/, "deploy/*"]
rules: {read-only-root: off}
waivers: [{rule: pinned-image, paths: [app/], reason: none is needed}]
EOF
run 1 "a waiver of the policy that nothing needs" --format json
check_eq "a waiver of the policy that nothing needs: is told" ".barehull.yaml:3 valid-waivers" \
    "$(printf '%s\n' "$OUT" | jq -r '.findings[] | select(.rule == "valid-waivers") | "\(.file):\(.line) \(.rule)"')"
printf 'policy: {locked: true}\n' >.barehull.yaml
run 1 "a locked policy" --format json deploy/pod.yaml
check_eq "a locked policy: the waiver has no power" "fails fails" "$(printf '%s\n' "$OUT" |
    jq -r '[.findings[] | select(.rule == "no-host-namespaces" or .rule == "valid-waivers").verdict] | join(" ")')"
mv .barehull.yaml "$SCRATCH/policy.yaml"
printf 'rules: {no-host-namespaces: off}\n' >.barehull.yaml
run 1 "a policy by name: nothing else counts" --policy "$SCRATCH/policy.yaml" --only no-host-namespaces deploy/pod.yaml
run 2 "two policies" --policy "$SCRATCH/policy.yaml" --no-config
printf 'profil: standard\n' >.barehull.yaml
run 2 "a misspelt key of the policy" app/Dockerfile
check_has "a misspelt key of the policy: did you mean" "$ERR" "did you mean 'profile'"
rm .barehull.yaml

# --- formats ---------------------------------------------------------------------------------------------------------

run 1 "all formats at once" --exclude vendor/ --format text --format json="$SCRATCH/a.json" \
    --format sarif="$SCRATCH/a.sarif" --format junit="$SCRATCH/a.xml" --format github="$SCRATCH/a.github" \
    --format compact="$SCRATCH/a.compact"
check "all formats: JSON and SARIF tell the same" sh -c \
    'test "$(jq "[.findings[] | select(.verdict == \"fails\")] | length" "$1")" -gt 5 &&
     test "$(jq "[.findings[] | select(.verdict == \"fails\").rule] | sort" "$1")" = \
          "$(jq "[.runs[0].results[] | select(.kind == \"fail\" or .kind == null) |
                 select(.suppressions == null).ruleId] | sort" "$2")"' \
    sh "$SCRATCH/a.json" "$SCRATCH/a.sarif"
check "all formats: JUnit is XML" xmllint --noout "$SCRATCH/a.xml"
check "all formats: annotations" grep -q '^::error file=deploy/base/db.yaml,line=4,' "$SCRATCH/a.github"
check "all formats: lines for editors" grep -q '^deploy/base/db.yaml:4:17: error: .*\[no-privileged\]$' "$SCRATCH/a.compact"
run 3 "a report on a full disk" app/Dockerfile --format json=/dev/full
"$BAREHULL" check app/Dockerfile >/dev/full 2>"$SCRATCH/err"
check_eq "an answer on a full disk" 3 $?
"$BAREHULL" check app/Dockerfile >&- 2>"$SCRATCH/err"
check_eq "an answer to nobody" 3 $?

# --- pre-commit ------------------------------------------------------------------------------------------------------

check "the hooks are valid" pre-commit validate-manifest "$TESTS/../.pre-commit-hooks.yaml"
mkdir "$SCRATCH/hooked" "$SCRATCH/bin"
ln -s "$BAREHULL" "$SCRATCH/bin/barehull"
git init -q "$SCRATCH/hooked"
{
    printf 'repos:\n  - repo: local\n    hooks:\n'
    sed -n '/^[- ] /s/^/      /p' "$TESTS/../.pre-commit-hooks.yaml"
} >"$SCRATCH/hooked/.pre-commit-config.yaml"
cp app/Dockerfile "$SCRATCH/hooked"
git -C "$SCRATCH/hooked" add .
# hook: what a commit would meet.
hook() {
    (cd "$SCRATCH/hooked" && PRE_COMMIT_HOME=$SCRATCH/pre-commit PATH=$SCRATCH/bin:$PATH pre-commit run 2>&1)
}
check "the hook lets a good file pass" hook
echo 'USER root' >>"$SCRATCH/hooked/Dockerfile"
git -C "$SCRATCH/hooked" add .
check_not "the hook stops a bad one" hook

# --- ugly input ------------------------------------------------------------------------------------------------------

mkdir "$SCRATCH/ugly"
cd "$SCRATCH/ugly" || exit 3
printf 'FROM %s\nUSER root\nENTRYPOINT ["/app"]\n' "$GOOD" >z.Dockerfile
{ printf 'a\0' && head -c 100000 /dev/urandom; } >binary.yaml
: >empty.yaml
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: "\377\376"}\n' >latin.yaml
printf '\357\273\277apiVersion: v1\r\nkind: Pod\r\nspec:\r\n  hostPID: true\r\n' >bom-crlf.yaml
printf 'apiVersion: v1\nkind: Pod\nspec:\n\thostPID: true\n' >tabs.yaml
{ printf 'apiVersion: v1\nkind: Pod\nspec: ' && head -c 100000 /dev/zero | tr '\0' '['; } >nested.yaml
{ printf '{"apiVersion": "v1", "kind": "Pod", "spec": ' && head -c 100000 /dev/zero | tr '\0' '['; } >nested.json
awk 'BEGIN { print "apiVersion: v1\nkind: Pod\na0: &a0 [x, x]"
    for (i = 1; i < 40; i++) printf "a%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1; print "spec: *a39" }' >bomb.yaml
mkfifo fifo.yaml
ln -s nothing dangling.yaml
mkdir below
ln -s .. below/up

# ugly FILE RULE-OR-REASON: the file gives that, and the other is judged.
ugly() {
    run 1 "ugly: $1" --no-config --format compact --only valid-syntax --only non-root-user \
        --only no-host-namespaces "$1" z.Dockerfile
    check_has "ugly: $1: is told" "$OUT" "$1$2"
    check_has "ugly: $1: the other is judged" "$OUT" "z.Dockerfile:2:6: error: the image's user is root [non-root-user]"
    check_eq "ugly: $1: nothing on standard error" "" "$ERR"
}
ugly binary.yaml ": not judged: 'binary.yaml' is binary"
ugly latin.yaml ":3:19: error: this is no valid UTF-8 [valid-syntax]"
ugly bom-crlf.yaml ":4:12: error: the container shares the machine's process IDs [no-host-namespaces]"
ugly tabs.yaml ":4:1: error: found character that cannot start any token [valid-syntax]"
ugly nested.yaml ":3:134: error: the document is nested too deeply [valid-syntax]"
ugly nested.json ":1:172: error: the document is nested too deeply [valid-syntax]"
ugly bomb.yaml ":13:22: error: the aliases stand for more than"
ugly fifo.yaml ": not judged: 'fifo.yaml' is a FIFO"
ugly dangling.yaml ": not judged: cannot open 'dangling.yaml': No such file or directory"
ugly /dev/zero ": not judged: '/dev/zero' is a device"
run 2 "ugly: an empty file" empty.yaml
chmod 755 "$SCRATCH/ugly"
chmod 000 bomb.yaml
mkdir closed
chmod 000 closed
as_nobody() {
    setpriv --reuid 65534 --regid 65534 --clear-groups timeout 60 "$BAREHULL" check --no-config "$@" \
        >"$SCRATCH/out" 2>"$SCRATCH/err"
}
if [ "$(id -u)" = 0 ]; then
    as_nobody --format compact
    check_eq "a tree with what may not be read: exit status" 1 $?
    for reason in "bomb.yaml: not judged: cannot open 'bomb.yaml': Permission denied" \
        "closed/: not judged: the directory is not read whole: Permission denied" "z.Dockerfile:2:6: error"; do
        check "a tree with what may not be read: $reason" grep -qF "$reason" "$SCRATCH/out"
    done
    as_nobody z.Dockerfile --format sarif=findings.sarif
    check_eq "a report where nothing may be written" 3 $?
    check "a report where nothing may be written: is told" grep -q "cannot create 'findings.sarif': Permission denied" "$SCRATCH/err"
fi

# --- large -----------------------------------------------------------------------------------------------------------

mkdir "$SCRATCH/large"
cd "$SCRATCH/large" || exit 3
cp ../ugly/z.Dockerfile .
awk 'BEGIN { line = "v"; for (i = 0; i < 6; i++) line = line line line
    for (i = 0; i < 60000; i++)
        printf "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d}\ndata: {k: \"%s\"}\n---\n", i, line
    print "apiVersion: v1\nkind: Pod\nspec:\n  hostPID: true" }' >large.yaml
run 1 "60,000 documents beside a small file" --no-config --format compact --only no-host-namespaces --only non-root-user .
check_has "60,000 documents: the last" "$OUT" "large.yaml:300004:12: error"
check_has "60,000 documents: the small file" "$OUT" "z.Dockerfile:2:6: error"
peak() {
    /usr/bin/python3 - "$BAREHULL" "$@" <<'EOF'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "check", "--no-config", *sys.argv[2:]], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
EOF
}
check "60,000 documents: memory goes with the largest of them" test "$(peak large.yaml)" -lt 20000
check "a document of 70 MB: memory is bounded" sh -c '{ printf "apiVersion: v1\nkind: ConfigMap\ndata:\n  k: \""
    head -c 70000000 /dev/zero | tr "\0" v; echo "\""; } >document.yaml'
run 2 "a document of 70 MB" --no-config --format compact document.yaml
check_has "a document of 70 MB: is told" "$OUT" "document.yaml: not judged: a document of 'document.yaml' is larger than"
services() {
    awk -v count="$1" 'BEGIN { print "services:"; for (i = 0; i < count; i++) printf "  s%d: {image: x, privileged: true}\n", i }'
}
services 2000 >compose.yaml
run 1 "12,000 findings in one project" --no-config --format compact compose.yaml
check "12,000 findings: all are told" test "$(wc -l <"$SCRATCH/out")" -ge 12000
services 2001 >compose.yaml
run 2 "too many services" --no-config --format compact compose.yaml
check_has "too many services: is told" "$OUT" "compose.yaml: not judged: "
for end in INT:130 TERM:143; do
    # A background job of a shell ignores SIGINT: have it back to its default first.
    timeout --preserve-status --signal="${end%:*}" 0.02 /usr/bin/env --default-signal=INT "$BAREHULL" check \
        --no-config large.yaml --format sarif="$SCRATCH/cut.sarif" >"$SCRATCH/out" 2>"$SCRATCH/err"
    check_eq "SIG${end%:*} in the middle: exit status" "${end#*:}" $?
    check_eq "SIG${end%:*} in the middle: nothing half-written" "" "$(find "$SCRATCH" -maxdepth 1 -name '*cut.sarif*')"
done

check_finish
