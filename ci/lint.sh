#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy) and cppcheck over all that a preset compiles, and gcc's analyzer over the
# reference map: ci/lint.sh [PRESET]
. "$(dirname "$0")/common.sh"

preset=${1:-dev}
cmake --preset "$preset" --log-level=WARNING >/dev/null
directory=$(build_directory "$preset")

# The compilation database with each source once, though it is compiled once a flavour and map.
database=$directory/lint
mkdir -p "$database"
awk 'BEGIN { RS = "}[,\n]*"; ORS = ""; print "[" }
    match($0, /"file": "[^"]*\.c"/) {
        if (seen[substr($0, RSTART, RLENGTH)]++) next
        sub(/^[^{]*/, "")
        print (files++ ? ",\n" : "") $0 "}"
    }
    END { print "]\n" }' "$directory/compile_commands.json" >"$database/compile_commands.json"

# The subjects of the tests are wrong on purpose, and so are mutants, patched copies in the build directory.
compiled() {
    sed -n "s|^ *\"file\": \"$PWD/\(.*\.c\)\".*|\1|p" "$database/compile_commands.json" |
        grep -v -e /subjects/ -e '^build' | sort
}

status=0
compiled | xargs --max-procs="$JOBS" --max-args=4 --no-run-if-empty \
    clang-tidy -p "$database" --quiet 2> >(grep -v 'warnings\? generated' >&2 || true) || status=1
compiled | cppcheck --file-list=- --quiet -j "$JOBS" --std=c11 --language=c --error-exitcode=1 \
    --enable=warning,performance,portability --inline-suppr --suppressions-list=ci/cppcheck.txt \
    --library=posix --library=gnu -D_GNU_SOURCE -D__x86_64__ -I. || status=1
printf '%s\n' mapimpl/gomap/*.c | xargs --max-procs="$JOBS" -I FILE \
    gcc -std=c11 -D_GNU_SOURCE -I. -O2 -Wall -Wextra -Werror -fanalyzer -c FILE -o /dev/null || status=1
echo "lint: $(compiled | wc -l) files"
exit "$status"
