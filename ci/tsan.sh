#!/usr/bin/env bash
# The TSan jobs: the scenarios under the real ThreadSanitizer. ci/tsan.sh [PRESET]
#
# By seed first: every scenario and map, each fault with its seed and replay line; the plain map must be
# reported, the safe ones must be clean. Then free-running, on real threads. Each fault costs a process:
# a row of a safe map ends with its first (some expect a deadlock in every execution), and the plain map
# gets fewer executions.
# Options for both come from RUN, the directory of the reports from OUT, the executions of the plain map
# from PLAIN.
. "$(dirname "$0")/common.sh"

preset=${1:-release}
out=${OUT:-heddle-out-tsan}
ci/build.sh "$preset"
heddle() {
    without_aslr "$(build_directory "$preset")/heddle-tsan" "$@"
}

safe='--map mutex --map rwmutex --map gorwmutex --map oncefrozen --map sharded'
safe+=' --map syncmap --map seqlock'
heddle run $safe --executions 768 --until-fault --out "$out" ${RUN:-}
heddle run --map gomap --executions "${PLAIN:-32}" --out "$out/plain" ${RUN:-}
if ! grep -q '"kind": *"tsan"' "$out/plain/report.json"; then
    echo "tsan: ThreadSanitizer reported nothing about the plain map" >&2
    exit 1
fi
heddle run --free --executions 30 --scenario concurrent-writes --scenario growth-window \
    --scenario churn --scenario hundred-writers --out "$out/free" ${RUN:-}
