#!/usr/bin/env bash
# Tries the tree on a fresh machine: ci/chroot.sh [COMMAND]...
#
# Makes a throw-away Debian 12 with nothing but git and make, clones the last commit into it, and
# runs each COMMAND there as root (default: `make stress`, then `make test`) until one fails. Needs
# root. Packages come from where this machine's own apt takes them. Mounts and processes are in name
# spaces of their own and so end with the script; KEEP=1 keeps the directory.
. "$(dirname "$0")/common.sh"

suite=bookworm

if [ "${HEDDLE_CHROOT_INSIDE:-}" != 1 ]; then
    [ "$(id -u)" -eq 0 ] || die "needs root"
    ci/deps.sh chroot
    HEDDLE_CHROOT_INSIDE=1 exec unshare --mount --pid --fork --kill-child --propagation private \
        "ci/${0##*/}" "$@"
fi

root=$(mktemp --directory "${TMPDIR:-/var/tmp}/heddle-chroot.XXXXXX")
chmod 755 "$root"
leave() {
    umount --recursive --lazy "$root"/proc "$root"/sys "$root"/dev 2>/dev/null || true
    if [ "${KEEP:-}" = 1 ]; then
        echo "chroot: kept $root"
    else
        rm -rf --one-file-system "$root"
    fi
}
trap leave EXIT

# "uri suite component" of each Debian archive that this machine uses for the suite.
archives() {
    apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)' \
        'Identifier: Packages' |
        awk -v suite="$suite" '$4 == "Debian" && $3 == "main" && index($2, suite) == 1 \
            { print $1, $2, $3 }' | sort --unique
}

# What lets apt inside reach the network as it does here.
configure_network() {
    local file
    for file in /etc/resolv.conf /etc/hosts; do
        if [ -r "$file" ]; then cp --dereference "$file" "$root/etc/"; fi
    done
    apt-config dump --format '%f "%v";%n' Acquire::http::Proxy Acquire::https::Proxy \
        >"$root/etc/apt/apt.conf.d/90proxy"
    if [ -n "$(archives)" ]; then
        archives | sed 's/^/deb /' >"$root/etc/apt/sources.list"
    fi
}

inside() {
    env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM="${TERM:-dumb}" CI="${CI:-}" \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        chroot "$root" bash -c "cd /heddle && $1" </dev/null
}

echo "chroot: $suite in $root"
mirror=$(archives | awk -v suite="$suite" '$2 == suite { print $1; exit }')
log=$root/debootstrap.log
debootstrap --variant=minbase --include=git,make "$suite" "$root" ${mirror:+"$mirror"} \
    >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "debootstrap failed"; }
configure_network
mount --types proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
git clone --quiet --no-local . "$root/heddle"

[ $# -gt 0 ] || set -- "make stress" "make test"
for command in "$@"; do
    echo "=== chroot: $command"
    began=$SECONDS status=0
    inside "$command" || status=$?
    echo "=== chroot: exit $status, $((SECONDS - began)) s"
    [ "$status" -eq 0 ] || exit "$status"
done
