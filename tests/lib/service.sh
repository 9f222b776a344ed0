# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/service.sh - starts `barehull serve` on a free port of loopback. Needs tests/lib/{check,process,barehull}.sh.

# A port that nobody listens on now.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# service_start NAME [VARIABLE=VALUE...]: output in $SCRATCH/NAME.log; sets SERVICE_PORT and SERVICE_PID when it is ready.
service_start() {
    local name="$1"
    shift
    SERVICE_PORT=$(free_port)
    process_start "$name" env PORT="$SERVICE_PORT" ALLOWED_ORIGINS=none "$@" "$BAREHULL" serve
    SERVICE_PID=$PROCESS_PID
    wait_until 10 service_ready "$SERVICE_PORT" || check_fail "'$name' gets ready" "$(tail -n 20 "$SCRATCH/$name.log")"
}

service_ready() {
    curl -fs -o /dev/null "http://127.0.0.1:$1/readyz"
}
