# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/faults.sh - whole commands in which the n-th allocation or system call fails, and what is asked of them.
# Needs tests/lib/check.sh, process.sh and barehull.sh.

# shellcheck disable=SC2034 # JUDGE and EXPECTED are the scripts'
# faults_begin BUILD_DIR: $FAULTRUN is the program.
faults_begin() {
    FAULTRUN=$(realpath -- "${1:-build}/tests/tools/faultrun")
    SAMPLES=${FAULT_SAMPLES:-60}
    TMPDIR=$SCRATCH/tmp
    export TMPDIR
    mkdir "$TMPDIR"
}

# judge WHAT STATUS: of the run that $SCRATCH/err and $SCRATCH/out tell about.
judge() {
    case $2 in
    0) [ ! -f "$SCRATCH/out/oci.tar" ] || [ "$(sha256sum <"$SCRATCH/out/oci.tar")" = "$EXPECTED" ] ||
        echo "$1: said it went well and wrote something else" ;;
    3 | 4) grep -q '^barehull: error: ' "$SCRATCH/err" || echo "$1: failed without a word" ;;
    *) echo "$1: ended with $2: $(tail -n 3 "$SCRATCH/err")" ;;
    esac
    if grep -qE 'Sanitizer|runtime error' "$SCRATCH/err"; then
        echo "$1: $(grep -m 3 -E 'Sanitizer|runtime error|#[0-9] .* in ' "$SCRATCH/err")"
    fi
    [ -z "$(find "$SCRATCH/out" -maxdepth 1 -name '.*' ! -path "$SCRATCH/out")" ] || echo "$1: left $(ls -A "$SCRATCH/out")"
    [ -z "$(ls -A "$TMPDIR")" ] || echo "$1: left $(ls -A "$TMPDIR")"
    if [ -f "$SCRATCH/out/layout/index.json" ] && ! jq -e .manifests "$SCRATCH/out/layout/index.json" >/dev/null; then
        echo "$1: broke the layout's index"
    fi
}

# sweep NAME KIND CACHE COMMAND...: CACHE is full, empty, or compiled:
# without what of the application was kept.
sweep() {
    local name="$1" kind="$2" cache="$3" points step n status
    shift 3
    : >"$SCRATCH/problems"
    fresh "$cache"
    "$FAULTRUN" "$kind" 0 "$@" >"$SCRATCH/answer" 2>"$SCRATCH/err"
    points=$(sed -n 's/^points //p' "$SCRATCH/err")
    check "$name: $kind points are counted" test "${points:-0}" -gt 20 || return
    step=1
    [ "$SAMPLES" = all ] || step=$(((points + SAMPLES - 1) / SAMPLES))
    n=1
    while [ "$n" -le "$points" ]; do
        fresh "$cache"
        timeout 60 "$FAULTRUN" "$kind" "$n" "$@" >"$SCRATCH/answer" 2>"$SCRATCH/err"
        status=$?
        "${JUDGE:-judge}" "$name: $kind $n of $points" "$status" >>"$SCRATCH/problems"
        n=$((n + step))
    done
    check_eq "$name: every $kind fault ends cleanly ($points points, every ${step}th)" "" "$(head -n 20 "$SCRATCH/problems")"
}

fresh() {
    rm -rf "$SCRATCH/out"
    mkdir "$SCRATCH/out"
    case $1 in
    empty) rm -rf "$XDG_CACHE_HOME" ;;
    compiled) rm -rf "$XDG_CACHE_HOME/barehull/layer" "$XDG_CACHE_HOME/barehull/bytecode" ;;
    esac
}
