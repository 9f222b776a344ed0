#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/resolve.sh BUILD_DIR [REQUEST...] - holds archive/resolve against apt on an empty system: for each
# request the set of packages must be the one that `apt-get --no-install-recommends install` would install, from the
# same lists (the machine's, after apt-get update), or both must refuse. Apt's state and cache are the test's own.

BUILD=$(cd "${1:?usage: resolve.sh BUILD_DIR [REQUEST...]}" && pwd) || exit 3
shift
# shellcheck source=tests/lib/check.sh
. "$(dirname "$0")/../lib/check.sh"
need apt-get awk
RESOLVE=$BUILD/tests/tools/resolve
ARCH=$(dpkg --print-architecture)
export LC_ALL=C

requests() {
    cat <<'END'
libssl3
python3-minimal
nodejs
openjdk-17-jre-headless
nginx
python3
redis-server
postgresql-15
default-jre-headless
libreoffice-core
perl
php-cli
php-fpm
apache2
ruby
ruby-rails
gunicorn
python3-fastapi
uvicorn
python3-django
python3-flask
python3-numpy
python3-psycopg2
python3-cryptography
erlang-base
rabbitmq-server
elixir
qemu-system-x86
gimp
libc6
libstdc++6
ca-certificates
tzdata
curl
wget
git
openssh-client
openssh-server
mariadb-server
sqlite3
jq
ffmpeg
haproxy
memcached
golang-go
rustc
g++
clang
default-jdk-headless
tomcat10
wordpress
libgtk-3-0
firefox-esr
chromium
vim
busybox
systemd
postfix
exim4
bind9
samba
docker.io
podman
texlive-base
pandoc
r-base-core
ghc
sbcl
mono-runtime
gnome
task-kde-desktop
build-essential
debhelper
nodejs npm
nginx postfix
default-mta
libgcc1
dnsenum barbican-worker libboost-graph-parallel1.81-dev
exim4 postfix
systemd-sysv sysvinit-core
awk
mail-transport-agent
httpd
no-such-package
END
}

# An empty regular file, since apt rebuilds its cache every time when the status is a device.
mkdir -p "$SCRATCH/cache/archives/partial"
: >"$SCRATCH/status"

apt() {
    apt-get -s -qq -o Dir::State::status="$SCRATCH/status" -o Dir::State::extended_states="$SCRATCH/auto" \
        -o Dir::Cache="$SCRATCH/cache" -o Dir::Cache::pkgcache=pkgcache.bin \
        -o Dir::Cache::srcpkgcache=srcpkgcache.bin -o Dir::Etc::preferences=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null -o APT::Architectures="$ARCH" -o APT::Solver=internal \
        --no-install-recommends install "$@" 2>/dev/null
}

# by_apt REQUEST...: the names, sorted, on one line; "error".
by_apt() {
    if apt "$@" >"$SCRATCH/simulated"; then
        awk '$1 == "Inst" { print $2 }' "$SCRATCH/simulated" | sort | tr '\n' ' ' | sed 's/ $//'
        echo
    else
        echo error
    fi
}

# The lists in the order of the sources: it decides between equals.
count=0
apt-get indextargets --format "\$(FILENAME)" 'Created-By: Packages' "Architecture: $ARCH" >"$SCRATCH/lists"
set -- "$@" --lists
while IFS= read -r list; do
    count=$((count + 1))
    /usr/lib/apt/apt-helper cat-file "$list" >"$SCRATCH/Packages.$count" || check_fail "can't read $list"
    set -- "$@" "$SCRATCH/Packages.$count"
done <"$SCRATCH/lists"
[ $count -gt 0 ] || check_fail "this machine has no package lists: run apt-get update"

: >"$SCRATCH/requests"
while [ "$1" != --lists ]; do
    printf '%s\n' "$1" >>"$SCRATCH/requests"
    shift
done
shift
[ -s "$SCRATCH/requests" ] || requests >"$SCRATCH/requests"

"$RESOLVE" "$ARCH" "$@" <"$SCRATCH/requests" >"$SCRATCH/answers" || check_fail "the resolver failed"
chosen=0
refused=0
while IFS= read -r request && IFS= read -r ours <&3; do
    # shellcheck disable=SC2086
    theirs=$(by_apt $request)
    said=$ours
    case $ours in error*) ours=error ;; esac
    if [ "$theirs" = error ]; then
        refused=$((refused + 1))
    else
        chosen=$((chosen + $(printf '%s\n' "$theirs" | wc -w)))
    fi
    if [ "$theirs" = "$ours" ]; then
        check_pass "$request: $(printf '%s\n' "$theirs" | wc -w)"
    else
        printf '%s\n' "$theirs" | tr ' ' '\n' >"$SCRATCH/theirs"
        printf '%s\n' "$said" | tr ' ' '\n' >"$SCRATCH/ours"
        check_fail "$request" "$(diff "$SCRATCH/theirs" "$SCRATCH/ours")"
    fi
done <"$SCRATCH/requests" 3<"$SCRATCH/answers"

echo "$(wc -l <"$SCRATCH/requests") requests, $chosen packages in all, $refused refused by both"
check_finish
