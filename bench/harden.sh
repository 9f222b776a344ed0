#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# bench/harden.sh BUNDLE LAYOUT TAG DIR - writes DIR/config.json, the hardened posture of the tests for an unpacked image
# in the network namespace of $NETNS_PID. bench/python.py calls it.
set -eu
LIB=$(cd "$(dirname "$0")/../tests/lib" && pwd)
manifest=$(jq -r --arg tag "$3" '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == $tag)
    | .digest | ltrimstr("sha256:")' "$2/index.json")
config=$(jq -r '.config.digest | ltrimstr("sha256:")' "$2/blobs/sha256/$manifest")
mkdir -p "$4"
jq --slurpfile seccomp /usr/share/containers/seccomp.json --slurpfile image "$2/blobs/sha256/$config" \
    --arg netns "/proc/$NETNS_PID/ns/net" --arg rootfs "$1/rootfs" --argjson mounts '[]' --argjson args null \
    -f "$LIB/hardened.jq" "$1/config.json" >"$4/config.json"
