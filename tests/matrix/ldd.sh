#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/ldd.sh BUILD_DIR - holds src/elf against the machine's own tools on every program of /usr/bin and
# /usr/sbin: the closure against ldd's (as a set of real paths), needed libraries, names, paths and version needs
# against readelf's, for programs and all libraries beside them, foreign ones of cross compilers too.

BUILD=$(cd "${1:?usage: ldd.sh BUILD_DIR}" && pwd) || exit 3
# shellcheck source=tests/lib/check.sh
. "$(dirname "$0")/../lib/check.sh"
need ldd readelf realpath
DUMP=$BUILD/tests/tools/elfdump
TAB=$(printf '\t')
export LC_ALL=C

# elf_files DIR...: regular ELF files that programs or the loader may take, links resolved, each once.
elf_files() {
    find "$@" -maxdepth 1 -type f 2>/dev/null | sort -u | while IFS= read -r path; do
        [ "$(head -c 4 "$path" | tr -d '\0')" = "$(printf '\177ELF')" ] && printf '%s\n' "$path"
    done
}

# by_ldd <PATHS: "PROGRAM<tab>LIBRARY", as ldd tells.
by_ldd() {
    while IFS= read -r path; do
        ldd "$path" 2>/dev/null | awk -v program="$path" '
            /=> not found/ { print program "\tmissing " $1; next }
            / => \//       { print program "\t" $3; next }
            /^\t\//        { print program "\t" $1 }'
    done
}

# real: the second column's paths without links.
real() {
    cut -f 2 | grep '^/' | sort -u >"$SCRATCH/paths"
    xargs -d '\n' realpath <"$SCRATCH/paths" >"$SCRATCH/real"
    paste "$SCRATCH/paths" "$SCRATCH/real"
}

# by_us <PATHS: the same from elfdump.
by_us() {
    xargs -d '\n' "$DUMP" closure | awk '
        $1 == "file"    { program = substr($0, 6) }
        $1 == "lib"     { print program "\t" substr($0, 5) }
        $1 == "missing" { print program "\t" $0 }'
}

needs_of_readelf() {
    xargs -d '\n' readelf -W -d -V 2>/dev/null | awk '
        function inside(text) { sub(/^[^[]*\[/, "", text); sub(/\]$/, "", text); return text }
        /^File: /                  { program = substr($0, 7) }
        /^Version .* section/      { section = $2 }
        /\(NEEDED\)/               { print program "\tneeded " inside($0) }
        /\(SONAME\)/               { print program "\tsoname " inside($0) }
        /\(RPATH\)/                { print program "\trpath " inside($0) }
        /\(RUNPATH\)/              { print program "\trunpath " inside($0) }
        section == "needs" && /  File: /  { for (i = 1; i < NF; i++) if ($i == "File:") library = $(i + 1) }
        section == "needs" && /  Name: /  { for (i = 1; i < NF; i++) if ($i == "Name:") name = $(i + 1)
                                            print program "\tneed " library " " name (/Flags: WEAK/ ? " weak" : "") }
        section == "definition" && / Rev: .* Name: / {
            for (i = 1; i < NF; i++) if ($i == "Name:") name = $(i + 1)
            print program "\tdefine " name (/Flags: BASE/ ? " base" : "") }'
}

needs_of_us() {
    xargs -d '\n' "$DUMP" show | awk '
        $1 == "file" { program = substr($0, 6); next }
        $1 ~ /^(needed|soname|rpath|runpath|need|define)$/ { print program "\t" $0 }'
}

# compare WHAT PATHS EXPECTED ACTUAL: program by program, lines as sets.
compare() {
    sort -u "$3" >"$3.sorted"
    sort -u "$4" >"$4.sorted"
    comm -3 "$3.sorted" "$4.sorted" | sed 's/^\t//' | cut -f 1 | sort -u >"$SCRATCH/differing"
    while IFS= read -r path; do
        if grep -qxF -e "$path" "$SCRATCH/differing"; then
            check_fail "$1: $path" "$(grep -F -e "$path$TAB" "$3.sorted" | diff - /dev/stdin <<-END
$(grep -F -e "$path$TAB" "$4.sorted")
END
)"
        else
            check_pass "$1: $path"
        fi
    done <"$2"
}

elf_files /usr/bin /usr/sbin >"$SCRATCH/programs"
elf_files /usr/lib/*-linux-gnu /usr/lib32 /usr/*-linux-gnu/lib >"$SCRATCH/libraries"

by_ldd <"$SCRATCH/programs" >"$SCRATCH/ldd.raw"
real <"$SCRATCH/ldd.raw" >"$SCRATCH/links"
awk -F '\t' 'NR == FNR { real[$1] = $2; next } { print $1 "\t" ($2 in real ? real[$2] : $2) }' \
    "$SCRATCH/links" "$SCRATCH/ldd.raw" >"$SCRATCH/ldd"
by_us <"$SCRATCH/programs" >"$SCRATCH/closure"
compare "closure" "$SCRATCH/programs" "$SCRATCH/ldd" "$SCRATCH/closure"

cat "$SCRATCH/programs" "$SCRATCH/libraries" | sort -u >"$SCRATCH/objects"
needs_of_readelf <"$SCRATCH/objects" >"$SCRATCH/readelf"
needs_of_us <"$SCRATCH/objects" >"$SCRATCH/show"
compare "dynamic section and versions" "$SCRATCH/objects" "$SCRATCH/readelf" "$SCRATCH/show"

echo "$(wc -l <"$SCRATCH/programs") programs, $(wc -l <"$SCRATCH/ldd") libraries of theirs;" \
    "$(wc -l <"$SCRATCH/objects") objects, $(wc -l <"$SCRATCH/readelf") facts of readelf"
check_finish
