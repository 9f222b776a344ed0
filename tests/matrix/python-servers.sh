#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/python-servers.sh BUILD_DIR [PYTHON] - starts a small application of each framework as barehull says,
# with the system's servers (or those of PYTHON's environment), and speaks HTTP to it: the command, the variables that
# set host and port, and the heartbeat without a writable directory hold. What is not installed for another PYTHON is
# passed over; of the system's everything has to be there.

BUILD=$(cd "${1:?usage: python-servers.sh BUILD_DIR [PYTHON]}" && pwd) || exit 3
exec /usr/bin/python3 "$(dirname "$0")/python_servers.py" "$BUILD/tests/tools/pythonstart" "${2:-/usr/bin/python3}"
