# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/mirror.sh - a loopback mirror with the packages that the end-to-end tests and the benchmarks need, so that
# tests in bulk ask nothing of the network. apt downloads them once into $TEST_CACHE, from the Debian archives that the
# machine's own sources name. Needs tests/lib/check.sh, process.sh and barehull.sh.

# The published sets, and what the programs of the tests need; dependencies follow.
MIRROR_PACKAGES='base-files netbase tzdata media-types ca-certificates libc6 libc-bin libssl3 libgomp1 libstdc++6
    libgcc-s1 gcc-12-base zlib1g'
MIRROR_PROGRAMS='jq curl sqlite3 redis-server nginx cppcheck'
# Debian's interpreter, whole, and the sample applications' frameworks and servers. The full set of packages for a
# flavour has names of its own.
MIRROR_PYTHON='python3 python3-minimal python3.11 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib
    python3-distutils python3-lib2to3 python3-gdbm busybox-static'
MIRROR_PYTHON_APPS='python3-fastapi python3-uvicorn python3-uvloop python3-httptools python3-hypercorn python3-flask
    python3-gunicorn gunicorn python3-django python3-cryptography python3-numpy'
# Debian 13 has other names for some.
MIRROR_TRIXIE='base-files netbase tzdata media-types ca-certificates libc6 libc-bin libssl3t64 libgomp1 libstdc++6
    libgcc-s1 gcc-14-base zlib1g python3 python3-minimal python3.13 python3.13-minimal libpython3.13-minimal
    libpython3.13-stdlib python3.13-gdbm busybox-static'

# mirror_begin [ARCHITECTURE [SUITE]]: serves it; sets MIRROR_URL, MIRROR_KEYRING and MIRROR_ARGS (a list of words).
mirror_begin() {
    local architecture="${1:-amd64}" suite="${2:-bookworm}" name root port
    name=mirror-$architecture
    [ "$suite" = bookworm ] || name=mirror-$suite-$architecture
    root=$TEST_CACHE/$name
    mkdir -p "$TEST_CACHE"
    check "the loopback mirror for $suite on $architecture is made" mirror_make "$architecture" "$root" "$suite" ||
        check_finish
    port=$SCRATCH/$name.port
    rm -f "$port"
    process_start "$name" "$TESTS/mirror/serve" "$root" --port-file "$port" --rules "$SCRATCH/mirror.rules"
    wait_until 10 test -s "$port" || check_fail "the loopback mirror serves" "$(cat "$SCRATCH/$name.log")"
    MIRROR_URL=http://127.0.0.1:$(cat "$port")/debian
    # In the open: unprivileged users of the tests, and apt's, may not look into our home.
    MIRROR_KEYRING=$SCRATCH/$name.gpg
    install -m 644 "$root/keys/archive.gpg" "$MIRROR_KEYRING"
    # shellcheck disable=SC2034
    MIRROR_ARGS="--mirror $MIRROR_URL --keyring $MIRROR_KEYRING --suite $suite"
}

# mirror_make ARCHITECTURE DIR SUITE. Made anew every other day, because a security suite's Release is valid for a
# week, and when another set of packages is asked for. One at a time.
mirror_make() {
    (
        flock 9
        packages=$(mirror_packages "$1" "$3")
        [ -z "$(find "$2/architecture" -mtime -2 2>/dev/null)" ] || [ "$packages" != "$(cat "$2/packages" 2>/dev/null)" ] ||
            exit 0
        mirror_download "$1" "$packages" "$3" || exit 1
        rm -rf "$2" "$2.new"
        "$TESTS/mirror/make-mirror" new "$2.new" --architecture "$1" --suite "$3" --debs "$TEST_CACHE/$MIRROR_ARCHIVES" &&
            printf '%s\n' "$packages" >"$2.new/packages" && mv "$2.new" "$2"
    ) 9>"$TEST_CACHE/mirror.lock"
}

mirror_packages() {
    case $2-$1 in
    trixie-*) echo "$MIRROR_TRIXIE" ;;
    *-amd64) echo "$MIRROR_PACKAGES $MIRROR_PROGRAMS $MIRROR_PYTHON $MIRROR_PYTHON_APPS" ;;
    *) echo "$MIRROR_PACKAGES $MIRROR_PYTHON" ;;
    esac
}

# mirror_download ARCHITECTURE PACKAGES SUITE [NAME]: what `apt-get install` would fetch for PACKAGES on an empty SUITE of
# ARCHITECTURE, into $TEST_CACHE/$MIRROR_ARCHIVES, which is NAME's own.
mirror_download() {
    local state="$TEST_CACHE/apt-$1" archives="archives-$1"
    if [ "$3" != bookworm ]; then
        state=$TEST_CACHE/apt-$3-$1
        archives=archives-$3-$1
    fi
    [ -z "${4:-}" ] || archives=archives-$4-$1
    MIRROR_ARCHIVES=$archives
    mkdir -p "$state/lists/partial" "$TEST_CACHE/$archives/partial"
    # Only Debian's own archives: a third party has no say in what the tests use.
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        sort -u | sed "s/^/deb [arch=$1] /; s/ bookworm/ $3/" >"$state/sources.list"
    [ -s "$state/sources.list" ] || {
        echo "this machine's apt knows no Debian archive (run apt-get update)"
        return 1
    }
    # shellcheck disable=SC2086
    for step in update "install --download-only --no-install-recommends --yes $2"; do
        apt-get --quiet=2 -o APT::Architecture="$1" -o APT::Architectures::="$1" -o Dir::State="$state" \
            -o Dir::State::status=/dev/null -o Dir::Etc::SourceList="$state/sources.list" \
            -o Dir::Etc::SourceParts=/dev/null -o Dir::Cache="$state" -o Dir::Cache::archives="$TEST_CACHE/$archives" \
            -o APT::Get::List-Cleanup=0 -o Acquire::Languages=none -o APT::Sandbox::User=root $step || return 1
    done
}
