# shellcheck shell=bash
# The world of docs/reliability.md, whose command takes too long for a test.
prepare() { :; }
