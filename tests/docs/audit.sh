# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base
# The world of docs/audit.md: an observer of a site, and a device that was refused.

a_bad_reload() { echo 'nonsense' >>"$base/etc/reseal/acl.yaml"; }

prepare() {
    a_running_site
    principal pico1 wearable
    principal watch auditor
    is_known pico1
    is_known watch
    within 10 grep -qr '"reason":"publish_not_allowed".*"principal":"pico1"' "$base/etc/reseal/audit"
}
