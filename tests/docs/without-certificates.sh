# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The world of docs/without-certificates.md: a device on a site whose broker runs.
prepare() {
    a_running_site
    principal pico1 wearable
}
