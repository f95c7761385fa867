#!/usr/bin/env bash
# Installs heddle, uses it as an ordinary user without the sources, and removes it: as a Debian package,
# then by `make install` below a prefix with a blank. For machines that are thrown away: needs root,
# installs packages and makes a user (ci/chroot.sh).
. "$(dirname "$0")/common.sh"

user=weaver
prefix="/opt/a prefix"

[ "$(id -u)" -eq 0 ] || die "needs root"
id "$user" >/dev/null 2>&1 || useradd --create-home "$user"
home=$(getent passwd "$user" | cut -d: -f6)

# use BIN: the user has a folder of his own with a blank in its name, and may write nowhere else
use() {
    setpriv --reuid="$user" --regid="$user" --init-groups env -i HOME="$home" LC_ALL=C.UTF-8 \
        PATH="$1:/usr/bin:/bin" bash -euo pipefail <<'END'
umask 022
rm -rf "$HOME/my maps" && mkdir "$HOME/my maps" && cd "$HOME/my maps"
status() { # STATUS COMMAND...: the command ends as it should
    local expected=$1 seen=0
    shift
    "$@" >log 2>&1 || seen=$?
    if [ "$seen" -ne "$expected" ]; then
        cat log
        echo "installed: exit $seen, not $expected: $*"
        exit 1
    fi
}
share=$(dirname "$(dirname "$(command -v heddle)")")/share/heddle
status 0 heddle list
status 0 heddle run -q -s read-during-write -n 500
status 0 heddle run -q -s read-during-write -m mutex -n 64 --flavour tsan
cp -r "$share/examples/map/." .
for compiler in gcc clang; do
    status 0 make -B CC="$compiler" all
    status 0 heddle run -q -s churn -m ./stripes.so -n 500
    status 1 heddle run -q -s concurrent-writes -m ./broken.so --until-fault --out "found by $compiler"
    status 1 heddle replay "found by $compiler"/faults/*.json
    status 0 heddle run -q --flavour tsan -s churn -m ./stripes-tsan.so -n 64
done
echo "installed: works from $(command -v heddle)"
END
}

# gone WHERE...: nothing of heddle is there any more
gone() {
    local left
    left=$(find "$@" -iname '*heddle*' ! -path '/usr/share/doc/*' 2>/dev/null || true)
    [ -z "$left" ] || die "left behind:"$'\n'"$left"
}

make package
apt-get install -y --no-install-recommends "$PWD"/build/heddle_*.deb >/dev/null
use /usr/bin
apt-get remove -y heddle >/dev/null
gone /usr /etc

make install PREFIX="$prefix"
use "$prefix/bin"
make uninstall PREFIX="$prefix"
gone "$prefix"
echo "installed: removed without a rest"
