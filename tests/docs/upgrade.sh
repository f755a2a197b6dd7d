# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base and root
# The world of docs/upgrade.md: a site whose plugin will be replaced, and a device.

# Sealed to one broker, in clear from the other. The board misses whatever comes before it has subscribed.
a_board_gets_what_bed_7_sends() {
    local options
    mapfile -t options < <(tls_client bed-7)
    reseal-pub "${options[@]}" --credentials bed-7.json -q 1 -t ward/bed-7/pulse -m 61
    grep -q '^ward/bed-7/pulse 61$' "$base/background.log"
}

prepare() {
    a_site
    start_service mosquitto
    principal bed-7 wearable
    is_known bed-7
}
