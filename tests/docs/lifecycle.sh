# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The world of docs/lifecycle.md: devices on a site whose broker runs.
prepare() {
    a_running_site
    principal pico1 wearable
    principal pico3 wearable
    is_known pico3
}
