#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/image.sh BUILD_DIR - one image for several machines, as others read it; and barehull's own (`make image`):
# what is in it and what is not, within its budget, and it runs hardened under real engines.
# The server for arm64 takes a minute to compile: here a small program for that machine is in its place. tests/matrix/
# image.sh compiles it, runs it, and shows that two trees give one digest.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
engines_begin "$@"
barehull_begin "$@"
cache_share
need podman crun runc umoci skopeo oci-image-tool jq python3 curl qemu-aarch64-static aarch64-linux-gnu-strip
build_dir=$(realpath "${1:-build}")
ROOT=$(cd "$LIB/../.." && pwd)
OUT=$ROOT/build/image

# --- the image that barehull builds of itself ----------------------------------------------------------------------

before=$(cat "$ROOT/k8s/kustomization.yaml" 2>/dev/null)
check "make image" "$ROOT/tools/image" "$build_dir" --no-write --server "arm64=$build_dir/healthcheck-aarch64" || check_finish
check_eq "--no-write leaves the manifests alone" "$before" "$(cat "$ROOT/k8s/kustomization.yaml" 2>/dev/null)"

told() {
    jq -r "$1" "$OUT/images.json"
}

version=$(sed -n "s/^ *version: '\(.*\)',/\1/p" "$ROOT/meson.build")
index=$(told '.indexes[] | select(.name == "barehull") | .digest')
check_eq "its names" "barehull:$version barehull:$version-debug" "$(told '[.indexes[].reference] | join(" ")')"
check_eq "its machines" "linux/amd64 linux/arm64/v8" "$(told '[.indexes[0].machines[].platform] | join(" ")')"
check "the layout names the index" jq -e --arg digest "$index" --arg tag "$version" '.manifests[] |
    select(.digest == $digest and .annotations["org.opencontainers.image.ref.name"] == $tag
        and .mediaType == "application/vnd.oci.image.index.v1+json")' "$OUT/oci/index.json"
check_eq "alone each image is the same" "$(told '[.images[] | select(.name == "amd64" or .name == "arm64") | .config_digest] | sort | join(" ")')" \
    "$(told '[.images[] | select(.name == "barehull") | .config_digest] | sort | join(" ")')"
check_eq "less than 10 MB, and 4 MB compressed" true \
    "$(told '[.images[] | select(.debug | not) | .unpacked_bytes < 10e6 and .size_bytes < 4e6] | all')"
echo "unpacked, compressed: $(told '[.images[] | select(.name == "barehull") | .unpacked_bytes, .size_bytes] | join(" ")')"
check_eq "two layers" '["common","app"]' "$(told '.images[0] | [.layers[].role] | tojson')"

schemas=/usr/share/gocode/src/github.com/opencontainers/image-spec/schema
blob() {
    echo "$OUT/oci/blobs/sha256/${1#sha256:}"
}
cat >"$SCRATCH/judge.py" <<'END'
import json, pathlib, sys
from jsonschema import Draft4Validator, RefResolver
folder, kind, path = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
schemas = {file.name: json.loads(file.read_text()) for file in folder.glob("*.json")}
store = {f"https://opencontainers.org/schema/{place}{name}": schema for name, schema in schemas.items()
         for place in ("", "image/", "image/descriptor/", "image/index/", "image/manifest/")}
schema = schemas[kind]
Draft4Validator(schema, resolver=RefResolver(schema["id"], schema, store=store)).validate(json.load(open(path)))
END
check "the specification's schema of an index" /usr/bin/python3 "$SCRATCH/judge.py" "$schemas" image-index-schema.json "$(blob "$index")"
check "and that of index.json" /usr/bin/python3 "$SCRATCH/judge.py" "$schemas" image-index-schema.json "$OUT/oci/index.json"
for digest in $(told '.indexes[0].machines[].digest'); do
    check "and that of a manifest" /usr/bin/python3 "$SCRATCH/judge.py" "$schemas" image-manifest-schema.json "$(blob "$digest")"
    check "and that of a config" /usr/bin/python3 "$SCRATCH/judge.py" "$schemas" config-schema.json \
        "$(blob "$(jq -r .config.digest "$(blob "$digest")")")"
done
check "oci-image-tool" oci-image-tool validate --type image --ref "name=$version" "$OUT/oci"

# --- as others read it ----------------------------------------------------------------------------------------------

