# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The world of docs/micropython.md: a site whose broker runs.
prepare() { a_running_site; }
