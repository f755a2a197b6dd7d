# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For scripts to source: strict mode, one line per step, packages, ports, and a cleanup that leaves nothing behind.
#
#   source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
#
# Sets root (the repository) and work (a temporary folder, removed at the end). Two runs share only build/, in which
# they build in turn.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/reseal.XXXXXX")
lib_groups=() # process groups that this script started
lib_steps=0

say() { printf '%s\n' "$*"; }

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# A script may define at_exit; it is called once, with the exit status, before everything is cleaned up.
lib_exit() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    if declare -F at_exit >/dev/null; then
        at_exit "$status" || true
    fi
    local group
    for group in ${lib_groups[@]+"${lib_groups[@]}"}; do
        end_group "$group"
    done
    rm -rf "$work"
    exit "$status"
}
trap lib_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# end_group PID: ends the process group that start or step made: allows five seconds for an orderly end, then kills it.
end_group() {
    local group=$1 tries
    kill -TERM -- "-$group" 2>/dev/null || return 0
    for ((tries = 0; tries < 50; tries++)); do
        kill -0 -- "-$group" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL -- "-$group" 2>/dev/null || true
}

# start LOG COMMAND...: runs it in the background in its own process group, which ends with the script at the latest.
# Its process id is in $started.
start() {
    local log=$1
    shift
    set -m
    "$@" </dev/null >"$log" 2>&1 &
    started=$!
    set +m
    lib_groups+=("$started")
}

# forget_group PID: what start began and has ended since.
forget_group() {
    local index
    for index in "${!lib_groups[@]}"; do
        [[ ${lib_groups[index]} != "$1" ]] || unset "lib_groups[index]"
    done
}

# step TITLE COMMAND...: one line with the time it took. If it fails, prints all its output and ends the script. The
# output of a successful step is in $step_log until the next one.
step() {
    local title=$1 begin=$SECONDS status=0
    shift
    lib_steps=$((lib_steps + 1))
    step_log=$work/step-$lib_steps.log
    start "$step_log" "$@"
    wait "$started" || status=$?
    forget_group "$started"
    if ((status == 0)); then
        printf 'ok      %s  (%d s)\n' "$title" "$((SECONDS - begin))"
        return
    fi
    # Groups are ended by their leader's id; a step that failed may have left members behind.
    kill -TERM -- "-$started" 2>/dev/null || true
    printf 'FAILED  %s  (%d s, status %d)\n' "$title" "$((SECONDS - begin))" "$status"
    sed 's/^/        /' "$step_log"
    exit 1
}

# free_port: a TCP port of 127.0.0.1 on which nobody listens. Another process may take it before its user does: whoever
# starts a server on it must retry with another port.
free_port() {
    local port
    for _ in {1..100}; do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            say "$port"
            return
        fi
    done
    die "no free port of 127.0.0.1 found between 20000 and 31999"
}

# A package marked "or command" is not missing if another package, or a person, installed a program of its name.
missing_packages() {
    local package or state
    while read -r package or; do
        [[ $or != "or command" ]] || ! command -v "$package" >/dev/null || continue
        state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || state=none
        [[ $state == installed ]] || say "$package"
    done < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' -e 's/[[:space:]]*$//' "$root/scripts/packages.txt")
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "must be root, or have sudo, to run: $*"
    fi
}

# RUNLEVEL=1 keeps the mosquitto package from starting a system broker, which nobody here needs.
install_packages() {
    as_root apt-get update
    as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 "$@"
}

# ensure_packages: installs the missing packages of scripts/packages.txt.
ensure_packages() {
    local missing
    command -v dpkg-query >/dev/null || die "this is not Debian: install what scripts/packages.txt lists by other means"
    mkdir -p "$root/build"
    exec 8>"$root/build/packages.lock"
    flock 8
    mapfile -t missing < <(missing_packages)
    if ((${#missing[@]} > 0)); then
        say "installing: ${missing[*]}"
        if ((EUID != 0)); then
            as_root true # asks for the password where a person sees it
        fi
        step "packages" install_packages "${missing[@]}"
    fi
    exec 8>&-
}

# build PRESET [TARGET...]: configures if need be, and builds. One run at a time for each preset.
build() {
    local preset=$1 launcher=() targets=()
    shift
    if (($# > 0)); then
        targets=(--target "$@")
    fi
    if command -v ccache >/dev/null; then
        launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
        export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 # another checkout can reuse what this one compiled
        export CCACHE_SLOPPINESS=pch_defines,time_macros # or what uses precompiled headers is not kept
    fi
    mkdir -p "$root/build/$preset"
    (
        cd "$root"
        flock 9
        cmake --preset "$preset" ${launcher[@]+"${launcher[@]}"}
        cmake --build --preset "$preset" ${targets[@]+"${targets[@]}"}
    ) 9<"$root/build/$preset"
}

# tracked_files PATTERN...: the repository's own files, relative to its root; PATTERN as in '*.cpp'.
tracked_files() {
    local file pattern names=()
    if git -c safe.directory="$root" -C "$root" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git -c safe.directory="$root" -C "$root" ls-files -- "$@" | while read -r file; do
            [[ ! -f $root/$file ]] || say "$file"
        done
        return
    fi
    # Unpacked from an archive: everything except build output is ours.
    for pattern in "$@"; do
        names+=(-o -path "./$pattern")
    done
    (cd "$root" && find . -path ./build -prune -o -type f '(' "${names[@]:1}" ')' -print | sed 's|^\./||' | sort)
}

# fetch_debian_source PACKAGE FOLDER [RELEASE]: the sources that this release of Debian has (without RELEASE: this machine's)
# in FOLDER, from apt's mirror and with package lists of our own. False if the mirror does not give them.
fetch_debian_source() {
    local codename folder=$2.part apt
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    rm -rf "$folder"
    mkdir -p "$folder/lists/partial" "$folder/cache"
    # shellcheck disable=SC2016 # apt-get expands it
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
        sed -nE "s|^(.*) $codename((-[a-z]+)? main)$|deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \\1 ${3:-$codename}\\2|p" \
            >"$folder/sources.list"
    apt=(timeout 300 apt-get -qq -o "Dir::Etc::SourceList=$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder/cache" -o APT::Sandbox::User="$(id -un)"
        -o Acquire::http::Timeout=30 -o Acquire::Retries=2)
    (cd "$folder" && "${apt[@]}" update && "${apt[@]}" source "$1") || return 1
    rm -rf "$folder/lists" "$folder/cache"
    mv -T "$folder" "$2"
}
