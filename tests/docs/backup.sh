# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The world of docs/backup.md: a device on a site whose broker runs.
prepare() {
    a_running_site
    principal pico1 wearable
    is_known pico1
}
