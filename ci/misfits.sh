#!/usr/bin/env bash
# Tells the mutants of a build whose patches do not fit their maps any more, and fails if there is one:
# ci/misfits.sh BUILD
. "$(dirname "$0")/common.sh"

find "$1/mutants" -mindepth 2 -maxdepth 2 -name misfit -exec cat {} + | sort >&2
[ -z "$(find "$1/mutants" -mindepth 2 -maxdepth 2 -name misfit)" ]
