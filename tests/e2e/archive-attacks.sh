#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/archive-attacks.sh BUILD_DIR - a table of attacks on an archive, each refused or accepted as it must be, by
# exact exit status and error name. The archive is a loopback mirror that the script makes and signs.

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
. "$ROOT/tests/lib/check.sh"
. "$ROOT/tests/lib/process.sh"
BUILD=$(cd "${1:?usage: $0 BUILD_DIR}" && pwd)
FETCH=$BUILD/tests/tools/fetch
need gpg gpgv dpkg-deb
[ -x "$FETCH" ] || {
    check_fail "$FETCH is built"
    check_finish
}
unset http_proxy https_proxy all_proxy no_proxy

GOOD=$SCRATCH/good
M=$SCRATCH/mirror
STORE=$SCRATCH/store
check "the mirror is made" "$ROOT/tests/mirror/make-mirror" new "$GOOD" --tiny || check_finish

# All runs of one case share $M and $STORE; each case starts from a good mirror and an empty cache.
fresh() {
    rm -rf "$M" "$STORE"
    cp -al "$GOOD" "$M" # attacks replace files, they never change them in place
    : >"$SCRATCH/rules"
    : >"$SCRATCH/requests"
}

serve() {
    rm -f "$SCRATCH/port"
    process_start serve "$ROOT/tests/mirror/serve" "$M" --port-file "$SCRATCH/port" --rules "$SCRATCH/rules" \
        --log "$SCRATCH/requests"
    SERVE_PID=$PROCESS_PID
    wait_until 10 test -s "$SCRATCH/port" || check_fail "the server listens" "$(cat "$SCRATCH/serve.log")"
    URL=http://127.0.0.1:$(cat "$SCRATCH/port")/debian
}

spoil() {
    "$ROOT/tests/mirror/make-mirror" attack "$M" "$@" || check_fail "make-mirror attack $*"
}

# fetch [OPTION...]: OUT, ERR and STATUS are set. Later options win over the defaults.
KEYRING=archive.gpg
fetch() {
    STATUS=0
    "$FETCH" --quiet --mirror "$URL" --suite bookworm --keyring "$M/keys/$KEYRING" --store "$STORE" "$@" \
        >"$SCRATCH/out" 2>"$SCRATCH/err" || STATUS=$?
    OUT=$(cat "$SCRATCH/out")
    ERR=$(cat "$SCRATCH/err")
}

ALL="release bookworm release bookworm-updates release bookworm-security package libtiny1 1.0-1+deb12u1"

# accepted WHAT [OPTION...]: everything is there, the security suite's version too.
accepted() {
    local what="$1" got
    shift
    fetch "$@" --resolve tiny-app libtiny.so.1
    got=$(printf '%s\n' "$OUT" | sed -n 's/^\(release [^ ]*\) .*/\1/p; s/^\(package libtiny1 [^ ]*\) .*/\1/p' | tr '\n' ' ')
    if [ "$STATUS" = 0 ] && [ "$got" = "$ALL " ]; then
        check_pass "$what"
    else
        check_fail "$what: accepted" "status $STATUS
$OUT
$ERR"
    fi
}

# refused WHAT STATUS NAME PART [OPTION...]: PART occurs in the message; nothing was fetched; there is no sign of memory
# errors; a remedy is given when PART ends in "|hint".
refused() {
    local what="$1" status="$2" name="$3" part="$4"
    shift 4
    fetch "$@" --resolve tiny-app libtiny.so.1
    case $ERR in
    *"error $name: "*"$part"*)
        if [ "$STATUS" = "$status" ] && ! printf '%s' "$OUT" | grep -q '^package'; then
            check_pass "$what"
            return
        fi
        ;;
    esac
    check_fail "$what: refused with $status $name '$part'" "status $STATUS
$OUT
$ERR"
}

# attack NAME STATUS NAME PART: on SUITE, with nothing cached.
attack() {
    fresh
    spoil "$1"
    refused "$1" "$2" "$3" "$4"
}

harmless() {
    fresh
    spoil "$1"
    accepted "$1"
}

fresh
serve
accepted "a good mirror"
accepted "a good mirror, cached"
check_eq "what is cached and young is not asked for" 0 "$(tail -n +20 "$SCRATCH/requests" | grep -c GET)"

