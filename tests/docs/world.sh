# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base, root, user, port and started
# What the worlds of all pages share: systemd's commands, brokers, clients, and conditions to wait for.

# within SECONDS COMMAND...: tries until it succeeds.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || { printf 'not within time: %s\n' "$*" >&2; return 1; }
        sleep 0.1
    done
} 2>/dev/null

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
listens() { within 10 port_answers "$1"; }
is_closed() { ! port_answers "$1"; }
# says NAME PATTERN: the log of a service or background program has such a line, or will soon.
says() { within 20 grep -qE -- "$2" "$base/$1.log"; }

# The build is what is tested: what the packages and `cmake --install` install is put in place from it.
scripts/package() { :; }
apt-get() { install_from_build; }
cmake() { [[ $1 != --install ]] || install_from_build; }

install_from_build() {
    local examples=$base/usr/share/doc/mosquitto-reseal/examples name
    mkdir -p "$base/usr/lib/mosquitto" "$examples" "$base/etc/mosquitto/conf.d" "$base/var/log/mosquitto"
    ln -sf "$base/mosquitto.log" "$base/var/log/mosquitto/mosquitto.log"
    install "${RESEAL_TEST_PLUGIN:-$root/build/release/lib/mosquitto_reseal.so}" "$base/usr/lib/mosquitto/" # the broker may not look into $root
    for name in reseal.conf mosquitto.conf.example; do
        sed -E 's|^plugin .*|plugin /usr/lib/mosquitto/mosquitto_reseal.so|' "$root/build/release/examples/$name" | translate >"$examples/$name"
    done
}

# Debian's own mosquitto.conf, but for the log, which is read here as the journal's, too.
debian_conf() {
    install -d -o "$user" "$base/var/lib/mosquitto"
    printf '%s\n' "persistence true" "persistence_location $base/var/lib/mosquitto/" "log_dest stderr" \
        "include_dir $base/etc/mosquitto/conf.d" >"$base/etc/mosquitto/mosquitto.conf"
}

declare -A running=()

start_service() {
    local conf=$base/etc/mosquitto/mosquitto.conf unit=$base/etc/systemd/system/$1.service
    if [[ -e $unit ]]; then
        conf=$(sed -nE 's/^ExecStart=.* -c (.*)$/\1/p' "$unit")
    fi
    : >"$base/$1.log" # truncate first, so that old lines are not taken for new ones
    start "$base/$1.log" "${RESEAL_TEST_BROKER:-$(type -P mosquitto)}" -c "$conf"
    running[$1]=$started
    says "$1" ' running$'
}

stop_service() {
    [[ -n ${running[$1]:-} ]] || return 0
    # Repeatedly: Mosquitto loses a signal between "running" and its loop.
    while kill "${running[$1]}" 2>/dev/null; do
        sleep 0.1
    done
    wait "${running[$1]}" || true
    forget_group "${running[$1]}"
    unset "running[$1]"
}

systemctl() {
    case $1 in
        daemon-reload) ;;
        reload) kill -HUP "${running[$2]}" ;;
        restart) stop_service "$2" && start_service "$2" ;;
        start) start_service "$2" ;;
        stop) stop_service "$2" ;;
        enable) [[ $2 != --now ]] || start_service "$3" ;;
        disable) stop_service "$3" ;;
        *) return 1 ;;
    esac
}

# journalctl -u NAME ...: what the service has said since it was started.
journalctl() { cat "$base/$2.log"; }

run_in_background() {
    start "$base/background.log" bash -c "$(cat)"
}

# A site in /etc/reseal and the mosquitto service using it, as install.md sets them up.
a_site() {
    install_from_build
    scripts/provision init "$base/etc/reseal" --user "$user" --host localhost
    sed -i 's/^  require_key: true/  require_key: false/' "$base/etc/reseal/reseal.yaml" # the pages' stock clients have no key
    install -d -o "$user" -m 700 "$base/etc/reseal/store"
    { cat mosquitto.conf.example; echo 'log_type all'; } >"$base/etc/mosquitto/mosquitto.conf"
}

a_running_site() {
    a_site
    start_service mosquitto
}

# principal ID ROLE: with its credentials in ID.json, as earlier pages have made it.
principal() {
    scripts/provision --dir "$base/etc/reseal" add "$1" --role "$2"
    scripts/provision --dir "$base/etc/reseal" export "$1" --format json --output "$1.json"
}

# tls_client ID: the options that it connects with.
tls_client() {
    local own=$base/etc/reseal/principals/$1/$1
    printf '%s\n' -h localhost -p "${port[8883]}" --cafile "$base/etc/reseal/ca/ca.crt" --cert "$own.crt" --key "$own.key"
}

new_connects() {
    local options
    mapfile -t options < <(tls_client "$1")
    mosquitto_pub "${options[@]}" -i "$1/probe" -t probe -n
}
# The broker may ask a known principal for its key, which the stock client does not have.
is_known_now() { new_connects "$1" || grep -q "refused connect: reason=key_not_proven principal=\"$1\"" "$base"/mosquitto*.log; }
is_known() { within 10 is_known_now "$1"; }
is_refused() { ! new_connects "$1"; }
is_out() { within 10 is_refused "$1"; }

# subscribed ID: one client with this id, or one beginning with it, has subscribed to something.
subscribed() { says mosquitto "Received SUBSCRIBE from $1"; }
