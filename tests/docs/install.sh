# shellcheck shell=bash
# The world of docs/install.md: nothing is there yet.
prepare() { :; }
