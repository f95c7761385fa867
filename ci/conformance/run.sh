#!/usr/bin/env bash
# Compares gomap with the map of the real Go runtime: ci/conformance/run.sh [N] [SEED]
#
# The program beside this script drives the map of the Go runtime that it is built with, as `heddle
# map-trace` drives ours. Both must print the golden traces, and the same bytes for N random scripts. A
# difference is shrunk and left in heddle-out/conformance. Before that a planted difference has to be found.
#
# Needs Go 1.19 on amd64 (ci/deps.sh conformance); without it nothing is compared, and the last lines say
# so. HEDDLE is the command that is compared (default: what `make` built), GO the Go command.
. "$(dirname "$0")/../common.sh"

scripts=${1:-1000} seed=${2:-0x5eed}
heddle=${HEDDLE:-build/heddle}
directory=build-go
program=$directory/conformance
left=heddle-out/conformance
golden=tests/golden/go1.19
passed=0 failed=0

if ! go=$(go_command); then
    echo "conformance: SKIPPED, nothing was compared: no Go 1.19 for linux/amd64 here" \
        "(ci/deps.sh conformance installs it)"
    echo '0 passed, 0 failed'
    exit 0
fi
[ -x "$heddle" ] || die "no $heddle; make builds it"

mkdir -p "$directory"
export GOCACHE=$PWD/$directory/cache GOFLAGS=-trimpath GOPROXY=off
(cd ci/conformance && "$go" vet . && "$go" build -o "../../$program" .)

# count STATUS WHAT
count() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "conformance: $2"
    fi
}

for script in "$golden"/scripts/*.txt; do
    name=$(basename "$script" .txt) status=0
    "$program" trace <"$script" | cmp - "$golden/traces/$name.jsonl" || status=1
    count "$status" "Go's own trace of $name is not the golden one"
    status=0
    "$heddle" map-trace <"$script" | cmp - "$golden/traces/$name.jsonl" || status=1
    count "$status" "the trace of $name is not the golden one"
done

status=0
planted=$(mktemp --directory)
"$program" compare 1 "$seed" "$planted" \
    sh -c "$heddle map-trace | sed '\$s/\"draws\":/&1/'" >"$planted/log" 2>&1 || status=$?
[ "$status" -eq 1 ] && grep --quiet 'differs$' "$planted/log" && found=0 || found=1
count "$found" "a planted difference was not found: $(cat "$planted/log")"
rm -rf "$planted"

status=0
"$program" compare "$scripts" "$seed" "$left" "$heddle" map-trace || status=$?
count "$status" "see above"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] || exit "$((status == 3 && failed == 1 ? 3 : 1))"
