#!/usr/bin/env bash
# All that has to hold before a change lands, in stages: ci/stages.sh [STAGE]...
#
# Every stage runs, whatever became of the one before; those that failed are named at the end. The
# last line is `N passed, N failed`: single tests where a stage runs tests, else one for the stage.
# The tests labelled long run commands as users do, for minutes: here with clang alone, in `ci/job.sh`
# also with gcc and under ASan.
. "$(dirname "$0")/common.sh"

# name         command
all_stages='
selftest       ci/selftest.sh
format         ci/format.sh
style          ci/style.sh
layers         ci/layers.sh
headers        ci/headers.sh clang gcc
lint           ci/lint.sh dev
test           ci/test.sh dev
test-gcc       ci/test.sh dev-gcc --label-exclude long
asan           ci/test.sh asan --label-exclude long
stress         make stress
tsan           make tsan
conformance    make conformance
'
limit=900 # seconds a stage
passed=0 failed=0 failures=

stage() {
    local name=$1 log began=$SECONDS status=0 tally
    shift
    log=$(mktemp)
    echo
    echo "=== $name: $*"
    timeout --kill-after=10 "$limit" "$@" </dev/null 2>&1 | tee "$log" || status=$?
    tally=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1 || true)
    rm -f "$log"
    if [ -z "$tally" ]; then
        if [ "$status" -eq 0 ]; then tally='1 passed, 0 failed'; else tally='0 passed, 1 failed'; fi
    fi
    set -- $tally
    if [ "$status" -ne 0 ] && [ "$3" -eq 0 ]; then set -- "$1" passed, 1 failed; fi
    passed=$((passed + $1)) failed=$((failed + $3))
    [ "$3" -eq 0 ] || failures+=" $name"
    echo "=== $name: $1 passed, $3 failed, $((SECONDS - began)) s"
}

selected() {
    [ $# -gt 1 ] || return 0
    case " ${*:2} " in *" $1 "*) ;; *) return 1 ;; esac
}

while read -r name command <&3; do
    if [ -z "$name" ] || ! selected "$name" "$@"; then continue; fi
    stage "$name" $command
done 3<<<"$all_stages"

echo
echo "=== all stages: $SECONDS s${failures:+; failed:$failures}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
