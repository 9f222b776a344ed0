#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/python-facts.sh BUILD_DIR [ROUNDS [SEED]] - holds src/python against Python itself: versions, specifiers
# and wheel tags against python3-packaging; METADATA, RECORD, WHEEL, entry points of all distributions on this machine
# against email, csv and importlib.metadata; scripts of bin directories as pip and distlib write them; pyvenv.cfg of
# venv and virtualenv, written anew, by what the interpreter says when it starts there; .pth files against site.
# PYTHONS names further interpreters (by their path) whose environments and extension suffixes are tried too.

BUILD=$(cd "${1:?usage: python-facts.sh BUILD_DIR [ROUNDS [SEED]]}" && pwd) || exit 3
ROUNDS=${2:-20000}
SEED=${3:-20240611}
# shellcheck source=tests/lib/check.sh
. "$(dirname "$0")/../lib/check.sh"
HERE=$(cd "$(dirname "$0")" && pwd)
need virtualenv
/usr/bin/python3 -c 'import packaging, venv, ensurepip' || { echo "needs python3-packaging, python3-venv" >&2; exit 3; }
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

/usr/bin/python3 "$HERE/python_facts.py" "$BUILD/tests/tools/pyfacts" "$SCRATCH" "$ROUNDS" "$SEED" >"$SCRATCH/said"
cat "$SCRATCH/said"
check_has "Python and src/python agree" "$(tail -n 1 "$SCRATCH/said")" " 0 differ"
check_finish
