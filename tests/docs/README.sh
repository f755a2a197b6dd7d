# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base
# The world of README.md: a Mosquitto as Debian installs it.

a_reading_arrives_once() {
    local options
    mapfile -t options < <(tls_client iot_dev_01)
    reseal-pub "${options[@]}" --credentials iot_dev_01.json -t ward/iot_dev_01/vitals/pulse -m 61
    grep -q '^ward/iot_dev_01/vitals/pulse 61$' "$base/background.log"
}
a_reading_arrives() {
    scripts/provision --dir "$base/etc/reseal" export iot_dev_01 --format json --output iot_dev_01.json
    is_known iot_dev_01
    within 10 a_reading_arrives_once
}

# is_understood FILE: roles and principals of an acl.yaml.
is_understood() {
    { echo 'version: 1'; cat "$1"; } >"$base/etc/reseal/acl.yaml"
    says mosquitto 'reloaded .*acl.yaml'
    ! scripts/provision --dir "$base/etc/reseal" explain iot_dev_01 publish ward/iot_dev_01/dose >explained
    grep -q '^no: denied' explained
}

prepare() { debian_conf; }
