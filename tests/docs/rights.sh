# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base
# The world of docs/rights.md: a site whose broker runs.

# takes_role FILE: plays the reader's editor.
takes_role() {
    sed -i "/^roles:/r $1" "$base/etc/reseal/acl.yaml"
    says mosquitto 'reloaded .*acl.yaml'
}

prepare() { a_running_site; }
