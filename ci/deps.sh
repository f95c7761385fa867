#!/usr/bin/env bash
# Makes sure that the Debian packages for a purpose are installed: ci/deps.sh [PURPOSE]...
# Purposes: build (the default), test, check, package, chroot, conformance.
#
# When all are there it does nothing and is quick. What is missing is installed with apt when we are
# root; otherwise the line that would install it is printed and the exit status is 69 (unavailable).
# On a system without dpkg nothing is checked. HEDDLE_DEPS=skip switches the check off.
. "$(dirname "$0")/common.sh"

# llvm: without its symbolizer the reports of the sanitizers name no source line.
# gcc: holds libbacktrace, and tells where.
# No name has a version in it: each Debian brings the compilers of its own time.
build_packages="clang libclang-rt-dev llvm libc6-dev gcc cmake ninja-build make pkg-config
    libyaml-dev libjansson-dev librandom123-dev libxml2-dev libxxhash-dev patch scdoc"
test_packages="libcriterion-dev gdb"
check_packages="clang-format clang-tidy cppcheck"
package_packages="dpkg-dev file"
chroot_packages="debootstrap git"
conformance_packages="golang-go"

wanted=
for purpose in "${@:-build}"; do
    case $purpose in
        build) wanted+=" $build_packages" ;;
        test) wanted+=" $build_packages $test_packages" ;;
        check) wanted+=" $build_packages $test_packages $check_packages" ;;
        package) wanted+=" $build_packages $package_packages" ;;
        chroot) wanted+=" $chroot_packages" ;;
        conformance) wanted+=" $build_packages $conformance_packages" ;;
        *) die "unknown purpose: $purpose" ;;
    esac
done

[ "${HEDDLE_DEPS:-}" != skip ] || exit 0
if ! command -v dpkg-query >/dev/null; then
    echo "deps: no dpkg here; please provide what these Debian packages hold:" $wanted >&2
    exit 0
fi

format='${db:Status-Status}=${Package} '
installed=" $(dpkg-query --show --showformat "$format" $wanted 2>/dev/null || true)"
missing=()
for package in $wanted; do
    case " ${missing[*]-} " in *" $package "*) continue ;; esac
    case $installed in *" installed=$package "*) ;; *) missing+=("$package") ;; esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

install="apt-get install -y --no-install-recommends ${missing[*]}"
if [ "$(id -u)" -ne 0 ]; then
    echo "deps: these packages are missing; please install them and run the same command again:" >&2
    echo "sudo $install" >&2
    exit 69
fi
echo "deps: $install"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq </dev/null
$install -qq </dev/null >"${TMPDIR:-/tmp}/heddle-deps.$$" 2>&1 || {
    status=$?
    cat "${TMPDIR:-/tmp}/heddle-deps.$$" >&2
    rm -f "${TMPDIR:-/tmp}/heddle-deps.$$"
    die "apt-get failed with status $status"
}
rm -f "${TMPDIR:-/tmp}/heddle-deps.$$"
