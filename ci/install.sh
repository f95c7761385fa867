#!/usr/bin/env bash
# Installs a build, and keeps the list of its files for ci/uninstall.sh: ci/install.sh BUILD PREFIX
# DESTDIR is put in front of PREFIX.
. "$(dirname "$0")/common.sh"

[ $# -eq 2 ] || die "usage: ci/install.sh BUILD PREFIX"
case $2 in /*) ;; *) die "PREFIX is no absolute path: '$2'" ;; esac
umask 022 # others may go where heddle is installed
cmake --install "$1" --prefix "$2"
install -m 644 "$1/install_manifest.txt" "${DESTDIR:-}$2/share/heddle/installed"
