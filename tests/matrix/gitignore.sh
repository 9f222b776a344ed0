#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/gitignore.sh BUILD_DIR [ROUNDS [SEED]] - holds discover/ignore against `git check-ignore --no-index`: in
# each round (60 unless told) one tree gets new random .gitignore files at several levels and a new info/exclude, and
# every path of it is asked of both, from the root and from a directory further down. Then patterns that are hard.

BUILD=$(cd "${1:?usage: gitignore.sh BUILD_DIR [ROUNDS [SEED]]}" && pwd) || exit 3
ROUNDS=${2:-60}
SEED=${3:-20250314}
# shellcheck source=tests/lib/check.sh
. "$(dirname "$0")/../lib/check.sh"
need git awk tr sort diff
IGNORED=$BUILD/tests/tools/ignored
export LC_ALL=C GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null XDG_CONFIG_HOME="$SCRATCH/none" HOME="$SCRATCH"
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# A tree whose names are made of few parts, so that patterns meet them.
TREE=$SCRATCH/tree
mkdir "$TREE"
git init -q "$TREE"
git -C "$TREE" config core.ignorecase false
mkdir -p "$TREE/.git/info"
for top in a b ab foo bar 'a b' '[a]' '!n' a.b; do
    for middle in a b foo foobar 'x ' '#c' a-b 'a\b' '**'; do
        mkdir -p "$TREE/$top/$middle/b"
        for file in a foo.o '*' 'a]' Z 1 ' '; do
            : >"$TREE/$top/$middle/b/$file"
        done
        : >"$TREE/$top/$middle/foo.o"
    done
    for file in c foo.c "b\\" '!a' '#a' '-' 'x y' "$(printf '\303\251')" "$(printf '\377')" "$(printf 't\t')"; do
        : >"$TREE/$top/$file"
    done
done
for file in top.o foo.c '#foo' '!foo' 'foo ' '[ab]' '?'; do
    : >"$TREE/$file"
done
(cd "$TREE" && find . -name .git -prune -o -print | sed -n 's,^\./,,p' | sort) >"$SCRATCH/paths"
grep '^foo/foobar/' "$SCRATCH/paths" >"$SCRATCH/paths-below"
tr '\n' '\0' <"$SCRATCH/paths" >"$SCRATCH/paths0"

# patterns SEED COUNT: lines of a .gitignore.
patterns() {
    awk -v seed="$1" -v count="$2" '
        function pick(list,   parts, n) { n = split(list, parts, "|"); return parts[int(rand() * n) + 1] }
        function atom(   kind) {
            kind = rand()
            if (kind < 0.45) return pick("a|b|ab|foo|bar|foobar|foo.o|a.b|a b|x|Z|1|c|n|top|o")
            if (kind < 0.60) return pick("*|**|?|***|*?|?*|*.o|*o*|a*|*b")
            if (kind < 0.72) return pick("[ab]|[!a]|[^b]|[a-c]|[]a]|[!]]|[a-]|[-a]|[[:alpha:]]|[[:digit:][:upper:]]|[a|[[:x:]]|[[:alpha:]|[\\]a]|[]-a]|[--0]|[[a]|[[:]|[\\a-c]|[a-\\c]|[z-a]|[*]|[/]|[a/b]|[[:space:]]|[[:punct:]]|[!a-z]")
            if (kind < 0.82) return pick("\\a|\\*|\\[|\\ |\\\\|\\#c|\\!n|\\?|\\**|\\]|\\|#|!|é|\\!|\\#")
            if (kind < 0.90) return pick(" |  |.|-|]")
            return ""
        }
        function component(   text, n) {
            for (n = int(rand() * 2.4) + 1; n > 0; n--) text = text atom()
            return text
        }
        BEGIN {
            srand(seed)
            for (i = 0; i < count; i++) {
                text = rand() < 0.25 ? "!" : ""
                if (rand() < 0.25) text = text "/"
                for (n = int(rand() * 3); n >= 0; n--) text = text component() (n > 0 ? pick("/|/|/|/**/|**/|/*/|//|\\/") : "")
                text = text pick("|||||/|/|/**|/*| |  |\\ |\t|\r")
                printf "%s%s", text, i == count - 1 && rand() < 0.5 ? "" : rand() < 0.1 ? "\r\n" : "\n"
            }
        }'
}

