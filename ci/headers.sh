#!/usr/bin/env bash
# Checks that each header compiles alone, and when included twice: ci/headers.sh [COMPILER]...
. "$(dirname "$0")/common.sh"

flags="-std=gnu11 -D_GNU_SOURCE -I. -fsyntax-only -Wall -Wextra -Wconversion -Wshadow
    -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Werror
    $(pkg-config --cflags libxml-2.0)"

wrong=0 checked=0
for compiler in "${@:-clang}"; do
    while read -r header; do
        checked=$((checked + 1))
        printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
            "$compiler" $flags -x c - && continue
        echo "$header: does not compile alone with $compiler"
        wrong=$((wrong + 1))
    done < <(sources h)
done
echo "headers: $checked compiled, $wrong wrong"
[ "$wrong" -eq 0 ]
