#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/apps.sh BUILD_DIR - real programs, packaged by barehull and run hardened under crun, runc and podman: they
# answer as they do outside, as user 65532 over a read-only root.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/engines.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
engines_begin "$@"
barehull_begin "$@"
need crun runc podman umoci jq curl nsenter busybox gcc g++ go /usr/bin/rustc aarch64-linux-gnu-gcc qemu-aarch64-static
apps chello tlsserver cxxthrow gostatic rusthello privlib plugin arm64 inside
mirror_begin
netns_start

LAYOUT=$SCRATCH/images

# image NAME APP [OPTIONS...]: builds LAYOUT:NAME and unpacks it into $BUNDLE.
image() {
    local name="$1" app="$2"
    shift 2
    check "$name: builds" build "$app" -t "$name:$name" -o "oci:$LAYOUT" "$@" && bundle_new "$name" "$LAYOUT" "$name"
}

# What every image promises, asked from inside by a static program that the test brings.
promises() {
    check_eq "$1: what a process finds inside" "uid: 65532
gid: 65532
CapEff: 0000000000000000
CapBnd: 0000000000000000
NoNewPrivs: 1
Seccomp: 2
write /inside: EROFS
write /etc/inside: EROFS
write /usr/lib/inside: EROFS
write /tmp/written: ok
mode /tmp: 1777
/etc/ssl/certs/ca-certificates.crt: ok
/usr/share/zoneinfo/Europe/Berlin: ok
/etc/passwd: ok
/etc/shadow: ENOENT
/bin/sh: ENOENT
/usr/bin/dpkg: ENOENT" "$(run_inside "$2" "$BUNDLE" "$APPS/inside" 2>&1)"
    check_eq "$1: /tmp in the image itself" "1777" "$(stat -c %a "$BUNDLE/rootfs/tmp")"
    check_eq "$1: no shell under any name" "" \
        "$(find "$BUNDLE/rootfs" \( -name sh -o -name bash -o -name dash -o -name busybox -o -name 'apt*' -o -name dpkg \) \
            ! -type d -printf '%P ')"
}

# Scanners are blind to files that no entry of status.d owns.
owned() {
    (cd "$BUNDLE/rootfs" && find usr/lib usr/share etc/ssl -type f \( -name '*.so*' -o -name '*.crt' -o -path '*zoneinfo*' \) \
        ! -path etc/ssl/certs/ca-certificates.crt | sort) >"$SCRATCH/there"
    cat "$BUNDLE/rootfs/var/lib/dpkg/status.d/"*.md5sums | sed 's/^[0-9a-f]* [ *]//; s|^lib/|usr/lib/|' | sort >"$SCRATCH/owned"
    check_eq "$1: every file of a package has its owner in status.d" "" "$(comm -23 "$SCRATCH/there" "$SCRATCH/owned")"
}

# --- sample applications -------------------------------------------------------------------------------------------

if image chello "$APPS/chello" --expose 8080; then
    promises chello crun
    owned chello
    size=$(find "$BUNDLE/rootfs" -type f -printf '%i %s\n' | sort -u | awk '{ sum += $2 } END { print sum }')
    check "chello: $size bytes unpacked, under 4.5 MB" test "$size" -lt 4500000
    check_eq "chello: the entrypoint is an absolute path in exec form" "true" \
        "$(jq '.config.Entrypoint | type == "array" and length == 1 and (.[0] | startswith("/"))' "$BUNDLE/image.json")"
    check_eq "chello: user" "65532:65532" "$(jq -r .config.User "$BUNDLE/image.json")"
    for engine in crun runc; do
        start_oci $engine "$BUNDLE"
        answers "chello under $engine" "ok" http://127.0.0.1:8080/healthz
        stop_oci $engine "$RUN_ID"
    done
fi

