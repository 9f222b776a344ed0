#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/survey.sh BUILD_DIR [SOURCES] - holds src/survey against servers' own sources, which Debian has: what a
# person reads of their language, build, program, port, and paths, is in the table below. "-" is what can't be read from
# literals, and nothing may be said of it: a wrong port is worse than none. Sources are got by apt into the scratch
# directory with settings of their own, or lie in SOURCES/PACKAGE already. What can't be fetched is told and left out.

BUILD=$(cd "${1:?usage: survey.sh BUILD_DIR [SOURCES]}" && pwd) || exit 3
# shellcheck source=tests/lib/check.sh
. "$(dirname "$0")/../lib/check.sh"
need apt-get dpkg-source awk sed
DUMP=$BUILD/tests/tools/surveydump
SOURCES=${2:-$SCRATCH/sources}
mkdir -p "$SOURCES" "$SCRATCH/apt/lists/partial" "$SCRATCH/apt/cache/archives/partial" "$SCRATCH/apt/parts"

# The Debian archives that the machine's own sources name, asked for sources. What lacks its packaging is unpacked without.
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
    sort -u | sed 's/^/deb-src /' >"$SCRATCH/apt/sources.list"
apt() {
    apt-get -qq -o Dir::State::lists="$SCRATCH/apt/lists" -o Dir::Cache="$SCRATCH/apt/cache" \
        -o Dir::Etc::sourcelist="$SCRATCH/apt/sources.list" -o Dir::Etc::sourceparts="$SCRATCH/apt/parts" \
        -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}

fetch() {
    local archive
    [ -d "$SOURCES/$1" ] && return 0
    [ -e "$SCRATCH/updated" ] || { apt update && : >"$SCRATCH/updated"; } >/dev/null 2>&1
    (cd "$SCRATCH" && apt --download-only source "$1") </dev/null >/dev/null 2>&1
    (cd "$SCRATCH" && dpkg-source --no-check -x "$1"_*.dsc "$SOURCES/$1") </dev/null >/dev/null 2>&1 && return 0
    rm -rf "${SOURCES:?}/$1"
    for archive in "$SCRATCH/$1"_*.orig.tar.[gxb]z*; do
        case $archive in *.asc) continue ;; esac
        [ -f "$archive" ] || continue
        mkdir "$SOURCES/$1" && tar -x -f "$archive" --strip-components 1 -C "$SOURCES/$1" && return 0
    done
    return 1
}

answer() { # KEY: the value that the dump has, "-" without
    awk -v key="$1" '$1 == key { print $2; found = 1; exit } END { if (!found) print "-" }' "$SCRATCH/said"
}

# package noun build program port metrics
cat >"$SCRATCH/expected" <<'END'
caddy Go go ./cmd/caddy 2019 /metrics
golang-github-xenolf-lego Go go ./cmd/lego - -
haproxy C make haproxy - -
h2o C cmake build/h2o - -
libmicrohttpd C autotools - - -
lighttpd C meson build/src/lighttpd - -
memcached C autotools memcached 11211 -
mini-httpd C make mini_httpd - -
mosquitto C cmake build/src/mosquitto 1883 -
nginx C autotools - - -
pdns-recursor C++ autotools pdns_recursor - /metrics
prometheus Go go ./cmd/prometheus 9090 /metrics
rclone Go go . - -
redis C make src/redis-server 6379 -
rust-ripgrep Rust cargo rg - -
stunnel4 C autotools src/stunnel - -
tinyproxy C autotools src/tinyproxy - -
webhook Go go . 9000 -
END

while read -r package noun build program port metrics; do
    if ! fetch "$package"; then
        echo "# $package: its source can't be fetched here"
        continue
    fi
    "$DUMP" "$SOURCES/$package" >"$SCRATCH/said" 2>&1 || check_fail "$package" "$(cat "$SCRATCH/said")"
    said="$(sed -n 's/^noun an* \([^ ]*\).*/\1/p' "$SCRATCH/said") $(answer build) $(answer program) $(answer port) $(answer metrics)"
    if [ "$said" = "$noun $build $program $port $metrics" ]; then
        check_pass "$package"
    else
        check_fail "$package" "expected '$noun $build $program $port $metrics', found '$said'"
    fi
done <"$SCRATCH/expected"
check_finish
