#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/oci-schema.sh BUILD_DIR [SCHEMA_DIR] - holds every JSON document that we write against the schemas of
# the image specification (Debian: golang-github-opencontainers-image-spec-dev, python3-jsonschema).

. "$(dirname "$0")/../lib/check.sh"
BUILD=$(cd "${1:?usage: oci-schema.sh BUILD_DIR [SCHEMA_DIR]}" && pwd) || exit 3
SCHEMAS=${2:-/usr/share/gocode/src/github.com/opencontainers/image-spec/schema}
need busybox jq
check "the schemas are there" test -f "$SCHEMAS/image-manifest-schema.json" || check_finish

# valid SCHEMA DOCUMENT
valid() {
    /usr/bin/python3 - "$SCHEMAS" "$1" "$2" <<'PY'
import json, pathlib, sys
import jsonschema
directory = pathlib.Path(sys.argv[1]).resolve()

def local(node):
    """References become files; the ids, which name documents on the web, go."""
    if isinstance(node, list):
        return [local(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: local(value) for key, value in node.items() if not (key == "id" and isinstance(value, str))}
    reference = node.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        node["$ref"] = directory.as_uri() + "/" + reference
    if "$schema" in node:
        node["$schema"] = "http://json-schema.org/draft-04/schema#"
    return node

store = {path.as_uri(): local(json.loads(path.read_text())) for path in directory.glob("*.json")}
top = (directory / sys.argv[2]).as_uri()
schema = store[top]
def nowhere(uri):
    raise ValueError("not local: " + uri)
resolver = jsonschema.RefResolver(top, schema, store=store, handlers={"http": nowhere, "https": nowhere})
jsonschema.Draft4Validator.check_schema(schema)
document = json.loads(pathlib.Path(sys.argv[3]).read_text())
jsonschema.Draft4Validator(schema, resolver=resolver, format_checker=jsonschema.draft4_format_checker).validate(document)
PY
}

for compression in gzip zstd none; do
    layout=$SCRATCH/$compression
    "$BUILD/tests/tools/mkimage" /bin/busybox $compression "oci:$layout" tiny:1 2>/dev/null
    manifest=$layout/blobs/sha256/$(jq -r '.manifests[0].digest' "$layout/index.json" | cut -d : -f 2)
    config=$layout/blobs/sha256/$(jq -r .config.digest "$manifest" | cut -d : -f 2)
    check "$compression: oci-layout" valid image-layout-schema.json "$layout/oci-layout"
    check "$compression: index.json" valid image-index-schema.json "$layout/index.json"
    check "$compression: manifest" valid image-manifest-schema.json "$manifest"
    check "$compression: config" valid config-schema.json "$config"
done
jq 'del(.layers)' "$manifest" >"$SCRATCH/bad.json"
check_not "a bad manifest is refused" valid image-manifest-schema.json "$SCRATCH/bad.json"
jq '.rootfs.type = "other"' "$config" >"$SCRATCH/bad.json"
check_not "a bad config is refused" valid config-schema.json "$SCRATCH/bad.json"
check_finish