# --- signatures
attack bad-signature 4 signature "does not fit its content"
attack wrong-key 4 signature "which is not in the keyring"
harmless wrong-key-too
attack lapsed-key 4 signature "which is not in the keyring"
KEYRING=lapsed.gpg
attack lapsed-key 4 signature "has expired"
KEYRING=archive.gpg
attack sha1-signature 4 signature "of a kind that is not trusted"
attack unsigned 4 signature "is not signed: it has a Release, but no InRelease"
attack unsigned-inrelease 4 signature "is not signed"
attack truncated-release 4 signature "is cut short"
attack truncated-signature 4 signature "is cut short"
attack text-before 4 signature "has text before the part that is signed"
attack text-after 4 signature "has text behind its signature"
attack two-messages 4 signature "has text behind its signature"
attack html-page 4 signature "is not signed"
fresh
KEYRING=two.gpg
accepted "one of three keys is missing"
KEYRING=archive.asc
accepted "an armoured keyring"
KEYRING=wrong.gpg
refused "a stranger's keyring" 4 signature "which is not in the keyring"
accepted "two keyrings" --keyring "$M/keys/archive.gpg"
KEYRING=absent.gpg
refused "no keyring" 3 not-found "absent.gpg"
KEYRING=archive.gpg
fresh
spoil unsigned
accepted "unsigned, allowed by name" --allow-unsigned
check_has "unsigned is warned about" "$ERR" "is not verified, because unsigned archives were allowed"
fresh
spoil wrong-key
accepted "a stranger's signature, allowed by name" --allow-unsigned

# --- what the signed text says
attack expired 4 expired "expired at"
attack future 4 expired "ahead of this machine's clock"
attack md5-only 4 digest "neither a SHA256 nor a SHA512 list"
harmless md5-and-sha256
harmless sha512-only
attack wrong-codename 3 invalid-input "is the release 'bullseye', but 'bookworm' was asked for"
attack suite-for-codename 3 invalid-input "is the release 'bullseye', but 'bookworm' was asked for"
attack other-architecture 3 architecture "no packages for the architecture 'amd64' (it has: all riscv64)"
attack climbing-filename 3 invalid-input "which is not below the archive"
attack md5-packages 3 invalid-input "SHA256"
fresh
refused "an architecture that is not there" 3 architecture "(it has: all amd64)" --arch arm64
refused "an architecture that nobody has" 3 architecture "'pdp11'" --arch pdp11
refused "a suite that is not there" 3 not-found "suite 'trixie' is not at" --suite trixie
refused "a component that is not there" 3 not-found "has no component 'contrib' (it has: main)" --component contrib

# --- the chain
attack swapped-index 4 digest "its index says"
attack truncated-index 4 digest "its index says"
attack swapped-package 4 digest "is not what its index says: expected sha256:"
attack longer-package 4 digest "is longer than the"
attack shorter-package 4 digest "bytes long, its index says"
attack size-mismatch 4 digest "bytes long, its index says"
attack missing-package 3 not-found "the server answered 404"

# --- time
fresh
accepted "before an old Release comes"
spoil old-release
refused "an old Release" 4 downgrade "older than the one of" --max-age 0
accepted "the accepted one is still there" --offline
spoil newer
accepted "a newer Release" --max-age 0
fresh
accepted "before a bad signature comes"
spoil bad-signature
refused "a bad signature is not hidden by the cache" 4 signature "does not fit its content" --max-age 0

# --- the machine's own sources
fresh
cp "$M/keys/archive.gpg" "$M/keys/debian-archive-test.gpg"
mkdir -p "$SCRATCH/root/etc/apt/sources.list.d" "$SCRATCH/root/etc/apt/apt.conf.d"
cat >"$SCRATCH/root/etc/apt/sources.list.d/debian.sources" <<END
Types: deb
URIs: http://127.0.0.1:1/third-party
Suites: bookworm
Components: main
Signed-By: $M/keys/wrong.gpg

Types: deb
URIs: $URL
Suites: bookworm bookworm-updates
Components: main
Signed-By: $M/keys/debian-archive-test.gpg

Types: deb
URIs: $URL-security
Suites: bookworm-security
Components: main
Signed-By: $M/keys/debian-archive-test.gpg
END
machine() {
    "$FETCH" --quiet --root "$SCRATCH/root" --store "$STORE" "$@" --resolve tiny-app 2>&1
}
check_has "the machine's sources" "$(machine)" "package libtiny1 1.0-1+deb12u1 bookworm-security"
rm -rf "$STORE"
spoil expired --kind security
check_has "an expired suite of the machine's" "$(machine)" "error expired"
echo 'Acquire::Check-Valid-Until "false";' >"$SCRATCH/root/etc/apt/apt.conf.d/99old"
check_has "apt's own setting lets it pass" "$(machine)" "package libtiny1 1.0-1+deb12u1 bookworm-security"
check_has "with a warning" "$(machine --max-age 0)" "warning: '$URL-security/dists/bookworm-security/' expired at"
fresh
spoil other-origin
cp "$M/keys/archive.gpg" "$M/keys/debian-archive-test.gpg"
check_has "an origin that is not Debian" "$(machine)" "error no-sources: '$URL/dists/bookworm/' is an archive of 'Somebody'"
accepted "another origin, by name"
check_has "no sources" "$("$FETCH" --root "$SCRATCH/empty" tiny-app 2>&1)" "error no-sources: this machine has no apt"

