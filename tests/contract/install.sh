#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/contract/install.sh BUILD - `meson install` puts program, manual pages and completions where systems look for
# them, the program starts in about a millisecond, and a build says the same from any directory.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
BUILD=$(cd "$1" && pwd)
need groff

check "installs" env DESTDIR="$SCRATCH/root" meson install -C "$BUILD" --no-rebuild --quiet
prefix=$SCRATCH/root$(meson introspect --buildoptions "$BUILD" |
    python3 -c 'import json, sys; print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))')
check_eq "the program runs" "$("$BUILD/barehull" version)" "$("$prefix/bin/barehull" version)"
check_eq "mode of the program" 755 "$(stat -c %a "$prefix/bin/barehull")"
pages=$("$BUILD/barehull" help --format json | sed -n 's/^      "name": "\(.*\)",/barehull-\1.1/p')
for page in barehull.1 $pages; do
    check "manual page $page" test -s "$prefix/share/man/man1/$page"
done
check_eq "no manual page too many" "$(printf 'barehull.1\n%s\n' "$pages" | sort)" \
    "$(find "$prefix/share/man/man1" -type f -printf '%f\n' | sort)"
for file in bash-completion/completions/barehull zsh/site-functions/_barehull fish/vendor_completions.d/barehull.fish; do
    check "completion $file" test -s "$prefix/share/$file"
done
check_eq "nothing else is installed" "bin share" "$(cd "$prefix" && echo *)"

# A hundred starts; the median is printed, and ten times it would be a mistake somewhere (a library that is loaded, a
# file that is read) even on a busy machine.
cat >"$SCRATCH/start.py" <<'PY'
import os, statistics, subprocess, sys, time
def start(program):
    begun = time.perf_counter()
    subprocess.run([program, "version"], stdout=subprocess.DEVNULL)
    return (time.perf_counter() - begun) * 1000
ours, true = [statistics.median(start(p) for _ in range(100)) for p in (sys.argv[1], "/bin/true")]
print(f"barehull version: {ours:.2f} ms, /bin/true: {true:.2f} ms (median of 100)")
sys.exit(0 if ours < true + 10 else 1)
PY
check "starts quickly" python3 "$SCRATCH/start.py" "$prefix/bin/barehull"
python3 "$SCRATCH/start.py" "$prefix/bin/barehull"
check_lacks "loads no network client at start" "$(LD_TRACE_LOADED_OBJECTS=1 "$prefix/bin/barehull")" libcurl

check_finish
