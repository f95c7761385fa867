# Sourced by the scripts of ci/: strict mode, the root of the tree, and the few words they share.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8
: "${JOBS:=$(nproc)}"

layers="mapimpl harness scenarios reports cli tests"

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Sources by the end of their names: sources c h
sources() {
    local end
    for end in "$@"; do
        find $layers -name "*.$end" -type f
    done | sort
}

# The build directory of a preset; `release` is the one that `make` builds.
build_directory() {
    if [ "$1" = release ]; then echo build; else echo "build-$1"; fi
}

# Configures and builds a preset: build PRESET [cmake --build options]
build() {
    local preset=$1
    shift
    cmake --preset "$preset" --log-level=WARNING >/dev/null
    cmake --build "$(build_directory "$preset")" --parallel "$JOBS" "$@"
}

# Runs a command with address space randomisation off, where the kernel allows it: the runtime of
# ThreadSanitizer refuses to start under more of it than it knows.
without_aslr() {
    if setarch --addr-no-randomize true 2>/dev/null; then
        setarch --addr-no-randomize "$@"
    else
        "$@"
    fi
}

# The command of a Go whose map is the one that gomap is compared with; fails where there is none. GO names
# another one than those that are looked for.
go_command() {
    local go
    for go in ${GO:-go /usr/lib/go-1.19/bin/go}; do
        if [[ "$("$go" version 2>/dev/null)" == *\ go1.19*linux/amd64 ]]; then
            echo "$go"
            return
        fi
    done
    return 1
}
