#!/usr/bin/env bash
# Which lines of the reference map its tests run: ci/coverage.sh
#
# Builds the tests of mapimpl/ with coverage, runs them, and prints the share of lines run of each file of
# mapimpl/gomap, and each line that was not. A file counts once, however often it is compiled. Fails below
# 98 %. The last line is `N of M lines, P %`.
. "$(dirname "$0")/common.sh"

least=98
preset=coverage
directory=$(build_directory "$preset")
ci/deps.sh test
cmake --preset "$preset" --log-level=WARNING >/dev/null
mapfile -t tests < <(ctest --test-dir "$directory" --show-only=human -R 'test_(gomap|map)_' |
    sed -n 's/.* \(test_[a-z_]*\)$/\1/p')
[ ${#tests[@]} -gt 0 ] || die "no tests of mapimpl/"
cmake --build "$directory" --parallel "$JOBS" --target "${tests[@]}" >/dev/null
find "$directory" -name '*.gcda' -delete
ctest --test-dir "$directory" --parallel "$JOBS" -R 'test_(gomap|map)_' --output-on-failure >&2

root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
while read -r data; do
    number=$((number + 1))
    mkdir "$work/$number"
    ln -s "$root/mapimpl" "$work/$number/mapimpl" # llvm-cov looks for the sources from where it is
    (cd "$work/$number" && llvm-cov gcov --preserve-paths "$root/$data" >/dev/null)
done < <(find "$directory" -path '*/gomap/*.gcda')
find "$work" -name '*mapimpl#gomap#*.gcov' -exec cat {} + | awk -F: -v least="$least" '
    /^ *-: *0:Source:/ { file = $4; sub(/.*mapimpl/, "mapimpl", file); next }
    { count = $1; gsub(/[ *]/, "", count); line = $2 + 0 }
    count == "-" || line == 0 { next }
    { key = file SUBSEP line; text[key] = $0; sub(/^[^:]*:[^:]*:/, "", text[key]) }
    count != "#####" && count != "=====" { run[key] = 1 }
    END {
        for (key in text) {
            split(key, part, SUBSEP)
            all[part[1]]++
            hit[part[1]] += run[key]
            if (!run[key]) printf "%s:%s:%s\n", part[1], part[2], text[key] | "sort -t: -k1,1 -k2,2n"
        }
        close("sort -t: -k1,1 -k2,2n")
        for (file in all) {
            printf "%-32s %4d of %4d\n", file, hit[file], all[file] | "sort"
            lines += all[file]
            good += hit[file]
        }
        close("sort")
        share = lines > 0 ? 100 * good / lines : 0
        printf "%d of %d lines, %.2f %%\n", good, lines, share
        exit share < least
    }'
