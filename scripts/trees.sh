# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh sets work, whoever sources this sets cache
# For scripts that make and enter trees of Debian releases, behind lib.sh. Root only. Nothing stays mounted: what is mounted in a
# tree is mounted in a mount namespace that ends with its last process.

cache=${RESEAL_BROKER_CACHE:-/var/cache/reseal-brokers}

# The mirror from which apt takes this release. Empty, so debootstrap's default, if apt does not say.
mirror() {
    local codename
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    # shellcheck disable=SC2016 # apt-get expands it
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(SITE)' 'Created-By: Packages' 2>/dev/null |
        sed -nE "s|^$codename main (https?://)|\1|p" | head -n 1
}

# discard FOLDER: removes what debootstrap made. Unmounts what a killed debootstrap left mounted there.
discard() {
    local mounted
    while read -r mounted; do
        umount -l "$mounted"
    done < <(cut -d' ' -f2 /proc/self/mounts | grep -F "$1/" | tac)
    rm -rf --one-file-system "$1"
}

# unpack SUITE FOLDER OPTION...: with options of debootstrap's.
unpack() {
    local suite=$1 folder=$2 from
    shift 2
    from=$(mirror)
    debootstrap "$@" "$suite" "$folder" ${from:+"$from"} || {
        tail -n 20 "$folder/debootstrap/debootstrap.log" 2>/dev/null
        return 1
    }
}

# make_tree TITLE SUITE FOLDER OPTION...: completely or not at all.
make_tree() {
    local title=$1 suite=$2 tree=$3
    shift 3
    discard "$tree.part"
    step "$title" unpack "$suite" "$tree.part" "$@"
    rm -rf "$tree.part"/var/cache/apt/archives/*.deb
    if [[ -e $tree ]]; then
        mv -T "$tree" "$tree.old"
    fi
    mv -T "$tree.part" "$tree"
    discard "$tree.old"
}

# ensure_broker_tree SUITE: $cache/SUITE, with the broker, the plugin's libraries, and the sanitizers' runtimes.
ensure_broker_tree() {
    local runtimes=("$cache/$1"/usr/lib/*/libasan.so.8)
    [[ ! -e ${runtimes[0]} ]] || return 0
    make_broker_tree "$1"
}

make_broker_tree() {
    make_tree "Mosquitto of Debian $1" "$1" "$cache/$1" --variant=minbase \
        --include=mosquitto,libsqlite3-0,libstdc++6,libasan8,libubsan1
}

# lock_trees NAME: one run at a time makes or changes the trees of this name. Lets go of the name that was locked before.
lock_trees() {
    umask 022
    mkdir -p "$cache"
    exec 7>"$cache/$1.lock"
    flock 7
}

# private SECONDS SCRIPT ARGUMENT...: runs the bash script with mounts and processes of its own, for so long at most. What it mounts
# is gone when it ends, and what it left running, too.
private() {
    local seconds=$1 script=$2
    shift 2
    timeout --foreground --kill-after=10 "$seconds" unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
        bash -euc "$script" private "$@" 7>&-
}

# enter_tree TREE COMMAND...: inside private. TREE gets /proc and the devices that every program expects.
enter_tree() {
    local tree=$1
    shift
    mount -t proc proc "$tree/proc"
    mount -t tmpfs -o mode=755 dev "$tree/dev"
    local device
    for device in null zero full random urandom tty; do
        : >"$tree/dev/$device"
        mount --bind "/dev/$device" "$tree/dev/$device"
    done
    mkdir "$tree/dev/shm"
    mount -t tmpfs -o mode=1777 shm "$tree/dev/shm"
    ln -s /proc/self/fd "$tree/dev/fd"
    ln -s fd/0 "$tree/dev/stdin"
    ln -s fd/1 "$tree/dev/stdout"
    ln -s fd/2 "$tree/dev/stderr"
    # The mirror may be behind: what is made here is tested, not used.
    echo 'Acquire::Check-Valid-Until "false";' >"$tree/etc/apt/apt.conf.d/90mirror"
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/nonexistent DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        chroot "$tree" "$@"
}

# throwaway_copy TREE FOLDER: inside private. FOLDER shows TREE; what is changed there is kept in memory and goes with it.
throwaway_copy() {
    mkdir -p "$2"
    mount -t tmpfs throwaway "$2"
    mkdir "$2"/{changed,work,tree}
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/changed,workdir=$2/work" "$2/tree"
}
export -f enter_tree throwaway_copy
