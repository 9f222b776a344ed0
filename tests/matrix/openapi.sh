#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
#
# tests/matrix/openapi.sh BUILD_DIR - holds /openapi.json against the official schema of OpenAPI 3.1, by validators of
# others: @seriousme/openapi-schema-validator and @apidevtools/swagger-parser. Needs npm and a node of 20 or newer.

. "$(dirname "$0")/../lib/check.sh"
BUILD=$(cd "${1:?usage: openapi.sh BUILD_DIR}" && pwd) || exit 3
LIB=$(cd "$(dirname "$0")/../lib" && pwd)
need_npm

check "the packages are there" sh -c "cd '$SCRATCH' && npm init -y >npm.log 2>&1 &&
    npm install --silent --no-audit --no-fund @seriousme/openapi-schema-validator@2.11.0 \
        @apidevtools/swagger-parser@13.1.0 >>npm.log 2>&1" || check_finish

# The document as the service gives it.
fetch() {
    python3 - "$LIB" "$BUILD/barehull" "$SCRATCH/openapi.json" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
from service import Service, once
service = Service(sys.argv[2])
with open(sys.argv[3], "wb") as out:
    out.write(once(service.port, "GET", "/openapi.json").body)
sys.exit(service.stop())
PY
}

cat >"$SCRATCH/validate.mjs" <<'JS'
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
const result = await new Validator().validate(JSON.parse(readFileSync("openapi.json", "utf8")));
if (!result.valid) console.log(JSON.stringify(result.errors, null, 1).slice(0, 3000));
process.exit(result.valid ? 0 : 1);
JS
cat >"$SCRATCH/parse.mjs" <<'JS'
import SwaggerParser from "@apidevtools/swagger-parser";
await (SwaggerParser.default ?? SwaggerParser).validate("openapi.json");
JS

check "the service gives the document" fetch
check "@seriousme/openapi-schema-validator finds it valid" sh -c "cd '$SCRATCH' && node validate.mjs"
check "@apidevtools/swagger-parser finds it valid" sh -c "cd '$SCRATCH' && node parse.mjs"
sed 's/"openapi":"3.1.0"/"openapi":"3.1.0","paths2":{}/' "$SCRATCH/openapi.json" >"$SCRATCH/other.json"
mv "$SCRATCH/other.json" "$SCRATCH/openapi.json"
check "a wrong member is found" sh -c "cd '$SCRATCH' && ! node validate.mjs >/dev/null"
check_finish
