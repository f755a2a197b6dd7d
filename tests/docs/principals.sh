# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The world of docs/principals.md: a site whose broker runs, and the older project's list.
prepare() {
    a_running_site
    printf '%s,0011223344556677,8899aabbccddeeff\n' iot_dev_01 iot_dev_02 >DEVICES_KEYS.txt
}
