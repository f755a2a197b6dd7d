# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # lib.sh sets what is used here, and run uses what is set
# For tests/bench/run: the brokers that are compared, and the site they share.

plugin=$root/build/release/lib/mosquitto_reseal.so
least=$root/build/release/lib/bench_least.so
one_by_one=$root/build/one-by-one # built without Intel's multi-buffer library
site=$work/site
clients=$(mktemp -d /dev/shm/reseal-bench.XXXXXX)
declare -A broker_pids

# The generator, which never sleeps, has the last processor; the brokers have the others. If they shared one, whoever
# wakes would wait for milliseconds.
generator_processor=$(($(nproc) - 1))
broker_processors=0-$((generator_processor > 0 ? generator_processor - 1 : 0))

at_exit() { rm -rf "$clients"; }

# use_mosquitto PROGRAM: from here on, the brokers run this program. One from scripts/brokers has its own libraries
# beside it.
use_mosquitto() {
    local home
    mosquitto=$1
    home=$(dirname "$mosquitto")
    [[ -d $home/usr/lib ]] || home=/
    dynamic_security=$(find "$home"/usr/lib -name mosquitto_dynamic_security.so -print -quit)
    [[ -n $dynamic_security ]] || die "$mosquitto has no mosquitto_dynamic_security.so under $home/usr/lib"
}

# How reseal-bench logs in to each.
declare -A logins=(
    [a]="--login anonymous"
    [b]="--login certificate"
    [c]="--login certificate"
    [d]="--login sealed --seal"
    [e]="--login certificate --seal"
    [f]="--login anonymous --seal"
    [g]="--login certificate --seal"
    [o]="--login sealed --seal"
)

# They run side by side: each has its own port, and each whose clients seal has its own copy of the site.
declare -A ports sites
for letter in "${!logins[@]}"; do
    sites[$letter]=$site
    [[ $letter != [defgo] ]] || sites[$letter]=$site-$letter
    until
        ports[$letter]=$(free_port)
        [[ " ${taken_ports:-} " != *" ${ports[$letter]} "* ]]
    do
        :
    done
    taken_ports+=" ${ports[$letter]}"
done

# provision_publisher ID
provision_publisher() {
    scripts/provision --dir "$site" add "$1" --role wearable >/dev/null
    scripts/provision --dir "$site" export "$1" --format json --output "$site/principals/$1/$1.json" >/dev/null
}

# issue_certificate SITE ID: writes it beside the others; import registers it.
issue_certificate() {
    local folder=$1/principals/$2
    mkdir "$folder"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$2" \
        -addext extendedKeyUsage=clientAuth -addext basicConstraints=critical,CA:FALSE \
        -CA "$1/ca/ca.crt" -CAkey "$1/ca/ca.key" -keyout "$folder/$2.key" -out "$folder/$2.crt" 2>/dev/null
}
export -f issue_certificate

# provision_subscribers ID...: all at once: adding a thousand one by one takes a minute.
provision_subscribers() {
    # shellcheck disable=SC2016 # the inner shell expands it
    printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" bash -c 'issue_certificate "$0" "$1"' "$site"
    node tests/bench/site.js table "$site" clinician "$@" >"$work/subscribers.csv"
    scripts/provision --dir "$site" import "$work/subscribers.csv" --credentials "$work/subscribers.jsonl" >/dev/null
    node tests/bench/site.js split "$site" "$work/subscribers.jsonl"
}

# without_budgets FILE: this measures what the broker can do, not what one client may.
without_budgets() {
    sed -i -e '/^budgets:/,/^[^ ]/{/^budgets:/d;/^ /d}' -e '$ a budgets: none' "$1"
}

