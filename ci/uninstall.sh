#!/usr/bin/env bash
# Removes what ci/install.sh put below a prefix, and the folders that were heddle's own:
# ci/uninstall.sh PREFIX
# DESTDIR is put in front of PREFIX. Needs no build.
. "$(dirname "$0")/common.sh"

[ $# -eq 1 ] || die "usage: ci/uninstall.sh PREFIX"
root=${DESTDIR:-}$1
list=$root/share/heddle/installed
[ -f "$list" ] || die "$list: no such file: nothing was installed here"
while IFS= read -r file || [ -n "$file" ]; do
    rm -f "${DESTDIR:-}$file"
done <"$list"
rm -f "$list"
for folder in lib/heddle share/heddle share/doc/heddle include/heddle; do
    if [ -d "$root/$folder" ]; then find "$root/$folder" -depth -type d -empty -delete; fi
done
echo "uninstalled from $root"
