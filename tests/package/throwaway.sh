# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets work, trees.sh cache
# For scripts to source, behind lib.sh and trees.sh: a machine of a Debian release that is gone when its command ends.

throwaway_seconds_most=900

# in_throwaway SUITE SOURCES COMMAND...: inside a copy of that release's tree with its broker, as root. SOURCES is its /test.
in_throwaway() {
    local suite=$1 sources=$2
    shift 2
    # shellcheck disable=SC2016 # the inner shell expands it
    private "$throwaway_seconds_most" '
        lower=$1 copy=$2 sources=$3
        shift 3
        throwaway_copy "$lower" "$copy"
        cp /etc/resolv.conf "$copy/tree/etc/resolv.conf"
        mkdir "$copy/tree/test"
        mount --bind "$sources" "$copy/tree/test"
        chroot "$copy/tree" dpkg --purge mosquitto-reseal >/dev/null 2>&1 # which tests/package/install may have installed
        enter_tree "$copy/tree" "$@"' "$cache/$suite" "$work/throwaway" "$sources" "$@"
}
