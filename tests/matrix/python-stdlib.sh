#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC2317 # check calls has_package
#
# tests/matrix/python-stdlib.sh BUILD_DIR - holds the tables of src/python/stdlib against this system's python3: names,
# packages (dpkg -S) and the libraries that extension modules load. What is not installed here is not looked at.

BUILD=$(cd "${1:?usage: python-stdlib.sh BUILD_DIR}" && pwd) || exit 3
# shellcheck source=tests/lib/check.sh
. "$(dirname "$0")/../lib/check.sh"
need python3 dpkg objdump awk sort diff
export LC_ALL=C
PYTHON=/usr/bin/python3
MINOR=$($PYTHON -c 'import sys; print(sys.version_info[1])')
LIBRARY=/usr/lib/python3.$MINOR
"$BUILD/tests/tools/pythonstdlib" "$MINOR" >"$SCRATCH/ours"

$PYTHON -c 'import sys; print(*sorted(sys.stdlib_module_names), sep="\n")' >"$SCRATCH/names"
cut -d ' ' -f 1 "$SCRATCH/ours" | sort >"$SCRATCH/our-names"
check "names of 3.$MINOR" diff "$SCRATCH/names" "$SCRATCH/our-names"

# has_package NAME PACKAGE: the package has the module, or the binary has.
has_package() {
    case $2 in
    python3.*-minimal)
        $PYTHON -S -c 'import sys; name = sys.argv[1]
sys.exit(name not in sys.builtin_module_names and not name.startswith("_frozen_"))' "$1"
        ;;
    *)
        for path in "$LIBRARY/$1.py" "$LIBRARY/$1/__init__.py" "$LIBRARY/$1/__main__.py" "$LIBRARY"/"$1"/*.py \
            "$LIBRARY/lib-dynload/$1".cpython-*.so; do
            if dpkg -S "$path" 2>/dev/null | grep -q "^$2[:,]"; then
                return 0
            fi
        done
        return 1
        ;;
    esac
}

while read -r name package libraries; do
    if [ "$package" = - ] || ! dpkg -s "$package" >/dev/null 2>&1; then
        continue
    fi
    check "$name is in $package" has_package "$name" "$package"
    file=$(find "$LIBRARY/lib-dynload" -name "$name.cpython-*.so")
    [ -n "$file" ] || continue
    objdump -p "$file" | awk '$1 == "NEEDED" && $2 !~ /^lib[cm]\.so/ { print $2 }' | sort >"$SCRATCH/needed"
    printf '%s\n' "$libraries" | tr ' ' '\n' | sed '/^$/d' | sort >"$SCRATCH/told"
    check "libraries of $name" diff "$SCRATCH/needed" "$SCRATCH/told"
done <"$SCRATCH/ours"
check_finish
