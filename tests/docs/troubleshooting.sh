# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base
# The world of docs/troubleshooting.md: a device that was refused something it may not do.
prepare() {
    a_running_site
    principal pico1 wearable
    is_known pico1
    says mosquitto 'refused publish: reason=publish_not_allowed'
}