image=oci:$OUT/oci:$version
check_eq "skopeo inspect --raw is the index" "${index#sha256:}" "$(skopeo inspect --raw "$image" | sha256sum | cut -d' ' -f1)"
for machine in amd64 arm64; do
    check_eq "skopeo finds $machine" "$machine" "$(skopeo --override-arch $machine inspect "$image" | jq -r .Architecture)"
    check "skopeo copies $machine" skopeo --override-arch $machine copy --quiet "$image" "oci:$SCRATCH/$machine:$version"
    check_eq "as it was built" "$(told ".images[] | select(.name == \"barehull\" and .architecture == \"$machine\") | .digest")" \
        "sha256:$(layout_manifest "$SCRATCH/$machine" "$version")"
    check_eq "inspect --platform $machine" "$machine" \
        "$("$BAREHULL" inspect "$image" --platform $machine --format json | jq -r .platform | cut -d/ -f2)"
done
check_not "there is none for s390x" skopeo --override-arch s390x inspect "$image"
check "skopeo copies all" skopeo copy --quiet --all "$image" "oci-archive:$SCRATCH/all.tar"
check_eq "with the digest of the index" "$index" \
    "sha256:$(skopeo inspect --raw "oci-archive:$SCRATCH/all.tar" | sha256sum | cut -d' ' -f1)"
looked=$("$BAREHULL" inspect "$image" --format json)
check_eq "inspect takes this machine's, and says what there is" "linux/amd64 linux/amd64,linux/arm64/v8 $index" \
    "$(echo "$looked" | jq -r '[.platform, (.platforms | join(",")), .index_digest] | join(" ")')"
check_has "as text" "$("$BAREHULL" inspect "$image")" "linux/amd64, linux/arm64/v8"

podman_begin
for machine in amd64 arm64; do
    id=$(pod pull --quiet --arch $machine "$image" 2>&1 | tail -n 1)
    check_eq "podman pulls $machine" "$(told ".images[] | select(.name == \"$machine\") | .config_digest")" "sha256:$id"
    check "podman loads the archive for $machine" pod load --quiet --input "$OUT/barehull-$machine.tar"
done

# --- what is in it --------------------------------------------------------------------------------------------------

"$BAREHULL" inspect "$image" --files --format json >"$SCRATCH/amd64.json"
files() {
    jq -r ".files[] | $1" "$SCRATCH/amd64.json"
}
check_eq "a user, and no root" '["65532:65532"]' "$(jq -c '[.user]' "$SCRATCH/amd64.json")"
check_eq "it starts directly" '["/app/barehull","serve"]' "$(jq -c .entrypoint "$SCRATCH/amd64.json")"
check_eq "its port" '["8080/tcp"]' "$(jq -c .exposed "$SCRATCH/amd64.json")"
check_eq "its health check" '["CMD","/app/healthcheck","/readyz"]' "$(jq -c .healthcheck "$SCRATCH/amd64.json")"
check_eq "its environment" "HOST=0.0.0.0 PORT=8080" \
    "$(jq -r '[.env[] | select(test("^(HOST|PORT|ALLOWED)"))] | sort | join(" ")' "$SCRATCH/amd64.json")"
check_eq "its labels" "Apache-2.0 barehull $version" "$(jq -r '.labels | [.["org.opencontainers.image.licenses"],
    .["org.opencontainers.image.title"], .["org.opencontainers.image.version"]] | join(" ")' "$SCRATCH/amd64.json")"
check_eq "the files that no package owns" "/app/barehull
/app/healthcheck
/etc/group
/etc/nsswitch.conf
/etc/passwd" "$(files 'select(.type == "file" and .package == "" and (.path | startswith("/var/lib/dpkg/status.d/") | not)) | .path' | sort)"
check_eq "its packages" "base-files ca-certificates media-types netbase tzdata" \
    "$(jq -r '[.packages[].name] | sort | join(" ")' "$SCRATCH/amd64.json")"
check_eq "each has its record, and its sums" "base-files ca-certificates media-types netbase tzdata" \
    "$(files '.path' | sed -n 's,^/var/lib/dpkg/status.d/\(.*\)\.md5sums$,\1,p' | sort | paste -sd' ' -)"
check_eq "programs" "/app/barehull
/app/healthcheck" "$(files 'select(.type == "file" and (.mode | test("[1357]"))) | .path' | sort)"
check_eq "nothing is setuid or setgid" "" "$(files 'select(.type == "file" and (.mode | test("^0[0-7]{3}$") | not)) | .path')"
check_eq "writable for all" "/tmp
/var/tmp" "$(files 'select(.type != "symlink" and (.mode | test("[2367]$"))) | .path' | sort)"
check_eq "no shell, no package manager" "" \
    "$(files 'select(.type != "dir") | .path' | grep -E '/(sh|bash|dash|busybox|apt|apt-get|dpkg|pip|perl|python3?)$')"
