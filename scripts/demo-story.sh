# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh and demo-ward.sh set what is used here
# The story that scripts/demo tells, one function per chapter. Needs demo-ward.sh and tell.

readings=40 # of each wearable
topic=ward/iot_dev_01/vitals/pulse

# result COMMAND...: "yes" if it succeeds, else "no".
result() {
    if "$@" >/dev/null 2>&1; then
        say yes
    else
        say no
    fi
}

wait_for_log() {
    local tries
    for ((tries = 0; tries < 50; tries++)); do
        if grep -qF -- "$1" "$ward/broker.log"; then
            return
        fi
        sleep 0.1
    done
    return 1
}

# listen NAME ID OPTION...: reseal-sub as ID in the background. Its output goes to NAME.out, what it receives to NAME/.
listen() {
    local name=$1 id=$2
    shift 2
    mkdir -p "$base/$name"
    start "$base/$name.out" tool sub "$id" -i "$id/$name" -v --dump "$base/$name" "$@"
    listener=$started
    wait_for_log "$id/$name" || true
    sleep 0.3
}

lines() { wc -l <"$1" | tr -d ' '; }

# reason_since LINE: the first reason for a refusal in the log after that line.
reason_since() {
    tail -n +"$(($1 + 1))" "$ward/broker.log" | sed -nE 's/.*refused (publish|connect|session|deliver): reason=([a-z_]+).*/\2/p' |
        head -1
}

# seal ID FILE TEXT [TOPIC]: ID's next message, sealed but not sent.
seal() { tool pub "$1" -t "${4:-$topic}" -m "$3" -o "$2"; }

# send ID FILE [TOPIC]: publishes the file's bytes with Mosquitto's own client. Prints the reason for the refusal, or
# "accepted".
send() {
    local before reason
    before=$(lines "$ward/broker.log")
    stock pub "$1" -i "$1/attempt" -q 1 -t "${3:-$topic}" -f "$2" >/dev/null 2>&1 || true
    sleep 0.2
    reason=$(reason_since "$before")
    say "${reason:-accepted}"
}

stream_vitals() {
    local clinician dashboard porter first second streamed=acknowledged
    start "$base/porter.out" stock sub porter -i porter/1 -t 'ward/#' -t '#' -W 5
    porter=$started
    listen clinic clinician -t 'ward/#' -C $((2 * readings)) -W 30
    clinician=$listener
    listen board dashboard -t 'ward/+/vitals/#' -C $((2 * readings)) -W 30
    dashboard=$listener
    start "$base/sim1.out" tool sim iot_dev_01 --rate 40 --count "$readings"
    first=$started
    start "$base/sim2.out" tool sim iot_dev_02 --rate 40 --count "$readings" --seed 2
    second=$started
    { wait "$first" && wait "$second"; } || streamed=$(cat "$base"/sim?.out)
    tell "two simulated Picos stream ECG, pulse, temperature, acceleration" acknowledged "$streamed"
    wait "$clinician" || true
    wait "$dashboard" || true
    wait "$porter" || true
    tell "a clinician opens them (AES-CCM-16-128-128)" "$((2 * readings)) readings of 4 kinds" \
        "$(lines "$base/clinic.out") readings of $(kinds "$base/clinic.out") kinds"
    tell "a dashboard opens them (A128GCM)" "$((2 * readings)) readings of 4 kinds" \
        "$(lines "$base/board.out") readings of $(kinds "$base/board.out") kinds"
    tell "a porter without the right subscribes to all of them" "refused, nothing received" \
        "$(heard "$base/porter.out")"
}

# heard FILE: what mosquitto_sub wrote, except that its subscription was refused.
heard() {
    if [[ $(cat "$1") == "All subscription requests were denied." ]]; then
        say "refused, nothing received"
    else
        cat "$1"
    fi
}

kinds() { sed -nE 's|^ward/[^/]+/vitals/([a-z]+) \{.*|\1|p' "$1" | sort -u | wc -l | tr -d ' '; }