if image tlsserver "$APPS/tlsserver"; then
    promises tlsserver runc
    owned tlsserver
    check_eq "tlsserver: handshakes, CA bundle and zoneinfo" "$("$APPS/tlsserver" selftest)" \
        "$(run_oci runc "$BUNDLE" selftest 2>&1)"
    start_oci crun "$BUNDLE"
    answers "tlsserver under crun" "ok" https://127.0.0.1:8443/ --insecure
    stop_oci crun "$RUN_ID"
fi

if image cxxthrow "$APPS/cxxthrow" --env LANG=C.UTF-8; then
    owned cxxthrow
    check_eq "cxxthrow: exceptions, threads, locale" "$("$APPS/cxxthrow")" "$(run_oci crun "$BUNDLE" 2>&1)"
fi

if image rusthello "$APPS/rusthello"; then
    check_eq "rusthello: panic caught, threads" "$("$APPS/rusthello" one two one)" \
        "$(run_oci crun "$BUNDLE" one two one 2>&1)"
fi

if image gostatic "$APPS/gostatic"; then
    promises gostatic crun
    check_eq "gostatic: account, CA bundle, zoneinfo" "user: nonroot 65532 /home/nonroot
ca certificates: more than 100: true
berlin: 2024-07-01T14:00:00+02:00" "$(run_oci runc "$BUNDLE" 2>&1)"
    start_oci runc "$BUNDLE" serve
    answers "gostatic under runc" "ok" http://127.0.0.1:8080/healthz
    stop_oci runc "$RUN_ID"
    check_eq "gostatic: a static program brings no C library" "" "$(find "$BUNDLE/rootfs" -name 'libc.so*')"
fi

if image privlib "$APPS/privlib/bin/privlib"; then
    check_eq "privlib: finds its own library by \$ORIGIN" "greetings from a private library" \
        "$(run_oci crun "$BUNDLE" 2>&1)"
fi

if image plugin "$APPS/plugin" --include "$APPS/checksum.so:/usr/lib/plugin/checksum.so"; then
    check_eq "plugin: an included library and what it needs in turn" "checksum: cbf43926" \
        "$(run_oci runc "$BUNDLE" 2>&1)"
fi

mirror_args=$MIRROR_ARGS
mirror_begin arm64
if image chello-arm64 "$APPS/chello-arm64"; then
    check_eq "chello-arm64: the image says arm64" "arm64 linux" \
        "$(jq -r '.architecture + " " + .os' "$BUNDLE/image.json")"
    mkdir -p "$BUNDLE/rootfs/emulator"
    cp "$(command -v qemu-aarch64-static)" "$BUNDLE/rootfs/emulator/qemu"
    check_eq "chello-arm64: runs under qemu-user" "chello 1.0" \
        "$(chroot --userspec=65532:65532 "$BUNDLE/rootfs" /emulator/qemu \
            "$(jq -r '.config.Entrypoint[0]' "$BUNDLE/image.json")" --version 2>&1)"
fi
MIRROR_ARGS=$mirror_args

# --- programs from Debian packages, as they are --------------------------------------------------------------------

if image jq "$(command -v jq)"; then
    check_eq "jq: program and oniguruma" '{"sum":6,"match":true}' \
        "$(run_oci crun "$BUNDLE" -nc '{sum: ([1, 2, 3] | add), match: ("barehull" | test("^bare"))}' 2>&1)"
fi

if image sqlite3 "$(command -v sqlite3)"; then
    check_eq "sqlite3: writes a database in /tmp" "42" \
        "$(run_oci runc "$BUNDLE" /tmp/test.db \
            'create table t (n); insert into t values (40), (2); select sum(n) from t' 2>&1)"
fi

