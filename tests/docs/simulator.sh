# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base and port
# The world of docs/simulator.md: two devices on a site with a loopback listener; one has its credentials where its certificate is.
prepare() {
    a_site
    printf '\nlistener %s 127.0.0.1\n' "${port[1883]}" >>"$base/etc/mosquitto/mosquitto.conf"
    sed -i "s/^loopback_listeners: .*/loopback_listeners: [${port[1883]}]/" "$base/etc/reseal/reseal.yaml"
    start_service mosquitto
    principal pico1 wearable
    principal iot_7 wearable
    cp iot_7.json "$base/etc/reseal/principals/iot_7/"
    is_known iot_7
}
