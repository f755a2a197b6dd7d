#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mosquitto_pub and mosquitto_sub together with the SDK's tools. The command line is described in clients_test.cpp;
# RESEAL_TOOLS names the folder of the SDK's tools.
set -euo pipefail

mode=$1 version=$2 port=$3 ca=$4 cert=$5 key=$6 credentials=$7 id=$8 topic=$9
options=(-h 127.0.0.1 -p "$port" -i "$id" -V "$version" --cafile "$ca" --cert "$cert" --key "$key" -t "$topic")

hex() { printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'; }

# One sealed file per message.
publish() {
    local qos folder
    folder=$(mktemp -d)
    # shellcheck disable=SC2064 # the current folder
    trap "rm -rf '$folder'" EXIT
    for qos in 0 1 2; do
        "$RESEAL_TOOLS/reseal-pub" --credentials "$credentials" -t "$topic" -m "$id at QoS $qos" -o "$folder/sealed"
        mosquitto_pub "${options[@]}" -q "$qos" -f "$folder/sealed"
    done
}

# Prints one message: its QoS and its text.
open_one() {
    local qos=$1 name=$2 message=$3 answer
    answer=$("$RESEAL_TOOLS/reseal-codec" --credentials "$credentials" <<<"open $(hex "$name") $message")
    [[ $answer == "ok "* ]] || { printf '%s\n' "$answer" >&2; return 1; }
    printf '%s %b\n' "$qos" "$(sed -e 's/^ok //' -e 's/../\\x&/g' <<<"$answer")"
}

subscribe() {
    local lines line
    lines=$(mosquitto_sub "${options[@]}" -q 2 -C 3 -W 30 -F '%q %t %x')
    while read -r line; do
        # shellcheck disable=SC2086 # three words
        open_one $line
    done <<<"$lines"
}

case $mode in
    pub) publish ;;
    sub) subscribe ;;
esac
