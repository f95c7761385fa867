#!/usr/bin/env bash
# Tests the checks: each must be green on a small good tree, and red on the same tree with one fault
# planted in it. Closes with `N passed, N failed`.
. "$(dirname "$0")/common.sh"

tree=$(mktemp --directory)
trap 'rm -rf "$tree"' EXIT
passed=0 failed=0

fresh_tree() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/{harness/{base,result,sched},mapimpl,scenarios,reports,cli,tests,cmake,.github}
    cp -r ci .ci .clang-format .clang-tidy "$tree"
    local layer
    for layer in harness/base harness/result harness/sched mapimpl scenarios reports cli tests; do
        echo "int ${layer//\//_};" >"$tree/$layer/good.c"
        printf '#ifndef G\n#define G\nint good(void);\n#endif\n' >"$tree/$layer/good.h"
    done
    printf 'heddle_layer(%s SOURCES good.c)\n' harness_result harness \
        >"$tree/harness/CMakeLists.txt"
    echo 'heddle_layer(reports SOURCES good.c LINKS harness_result)' >"$tree/reports/CMakeLists.txt"
    echo 'heddle_layer(scenarios SOURCES good.c LINKS harness)' >"$tree/scenarios/CMakeLists.txt"
}

# expect green|red NAME COMMAND...
expect() {
    local expected=$1 name=$2 seen=green
    shift 2
    (cd "$tree" && "$@") >"$tree/output" 2>&1 </dev/null || seen=red
    if [ "$seen" = "$expected" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$name: expected $expected, is $seen"
        sed 's/^/    /' "$tree/output"
    fi
}

# plant FILE LINE CHECK: a good tree with one more line in a file makes the check red
plant() {
    fresh_tree
    printf '%b\n' "$2" >>"$tree/$1"
    expect red "$3 with '${2:0:60}' in $1" "ci/$3.sh"
}

# A C function of so many lines.
function_of() {
    echo 'void f(volatile int *x);'
    echo 'void f(volatile int *x) {'
    local i
    for ((i = 0; i < $1 - 2; i++)); do echo '    *x = 1;'; done
    echo '}'
}

# tally STATUS: what ci/tally.awk says of the log on standard input
tally() {
    awk -v status="$1" -f ci/tally.awk
}
same() {
    [ "$1" = "$2" ] || { echo "expected '$1', is '$2'"; return 1; }
}

fresh_tree
for check in layers headers style format; do
    expect green "$check on a good tree" "ci/$check.sh"
done

for arrow in mapimpl:harness/base harness/base:harness/sched harness/result:harness/sched \
    harness/sched:mapimpl harness/sched:scenarios scenarios:reports scenarios:cli \
    reports:harness/sched reports:harness/base reports:scenarios reports:mapimpl cli:tests; do
    plant "${arrow%:*}/good.c" "#include \"${arrow#*:}/good.h\"" layers
done
plant harness/sched/good.h '  #  include <mapimpl/good.h>' layers
plant cli/good.c '#include "good.h"' layers
plant cli/good.c '#include "../harness/base/good.h"' layers
plant reports/CMakeLists.txt 'heddle_layer(reports SOURCES good.c LINKS harness)' layers
plant harness/CMakeLists.txt 'target_link_libraries(harness PRIVATE scenarios)' layers
for arrow in harness/sched:harness/result harness/result:harness/base scenarios:mapimpl \
    scenarios:harness/sched reports:harness/result cli:reports tests:cli; do
    fresh_tree
    echo "#include \"${arrow#*:}/good.h\"" >>"$tree/${arrow%:*}/good.c"
    expect green "layers with $arrow" ci/layers.sh
done

plant cli/good.h 'size_t size(void);' headers
plant cli/good.h 'struct unguarded { int x; };' headers
plant cli/good.c "/* $(printf '%0103d' 0) */" style
plant cli/good.c 'int x; ' style
plant cli/good.c '\tint x;' style
plant cli/good.c '/* see /'home/somebody/heddle' */' style
plant README.md 'built in /'work/main'' style
plant cli/good.c 'int  x ;' format

fresh_tree
function_of 70 >"$tree/cli/long.c"
expect green "clang-tidy on 70 lines" clang-tidy --quiet cli/long.c --
function_of 73 >"$tree/cli/long.c"
expect red "clang-tidy on 73 lines" clang-tidy --quiet cli/long.c --

log='1/3 Testing: a\nCommand: "a"\n[====] Synthesis: Tested: 5 | Passing: 5 | Failing: 0 |
Test Passed.\n2/3 Testing: b\nCommand: "b"\nTest Passed.\n'
expect green "tally of passes" same '6 passed, 0 failed' "$(printf "$log" | tally 0)"
expect green "tally of an empty run" same '0 passed, 1 failed' "$(tally 0 </dev/null)"
expect green "tally of ctest's own failure" same '6 passed, 1 failed' "$(printf "$log" | tally 8)"
log+='3/3 Testing: c\nCommand: "c"\n[====] Synthesis: Tested: 4 | Passing: 1 | Failing: 3
Test Failed.\n'
expect green "tally of failures" same '7 passed, 3 failed' "$(printf "$log" | tally 8)"
expect green "tally of a crash" same '0 passed, 1 failed' \
    "$(printf '1/1 Testing: d\nCommand: "d"\nTest Failed.\n' | tally 8)"
expect green "tally of a leak" same '2 passed, 1 failed' \
    "$(printf '1/1 Testing: d\nCommand: "d"
[====] Synthesis: Tested: 2 | Passing: 2\nTest Failed.\n' | tally 8)"
expect green "tally of a program that is not there" same '0 passed, 1 failed' \
    "$(printf '1/1 Testing: d\nCommand: ""\nTest Passed.\n' | tally 8)"

# A job is as red as what it runs, and its log has the line to paste.
fresh_tree
printf 'stress:\n\t@echo "  heddle replay --scenario planted --seed 0x1"; exit %d\n' 1 >"$tree/Makefile"
expect red "job with a planted fault" ci/job.sh stress clang
cp "$tree/output" "$tree/log"
expect green "job's log has the replay line" grep -q '^  heddle replay --scenario planted' log
expect green "job's log has the seed" grep -q '^job: stress clang, seed 0x' log
sed -i 's/exit 1/exit 0/' "$tree/Makefile"
expect green "job without a fault" ci/job.sh stress clang

# Nothing installed, not root: the line to paste, and EX_UNAVAILABLE.
fresh_tree
mkdir -p "$tree/bin"
printf '#!/bin/sh\nexit 1\n' >"$tree/bin/dpkg-query"
printf '#!/bin/sh\necho 1000\n' >"$tree/bin/id"
chmod +x "$tree"/bin/*
refusal=0
told=$(PATH="$tree/bin:$PATH" ci/deps.sh build 2>&1) || refusal=$?
expect green "deps refuses" same 69 "$refusal"
expect green "deps tells the line" grep -q '^sudo apt-get install -y .*clang.*cmake' <(echo "$told")

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
