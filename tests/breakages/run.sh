#!/usr/bin/env bash
# Breaks the tree on purpose, in one way after another, and expects the tests to notice:
# tests/breakages/run.sh [NAME...]
#
# Each NAME.patch beside this script says what it breaks and, on its line `Seen by:`, which test programs
# must fail then. The tree is copied, with what is not committed, and built once; each patch is applied,
# only those programs are built and run until one is red, and the patch is taken back. A patch that does
# not apply, does not build or is not seen has failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${JOBS:=$(nproc)}"
here=$PWD/tests/breakages
work=$(mktemp -d)
export GIT_CEILING_DIRECTORIES=$work # within another tree git would leave out what is not below here
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

outcome() {
    local word=$1 name=$2
    printf '%-34s %s\n' "$name" "$word"
    if [ "$word" = seen ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

programs_of() {
    sed -n 's/^Seen by: //p' "$here/$1.patch"
}

build() {
    local targets=()
    for program in "$@"; do targets+=("tests/$program"); done
    ninja -C "$work/build" -j "$JOBS" "${targets[@]}" >"$work/log" 2>&1
}

# Green: all programs pass. Criterion ends a test that hangs.
green() {
    local program
    for program in "$@"; do
        (cd "$work/build" && timeout -k 5 150 "tests/$program" -j1 --fail-fast --timeout 60 \
            --verbose=0 >"$work/log" 2>&1 </dev/null) || return 1
    done
}

try() {
    local name=$1 programs
    read -ra programs <<<"$(programs_of "$name")"
    if ! (cd "$work/tree" && git apply -C1 "$here/$name.patch") 2>"$work/log"; then
        outcome 'does not apply' "$name"
        return
    fi
    if ! build "${programs[@]}"; then
        tail -20 "$work/log"
        outcome 'does not build' "$name"
    elif green "${programs[@]}"; then
        outcome 'NOT SEEN' "$name"
    else
        outcome seen "$name"
    fi
    (cd "$work/tree" && git apply -C1 -R "$here/$name.patch")
}

if [ $# -gt 0 ]; then
    names=("$@")
else
    names=()
    for patch in "$here"/*.patch; do names+=("$(basename "$patch" .patch)"); done
fi

mkdir "$work/tree"
git ls-files -z --cached --others --exclude-standard --deduplicate |
    while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done |
    tar -c --null -T - | tar -x -C "$work/tree"
cmake -G Ninja -S "$work/tree" -B "$work/build" -DCMAKE_C_COMPILER="${CC:-clang}" \
    -DHEDDLE_TESTS=ON --log-level=WARNING >/dev/null

read -ra all <<<"$(for name in "${names[@]}"; do programs_of "$name"; done |
    tr ' ' '\n' | sort -u | tr '\n' ' ')"
if ! build "${all[@]}" || ! green "${all[@]}"; then
    tail -40 "$work/log"
    echo "the tree is not green before anything is broken"
    echo "0 passed, ${#names[@]} failed"
    exit 1
fi
for name in "${names[@]}"; do try "$name"; done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
