#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/matrix/http-oracle.sh BUILD_DIR - holds what is accepted and refused of HTTP requests against nginx.
#
# The cases (tests/data/http/requests.test) say what we make of them, which test_http_request proves first, and where
# nginx judges otherwise and why: those are all, and each still is so. nginx (Debian's, unpacked to the tests' cache
# when it is not installed, so that no service is set up) passes requests on to itself, so that it reads bodies whole.

. "$(dirname "$0")/../lib/check.sh"
. "$(dirname "$0")/../lib/nginx.sh"

BUILD=$(realpath "${1:?usage: http-oracle.sh BUILD_DIR}")
HERE=$(cd "$(dirname "$0")/.." && pwd)
need python3 setpriv
export LC_ALL=C.UTF-8
need_nginx

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
FRONT=$(free_port)
BACK=$(free_port)
[ "$FRONT" != "$BACK" ] || { BACK=$(free_port); }

for folder in body proxy fastcgi uwsgi scgi; do
    mkdir -m 777 "$SCRATCH/$folder"
done
cat >"$SCRATCH/nginx.conf" <<EOF
daemon off;
master_process off;
pid $SCRATCH/nginx.pid;
error_log $SCRATCH/error.log info;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path $SCRATCH/body;
    proxy_temp_path $SCRATCH/proxy;
    fastcgi_temp_path $SCRATCH/fastcgi;
    uwsgi_temp_path $SCRATCH/uwsgi;
    scgi_temp_path $SCRATCH/scgi;
    client_max_body_size 16m;
    client_header_timeout 3s;
    client_body_timeout 3s;
    proxy_ignore_client_abort on;
    server {
        listen 127.0.0.1:$FRONT;
        location / { proxy_pass http://127.0.0.1:$BACK/; }
    }
    server {
        listen 127.0.0.1:$BACK;
        location / { return 200 "the answer"; }
    }
}
EOF

listens() {
    python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1" 2>/dev/null
}

check "our judgement is as the cases say" "$BUILD/tests/unit/test_http_request"
setpriv --pdeathsig TERM nginx -p "$SCRATCH" -c "$SCRATCH/nginx.conf" -e "$SCRATCH/error.log" >"$SCRATCH/nginx.log" 2>&1 &
NGINX=$!
at_exit "kill $NGINX 2>/dev/null; wait $NGINX 2>/dev/null"
tries=0
until listens "$FRONT"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 50 ] || ! kill -0 "$NGINX" 2>/dev/null; then
        check_fail "nginx starts" "$(cat "$SCRATCH/nginx.log" "$SCRATCH/error.log")"
        check_finish
    fi
    sleep 0.1
done

if out=$(python3 "$HERE/matrix/http_oracle.py" "$HERE/data/http/requests.test" "$FRONT" 2>&1); then
    echo "nginx: $(printf '%s\n' "$out" | tail -n 1)"
    check_pass "nginx judges as the cases say"
else
    check_fail "nginx judges as the cases say" "$out"
fi
check "nginx lives still" kill -0 "$NGINX"
check_finish
