# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # lib.sh sets what is used here, and run uses what is set
# For tests/bench/run: the brokers that are compared, and the site they share.

mosquitto=${RESEAL_TEST_BROKER:-/usr/sbin/mosquitto}
plugin=$root/build/release/lib/mosquitto_reseal.so
site=$work/site
mosquitto_home=$(dirname "$mosquitto")
[[ -d $mosquitto_home/usr/lib ]] || mosquitto_home=/ # one of scripts/brokers has its own libraries beside it
dynamic_security=$(find "$mosquitto_home"/usr/lib -name mosquitto_dynamic_security.so -print -quit)
port=$(free_port)

# What reseal-bench shows each.
declare -A logins=(
    [a]="--login anonymous"
    [b]="--login certificate"
    [c]="--login certificate"
    [d]="--login sealed --seal"
    [e]="--login certificate --seal"
)

# provision_principal ID ROLE
provision_principal() {
    scripts/provision --dir "$site" add "$1" --role "$2" >/dev/null
    scripts/provision --dir "$site" export "$1" --format json --output "$site/principals/$1/$1.json" >/dev/null
}

# provision_site SUBSCRIBERS: one publisher and so many subscribers, with the same rights for Reseal (the roles of its
# acl.yaml), in Mosquitto's ACL file, and in dynamic-security.json.
provision_site() {
    local number
    scripts/provision init "$site" >/dev/null
    sed -i "s/^loopback_listeners:.*/loopback_listeners: [$port]/" "$site/reseal.yaml"
    provision_principal bench-pub-1 wearable
    printf 'pattern write ward/%%u/#\n' >"$site/acl"
    for ((number = 1; number <= $1; number++)); do
        provision_principal "bench-sub-$number" clinician
        printf 'user bench-sub-%s\ntopic read ward/#\n' "$number" >>"$site/acl"
    done
    write_dynamic_security "$1" >"$site/dynamic-security.json"
}

# write_dynamic_security SUBSCRIBERS
write_dynamic_security() {
    local number
    say '{"defaultACLAccess": {"publishClientSend": false, "publishClientReceive": false,'
    say '                      "subscribe": false, "unsubscribe": true},'
    say ' "groups": [],'
    say ' "roles": ['
    say '  {"rolename": "wearable", "acls": ['
    say '    {"acltype": "publishClientSend", "topic": "ward/bench-pub-1/#", "priority": 0, "allow": true}]},'
    say '  {"rolename": "clinician", "acls": ['
    say '    {"acltype": "subscribePattern", "topic": "ward/#", "priority": 0, "allow": true},'
    say '    {"acltype": "publishClientReceive", "topic": "ward/#", "priority": 0, "allow": true}]}],'
    say ' "clients": ['
    for ((number = 1; number <= $1; number++)); do
        say "  {\"username\": \"bench-sub-$number\", \"roles\": [{\"rolename\": \"clinician\"}]},"
    done
    say '  {"username": "bench-pub-1", "roles": [{"rolename": "wearable"}]}]}'
}

# Nothing of a client may wait behind a limit: Mosquitto 2.0.11 keeps what exceeds it until the next message comes.
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
    say "listener $port 127.0.0.1"
}

tls_conf() {
    say "cafile $site/ca/ca.crt"
    say "certfile $site/broker/broker.crt"
    say "keyfile $site/broker/broker.key"
    say "require_certificate true"
}

reseal_conf() {
    say "allow_anonymous false"
    say "plugin $plugin"
    say "plugin_opt_config $site/reseal.yaml"
}

conf_of() {
    common_conf
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
        d) reseal_conf ;;
        e)
            tls_conf
            reseal_conf
            ;;
    esac
}

# start_broker LETTER: sets broker_pid, and returns when it listens.
start_broker() {
    local tries
    conf_of "$1" >"$work/broker.conf"
    start "$work/broker.log" "$mosquitto" -c "$work/broker.conf"
    broker_pid=$started
    for ((tries = 0; tries < 200; tries++)); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            return
        fi
        kill -0 "$broker_pid" 2>/dev/null || break
        sleep 0.05
    done
    die "broker $1 does not listen on port $port: $(<"$work/broker.log")"
}

stop_broker() {
    kill -TERM "$broker_pid"
    wait "$broker_pid" || true
    unset 'lib_groups[-1]'
}
