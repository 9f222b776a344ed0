#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/versions.sh BUILD_DIR [PAIRS [SEED]] - holds pkg/version against `dpkg --compare-versions` on random
# pairs (10,000 unless told): half of them made of few characters, so that they meet; half of them versions of this
# machine's packages against a slightly changed copy. And against `dpkg --validate-version` on random texts.

BUILD=$(cd "${1:?usage: versions.sh BUILD_DIR [PAIRS [SEED]]}" && pwd) || exit 3
PAIRS=${2:-10000}
SEED=${3:-20230610}
# shellcheck source=tests/lib/check.sh
. "$(dirname "$0")/../lib/check.sh"
need dpkg dpkg-query awk xargs
VERCMP=$BUILD/tests/tools/vercmp
export LC_ALL=C

dpkg-query -W -f '${Version}\n' | sort -u >"$SCRATCH/real"

# Valid versions only: what dpkg says of others is a warning and no order.
awk -v pairs="$PAIRS" -v seed="$SEED" '
    function pick(set) { return substr(set, int(rand() * length(set)) + 1, 1) }
    function part(set, max,   text, len) {
        for (len = int(rand() * max); len > 0; len--) text = text pick(set)
        return text
    }
    function version(   text) {
        text = pick("0123") part("0011299abzAZ..++~~", 6)
        if (rand() < 0.4) text = text "-" pick("019a~+.") part("0019ab.+~", 4)
        if (rand() < 0.1) text = pick("0012") ":" text
        return text
    }
    function changed(text,   at) {
        at = index(text, ":") # the epoch stays a number
        at += int(rand() * (length(text) - at)) + 1
        if (rand() < 0.4) return substr(text, 1, at) pick("0129az+~.") substr(text, at + 1)
        if (rand() < 0.5) return substr(text, 1, at) substr(text, at + 2)
        return text pick("~+") part("deb12u3~bpo", 8)
    }
    BEGIN { srand(seed) }
    { real[NR] = $0 }
    END {
        for (i = 0; i < pairs / 2; i++) print version() "\t" version()
        for (; i < pairs; i++) { text = real[int(rand() * NR) + 1]; print text "\t" changed(text) }
    }' "$SCRATCH/real" >"$SCRATCH/pairs"

# by_dpkg: three processes a pair at most; the machine has the time.
cat >"$SCRATCH/by_dpkg" <<'END'
while IFS="$(printf '\t')" read -r a b; do
    if dpkg --compare-versions "$a" lt "$b" 2>/dev/null; then
        echo lt
    elif dpkg --compare-versions "$a" eq "$b" 2>/dev/null; then
        echo eq
    else
        echo gt
    fi
done
END
sh "$SCRATCH/by_dpkg" <"$SCRATCH/pairs" >"$SCRATCH/expected"
"$VERCMP" <"$SCRATCH/pairs" >"$SCRATCH/actual"
paste "$SCRATCH/pairs" "$SCRATCH/expected" "$SCRATCH/actual" >"$SCRATCH/all"
awk -F '\t' '$3 != $4' "$SCRATCH/all" >"$SCRATCH/wrong"
# shellcheck disable=SC2034
CHECK_PASSED=$(awk -F '\t' '$3 == $4' "$SCRATCH/all" | wc -l)
while IFS= read -r line; do
    check_fail "order (dpkg, barehull): $line"
done <"$SCRATCH/wrong"
[ "$(wc -l <"$SCRATCH/all")" -ge "$PAIRS" ] || check_fail "only $(wc -l <"$SCRATCH/all") pairs were compared"

# Texts of which about half are versions.
awk -v seed="$SEED" '
    function pick(set) { return substr(set, int(rand() * length(set)) + 1, 1) }
    BEGIN {
        srand(seed)
        for (i = 0; i < 500; i++) {
            text = ""
            for (len = int(rand() * 7) + 1; len > 0; len--) text = text pick("0123459aZ.+~-:-:_")
            print text
        }
    }' >"$SCRATCH/texts"
"$VERCMP" <"$SCRATCH/texts" >"$SCRATCH/judged"
valid=0
while IFS="$(printf '\t')" read -r text ours; do
    # dpkg takes a version that policy does not allow with a warning.
    if [ -z "$(dpkg --validate-version -- "$text" 2>&1)" ]; then theirs=valid; else theirs=invalid; fi
    [ $theirs = invalid ] || valid=$((valid + 1))
    if [ "$theirs" = "$ours" ]; then
        check_pass "valid: $text"
    else
        check_fail "'$text' is $theirs for dpkg, $ours here"
    fi
done <<END
$(paste "$SCRATCH/texts" "$SCRATCH/judged")
END

echo "$(cut -f 3 "$SCRATCH/all" | sort | uniq -c | tr -s ' \n' ' ')of $PAIRS pairs; $valid of 500 texts are valid"
check_finish
