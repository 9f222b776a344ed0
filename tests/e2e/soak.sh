#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/soak.sh BUILD_DIR - tests/soak/soak.py with 20,000 requests; `make test-soak` asks a million times.
# Runs alone: it measures time, or fills the machine.

exec "$(dirname "$0")/../soak/soak.py" "${1:-build}" 20000
