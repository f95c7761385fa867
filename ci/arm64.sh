#!/usr/bin/env bash
# Runs the engine on arm64 without an arm64 machine: cross-built, under qemu's user emulation.
#
# Nothing is installed: where a package is missing its name is told, and nothing is run. Over RUN
# executions of each strategy, two tasks of five unprotected increments each must give the same
# digests in two processes, and lose updates. Only the controlled flavour: the wrappers of the TSan
# flavour are x86-64 assembly. BUILD is the build directory.
. "$(dirname "$0")/common.sh"

: "${RUN:=10000}" "${BUILD:=build-arm64}"
strategies="random pct:3"
packages="cmake ninja-build pkg-config gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
    libjansson-dev librandom123-dev libxml2-dev libxxhash-dev libyaml-dev patch"
target=aarch64-linux-gnu

missing=
for package in $packages; do
    dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null |
        grep -qx installed || missing+=" $package"
done
if [ -n "$missing" ]; then
    echo "arm64: SKIPPED, nothing was checked; missing packages:$missing" >&2
    exit 0
fi

# Headers that are the same everywhere come from this machine, behind the cross compiler's own.
cmake -S . -B "$BUILD" -G Ninja --log-level=WARNING -DCMAKE_SYSTEM_NAME=Linux \
    -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_C_COMPILER="$target-gcc" \
    -DCMAKE_C_FLAGS="-idirafter /usr/include" >/dev/null
log=$(cmake --build "$BUILD" --parallel "$JOBS" --target probe) || die "cannot be built:"$'\n'"$log"

# executions STRATEGY: a line each, as tests/harness/probe.c prints them
executions() {
    qemu-aarch64 -L "/usr/$target" "$BUILD/tests/probe" increments subject "$1" bare 0 $((RUN - 1))
}

figures=
for strategy in $strategies; do
    first=$(executions "$strategy")
    [ "$(wc -l <<<"$first")" -eq "$RUN" ] || die "$strategy: not all executions ran"
    [ "$first" = "$(executions "$strategy")" ] || die "$strategy: two runs differ"
    lost=$(awk '$5 < 10 { lost++ } END { print lost + 0 }' <<<"$first")
    [ "$lost" -gt 0 ] || die "$strategy: no update was lost"
    figures+=", $strategy lost updates in $lost"
done
echo "arm64: OK, $RUN executions twice$figures"
