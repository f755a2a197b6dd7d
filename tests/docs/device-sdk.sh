# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base and root
# The world of docs/device-sdk.md: the repository, and a home to install into.

# A file as the page shows it.
without_licence() { sed '/SPDX-License-Identifier/d' "$1"; }

prepare() {
    unset -f cmake # here it is what is tested
    ln -s "$root/device-sdk" "$base/reseal/device-sdk"
    mkdir "$base/home"
    export HOME=$base/home
}
