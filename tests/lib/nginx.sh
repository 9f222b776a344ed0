# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/nginx.sh - nginx as a judge: Debian's, unpacked to the tests' cache when it is not installed, so that no
# service is set up. Needs tests/lib/check.sh.

NGINX_CACHE=${BAREHULL_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/barehull-test}/nginx

fetch_nginx() {
    mkdir -m 777 "$SCRATCH/fetched" && mkdir -p "$NGINX_CACHE" &&
        (cd "$SCRATCH/fetched" && apt-get -q download nginx) && dpkg-deb -x "$SCRATCH/fetched/"nginx_*.deb "$NGINX_CACHE"
}

# Puts nginx on the PATH.
need_nginx() {
    need apt-get dpkg-deb
    export PATH="$PATH:/usr/sbin:$NGINX_CACHE/usr/sbin"
    command -v nginx >/dev/null || check "nginx can be had" fetch_nginx
    need nginx
}
