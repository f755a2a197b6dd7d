# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh and demo set what is used here
# The ward of scripts/demo: its folder, its broker, and short names for the tools. Needs lib.sh.

bin=$root/build/release/bin
base=$(mktemp -d "${TMPDIR:-/tmp}/reseal-demo.XXXXXX")
ward=$base/ward
chmod 755 "$base" # the broker's user must pass through

provision() { "$root/scripts/provision" --dir "$ward" "$@"; }

# add ID ROLE [OPTION...]: a principal and its exported credentials.
add() {
    local id=$1 role=$2
    shift 2
    provision add "$id" --role "$role" "$@"
    provision export "$id" --format json --output "$ward/principals/$id/$id.json"
}

# When called by root, the broker runs as Debian's user for it; otherwise as the caller.
broker_user() {
    if ((EUID == 0)); then
        say mosquitto
    else
        id -un
    fi
}

provision_ward() {
    "$root/scripts/provision" init "$ward" --user "$(broker_user)"
    # Stock clients take part, and several programs at once under one name: for them the certificate must suffice.
    sed -i 's/^  require_key: true/  require_key: false/' "$ward/reseal.yaml"
    "$root/scripts/provision" init "$base/elsewhere" --user "$(broker_user)"
    add iot_dev_01 wearable
    add iot_dev_02 wearable
    add clinician clinician
    add dashboard dashboard --algorithm A128GCM
    add porter porter
    provision check || true # some of the example's roles are unused, and the porter's role grants nothing
    "$root/scripts/provision" --dir "$base/elsewhere" add iot_dev_01 --role wearable
    install -d -o "$(broker_user)" -m 700 "$ward/store"
    install -m 755 "$root/build/release/lib/mosquitto_reseal.so" "$ward/mosquitto_reseal.so"
}

# The example configuration itself, with the three values replaced that it says to replace.
write_conf() {
    sed -e "s|/etc/reseal|$ward|" -e "s|/usr/lib/mosquitto/mosquitto_reseal.so|$ward/mosquitto_reseal.so|" \
        -e "s|^listener 8883|listener $port 127.0.0.1|" mosquitto.conf.example >"$ward/mosquitto.conf"
    if ((EUID != 0)); then
        say "user $(id -un)" >>"$ward/mosquitto.conf"
    fi
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

start_broker() {
    local tries
    port=$(free_port)
    write_conf
    run_broker "$ward/broker.log" mosquitto -c "$ward/mosquitto.conf"
    for ((tries = 0; tries < 100; tries++)); do
        if listening; then
            return
        fi
        sleep 0.1
    done
    sed 's/^/        /' "$ward/broker.log" >&2
    die "the broker does not listen on port $port"
}

# With --keep, what runs must outlive the script, so `start` must not know of it.
run_broker() {
    local log=$1
    shift
    export PATH=$PATH:/usr/sbin
    if $keep; then
        setsid "$@" </dev/null >"$log" 2>&1 &
        started=$!
    else
        start "$log" "$@"
    fi
    broker=$started
}

# tls ID: the options by which a client of this project or Mosquitto's own connects as ID.
tls() {
    printf '%s\n' -h 127.0.0.1 -p "$port" --cafile "$ward/ca/ca.crt" --cert "$ward/principals/$1/$1.crt" \
        --key "$ward/principals/$1/$1.key"
}

# tool NAME ID OPTION...: reseal-NAME as ID.
tool() {
    local name=$1 id=$2 options
    shift 2
    mapfile -t options < <(tls "$id")
    "$bin/reseal-$name" "${options[@]}" --cert-only --credentials "$ward/principals/$id/$id.json" "$@"
}

# stock NAME ID OPTION...: mosquitto_NAME as ID, over MQTT 5.
stock() {
    local name=$1 id=$2 options
    shift 2
    mapfile -t options < <(tls "$id")
    "mosquitto_$name" "${options[@]}" -V mqttv5 "$@"
}

# Removes what a killed or failed run leaves. With --keep, only what must continue stays.
at_exit() {
    if [[ $1 != 0 || $keep == false ]]; then
        if $keep && [[ -n ${broker:-} ]]; then
            kill "$broker" 2>/dev/null || true
        fi
        rm -rf "$base"
    fi
}

leave_running() {
    local options stream
    mapfile -t options < <(tls iot_dev_01)
    setsid "$bin/reseal-sim" "${options[@]}" --credentials "$ward/principals/iot_dev_01/iot_dev_01.json" --rate 4 \
        </dev/null >"$ward/sim.log" 2>&1 &
    stream=$!
    cat <<END

The broker (process $broker) and the wearable iot_dev_01 (process $stream) go on. Try:

  export RESEAL_DIR=$ward
  tls() { echo "-h 127.0.0.1 -p $port --cafile $ward/ca/ca.crt --cert $ward/principals/\$1/\$1.crt --key $ward/principals/\$1/\$1.key"; }
  who() { echo "--cert-only --credentials $ward/principals/\$1/\$1.json"; }

  subscribe       $bin/reseal-sub \$(tls clinician) \$(who clinician) -v -t 'ward/#'
  on the wire     mosquitto_sub \$(tls dashboard) -i dashboard/wire -t 'ward/+/vitals/pulse' -C 1 | xxd
  publish         $bin/reseal-pub \$(tls clinician) \$(who clinician) -i clinician/2 -t commands/iot_dev_01/rate -m 10
  be refused      mosquitto_pub \$(tls clinician) -i clinician/3 -V mqttv5 -q 1 -t commands/iot_dev_01/rate -m 'in clear'
  watch refusals  tail -f $ward/broker.log
  revoke          $root/scripts/provision revoke iot_dev_01 --reason lost
  end             kill $broker $stream; rm -r $base
END
}
