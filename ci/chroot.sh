#!/usr/bin/env bash
# Tries the tree on a fresh machine: ci/chroot.sh RELEASE [COMMAND]...
#
#   RELEASE  bookworm, trixie, sid
# Makes a throw-away Debian of that release with nothing but git and make, and clones the last commit into
# it: in a home directory that only root may enter, in a path with blanks, under umask 077. There each
# COMMAND is run as root until one fails. Default: `make stress`, `make test`, and the installation
# (ci/installed.sh); of sid, which changes every day, only the first. Needs root. Packages come from
# where this machine's own apt takes them. Mounts and processes are in name spaces of their own and so end
# with the script; KEEP=1 keeps the directory.
. "$(dirname "$0")/common.sh"

release=${1:-}
case $release in
    bookworm | trixie | sid) shift ;;
    *) die "usage: ci/chroot.sh bookworm|trixie|sid [COMMAND]..." ;;
esac

if [ "${HEDDLE_CHROOT_INSIDE:-}" != 1 ]; then
    [ "$(id -u)" -eq 0 ] || die "needs root"
    ci/deps.sh chroot
    HEDDLE_CHROOT_INSIDE=1 exec unshare --mount --pid --fork --kill-child --propagation private \
        "ci/${0##*/}" "$release" "$@"
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

# "uri suite component" of each Debian archive that this machine uses, for the release instead of its own;
# sid has no archives beside it.
archives() {
    local own
    own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    [ -n "$own" ] || return 0
    apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)' \
        'Identifier: Packages' |
        awk -v own="$own" -v release="$release" '
            $4 != "Debian" || $3 != "main" || index($2, own) != 1 { next }
            release == "sid" && $2 != own { next }
            { print $1, release substr($2, length(own) + 1), $3 }' | sort --unique
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
        chroot "$root" bash -c "umask 077 && cd '/$tree' && $1" </dev/null
}

echo "chroot: $release in $root"
mirror=$(archives | awk -v release="$release" '$2 == release { print $1; exit }')
log=$root/debootstrap.log
debootstrap --variant=minbase --include=git,make "$release" "$root" ${mirror:+"$mirror"} \
    >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "debootstrap failed"; }
configure_network
mount --types proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
tree="root/a home/of the tree" # below $root
chmod 700 "$root/root"
(umask 077 && mkdir -p "$root/${tree%/*}" && git clone --quiet --no-local . "$root/$tree")

if [ $# -eq 0 ]; then
    set -- "make stress"
    [ "$release" = sid ] || set -- "$@" "make test" "ci/installed.sh"
fi
for command in "$@"; do
    echo "=== chroot: $command"
    began=$SECONDS status=0
    inside "$command" || status=$?
    echo "=== chroot: exit $status, $((SECONDS - began)) s"
    [ "$status" -eq 0 ] || exit "$status"
    left=$(ls -A "$root/tmp")
    [ -z "$left" ] || die "left in /tmp:"$'\n'"$left"
done
