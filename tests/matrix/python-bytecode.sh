#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/python-bytecode.sh BUILD_DIR [DIR...] - holds src/python/marshal against CPython over Debian's standard
# library and all packages that are installed (or the directories): same code, same bytes in any company.

BUILD=$(cd "${1:?usage: python-bytecode.sh BUILD_DIR [DIR...]}" && pwd) || exit 3
shift
exec /usr/bin/python3 "$(dirname "$0")/python_bytecode.py" "$BUILD/tests/tools/marshalcanon" "$@"
