# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The world of docs/benchmarks.md, whose commands take too long for a test.
prepare() { :; }
