#!/usr/bin/env bash
# Builds a preset, after making sure of its packages: ci/build.sh PRESET [cmake --build options]
. "$(dirname "$0")/common.sh"

ci/deps.sh build
build "$@"
