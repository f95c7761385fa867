#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) and cppcheck over all that a preset compiles: ci/lint.sh [PRESET]
. "$(dirname "$0")/common.sh"

preset=${1:-dev}
cmake --preset "$preset" --log-level=WARNING >/dev/null
directory=$(build_directory "$preset")

compiled() {
    sed -n "s|^ *\"file\": \"$PWD/\(.*\.c\)\".*|\1|p" "$directory/compile_commands.json" | sort -u
}

status=0
compiled | xargs --max-procs="$JOBS" --max-args=4 --no-run-if-empty \
    clang-tidy -p "$directory" --quiet 2> >(grep -v 'warnings\? generated' >&2 || true) || status=1
compiled | cppcheck --file-list=- --quiet -j "$JOBS" --std=c11 --language=c --error-exitcode=1 \
    --enable=warning,performance,portability --inline-suppr --suppressions-list=ci/cppcheck.txt \
    --library=posix --library=gnu -D_GNU_SOURCE -D__x86_64__ -I. || status=1
echo "lint: $(compiled | wc -l) files"
exit "$status"
