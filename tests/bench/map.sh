#!/usr/bin/env bash
# Measures gomap against Go's own map: tests/bench/map.sh PRESET [OPTION...]
#
# Options are those of tests/bench/map.c. Without Go 1.19 ours is measured alone.
. "$(dirname "$0")/../../ci/common.sh"

preset=$1
shift
ci/deps.sh test
build "$preset" --target heddle-bench-map >/dev/null

directory=build-go
if go=$(go_command); then
    mkdir -p "$directory"
    export GOCACHE=$PWD/$directory/cache GOFLAGS=-trimpath GOPROXY=off
    (cd tests/bench/go && "$go" build -o "../../../$directory/bench-map" .)
    set -- "$@" "$directory/bench-map"
else
    echo 'bench-map: no Go 1.19 for linux/amd64 here (ci/deps.sh conformance installs it): ours alone'
fi
exec "$(build_directory "$preset")/tests/heddle-bench-map" "$@"
