# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/refused.sh - judges commands that must be refused: message, exit status, and nothing left behind.
# Needs tests/lib/check.sh and barehull.sh.

# refused_begin: an empty directory to work in, $WORK, which is gone into.
refused_begin() {
    WORK=$SCRATCH/work
    mkdir -p "$WORK"
    cd "$WORK" || exit 3
}

# run ARGS...: a command in $WORK; $STATUS, $STDOUT and $STDERR tell how it went.
run() {
    find "$WORK" | sort >"$SCRATCH/before"
    "$@" >"$SCRATCH/stdout" 2>"$SCRATCH/stderr"
    STATUS=$?
    STDOUT=$(cat "$SCRATCH/stdout")
    STDERR=$(cat "$SCRATCH/stderr")
    find "$WORK" | sort >"$SCRATCH/after"
}

# refused WHAT STATUS WORDS: judges the last run. WORDS, separated by "|", must all be in the message.
refused() {
    local what="$1" words="$3" word
    check_eq "$what: exit status" "$2" "$STATUS" || echo "    $STDERR"
    check_eq "$what: nothing on stdout" "" "$STDOUT"
    while [ -n "$words" ]; do
        word=${words%%|*}
        check_has "$what: the message names '$word'" "$STDERR" "$word"
        [ "$words" = "$word" ] && break
        words=${words#*|}
    done
    check_eq "$what: leaves nothing behind" "" "$(diff "$SCRATCH/before" "$SCRATCH/after")"
    no_litter "$what"
}

no_litter() {
    check_eq "$1: no temporary file" "" "$(find "$WORK" "$XDG_CACHE_HOME" -name '.barehull-*' 2>/dev/null)"
}

# bad WHAT STATUS WORDS ARGS...: a build that must be refused.
bad() {
    local what="$1" status="$2" words="$3"
    shift 3
    run build "$@" -t bad:1 -o oci:out
    refused "$what" "$status" "$words"
}
