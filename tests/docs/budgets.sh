# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base
# The world of docs/budgets.md: a device that connects more often than it may.
prepare() {
    a_site
    sed -i '0,/^    connects: 600/s//    connects: 2/' "$base/etc/reseal/reseal.yaml"
    start_service mosquitto
    principal pico1 wearable
    is_known pico1
    is_out pico1
    within 10 grep -qr over_budget_connects "$base/etc/reseal/audit"
}
