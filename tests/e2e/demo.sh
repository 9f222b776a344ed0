#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/demo.sh BUILD_DIR - tools/demo, what `make demo` shows, with the archive of the tests: every step comes, each
# says what it is there for, and nothing is left running.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/barehull.sh"
. "$LIB/mirror.sh"
build_dir=$(realpath "${1:-build}")
barehull_begin "$@"
cache_share
need crun umoci jq catatonit curl
mirror_begin
ROOT=$(cd "$TESTS/.." && pwd)

# A reader's machine has apt sources; this one has the mirror.
mkdir "$SCRATCH/build"
ln -s "$build_dir/healthcheck" "$SCRATCH/build/healthcheck"
cat >"$SCRATCH/build/barehull" <<END
#!/bin/sh
case \$1 in
build) exec '$BAREHULL' "\$@" $MIRROR_ARGS ;;
*) exec '$BAREHULL' "\$@" ;;
esac
END
chmod 755 "$SCRATCH/build/barehull"
build_dir=$SCRATCH/build

TMPDIR=$SCRATCH "$ROOT/tools/demo" "$build_dir" >"$SCRATCH/said" 2>&1
check_eq "the demo ends well" 0 "$?"
said=$(cat "$SCRATCH/said")
check_eq "its steps" "1 2 3 4 5 6 7 8 9 10" "$(sed -n 's/^\([0-9]*\)\. .*/\1/p' "$SCRATCH/said" | tr '\n' ' ' | sed 's/ $//')"
for words in "fail: 14 errors" "pass: nothing found; 2 files judged" "orders:0.1.0, from a Go module" \
    "  new  k8s/deployment.yaml" "pass: nothing found; 9 files judged; 3 waived" "runs:      /app/chello as 65532:65532" \
    "Loaded for the entrypoint" "runs:      /usr/bin/python3.11 /app/hello.py as 65532:65532" '"resultType":"complete"' \
    "up: 'unix:" '"event":"stopped","clean":true'; do
    check_has "it shows: $words" "$said" "$words"
done
check_eq "both images answer" 2 "$(grep -c '^hello from a bare hull$' "$SCRATCH/said")"
check_eq "both run without capabilities" 2 "$(grep -c '^CapEff:.0000000000000000$' "$SCRATCH/said")"
[ "$CHECK_FAILED" = 0 ] || tail -n 40 "$SCRATCH/said"
check_finish
