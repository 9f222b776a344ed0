#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/build-file.sh BUILD_DIR - barehull.yaml: several images from one file are what the same options of the
# command line make; one that fails keeps no other back; what is no such file is told with its place.

# shellcheck disable=SC2086 # MIRROR_ARGS is a list of words

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
barehull_begin "$@"
need gcc g++ jq python3
apps chello tlsserver cxxthrow
mirror_begin

mkdir -p "$SCRATCH/shop/deploy/keys" "$SCRATCH/shop/bin" "$SCRATCH/line"
cp "$APPS/chello" "$APPS/tlsserver" "$APPS/cxxthrow" "$SCRATCH/shop/bin"
cp "$MIRROR_KEYRING" "$SCRATCH/shop/deploy/keys/archive.gpg"
echo hello >"$SCRATCH/shop/deploy/greeting"
cat >"$SCRATCH/shop/deploy/barehull.yaml" <<END
defaults: &defaults
  mirror: $MIRROR_URL
  keyring: keys/archive.gpg
  suite: bookworm
  env: {TZ: UTC, STAGE: test}
images:
  hello:
    app: ../bin/chello
    include: [./greeting:/app/greeting]
    label: {org.example.part: hello, version: 1.10}
  tls:
    app: ../bin/tlsserver
    tag: shop/tls:1.0
    env: {STAGE: production, PORT: 8443}
    expose: 8443
    user: shop:10001
    output: [oci:../images, oci-archive:../tls.tar]
  throw: {app: ../bin/cxxthrow, base: cc, cmd: [--times, 3], tag: shop/throw:2, output: oci:../images}
END

# call STATUS WHAT ARGS...: 'barehull build' as JSON into answer, what it says into said.
call() {
    local status="$1" what="$2" ended=0
    shift 2
    "$BAREHULL" build --format json "$@" >"$SCRATCH/answer" 2>"$SCRATCH/said" || ended=$?
    check_eq "$what: status" "$status" "$ended" || cat "$SCRATCH/said"
}

answer() {
    jq -r "$1" "$SCRATCH/answer"
}

# --- one file, three images ------------------------------------------------------------------------------------------

cd "$SCRATCH/shop/deploy" || exit 3
call 0 "the file of this directory"
check_eq "its images, in its order" "hello hello:latest
tls shop/tls:1.0
throw shop/throw:2" "$(answer '.images[] | .name + " " + .reference')"
check_eq "none failed" "[]" "$(answer '.failed | tostring')"
DIGESTS=$(answer '.images[].digest')
check "an image without an output lies beside the file" test -f "$SCRATCH/shop/deploy/hello-image/index.json"
check "outputs are relative to the file" test -f "$SCRATCH/shop/tls.tar"
check_eq "two images in one layout" "1.0 2" \
    "$(jq -r '[.manifests[].annotations["org.opencontainers.image.ref.name"]] | sort | join(" ")' ../images/index.json)"

cd "$SCRATCH/line" || exit 3
build ../shop/bin/chello -t hello -e TZ=UTC -e STAGE=test --include ../shop/deploy/greeting:/app/greeting \
    --label org.example.part=hello --label version=1.10 --format json >"$SCRATCH/one" 2>&1
build ../shop/bin/tlsserver -t shop/tls:1.0 -e TZ=UTC -e STAGE=production -e PORT=8443 --expose 8443 \
    --user shop:10001 --format json >"$SCRATCH/two" 2>&1
build ../shop/bin/cxxthrow -t shop/throw:2 -e TZ=UTC -e STAGE=test --base cc --cmd '["--times","3"]' \
    --format json >"$SCRATCH/three" 2>&1
check_eq "the command line makes the same images" "$DIGESTS" \
    "$(jq -r '.images[].digest' "$SCRATCH/one" "$SCRATCH/two" "$SCRATCH/three")"

rm -rf "$SCRATCH/shop/deploy/hello-image" "$SCRATCH/shop/images" "$SCRATCH/shop/tls.tar"
cd / || exit 3
call 0 "from elsewhere" -f "$SCRATCH/shop/deploy/barehull.yaml"
check_eq "from elsewhere: the same images" "$DIGESTS" "$(answer '.images[].digest')"
check "from elsewhere: beside the file" test -f "$SCRATCH/shop/deploy/hello-image/index.json"