# --- the other suites
fresh
spoil bad-signature --kind security
refused "a bad signature of the security suite" 4 signature "debian-security"
fresh
spoil expired --kind security
refused "an expired security suite" 4 expired "debian-security"
fresh
rm -r "$M/debian-security"
fetch --resolve tiny-app
check_eq "a mirror without a security suite" 0 "$STATUS"
check_has "what is left out is told" "$ERR" "warning: suite 'bookworm-security' is not at"
refused "a security suite that was named" 3 not-found "suite 'bookworm-security' is not at" \
    --mirror "${URL}-security bookworm-security"

# --- the network
fresh
printf '%s\n' 'flaky 2 503 InRelease' 'flaky 1 500 Packages' 'flaky 2 503 deb$' >"$SCRATCH/rules"
accepted "a server that fails now and then"
fresh
printf '%s\n' 'truncate 300 /by-hash/' >"$SCRATCH/rules"
refused "a body that breaks off" 3 network "can't fetch 'main/"
fresh
printf '%s\n' 'short 300 /by-hash/' >"$SCRATCH/rules"
refused "a body that ends too soon" 4 digest "is 300 bytes long"
fresh
printf '%s\n' 'status 404 /by-hash/' >"$SCRATCH/rules"
accepted "no files by digest"
fresh
printf '%s\n' 'status 503 .' >"$SCRATCH/rules"
refused "a mirror that is broken" 3 network "the server answered 503"
check_has "the remedy" "$ERR" "hint: check the connection"
fresh
refused "nothing cached, offline" 3 offline "is not in the cache" --offline
accepted "filling the cache"
accepted "all from the cache, offline" --offline
process_stop "$SERVE_PID"
accepted "the mirror is away, the cache is young"
accepted "the mirror is away, the cache is old" --max-age 0
check_has "that is warned about" "$ERR" "the copy in the cache is used"
refused "the mirror is away, the cache has expired" 4 expired "debian-security" --max-age 0 \
    --now $(($(date +%s) + 9 * 86400))
rm -rf "$STORE"
refused "the mirror is away, nothing cached" 3 network "can't fetch 'InRelease of bookworm'"

# --- the store
serve
if [ "$(id -u)" = 0 ] && mkdir "$SCRATCH/small" && mount -t tmpfs -o size=16k none "$SCRATCH/small" 2>/dev/null; then
    at_exit "umount '$SCRATCH/small'"
    fresh
    refused "a disk that is full" 3 no-space "No space left on device" --store "$SCRATCH/small/store"
fi
fresh
i=0
while [ "$i" -lt 8 ]; do
    "$FETCH" --quiet --mirror "$URL" --suite bookworm --keyring "$M/keys/$KEYRING" --store "$STORE" --resolve tiny-app \
        >"$SCRATCH/parallel.$i" 2>&1 &
    eval "run_$i=\$!"
    i=$((i + 1))
done
fine=0
while [ "$i" -gt 0 ]; do
    i=$((i - 1))
    eval "wait \$run_$i" && fine=$((fine + 1))
done
check_eq "eight at once" 8 "$fine"
for delay in 0.02 0.05 0.08 0.11 0.14 0.17 0.2 0.23; do
    rm -rf "$STORE"
    timeout -s KILL "$delay" "$FETCH" --quiet --mirror "$URL" --suite bookworm --keyring "$M/keys/$KEYRING" \
        --store "$STORE" --resolve tiny-app >/dev/null 2>&1
    accepted "after a kill at ${delay}s"
done
find "$STORE/packages" -name 'sha256-*' -exec sh -c 'printf rubbish >"$1"' _ {} \;
accepted "damaged packages in the cache are made anew"
find "$STORE/indexes" "$STORE/sonames" "$STORE/releases" -type f -exec sh -c 'head -c 40 "$1" >"$1.x"; mv "$1.x" "$1"' _ {} \;
accepted "damaged indexes in the cache are made anew"
check_finish