# provision_site PUBLISHERS SUBSCRIBERS: with the same rights in Reseal (the roles in its acl.yaml), in Mosquitto's ACL
# file, and in dynamic-security.json.
provision_site() {
    local number subscribers
    scripts/provision init "$site" >/dev/null
    sed -i "s/^  require_key: true/  require_key: false/" "$site/reseal.yaml" # --login certificate proves nothing else
    without_budgets "$site/reseal.yaml"
    for ((number = 1; number <= $1; number++)); do
        provision_publisher "bench-pub-$number"
    done
    mapfile -t subscribers < <(seq -f 'bench-sub-%.0f' "$2")
    provision_subscribers "${subscribers[@]}"
    {
        printf 'pattern write ward/%%u/#\n'
        printf 'user %s\ntopic read ward/#\n' "${subscribers[@]}"
    } >"$site/acl"
    node tests/bench/site.js dynamic-security "$1" "$2" >"$site/dynamic-security.json"
    copy_sites
}

# The clients' files are in memory: on disk, storing a thousand epochs would take seconds. What the brokers store stays
# on disk.
copy_sites() {
    local letter
    mv "$site/principals" "$clients/"
    for letter in d e f g o; do
        cp -R "$site" "$site-$letter"
        cp -R "$clients/principals" "$clients/$letter"
        ln -s "$clients/$letter" "$site-$letter/principals"
        sed -i "s/^loopback_listeners:.*/loopback_listeners: [${ports[$letter]}]/" "$site-$letter/reseal.yaml"
    done
    ln -s "$clients/principals" "$site/principals"
}

# common_conf LETTER. No limit may hold back a client's messages: Mosquitto 2.0.11 keeps what exceeds it until the next
# message comes.
common_conf() {
    if ((EUID == 0)); then
        say "user root"
    fi
    say "per_listener_settings false"
    say "log_dest stderr"
    say "log_type error"
    say "log_type warning"
    say "persistence false"
    say "set_tcp_nodelay true"
    say "max_inflight_messages 0"
    say "max_queued_messages 0"
    say "listener ${ports[$1]} 127.0.0.1"
}

tls_conf() {
    say "cafile $site/ca/ca.crt"
    say "certfile $site/broker/broker.crt"
    say "keyfile $site/broker/broker.key"
    say "require_certificate true"
}

# reseal_conf LETTER PLUGIN
reseal_conf() {
    say "allow_anonymous false"
    say "plugin $2"
    say "plugin_opt_config ${sites[$1]}/reseal.yaml"
}

conf_of() {
    common_conf "$1"
    case $1 in
        a) say "allow_anonymous true" ;;
        b)
            tls_conf
            say "use_identity_as_username true"
            say "acl_file $site/acl"
            ;;
        c)
            tls_conf
            say "use_identity_as_username true"
            say "plugin $dynamic_security"
            say "plugin_opt_config_file $site/dynamic-security.json"
            ;;
        d) reseal_conf d "$plugin" ;;
        e)
            tls_conf
            reseal_conf e "$plugin"
            ;;
        f)
            say "allow_anonymous true"
            say "plugin $least"
            ;;
        g)
            tls_conf
            say "use_identity_as_username true"
            say "plugin $least"
            ;;
        o) reseal_conf o "$one_by_one/lib/mosquitto_reseal.so" ;;
    esac
}

build_one_by_one() {
    cmake --preset release -B "$one_by_one" -DRESEAL_IPSEC_MB=OFF
    cmake --build "$one_by_one" --target mosquitto_reseal
}

# start_broker LETTER: returns when it listens.
start_broker() {
    local tries
    conf_of "$1" >"$work/$1.conf"
    start "$work/$1.log" taskset -c "$broker_processors" "$mosquitto" -c "$work/$1.conf"
    broker_pids[$1]=$started
    for ((tries = 0; tries < 500; tries++)); do
        if (exec 3<>"/dev/tcp/127.0.0.1/${ports[$1]}") 2>/dev/null; then
            return
        fi
        kill -0 "$started" 2>/dev/null || break
        sleep 0.02
    done
    die "broker $1 does not listen on port ${ports[$1]}: $(<"$work/$1.log")"
}

# stop_broker LETTER
stop_broker() {
    kill -TERM "${broker_pids[$1]}"
    wait "${broker_pids[$1]}" || true
    forget_group "${broker_pids[$1]}"
}
