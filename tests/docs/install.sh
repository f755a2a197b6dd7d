# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The world of docs/install.md: a Mosquitto as Debian installs it.
prepare() { debian_conf; }
