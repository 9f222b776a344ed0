#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/python-imports.sh BUILD_DIR [MUTANTS] - holds src/python/imports against CPython's ast over Debian's
# standard library and all packages that are installed, and over files that one edit broke.

BUILD=$(cd "${1:?usage: python-imports.sh BUILD_DIR [MUTANTS]}" && pwd) || exit 3
exec /usr/bin/python3 "$(dirname "$0")/python_imports.py" "$BUILD/tests/tools/pythonscan" -m "${2:-2000}"
