# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The world of docs/reliability.md, whose command takes too long for a test.
prepare() { :; }
