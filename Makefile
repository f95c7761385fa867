# The front door: each target is one line of cmake or one script of ci/.
#
#   make COMPILER=gcc test             the same with gcc (build directories end in -gcc)
#   make JOBS=1                        fewer processes at a time
#   make RUN='--seed 7' stress         options for `heddle run`
#   make BENCH='--rounds 3 --only hit' bench-map   some rows of the table, quickly
#   make N=10000 SEED=7 conformance    how many random scripts, from which seed
#   make EACH=1000000 soundness        executions of each correct map in each growth scenario
#   make TIME=60 fuzz                  seconds
COMPILER ?= $(if $(filter default,$(origin CC)),clang,$(notdir $(CC)))
JOBS     ?= $(shell nproc)
PREFIX   ?= /usr/local
OUT      ?= heddle-out
RUN      ?=
BENCH    ?=
N        ?= 1000
SEED     ?= 0x5eed
EACH     ?= 58824
TIME     ?= 600

gcc     := $(if $(findstring gcc,$(COMPILER)),-gcc)
release := release$(gcc)
build   := build$(if $(gcc),-$(release))
correct := mutex rwmutex gorwmutex oncefrozen sharded syncmap seqlock
export JOBS DESTDIR

.DEFAULT_GOAL := all
.PHONY: all stress stress-nightly soundness test tsan conformance fuzz bench bench-map
.PHONY: format install uninstall package clean help

all: ## build build/heddle
	@ci/build.sh $(release)

stress: all ## run every scenario against every map; report in heddle-out/
	status=0; $(build)/heddle run --out $(OUT) $(RUN) || status=$$?; \
	    ci/misfits.sh $(build) || status=1; exit $$status

stress-nightly: all ## the same with twenty times the executions, and the long scenarios
	$(build)/heddle run --tag stress --tag nightly --budget 20 --out $(OUT) $(RUN)

soundness: all ## a million executions of each correct map in the growth scenarios
	$(build)/heddle run --tag growth $(addprefix --map ,$(correct)) --executions $(EACH) \
	    --out $(OUT) $(RUN)

test: ## build and run the tests
	@ci/test.sh test$(gcc)

tsan: ## run the same scenarios under ThreadSanitizer
	@ci/tsan.sh $(release)

conformance: all ## compare gomap with the map of the real Go 1.19, N random scripts of SEED
	@HEDDLE=$(build)/heddle ci/conformance/run.sh $(N) $(SEED)

fuzz: ## fuzz the reference map for TIME (600) seconds, from the corpus of its tests
	@ci/fuzz.sh $(TIME)

bench: ## measure points, switches and executions per second
	@ci/build.sh test$(gcc) --target bench

bench-map: ## measure gomap against the map of Go 1.19: one table of ratios
	@tests/bench/map.sh test$(gcc) $(BENCH)

format: ## format the sources
	@ci/deps.sh check
	@ci/format.sh --fix

install: all ## install under PREFIX (and DESTDIR)
	@ci/install.sh $(build) "$(PREFIX)"

uninstall: ## remove what was installed there
	@ci/uninstall.sh "$(PREFIX)"

package: all ## make a Debian package, build/heddle_*.deb
	@ci/deps.sh package
	@umask 022 && cd $(build) && cpack # others may go where it is installed

clean: ## remove everything that was built
	rm -rf build build-* $(OUT)

help: ## this text
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18
