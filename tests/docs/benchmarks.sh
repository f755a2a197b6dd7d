# shellcheck shell=bash
# The world of docs/benchmarks.md: none is needed.
prepare() { :; }
