#!/usr/bin/env bash
# Checks what the formatter and the linter do not: lines over 108 columns, tabs and white space at
# the end of a line, and places that exist on one machine only.
. "$(dirname "$0")/common.sh"

texts() {
    sources c h S yaml yml scd py awk sh cmake
    find $layers -name CMakeLists.txt
    find ci cmake .ci .github -type f
    find . -maxdepth 1 -type f ! -name LICENSE ! -name '.git*' | sed 's|^\./||'
}
documents() {
    find . -maxdepth 1 -name '*.md' | sed 's|^\./||'
    if [ -d docs ]; then find docs -name '*.md'; fi
}

wrong=0
# report REASON PATTERN, of the files on standard input
report() {
    local hits
    hits=$(xargs --no-run-if-empty grep --with-filename --line-number --perl-regexp -e "$2" || true)
    [ -n "$hits" ] || return 0
    sed "s/\$/    <- $1/" <<<"$hits"
    wrong=$((wrong + $(wc -l <<<"$hits")))
}

report "over 108 columns" '^.{109}' < <(texts | grep -v '\.md$' | sort -u)
report "white space at the end" '[ \t]+$' < <(texts | sort -u)
report "a tab" '^ *\t' < <(sources c h S yaml scd | sort -u)
report "a place on one machine" '(?<![\w.}])/(home|root|work)/' < <({ texts; documents; } | sort -u)
echo "style: $(texts | sort -u | wc -l) files, $wrong lines wrong"
[ "$wrong" -eq 0 ]
