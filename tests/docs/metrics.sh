# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base and port
# The world of docs/metrics.md: an observer of a site.
prepare() {
    a_site
    sed -i "s/^metrics_interval: .*/metrics_interval: 1/; s/9464/${port[9464]}/" "$base/etc/reseal/reseal.yaml"
    start_service mosquitto
    principal watch auditor
    is_known watch
}