bundle_new amd64 "$SCRATCH/amd64" "$version"
AMD64=$BUNDLE
bundle_new arm64 "$SCRATCH/arm64" "$version"
ARM64=$BUNDLE
check_eq "the user has a name" "appuser:x:65532:65532" "$(grep '^appuser:' "$AMD64/rootfs/etc/passwd" | cut -d: -f1-4)"
check "certificates" grep -q 'BEGIN CERTIFICATE' "$AMD64/rootfs/etc/ssl/certs/ca-certificates.crt"
check "time zones" test -s "$AMD64/rootfs/usr/share/zoneinfo/Europe/Paris"
check "sums are those of the files" sh -c 'cd "$1/rootfs" && cat var/lib/dpkg/status.d/*.md5sums | md5sum --quiet -c' sh "$AMD64"
for root in "$AMD64/rootfs" "$ARM64/rootfs"; do
    check_not "no path of this machine" grep -rqaF -e "$ROOT" -e "$build_dir" "$root/app"
    check_not "no symbols" sh -c 'readelf -S "$1" | grep -q -e symtab -e debug_ -e build-id' sh "$root/app/barehull"
done

# --- it runs ---------------------------------------------------------------------------------------------------------

netns_start
for engine in crun runc; do
    # shellcheck disable=SC2016
    with=$(jq '.process.env += ["ALLOWED_ORIGINS=none"]' "$AMD64/config.json") && printf '%s' "$with" >"$AMD64/config.json"
    start_oci $engine "$AMD64"
    answers "$engine: it answers" ok http://127.0.0.1:8080/readyz
    for word in startup ready live; do
        check "$engine: the probe says $word" oci_engine $engine exec "$RUN_ID" /app/healthcheck $word
    done
    check_has "$engine: it checks" "$(in_netns curl -fsS http://127.0.0.1:8080/v1/check -H 'Content-Type: application/json' \
        -d '{"files": [{"name": "Dockerfile", "content": "FROM debian\n"}]}')" '"verdict"'
    check "$engine: TERM ends it" oci_engine $engine kill "$RUN_ID" TERM
    check "$engine: and it is gone" wait_until 10 sh -c '! curl -s --max-time 1 http://127.0.0.1:8080/livez' sh
    stop_oci $engine "$RUN_ID"
done
output=$(run_podman "$(told '.images[] | select(.name == "amd64") | .config_digest' | cut -d: -f2)" 2>&1)
check_eq "podman: it does not start without ALLOWED_ORIGINS" 2 $?
check_has "and says why" "$output" ALLOWED_ORIGINS

process_start serve in_netns env HOST=127.0.0.1 PORT=8081 ALLOWED_ORIGINS=none "$AMD64/rootfs/app/barehull" serve
check "it runs without any container, too" wait_until 10 in_netns curl -fsS -o /dev/null http://127.0.0.1:8081/readyz
check "arm64's probe agrees" in_netns env PORT=8081 qemu-aarch64-static "$ARM64/rootfs/app/healthcheck" live
process_stop "$PROCESS_PID"

check "podman loads the debug variant" pod load --quiet --input "$OUT/barehull-debug-amd64.tar"
check_eq "busybox is at /busybox, and not at /bin" "no /bin/sh" "$(pod run --rm --network=none --pull=never --entrypoint /busybox/sh \
    "$(told '.images[] | select(.name == "debug-amd64") | .config_digest' | cut -d: -f2)" -c '[ -e /bin/sh ] || echo no /bin/sh' 2>&1)"

# --- the digest goes into the manifests -------------------------------------------------------------------------------

cat >"$SCRATCH/kustomization.yaml" <<'END'
resources:
- deployment.yaml
images:
- name: other
  digest: sha256:00
- name: barehull # ours
  newTag: 0.1.0
  digest: sha256:11 # `make image` writes it
labels: []
END
written=$(/usr/bin/python3 - "$ROOT/tools/image" "$SCRATCH/kustomization.yaml" <<'END' 2>&1
import importlib.machinery, importlib.util, pathlib, sys
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("image", sys.argv[1])
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("image", loader))
loader.exec_module(module)
path = pathlib.Path(sys.argv[2])
module.write_digest(path, "barehull", "sha256:abc")
print(path.read_text())
try:
    module.write_digest(path, "none", "sha256:abc")
except SystemExit as error:
    print("status", error.code)
END
)
check_has "the digest is written" "$written" "  digest: sha256:abc # \`make image\` writes it"
check_has "that of others stays" "$written" "  digest: sha256:00"
check_has "an entry that is not there" "$written" "has no entry of 'images:' with 'name: none'"

check_finish
