#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/ca.sh BUILD_DIR - `build --ca`: a server with a certificate of a company's own authority is trusted by a
# container with that authority and by no other; what is no certificate of an authority is refused or told.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
engines_begin "$@"
barehull_begin "$@"
need crun umoci jq openssl busybox dpkg-deb
mirror_begin
netns_start
debian_unpack curl

OUT=$SCRATCH/images
CA=$SCRATCH/ca
mkdir "$CA"

# authority NAME SUBJECT DAYS
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$CA/$1.key" -out "$CA/$1.pem" \
        -subj "$2" -days "$3" -addext basicConstraints=critical,CA:TRUE 2>/dev/null
}

authority root "/O=Example/CN=Example Root" 30
authority other "/CN=Other Root" 30
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$CA/server.key" -subj /CN=server \
    -out "$CA/server.csr" 2>/dev/null
printf 'subjectAltName=IP:127.0.0.1\n' >"$CA/server.ext"
openssl x509 -req -in "$CA/server.csr" -CA "$CA/root.pem" -CAkey "$CA/root.key" -CAcreateserial -days 30 \
    -extfile "$CA/server.ext" -out "$CA/server.pem" 2>/dev/null
process_start s_server in_netns openssl s_server -quiet -accept 127.0.0.1:8443 -cert "$CA/server.pem" \
    -key "$CA/server.key" -www
wait_until 5 in_netns openssl s_client -connect 127.0.0.1:8443 -CAfile "$CA/root.pem" -verify_return_error </dev/null

# image NAME [OPTIONS...]: its answer in $SCRATCH/NAME.json, warnings in $SCRATCH/NAME.err
image() {
    local name="$1"
    shift
    # shellcheck disable=SC2086
    check "$name is built" sh -c 'out=$1; shift; "$@" >"$out.json" 2>"$out.err"' sh "$SCRATCH/$name" \
        "$BAREHULL" build "$DEBIAN/usr/bin/curl" -t "curl:$name" --format json -o "oci:$OUT" "$@" $MIRROR_ARGS
}

told() {
    jq -cr ".images[0] | $2" "$SCRATCH/$1.json"
}

# asks NAME: how curl of that image ends; 60 is "the certificate can't be authenticated with known CA certificates".
asks() {
    bundle_new "$1" "$OUT" "$1"
    run_oci crun "$BUNDLE" -sS --max-time 5 -o /dev/null https://127.0.0.1:8443/ >"$SCRATCH/$1.log" 2>&1
    echo $?
}

image plain
image trusting --ca "$CA/root.pem"
check_eq "without the authority the server is a stranger" 60 "$(asks plain)"
check_eq "with it, it is not" 0 "$(asks trusting)"
check_eq "one small layer more" '["common","certificates","libraries","app"]' "$(told trusting '[.layers[].role]')"
check_eq "all others are shared" "$(told plain '[.layers[].digest]')" \
    "$(told trusting '[.layers[] | select(.role != "certificates").digest]')"
check "it is small" test "$(told trusting '.layers[1].size_bytes')" -lt 200000
openssl x509 -in "$CA/root.pem" -outform DER -out "$CA/root.der"
sed 's/$/\r/' "$CA/root.pem" | sed '1i # the root of all evil\r' >"$CA/windows.pem"
image der --ca "$CA/root.der"
image windows --ca "$CA/windows.pem" --ca "$CA/root.pem"
check_eq "DER, CRLF and comments make no difference" "$(told trusting '.layers[1].digest') $(told trusting '.layers[1].digest')" \
    "$(told der '.layers[1].digest') $(told windows '.layers[1].digest')"
cat "$CA/other.pem" "$CA/root.pem" >"$CA/two.pem"
image two --ca "$CA/two.pem"
check_eq "two in one file" 0 "$(asks two)"
BUNDLE=$SCRATCH/bundles/two
check_eq "both are in the bundle" 2 \
    "$(($(grep -c BEGIN "$BUNDLE/rootfs/etc/ssl/certs/ca-certificates.crt") - $(grep -c BEGIN "$SCRATCH/bundles/plain/rootfs/etc/ssl/certs/ca-certificates.crt")))"
check_eq "the bundle's package lists it as it is" "$(md5sum <"$BUNDLE/rootfs/etc/ssl/certs/ca-certificates.crt" | cut -c1-32)" \
    "$(sed -n 's|  etc/ssl/certs/ca-certificates.crt$||p' "$BUNDLE/rootfs/var/lib/dpkg/status.d/ca-certificates.md5sums")"
image known --ca "$SCRATCH/bundles/plain/rootfs/etc/ssl/certs/ca-certificates.crt"
bundle_new known "$OUT" known
check "what Debian has already adds nothing" cmp "$BUNDLE/rootfs/etc/ssl/certs/ca-certificates.crt" \
    "$SCRATCH/bundles/plain/rootfs/etc/ssl/certs/ca-certificates.crt"

# --- what is told, what is refused ----------------------------------------------------------------------------------------

image leaf --ca "$CA/server.pem"
check_has "a server's certificate is told" "$(cat "$SCRATCH/leaf.err")" \
    "the certificate 'server' is no authority's: what it signed is not trusted by it"

# refused WHAT FILE MESSAGE
refused() {
    local output
    output=$(build "$DEBIAN/usr/bin/curl" --ca "$2" -o "oci:$SCRATCH/none" 2>&1)
    check_eq "$1: exit status" "${4:-2}" $?
    check_has "$1: why" "$output" "$3"
    check_not "$1: nothing is written" test -e "$SCRATCH/none"
}
cat "$CA/root.pem" "$CA/root.key" >"$CA/both.pem"
refused "a private key" "$CA/both.pem" "a private key; everybody who can pull the image could read it"
refused "a request" "$CA/server.csr" "a block 'CERTIFICATE REQUEST', not a certificate"
head -n 5 "$CA/root.pem" >"$CA/cut.pem"
refused "a cut file" "$CA/cut.pem" "line 1: '-----BEGIN CERTIFICATE-----' has no end"
sed '3s/./!/' "$CA/root.pem" >"$CA/damaged.pem"
refused "a damaged file" "$CA/damaged.pem" "line 1: the certificate is damaged"
refused "no certificate at all" /etc/passwd "'/etc/passwd' holds no certificate"
refused "no file" "$CA/nothing.pem" "nothing.pem" 3

check_finish
