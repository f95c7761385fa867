#!/usr/bin/env bash
# Builds a preset and runs its tests: ci/test.sh PRESET [ctest options]
#
# Closes with `N passed, N failed`, the sum over all test programs (ci/tally.awk). A run in which no
# test passed is a failure, and so is one that leaves files in the temporary folders of its programs.
. "$(dirname "$0")/common.sh"

preset=${1:-test}
shift || true
directory=$(build_directory "$preset")
log=$directory/Testing/Temporary/LastTest.log

case $PWD in *:*) die "the tests cannot run in a path with a colon, which PATH cannot hold: $PWD" ;; esac
ci/deps.sh test
build "$preset"

# What is in the temporary folders; those of programs that were killed are emptied before and after.
left() {
    find "$directory/tmp" -mindepth 2 -maxdepth 2 "$@"
}
trap 'left -exec rm -rf {} +' EXIT

left -exec rm -rf {} +
rm -f "$log"
status=0
ctest --test-dir "$directory" --parallel "$JOBS" --timeout 600 --output-on-failure "$@" || status=$?
[ -f "$log" ] || log=/dev/null
tally=$(awk -v status="$status" -f ci/tally.awk "$log")
echo "$tally"
if [ -n "$(left)" ]; then
    left -printf 'left behind: %P\n' >&2
    exit 1
fi
case $tally in *", 0 failed") ;; *) exit 1 ;; esac
