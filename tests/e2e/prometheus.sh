#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/e2e/prometheus.sh BUILD_DIR - a real Prometheus scrapes the service, on its own port and on METRICS_PORT, and
# answers questions about what was counted.
# Runs alone: it measures time, or fills the machine.

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
. "$LIB/check.sh"
. "$LIB/process.sh"
. "$LIB/barehull.sh"
. "$LIB/service.sh"
barehull_begin "$@"
need prometheus promtool curl jq

service_start one
ONE=$SERVICE_PORT
METRICS=$(free_port)
service_start two METRICS_PORT="$METRICS"
TWO=$SERVICE_PORT

PROMETHEUS=$(free_port)
cat >"$SCRATCH/prometheus.yml" <<EOF
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: same
    static_configs: [{targets: ["127.0.0.1:$ONE"]}]
  - job_name: own
    static_configs: [{targets: ["127.0.0.1:$METRICS"]}]
EOF
check "promtool takes the configuration" promtool check config "$SCRATCH/prometheus.yml"
process_start prometheus prometheus --config.file="$SCRATCH/prometheus.yml" --storage.tsdb.path="$SCRATCH/data" \
    --web.listen-address="127.0.0.1:$PROMETHEUS" --log.level=warn

# value QUERY: the number of the first answer.
value() {
    curl -fsG "http://127.0.0.1:$PROMETHEUS/api/v1/query" --data-urlencode "query=$1" |
        jq -r '.data.result[0].value[1] // "none"'
}
value_is() {
    [ "$(value "$1")" = "$2" ]
}
# expect WHAT QUERY VALUE: within the time of some scrapes.
expect() {
    wait_until 15 value_is "$2" "$3"
    check_eq "$1" "$3" "$(value "$2")"
}

expect "both are up" 'sum(up)' 2
expect "the build is known" 'count(barehull_build_info)' 2
for port in "$ONE" "$TWO"; do
    for _ in 1 2 3; do
        curl -fs -o "$SCRATCH/rules" "http://127.0.0.1:$port/v1/rules"
    done
    printf 'FROM debian:12\nUSER root\n' |
        curl -fs -o "$SCRATCH/checked" -H 'Content-Type: text/x-dockerfile' --data-binary @- "http://127.0.0.1:$port/v1/check"
done
FINDINGS=$(jq '.findings | length' "$SCRATCH/checked")
check "the check found something" test "${FINDINGS:-0}" -gt 0
expect "requests by route" 'sum by (job) (http_server_request_duration_seconds_count{http_route="/v1/rules"})' 3
expect "requests of all" 'sum(http_server_request_duration_seconds_count{http_route="/v1/rules"})' 6
expect "findings" 'sum by (job) (barehull_findings_total)' "$FINDINGS"
expect "scrapes are counted where they are" \
    'count(http_server_request_duration_seconds_count{http_route="/metrics",job="own"})' 1
quantile=$(value 'histogram_quantile(0.5, sum by (le) (http_server_request_duration_seconds_bucket{http_route="/v1/rules"}))')
check "a quantile is a duration" sh -c 'echo "$1" | grep -qE "^[0-9.e-]+$"' sh "$quantile"
check "descriptors are known" sh -c '[ "$1" -ge 2 ]' sh "$(value 'count(process_open_fds)')"
WARNINGS=$(grep -c 'Error on ingesting\|out of order\|duplicate' "$SCRATCH/prometheus.log")
check_eq "Prometheus complains of nothing" 0 "$WARNINGS"

check_finish
