# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base, user, port and started
# The world of docs/migration.md: a broker with a password file, a device and a board on it, and systemd's commands.

old_port=${port[8883]}
new_port=${port[8884]}

old() { "mosquitto_$1" -h localhost -p "$old_port" --cafile "$base/etc/mosquitto/ca.crt" -P secret "${@:2}"; }

old_client_publishes() { old pub -u bed-7 -q 1 -t "$1" -m "$2"; }
old_client_got() { says old_board "^$1 $2\$"; }
bridge_is_up() {
    says mosquitto-reseal 'New (bridge|client) connected .* as old-broker'
    says mosquitto 'Received SUBSCRIBE from old-board'
}

# The new broker's port differs from that on the other pages.
tls_client() {
    local own=$base/etc/reseal/principals/$1/$1
    printf '%s\n' -h localhost -p "$new_port" --cafile "$base/etc/reseal/ca/ca.crt" --cert "$own.crt" --key "$own.key"
}

# Waits until the broker delivers the retained message.
new_client_listens() { says background '^ward/bed-7/name Bed_7$'; }
new_client_got() { says background "^$1 $2\$"; }
new_client_retained() {
    local options
    principal late clinician
    is_known late
    mapfile -t options < <(tls_client late)
    reseal-sub "${options[@]}" --credentials late.json -i late -t "$1" -C 1 -W 20 | grep -qx "$2"
}

certificates() {
    local key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2)
    openssl req -x509 "${key[@]}" -subj /CN=old -keyout "$1/ca.key" -out "$1/ca.crt"
    openssl req -x509 "${key[@]}" -subj /CN=localhost -addext subjectAltName=DNS:localhost -CA "$1/ca.crt" \
        -CAkey "$1/ca.key" -keyout "$1/server.key" -out "$1/server.crt"
} 2>/dev/null

prepare() {
    local etc=$base/etc/mosquitto name
    install -d -o "$user" -m 755 "$base/store"
    certificates "$etc"
    touch "$etc/passwords"
    for name in bed-7 bed-8 board admin; do
        mosquitto_passwd -b "$etc/passwords" "$name" secret
    done
    # shellcheck disable=SC2016 # $SYS is a topic
    printf 'pattern readwrite ward/%%u/#\nuser board\ntopic read ward/#\ntopic write commands/#\nuser admin\ntopic read $SYS/#\n' \
        >"$etc/acl"
    printf '%s\n' "per_listener_settings false" "allow_anonymous false" "password_file $etc/passwords" "acl_file $etc/acl" \
        "user $user" "persistence true" "persistence_location $base/store/" "sys_interval 1" "log_dest stderr" "log_type all" \
        "listener $old_port 127.0.0.1" "cafile $etc/ca.crt" "certfile $etc/server.crt" "keyfile $etc/server.key" \
        >"$etc/mosquitto.conf"
    chown -R "$user" "$etc"
    start_service mosquitto
    old pub -u bed-7 -q 1 -r -t ward/bed-7/name -m Bed_7
    start "$base/old_board.log" old sub -u board -i old-board -v -t 'ward/#'
    old_client_got ward/bed-7/name Bed_7
}