# compare WHAT [SUB]: every path of the tree, or those below SUB.
compare() {
    local paths=$SCRATCH/paths
    if [ $# -gt 1 ]; then
        paths=$SCRATCH/paths-below
        tr '\n' '\0' <"$paths" | git -C "$TREE" check-ignore --no-index -z --stdin >"$SCRATCH/git0"
    else
        git -C "$TREE" check-ignore --no-index -z --stdin <"$SCRATCH/paths0" >"$SCRATCH/git0"
    fi
    tr '\0' '\n' <"$SCRATCH/git0" >"$SCRATCH/by-git"
    "$IGNORED" "$TREE" ${2+"$2"} <"$paths" >"$SCRATCH/by-us" || check_fail "$1: ignored fails"
    ASKED=$((ASKED + $(wc -l <"$paths")))
    HIT=$((HIT + $(wc -l <"$SCRATCH/by-git")))
    if cmp -s "$SCRATCH/by-git" "$SCRATCH/by-us"; then
        check_pass "$1"
    else
        check_fail "$1" "$(diff "$SCRATCH/by-git" "$SCRATCH/by-us" | head -n 8)
$(cd "$TREE" && find . -name .gitignore -exec grep -n . {} +)"
    fi
}

ASKED=0
HIT=0
round=0
while [ "$round" -lt "$ROUNDS" ]; do
    seed=$((SEED + round * 10))
    patterns "$seed" 6 >"$TREE/.gitignore"
    patterns "$((seed + 1))" 3 >"$TREE/a/.gitignore"
    patterns "$((seed + 2))" 3 >"$TREE/foo/.gitignore"
    patterns "$((seed + 3))" 3 >"$TREE/foo/foobar/.gitignore"
    patterns "$((seed + 4))" 2 >"$TREE/.git/info/exclude"
    compare "round $round"
    # A directory that is passed over itself may be named nevertheless; git would answer for its parents.
    if ! git -C "$TREE" check-ignore -q --no-index foo/foobar; then
        compare "round $round, below" foo/foobar
    fi
    round=$((round + 1))
done

# One pattern at a time: what random ones seldom hit.
rm -f "$TREE/a/.gitignore" "$TREE/foo/.gitignore" "$TREE/foo/foobar/.gitignore" "$TREE/.git/info/exclude"
while IFS= read -r pattern; do
    printf '%b' "$pattern" >"$TREE/.gitignore"
    compare "pattern $pattern"
done <<'END'
foo
/foo
foo/
/foo/
foo/*
foo/**
**/foo
**/b/**
a/**/b
a/**/**/b
a**/b
fo**/b
f**/foo.o
/**/foo.o
**
*
/*
/
//
!
!/
\\357\\273\\277foo
*\\n!foo\\n!foo/**
/*\\n!/foo\\n/foo/*\\n!/foo/foobar
foo/\\n!foo/foobar
foo \\n
foo\\\\ \\n
foo\\\\  \\n
foo\\t\\n
foo\\r\\n
foo\\r\\r\\n
foo\\r
#foo
\\\\#foo
\\\\!foo
!foo\\nfoo
[ab]
\\\\[ab\\\\]
[[:alpha:]]
[[:alpha:][:digit:]]/foo
[a
[]
[]]
[!]
[!]a]
[^]]
*]
\\\\
\\\\\\\\
a\\\\
a\\\\\\\\b
?
\\\\?
\\\\*
**/*/**/foo.o
*/*/*/foo.o
a/**b
**b
a/b**
**/**
a/***/b
a/**/
a/*/**/
\\303\\251
[\\303\\251]
\\377
a/b/foo.o\\0x
END
# shellcheck disable=SC2034
[ "$HIT" -gt $((ASKED / 20)) ] || check_fail "only $HIT of $ASKED paths are ignored: the patterns meet nothing"
echo "$ASKED paths asked, $HIT of them ignored"
check_finish
