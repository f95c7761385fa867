#!/usr/bin/env bash
# The TSan jobs: the scenarios under the real ThreadSanitizer, driven by seed. ci/tsan.sh [PRESET]
#
# Options for `heddle-tsan run` come from RUN, the directory of the report from OUT.
. "$(dirname "$0")/common.sh"

preset=${1:-release}
ci/build.sh "$preset"
without_aslr "$(build_directory "$preset")/heddle-tsan" run --out "${OUT:-heddle-out-tsan}" ${RUN:-}
