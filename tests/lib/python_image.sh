# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# tests/lib/python_image.sh - builds images of the applications in tests/python-apps, runs them, and judges what they say
# of themselves. Needs tests/lib/check.sh, process.sh, engines.sh and barehull.sh; the caller sets LAYOUT.

# python_image NAME APP [OPTIONS...]: builds $LAYOUT:NAME and unpacks it into $BUNDLE; the warnings in $WARNINGS.
python_image() {
    local name="$1" app="$2"
    shift 2
    if ! build "$app" -t "localhost/$name:$name" -o "oci:$LAYOUT" "$@" >"$SCRATCH/$name.out" 2>"$SCRATCH/$name.err"; then
        check_fail "$name: builds" "$(cat "$SCRATCH/$name.err")"
        return 1
    fi
    check_pass "$name: builds"
    # shellcheck disable=SC2034
    WARNINGS=$(cat "$SCRATCH/$name.err")
    bundle_new "$name" "$LAYOUT" "$name"
}

# answer PATH [CURL OPTIONS...]: what the server at port 8000 of the test's network says.
answer() {
    local path="$1"
    shift
    in_netns curl -fsS --max-time 20 "$@" "http://127.0.0.1:8000$path" 2>&1
}

# part JQ-FILTER: of the last answer in $ANSWER.
part() {
    printf '%s' "$ANSWER" | jq -cS "$1" 2>&1
}

PYTHON_SECURITY='{"bounding":"0000000000000000","capabilities":"0000000000000000","gid":65532,"no_new_privs":"1","shells":[],"uid":65532,"write /":"EROFS","write /tmp":"ok","write beside the application":"EROFS"}'
PYTHON_WORKS='{"berlin":"2024-07-01T14:00:00+02:00","bz2":true,"ctypes":42,"https":443,"lzma":true,"processes":49,"scrypt":"6d3b","sha3":"a7ffc6f8","sqlite":42,"ssl authorities":true,"tls 1.3":true,"utf8":"c3a4","uuid":"aad03681","zlib":true}'

# python_tells: the next run of $BUNDLE writes every import into its log. All sources get another time: bytecode that
# depended on it would not be taken.
python_tells() {
    find "$BUNDLE/rootfs" -name '*.py' -exec touch -h -d '2031-01-01' {} +
    jq '.process.env += ["PYTHONVERBOSE=1"]' "$BUNDLE/config.json" >"$BUNDLE/config.new"
    mv "$BUNDLE/config.new" "$BUNDLE/config.json"
}

# python_compiles_nothing WHAT: of all that the server of start_oci imported until now.
python_compiles_nothing() {
    check_eq "$1: no module is compiled" "" "$(sed -n 's/^# code object from \([^'"'"']\)/\1/p' "$SCRATCH/$RUN_ID.log" | sort -u)"
    check "$1: they come from bytecode" test "$(grep -c "^# code object from '.*\.pyc'" "$SCRATCH/$RUN_ID.log")" -gt 100
}

# python_proves WHAT INTERPRETER PREFIX BASE VERSION: what every application finds, over HTTP.
python_proves() {
    ANSWER=$(answer /proof/security)
    check_eq "$1: user, rights and file system" "$PYTHON_SECURITY" "$(part .)" || server_log
    ANSWER=$(answer /proof/library)
    check_eq "$1: the standard library works" "$PYTHON_WORKS" "$(part .)" || server_log
    ANSWER=$(answer /proof/interpreter)
    check_eq "$1: the interpreter" "$(python_interpreter "$2" "$3" "$4" "$5")" "$(part .)"
}

python_interpreter() {
    jq -ncS --arg executable "$1" --arg prefix "$2" --arg base "$3" --arg version "$4" '{$executable, $prefix, $base,
        $version, "directory": "/app", "has bytecode": true, "standard library has bytecode": true, "unbuffered": "1",
        "writes bytecode": false}'
}

# python_stops WHAT ENGINE [STATUS]: TERM ends the server of start_oci within five seconds, with STATUS (0).
python_stops() {
    oci_engine "$2" kill "$RUN_ID" TERM
    if ! wait_until 5 process_gone "$PROCESS_PID"; then
        check_fail "$1: TERM ends it" "$(cat "$SCRATCH/$RUN_ID.log")"
        return 1
    fi
    wait "$PROCESS_PID"
    check_eq "$1: TERM ends it" "${3:-0}" "$?" || server_log
}

process_gone() {
    ! process_alive "$1"
}
