#!/usr/bin/env bash
# Fuzzes the reference map with libFuzzer under ASan and UBSan: ci/fuzz.sh [SECONDS]
#
# From the corpus of the tests, which stays as it is; what is new goes to build-fuzz/corpus, and an input
# that fails to build-fuzz/.
. "$(dirname "$0")/common.sh"

seconds=${1:-600}
out=build-fuzz
ci/deps.sh build
mkdir -p "$out/corpus"
clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -D_GNU_SOURCE -I. \
    tests/mapimpl/fuzz_gomap.c mapimpl/gomap/[a-s]*.c mapimpl/host.c -o "$out/fuzz_gomap"
"$out/fuzz_gomap" -max_total_time="$seconds" -artifact_prefix="$out/" -print_final_stats=1 \
    "$out/corpus" tests/mapimpl/corpus
