#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/sarif-schema.sh BUILD_DIR [SCHEMA] - holds what we write as SARIF against the official schema of 2.1.0.
#
# Without SCHEMA it is taken from the npm package @microsoft/sarif-multitool-ts, which carries it; npm checks the
# package's digest. Needs npm (of any node), python3-jsonschema.

. "$(dirname "$0")/../lib/check.sh"
BUILD=$(cd "${1:?usage: sarif-schema.sh BUILD_DIR [SCHEMA]}" && pwd) || exit 3
DATA=$(cd "$(dirname "$0")/../data" && pwd)
SCHEMA=${2:-$SCRATCH/package/assets/sarif-2.1.0.schema.json}
if [ -z "${2:-}" ]; then
    need tar
    need_npm
    check "the package is there" sh -c "cd '$SCRATCH' && npm pack --silent @microsoft/sarif-multitool-ts@5.7.0 >name &&
        tar xzf \"\$(tail -n 1 name)\"" || check_finish
fi

# valid DOCUMENT
valid() {
    /usr/bin/python3 - "$SCHEMA" "$1" <<'PY'
import json, sys
from jsonschema import Draft202012Validator as Validator, FormatChecker
schema, document = (json.load(open(name)) for name in sys.argv[1:])
Validator.check_schema(schema)
faults = list(Validator(schema, format_checker=FormatChecker()).iter_errors(document))
for fault in faults[:10]:
    print("/".join(map(str, fault.absolute_path)), fault.message[:300])
sys.exit(bool(faults))
PY
}

check "the fixture's report" valid "$DATA/report/report.sarif"
check "the fixture's report without findings" valid "$DATA/report/clean.sarif"
mkdir "$SCRATCH/work"
count=0
for fixture in "$DATA"/rules/*.test; do
    rule=$(basename "$fixture" .test)
    "$BUILD/barehull" explain "$rule" --format json >"$SCRATCH/rule.json" || continue
    # Each bad example, as a file of its own.
    /usr/bin/python3 - "$SCRATCH/rule.json" "$SCRATCH/work" "$rule" <<'PY'
import json, pathlib, sys
suffix = {"dockerfile": ".Dockerfile", "compose": "/compose.yaml", "kubernetes": ".yaml"}
for example in json.load(open(sys.argv[1]))["rules"][0]["examples"]:
    path = pathlib.Path(sys.argv[2]) / (sys.argv[3] + suffix[example["surface"]])
    path.parent.mkdir(exist_ok=True)
    path.write_text(example["bad"])
PY
    count=$((count + 1))
done
check "there are examples" test "$count" -gt 20
(cd "$SCRATCH/work" && "$BUILD/barehull" check . --no-config --fail-on never --format "sarif=$SCRATCH/all.sarif") || true
check "every bad example of every rule" valid "$SCRATCH/all.sarif"
(cd "$SCRATCH" && mkdir empty && "$BUILD/barehull" check empty --format "sarif=$SCRATCH/none.sarif" >/dev/null 2>&1) || true
[ ! -e "$SCRATCH/none.sarif" ] || check "nothing to judge" valid "$SCRATCH/none.sarif"
sed 's/"version": "2.1.0"/"version": "2.1"/' "$DATA/report/clean.sarif" >"$SCRATCH/bad.sarif"
check_not "a bad one is refused" valid "$SCRATCH/bad.sarif"
check_finish
