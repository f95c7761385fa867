#!/usr/bin/env bash
# Builds a preset, after making sure of its packages: ci/build.sh PRESET [cmake --build options]
. "$(dirname "$0")/common.sh"

case $1 in
    *gcc) ci/deps.sh build gcc ;;
    *) ci/deps.sh build ;;
esac
build "$@"