# --- what the command line says ---------------------------------------------------------------------------------------

cd "$SCRATCH/shop" || exit 3
call 0 "one by name" --file deploy/barehull.yaml tls tls -t other:3 -e STAGE=line -o "oci:$SCRATCH/other"
check_eq "one by name: the command line wins" "other:3" "$(answer '.images[].reference')"
check_eq "one by name: variables are joined" '"PORT=8443" "STAGE=line" "TZ=UTC"' \
    "$("$BAREHULL" inspect "oci:$SCRATCH/other" --format json | jq -r '[.. | .env? // empty] | flatten |
        map(select(test("^(PORT|STAGE|TZ)="))) | sort | map(tojson) | join(" ")')"
call 2 "one name for three images" --file deploy/barehull.yaml -t other:3
check_has "one name for three images" "$(cat "$SCRATCH/said")" "one name can't be given to 3 images"
call 2 "one place for three images" --file deploy/barehull.yaml -o oci-archive:all.tar
check_has "one place for three images" "$(cat "$SCRATCH/said")" \
    "deploy/barehull.yaml:11:3: image 'tls': 'all.tar' is where 'hello' goes, too"
check_not "nothing was written" test -e all.tar
call 2 "an image that is not there" --file deploy/barehull.yaml tsl
check_has "an image that is not there" "$(cat "$SCRATCH/said")" "did you mean 'tls'?"
cd deploy || exit 3
call 3 "an image's name without --file" hello
check_has "an image's name without --file" "$(cat "$SCRATCH/said")" "write --file barehull.yaml hello"

# --- one that fails ---------------------------------------------------------------------------------------------------

cat >some.yaml <<END
defaults: {mirror: $MIRROR_URL, keyring: keys/archive.gpg, suite: bookworm}
images:
  first: {app: ../bin/chello}
  missing: {app: ../bin/nothing}
  nowhere:
    app: ../bin/chello
    output: oci-archive:/proc/no/such.tar
  last: {app: ../bin/chello}
END
call 3 "two of four fail" -f some.yaml
check_eq "the others are built" "first last" "$(answer '[.images[].name] | join(" ")')"
check_eq "what failed is told" "missing not-found nowhere not-found" \
    "$(answer '[.failed[] | .name + " " + .code] | join(" ")')"
check "and they lie there" test -f last-image/index.json
check_eq "with its place" "some.yaml:4:18" "$(answer '.failed[0].message' | sed "s/: image 'missing': .*//")"
check_eq "each on standard error" "2" "$(jq -s length "$SCRATCH/said")"
"$BAREHULL" build -f some.yaml >"$SCRATCH/text" 2>&1
check_has "as text" "$(cat "$SCRATCH/text")" "2 of 4 images failed: missing, nowhere"

: >keys/none.gpg
printf 'defaults: {mirror: "%s", suite: bookworm}\nimages:\n  a: {app: ../bin/chello, keyring: keys/archive.gpg}\n' \
    "$MIRROR_URL" >grave.yaml
printf '  b: {app: nothing}\n  c: {app: ../bin/chello, keyring: ../bin/chello, refresh: true}\n' >>grave.yaml
call "$(build ../bin/chello --keyring ../bin/chello --refresh -o oci:x >/dev/null 2>&1; echo $?)" \
    "the gravest failure is the status" -f grave.yaml

printf 'app: ../bin/chello\nuser: 0\n' >root.yaml
call 2 "what no image may be" -f root.yaml
check_has "what no image may be: its place" "$(cat "$SCRATCH/said")" "root.yaml:2:7: "

# --- one image, at the top --------------------------------------------------------------------------------------------

