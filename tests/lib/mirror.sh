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

# mirror_begin [ARCHITECTURE]: serves it; sets MIRROR_URL, MIRROR_KEYRING and MIRROR_ARGS (a list of words).
mirror_begin() {
    local architecture="${1:-amd64}" root port
    root=$TEST_CACHE/mirror-$architecture
    mkdir -p "$TEST_CACHE"
    check "the loopback mirror for $architecture is made" mirror_make "$architecture" "$root" || check_finish
    port=$SCRATCH/mirror-$architecture.port
    process_start "mirror-$architecture" "$TESTS/mirror/serve" "$root" --port-file "$port" --rules "$SCRATCH/mirror.rules"
    wait_until 10 test -s "$port" || check_fail "the loopback mirror serves" "$(cat "$SCRATCH/mirror-$architecture.log")"
    MIRROR_URL=http://127.0.0.1:$(cat "$port")/debian
    # In the open: unprivileged users of the tests, and apt's, may not look into our home.
    MIRROR_KEYRING=$SCRATCH/mirror-$architecture.gpg
    install -m 644 "$root/keys/archive.gpg" "$MIRROR_KEYRING"
    # shellcheck disable=SC2034
    MIRROR_ARGS="--mirror $MIRROR_URL --keyring $MIRROR_KEYRING --suite bookworm"
}

# Made anew every other day, because a security suite's Release is valid for a week. One at a time.
mirror_make() {
    (
        flock 9
        [ -z "$(find "$2/architecture" -mtime -2 2>/dev/null)" ] || exit 0
        packages=$MIRROR_PACKAGES
        [ "$1" != amd64 ] || packages="$packages $MIRROR_PROGRAMS"
        mirror_download "$1" "$packages" || exit 1
        rm -rf "$2" "$2.new"
        "$TESTS/mirror/make-mirror" new "$2.new" --architecture "$1" --debs "$TEST_CACHE/archives-$1" && mv "$2.new" "$2"
    ) 9>"$TEST_CACHE/mirror.lock"
}

# What `apt-get install` would fetch for PACKAGES on an empty system of ARCHITECTURE, into archives-ARCHITECTURE.
mirror_download() {
    local state="$TEST_CACHE/apt-$1"
    mkdir -p "$state/lists/partial" "$TEST_CACHE/archives-$1/partial"
    # Only Debian's own archives: a third party has no say in what the tests use.
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        sort -u | sed "s/^/deb [arch=$1] /" >"$state/sources.list"
    [ -s "$state/sources.list" ] || {
        echo "this machine's apt knows no Debian archive (run apt-get update)"
        return 1
    }
    # shellcheck disable=SC2086
    for step in update "install --download-only --no-install-recommends --yes $2"; do
        apt-get --quiet=2 -o APT::Architecture="$1" -o APT::Architectures::="$1" -o Dir::State="$state" \
            -o Dir::State::status=/dev/null -o Dir::Etc::SourceList="$state/sources.list" \
            -o Dir::Etc::SourceParts=/dev/null -o Dir::Cache="$state" -o Dir::Cache::archives="$TEST_CACHE/archives-$1" \
            -o APT::Get::List-Cleanup=0 -o Acquire::Languages=none -o APT::Sandbox::User=root $step || return 1
    done
}
