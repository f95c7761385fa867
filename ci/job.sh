#!/usr/bin/env bash
# One job of the matrix, as CI runs it: ci/job.sh CONFIGURATION COMPILER
#
#   CONFIGURATION  dev, asan: the tests; tsan: the TSan jobs; stress: every scenario; stress-nightly:
#                  the same for longer; conformance: random scripts on gomap and on the real Go's
#                  map; mutants: maps broken on purpose are found, and correct ones clean; breakages:
#                  an engine broken on purpose is; mutation: changes to the engine, SAMPLE (60) of each
#                  folder, and which of them no test notices; coverage: of the reference map by its
#                  tests
#   COMPILER       clang, gcc
# SEED is the campaign seed of stress and tsan (default: a fixed one); it is printed. What a job
# leaves behind for people to look at is in heddle-out*/.
. "$(dirname "$0")/common.sh"

[ $# -eq 2 ] || die "usage: ci/job.sh CONFIGURATION clang|gcc (CONFIGURATION: see the top of ci/job.sh)"
configuration=$1 compiler=$2
seed=${SEED:-0x5eed0000c0ffee00}
case $compiler in
    clang) suffix= ;;
    gcc) suffix=-gcc ;;
    *) die "unknown compiler: $compiler" ;;
esac

ci/deps.sh build
echo "job: $configuration $compiler, seed $seed"
case $configuration in
    dev | asan)
        ci/test.sh "$configuration$suffix"
        ;;
    tsan)
        PLAIN=128 RUN="--seed $seed" ci/tsan.sh "tsan$suffix"
        ;;
    stress | stress-nightly)
        make "$configuration" COMPILER="$compiler" RUN="--seed $seed"
        ;;
    conformance)
        ci/deps.sh conformance
        make conformance COMPILER="$compiler" N=10000 SEED="$seed"
        ;;
    mutants) # nightly: every map broken on purpose is found, from twenty seeds
        ci/build.sh "release$suffix"
        tests/mutants/run.sh --build "$(build_directory "release$suffix")"
        make soundness COMPILER="$compiler" RUN="--seed $seed"
        ;;
    breakages) # nightly: the tests are red for every patch that breaks the engine
        ci/deps.sh test
        CC=$compiler tests/breakages/run.sh
        ;;
    mutation) # nightly: what no test notices is listed
        ci/deps.sh test
        CC=$compiler tests/mutation/run.sh --sample "${SAMPLE:-60}" --seed "$seed" --minutes 100
        ;;
    coverage) # nightly
        ci/coverage.sh
        ;;
    *)
        die "unknown configuration: $configuration"
        ;;
esac
