#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/matrix/init.sh BUILD_DIR - every combination that `init` can write, where tests/contract/init.py takes some.
exec "$(dirname "$0")/../contract/init.py" "${1:?usage: init.sh BUILD_DIR}" --all