mkdir "$SCRATCH/single"
cd "$SCRATCH/single" || exit 3
cp "$APPS/chello" server
printf 'app: server\r\nmirror: %s\r\nkeyring: %s\r\nsuite: bookworm\r\n' "$MIRROR_URL" "$MIRROR_KEYRING" >barehull.yaml
call 0 "CRLF"
check_eq "no name in the answer" "server:latest null" "$(answer '.images[] | .reference + " " + (.name | tostring)')"
check "its image lies beside the file" test -f server-image/index.json
rm -rf server-image
cd / || exit 3
call 0 "one image, from elsewhere" --file "$SCRATCH/single/barehull.yaml"
check "one image, from elsewhere: beside the file" test -f "$SCRATCH/single/server-image/index.json"
cd "$SCRATCH/single" || exit 3
rm -f server
call 3 "its program is gone"
check_has "its program is gone" "$(cat "$SCRATCH/said")" "barehull.yaml:1:6: "

# --- what is no barehull.yaml ------------------------------------------------------------------------------------------

refused() {
    local status="$1" what="$2" text="$3"
    call "$status" "$what"
    check_has "$what" "$(cat "$SCRATCH/said")" "$text"
    check_eq "$what: no answer" "" "$(cat "$SCRATCH/answer")"
}
: >barehull.yaml
refused 2 "an empty file" "barehull.yaml:1:1: the file declares no image"
head -c 4096 "$APPS/chello" >barehull.yaml
refused 2 "a program" "barehull.yaml:1:25: "
printf 'app: caf\351\n' >barehull.yaml
refused 2 "Latin-1" "barehull.yaml:1:9: "
head -c 10000000 /dev/zero | tr '\0' '#' >barehull.yaml
refused 3 "10 MB" "barehull.yaml"
printf 'app: &a [*a]\n' >barehull.yaml
refused 2 "an alias in itself" "barehull.yaml:1:10: "
python3 -c "
print('x-0: &a0 [x]')
for n in range(1, 30): print(f'x-{n}: &a{n} [' + ', '.join([f'*a{n - 1}'] * 10) + ']')" >barehull.yaml
refused 2 "a billion of aliases" "barehull.yaml:"
rm barehull.yaml
mkdir barehull.yaml
refused 3 "a directory" "'barehull.yaml'"
rmdir barehull.yaml
mkfifo barehull.yaml
refused 3 "a FIFO" "'barehull.yaml'"
rm barehull.yaml
ln -s barehull.yaml barehull.yaml
refused 3 "a link to itself" "'barehull.yaml'"
rm barehull.yaml
refused 2 "nothing" "there is nothing to build: no APP, and no './barehull.yaml'"
call 3 "a file that is not there" -f nothing.yaml
check_has "a file that is not there" "$(cat "$SCRATCH/said")" "nothing.yaml"

# --- an agent asks ------------------------------------------------------------------------------------------------------

cat >"$SCRATCH/agent.py" <<'END'
import json, subprocess, sys
server = subprocess.Popen([sys.argv[1], "serve", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
def ask(number, method, params):
    server.stdin.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n")
    server.stdin.flush()
    while True:
        answer = json.loads(server.stdout.readline())
        if answer.get("id") == number:
            return answer["result"]
try:
    ask(1, "initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                          "clientInfo": {"name": "test", "version": "1"}})
    tool = next(tool for tool in ask(2, "tools/list", {})["tools"] if tool["name"] == "build")
    assert {"app", "file", "port", "env"} <= set(tool["inputSchema"]["properties"]), tool
    assert "images" in tool["outputSchema"]["required"], tool
    answer = ask(3, "tools/call", {"name": "build", "arguments": {"file": sys.argv[2], "app": ["hello", "tls"]}})
    print("\n".join(image["digest"] for image in answer["structuredContent"]["images"]))
    answer = ask(4, "tools/call", {"name": "build", "arguments": {"file": sys.argv[2], "app": ["x"]}})
    print(answer["isError"])
finally:
    server.stdin.close()
    server.wait(30)
END
check_eq "over MCP: the same images, and an error" "$(printf '%s\n' "$DIGESTS" | head -n 2)
True" "$(python3 "$SCRATCH/agent.py" "$BAREHULL" "$SCRATCH/shop/deploy/barehull.yaml" 2>&1)"

check_finish
