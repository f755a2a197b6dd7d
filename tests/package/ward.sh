# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For scripts to source that test installed packages, as root: a site, the real broker with it, and sealed messages. Sets port.
#
#   make_site FOLDER         a new site with the wearable bed-7 and the clinician nurse
#   start_broker CONF        in the background; its log is $broker_log
#   stop_broker
#   message_arrives FOLDER   bed-7 seals a message, nurse opens it

broker=
broker_log=
ward_temporary=$(mktemp -d)
chmod 755 "$ward_temporary"
trap 'stop_broker; rm -rf "$ward_temporary"' EXIT

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    [[ ! -s $broker_log ]] || sed 's/^/    /' "$broker_log" >&2
    exit 1
}

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# within SECONDS COMMAND...: tries until it succeeds.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.2
    done
}

choose_port() {
    for _ in {1..100}; do
        port=$((20000 + RANDOM % 12000))
        port_answers "$port" || return 0
    done
    fail "no free port"
}

make_site() {
    reseal-provision init "$1" --user mosquitto --host localhost
    reseal-provision --dir "$1" add bed-7 --role wearable
    reseal-provision --dir "$1" add nurse --role clinician
    local id
    for id in bed-7 nurse; do
        reseal-provision --dir "$1" export "$id" --format json --output "$ward_temporary/$id.json"
    done
}

start_broker() {
    broker_log=$ward_temporary/broker.log
    mosquitto -c "$1" >>"$broker_log" 2>&1 &
    broker=$!
    within 20 port_answers "$port" || fail "the broker does not listen on port $port"
}

# A signal before Mosquitto's loop is lost, so more than one.
stop_broker() {
    [[ -n $broker ]] || return 0
    while kill "$broker" 2>/dev/null; do
        sleep 0.2
    done
    wait "$broker" || true
    broker=
}

# client PROGRAM SITE ID OPTION...: with the credentials file $credentials, if it is set.
client() {
    local program=$1 site=$2 id=$3
    shift 3
    "$program" -h localhost -p "$port" --cafile "$site/ca/ca.crt" --cert "$site/principals/$id/$id.crt" \
        --key "$site/principals/$id/$id.key" --credentials "${credentials:-$ward_temporary/$id.json}" "$@"
}

send() { client reseal-pub "$1" bed-7 -t ward/bed-7/vitals/pulse -q 1 -m "$2"; }

# The session is kept, so it does not matter which of the two is connected first.
keep_session() { client reseal-sub "$1" nurse -c -q 1 -t 'ward/#' -W 1 >/dev/null 2>&1 || true; }
receive() { client reseal-sub "$1" nurse -c -q 1 -t 'ward/#' -C 1 -W 20; }

message_arrives() {
    local text got
    text="pulse $RANDOM"
    keep_session "$1"
    send "$1" "$text" || fail "bed-7 cannot publish"
    got=$(receive "$1") || fail "nothing arrives"
    [[ $got == "$text" ]] || fail "'$got' arrives instead of '$text'"
}