compare_wire() {
    local file same=0 clear=no name reading opened=no
    for file in "$base"/clinic/*.bin; do
        name=$(basename "$file")
        if cmp -s "$file" "$base/board/$name"; then
            same=$((same + 1))
        fi
    done
    if grep -aqE 'bpm|celsius|"seq"' "$base"/clinic/*.bin "$base"/board/*.bin; then
        clear=yes
    fi
    tell "the bytes on the wire are equal for both in" "0 messages" "$same messages"
    tell "a reading in clear is on the wire" "no" "$clear"
    name=$(head -1 "$base/clinic.out" | cut -d' ' -f1)
    reading=$(head -1 "$base/clinic.out" | cut -d' ' -f2-)
    if [[ $(tool sub clinician -t "$name" -f "$base/clinic/0001.bin") == "$reading" ]]; then
        opened=yes
    fi
    tell "the clinician's key opens the clinician's copy" "yes" "$opened"
    tell "the dashboard's key opens the clinician's copy" "no" \
        "$(result tool sub dashboard -t "$name" -f "$base/clinic/0001.bin")"
}

try_another_name() {
    seal iot_dev_02 "$base/other.bin" 60 ward/iot_dev_02/vitals/pulse
    tell "a device publishes under another one's name" "publish_not_allowed" \
        "$(send iot_dev_01 "$base/other.bin" ward/iot_dev_02/vitals/pulse)"
}

try_forgeries() {
    listen guard clinician -t 'ward/#'
    seal iot_dev_01 "$base/captured.bin" captured
    tell "a device's sealed message" "accepted" "$(send iot_dev_01 "$base/captured.bin")"
    tell "the same message, captured and sent again" "replay" "$(send iot_dev_01 "$base/captured.bin")"
    seal iot_dev_01 "$base/flipped.bin" flipped
    flip_last_bit "$base/flipped.bin"
    tell "one with a flipped bit" "bad_tag" "$(send iot_dev_01 "$base/flipped.bin")"
    seal iot_dev_01 "$base/moved.bin" moved
    tell "one moved to another topic" "bad_tag" "$(send iot_dev_01 "$base/moved.bin" ward/iot_dev_01/vitals/ecg)"
    seal iot_dev_02 "$base/foreign.bin" foreign
    tell "one sealed by the other device" "foreign_key" "$(send iot_dev_01 "$base/foreign.bin")"
    say '{"bpm":72}' >"$base/clear.bin"
    tell "one that is not sealed" "not_sealed" "$(send iot_dev_01 "$base/clear.bin")"
    kill "$listener" 2>/dev/null || true
    wait "$listener" || true
    tell "what of all these reached the clinician" "captured" "$(cut -d' ' -f2- "$base/guard.out")"
}

flip_last_bit() {
    local size last
    size=$(stat -c %s "$1")
    last=$(tail -c 1 "$1" | od -An -tu1 | tr -d ' ')
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\x$(printf %02x $((last ^ 1)))" | dd of="$1" bs=1 seek=$((size - 1)) conv=notrunc status=none
}

# connects FOLDER ID: can a client with that certificate log in?
connects() {
    result mosquitto_sub -h 127.0.0.1 -p "$port" --cafile "$ward/ca/ca.crt" --cert "$1/$2.crt" --key "$1/$2.key" \
        -V mqttv5 -i "$2/connects" -t "commands/$2/#" -E
}

try_certificates() {
    local session before
    tell "a client with a certificate of another CA connects" "no" \
        "$(connects "$base/elsewhere/principals/iot_dev_01" iot_dev_01)"
    start "$base/revoked.out" tool sim iot_dev_02 --rate 20
    session=$started
    sleep 1
    before=$(lines "$ward/broker.log")
    provision revoke iot_dev_02 --reason "lost" >/dev/null
    sleep 2
    tell "a device is revoked while it streams" "principal_revoked" "$(reason_since "$before")"
    kill "$session" 2>/dev/null || true
    wait "$session" 2>/dev/null || true
    tell "it connects again" "no" "$(connects "$ward/principals/iot_dev_02" iot_dev_02)"
    tell "the other device still connects" "yes" "$(connects "$ward/principals/iot_dev_01" iot_dev_01)"
}

search_files() {
    local needle='in-the-clear' where
    tool pub iot_dev_01 -t "$topic" -r -m "{\"marker\":\"$needle\"}"
    tell "a retained message is opened by a clinician who comes later" "{\"marker\":\"$needle\"}" \
        "$(tool sub clinician -i clinician/late -t "$topic" -C 1 -W 5)"
    kill -USR1 "$broker" # Mosquitto writes its persistence file
    for _ in {1..50}; do
        [[ -s $ward/store/mosquitto.db ]] && break
        sleep 0.1
    done
    tell "the persistence file holds the retained message" "yes" "$(result grep -aqF "$topic" "$ward/store/mosquitto.db")"
    where=$(grep -alE "$needle|bpm|celsius" "$ward/store/mosquitto.db" "$ward/broker.log" || true)
    tell "store, persistence file and log hold a reading in clear" "no" "${where:-no}"
}

tell_story() {
    printf '  %-68s %-36s %s\n' "tried" "expected" "happened"
    stream_vitals
    compare_wire
    try_another_name
    try_forgeries
    try_certificates
    search_files
}
