#!/usr/bin/env bash
# Checks the formatting of all sources, or applies it: ci/format.sh [--fix]
. "$(dirname "$0")/common.sh"

case ${1:-} in
    --fix) sources c h | xargs clang-format -i ;;
    '') sources c h | xargs clang-format --dry-run --Werror ;;
    *) die "usage: ci/format.sh [--fix]" ;;
esac
