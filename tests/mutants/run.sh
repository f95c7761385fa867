#!/usr/bin/env bash
# Every mutant is found: tests/mutants/run.sh [--seeds N] [--strategy NAME] [--build DIRECTORY] [--table]
# [NAME...]
#
# Runs each map broken on purpose (mapimpl/mutants/NAME.patch) in the scenario that its patch names, with
# campaign seeds 1 to N (20), and expects the fault that the patch names within 10000 executions of each.
# The correct maps run in the same scenarios, under the same checkers, and must show nothing. --strategy
# explores by another strategy than the default. --table prints the rows of docs/MUTANTS.md. The last line
# is `N passed, M failed`.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
patches=mapimpl/mutants
executions=10000
seeds=20
strategy=
build=build
table=
while [[ ${1:-} == --* ]]; do
    case $1 in
        --seeds) seeds=$2 && shift ;;
        --strategy) strategy=$2 && shift ;;
        --build) build=$2 && shift ;;
        --table) table=yes ;;
        *) sed -n '2,3s/^# //p' "$0" >&2 && exit 64 ;;
    esac
    shift
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

field() { # FIELD NAME: a line above the empty one of a patch
    sed -n "/^\$/q; s/^$1: //p" "$patches/$2.patch"
}

# campaign SCENARIO MAP SEED [OPTION...]: its report, in $work/report
campaign() {
    local status=0
    rm -f "$work/report"
    timeout -k 5 300 "$build/heddle" run --quiet --scenario "$1" --map "$2" --seed "$3" \
        --executions "$executions" --json "$work/report" "${@:4}" >"$work/log" 2>&1 || status=$?
    case $status in
        0 | 1 | 3) ;; # as expected, not as expected, nothing that proves anything
        *)
            echo "heddle ended with status $status: $1 $2, seed $3"
            cat "$work/log"
            : >"$work/report"
            ;;
    esac >&2
}

# found KIND [LETTER]: the first execution, counted from 1, with such a fault; nothing without one
found() {
    awk -v kind="$1" -v letter="${2:-}" '
        $1 == "\"kind\":" { here = $2 == "\"" kind "\"," }
        $1 == "\"message\":" { here = here && (letter == "" || $2 == "\"" letter ":" ||
                                               index($0, "(" letter ")")) }
        $1 == "\"execution\":" && here && (first == "" || $2 + 1 < first) { first = $2 + 1 }
        END { if (first != "") print first }' "$work/report"
}

# Prints the execution of the fault, and whether it was the first fault of the campaign; if it was not, the
# whole campaign is looked at.
hunt() {
    local name=$1 seed=$2 options=() fault own
    own=${strategy:-$(field Strategy "$name")}
    read -ra fault <<<"$(field Fault "$name")"
    [ -z "$own" ] || options+=(--strategy "$own")
    [ -z "$(field Flavour "$name")" ] || options+=(--flavour "$(field Flavour "$name")")
    campaign "$(field Scenario "$name")" "$name" "$seed" "${options[@]}" --until-fault
    local execution
    execution=$(found "${fault[@]}")
    if [ -n "$execution" ]; then
        echo "$execution first"
    else
        campaign "$(field Scenario "$name")" "$name" "$seed" "${options[@]}"
        execution=$(found "${fault[@]}")
        echo "${execution:+$execution later}"
    fi
}

try() {
    local name=$1 seed execution how caught=0 first=0 median=- most=-
    : >"$work/executions"
    for ((seed = 1; seed <= seeds; seed++)); do
        read -r execution how <<<"$(hunt "$name" "$seed")"
        [ -z "$execution" ] || echo "$execution" >>"$work/executions"
        [ "$how" != first ] || first=$((first + 1))
    done
    caught=$(wc -l <"$work/executions")
    if [ "$caught" -gt 0 ]; then
        median=$(sort -n "$work/executions" | sed -n "$(((caught + 1) / 2))p")
        most=$(sort -n "$work/executions" | tail -n 1)
    fi
    if [ "$caught" -eq "$seeds" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    if [ -n "$table" ]; then
        echo "| \`$name\` | $(field Summary "$name") | \`$(field Scenario "$name")\` |" \
            "$(field Fault "$name") | $median | $most |"
    else
        printf '%-34s %-20s %-20s in %2d of %d seeds, at %5s (median), %5s (most), before others in %d\n' \
            "$name" "$(field Scenario "$name")" "$(field Fault "$name")" "$caught" "$seeds" "$median" \
            "$most" "$first"
    fi
}

# The same scenario and checkers have nothing to say of the map that is not broken.
control() {
    local map=$1 scenario=$2
    campaign "$scenario" "$map" 1
    if grep -q '"faults": \[\]' "$work/report"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$map: a fault in $scenario"
    fi
}

names=("$@")
if [ $# -eq 0 ]; then
    for patch in "$patches"/*.patch; do names+=("$(basename "$patch" .patch)"); done
fi
for name in "${names[@]}"; do
    try "$name"
    echo "$(field Map "$name") $(field Scenario "$name")" >>"$work/controls"
done
[ "$seeds" -gt 0 ] || : >"$work/controls"
while read -r map scenario; do
    [ "$map" = gomap ] || control "$map" "$scenario" # a plain map shows faults of its own there
done < <(sort -u "$work/controls")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
