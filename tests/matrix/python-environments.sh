#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/python-environments.sh BUILD_DIR - what is read of environments that venv, virtualenv and pip made, held
# against what the interpreter says that runs there.

BUILD=$(cd "${1:?usage: python-environments.sh BUILD_DIR}" && pwd) || exit 3
# shellcheck source=tests/lib/check.sh
. "$(dirname "$0")/../lib/check.sh"
need virtualenv
PYPROJECT=$BUILD/tests/tools/pyproject
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INDEX=1

/usr/bin/python3 - "$SCRATCH" <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + "/shop-1.0-py3-none-any.whl", "w") as wheel:
    info = "shop-1.0.dist-info/"
    wheel.writestr("shop/__init__.py", "def main(): pass\n")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(info + "RECORD", "".join(f"{name},,\n" for name in
                   ("shop/__init__.py", info + "METADATA", info + "WHEEL", info + "RECORD")))
PY

# compare NAME: the environment in NAME/.venv.
compare() {
    "$SCRATCH/$1/.venv/bin/python" -m pip install -q "$SCRATCH/shop-1.0-py3-none-any.whl"
    : >"$SCRATCH/$1/main.py"
    "$PYPROJECT" "$SCRATCH/$1" >"$SCRATCH/said"
    check_has "$1: site-packages" "$(cat "$SCRATCH/said")" \
        "site $("$SCRATCH/$1/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
    check_has "$1: version" "$(cat "$SCRATCH/said")" \
        "version $("$SCRATCH/$1/.venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    check_has "$1: distribution" "$(cat "$SCRATCH/said")" "dist shop 1.0"
}

mkdir "$SCRATCH/venv" "$SCRATCH/virtualenv" "$SCRATCH/copies" "$SCRATCH/target"
/usr/bin/python3 -m venv "$SCRATCH/venv/.venv" && compare venv
/usr/bin/python3 -m venv --copies "$SCRATCH/copies/.venv" && compare copies
virtualenv -q --python /usr/bin/python3 "$SCRATCH/virtualenv/.venv" && compare virtualenv
"$SCRATCH/venv/.venv/bin/python" -m pip install -q --target "$SCRATCH/target/vendor" \
    "$SCRATCH/shop-1.0-py3-none-any.whl"
check_has "target" "$("$PYPROJECT" "$SCRATCH/target")" "dist shop 1.0"

check_finish
