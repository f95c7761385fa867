#!/usr/bin/env bash
# The TSan jobs: the scenarios under the real ThreadSanitizer. ci/tsan.sh [PRESET]
#
# By seed first: every scenario and map, each fault with its seed and replay line; the plain map must be
# reported, the safe ones must be clean. Then free-running, on real threads.
# Options for both come from RUN, the directory of the reports from OUT.
. "$(dirname "$0")/common.sh"

preset=${1:-release}
out=${OUT:-heddle-out-tsan}
ci/build.sh "$preset"
heddle() {
    without_aslr "$(build_directory "$preset")/heddle-tsan" "$@"
}

heddle run --executions 256 --out "$out" ${RUN:-}
if ! grep -q '"kind": *"tsan"' "$out/report.json"; then
    echo "tsan: ThreadSanitizer reported nothing, not even about the plain map" >&2
    exit 1
fi
heddle run --free --executions 30 --scenario concurrent-writes --scenario growth-window \
    --scenario hundred-writers --out "$out/free" ${RUN:-}
