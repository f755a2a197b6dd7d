# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base and root
# The world of docs/device-sdk.md: the repository, and a home to install into.

prepare() {
    unset -f cmake # here it is what is tested
    ln -s "$root/device-sdk" "$base/reseal/device-sdk"
    mkdir "$base/home"
    export HOME=$base/home
}