bundle=$SCRATCH/bundles/chello
if image curl /usr/bin/curl && [ -d "$bundle" ]; then
    start_oci crun "$bundle"
    wait_until 5 in_netns curl -fsS -o /dev/null http://127.0.0.1:8080/healthz
    check_eq "curl: fetches over HTTP" "ok" "$(run_oci crun "$BUNDLE" -fsS http://127.0.0.1:8080/healthz 2>&1)"
    stop_oci crun "$RUN_ID"
    start_oci crun "$SCRATCH/bundles/tlsserver"
    wait_until 5 in_netns curl -fsSk -o /dev/null https://127.0.0.1:8443/
    check_eq "curl: refuses a stranger's certificate" "60" \
        "$(run_oci crun "$BUNDLE" -sS -o /dev/null -w '%{exitcode}' https://127.0.0.1:8443/ 2>/dev/null)"
    check_eq "curl: fetches over TLS" "ok" "$(run_oci crun "$BUNDLE" -fsSk https://127.0.0.1:8443/ 2>&1)"
    stop_oci crun "$RUN_ID"
fi

debian_unpack redis-server redis-tools nginx nginx-common

redis() {
    printf '%s\r\n' "$@" QUIT | in_netns busybox nc 127.0.0.1 6379 | tr -d '\r' | tr '\n' ' '
}

redis_is_up() {
    redis PING 2>/dev/null | grep -q PONG
}

if image redis "$DEBIAN/usr/bin/redis-server"; then
    start_oci runc "$BUNDLE" --dir /tmp --bind 127.0.0.1
    wait_until 5 redis_is_up
    check_eq "redis: answers, and keeps what it is told" "+PONG +OK \$5 empty +OK +OK " \
        "$(redis PING 'SET hull empty' 'GET hull' SAVE 2>&1)" || server_log
    stop_oci runc "$RUN_ID"
fi

cat >"$SCRATCH/nginx.conf" <<'CONF'
daemon off;
pid /tmp/nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    include mime.types;
    client_body_temp_path /tmp/body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    server {
        listen 127.0.0.1:8081;
        location = /healthz { return 200 "ok\n"; }
        location / { root /srv; }
    }
}
CONF
mkdir -p "$SCRATCH/srv"
echo '<p>bare</p>' >"$SCRATCH/srv/index.html"
if image nginx "$DEBIAN/usr/sbin/nginx" --include "$SCRATCH/nginx.conf:/etc/nginx/nginx.conf" \
    --include "$DEBIAN/etc/nginx/mime.types:/etc/nginx/mime.types" --include "$SCRATCH/srv:/srv"; then
    start_oci crun "$BUNDLE"
    answers "nginx: answers" "ok" http://127.0.0.1:8081/healthz
    check_eq "nginx: serves an included directory with its type" "<p>bare</p>text/html" \
        "$(in_netns curl -fsS -w '%{content_type}' http://127.0.0.1:8081/ | tr -d '\n')"
    stop_oci crun "$RUN_ID"
fi

# --- podman --------------------------------------------------------------------------------------------------------

podman_begin
for name in chello cxxthrow jq nginx; do
    check "podman: $name as an archive" skopeo copy --quiet "oci:$LAYOUT:$name" \
        "oci-archive:$SCRATCH/$name.tar:localhost/$name:$name"
    check "podman: loads $name" pod load --quiet --input "$SCRATCH/$name.tar"
done
check_eq "podman: cxxthrow" "$("$APPS/cxxthrow")" "$(run_podman localhost/cxxthrow:cxxthrow 2>&1)"
check_eq "podman: jq" '[1,3]' "$(run_podman localhost/jq:jq -nc '[1, 2, 3] | map(select(. != 2))' 2>&1)"
start_podman localhost/chello:chello
answers "podman: chello" "ok" http://127.0.0.1:8080/healthz
check_eq "podman: chello is user 65532, by its name" "nonroot" "$(pod top "$RUN_ID" user 2>&1 | tail -n 1)"
stop_podman "$RUN_ID"
start_podman localhost/nginx:nginx
answers "podman: nginx" "ok" http://127.0.0.1:8081/healthz
stop_podman "$RUN_ID"

check_finish
