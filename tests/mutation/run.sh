#!/usr/bin/env bash
# Changes the engine in one place after another, and lists the changes that no test notices:
# tests/mutation/run.sh [OPTION]... [FILE or FOLDER]...
#
#   --sample N    only N changes of each folder, drawn by the seed (default: all)
#   --seed N      another draw (default: 1)
#   --limit N     without the test programs that take longer than N seconds
#   --minutes N   no further change is tried after that time
#   --again       only the changes that survived the last time
#   --list        prints the changes that it would try, and tries none
# The default is harness/ and scenarios/. tests/mutation/mutate.c says what is changed.
#
# The tree is copied, with what is not committed, and built in build-mutation/. A change is applied there,
# the object is built, and the test programs that hold it run until one is red: first those that noticed
# changes of this file before, then the quick ones. Those labelled long are left out. Nothing can be told of
# a change that does not build or that leaves the machine code as it was. equivalent.txt lists changes that
# make no difference, with the reason; an entry that fits no change any more is an error.
#
# A changed program may send a signal to any process, so each runs in a namespace of its own: util-linux's
# unshare must be allowed.
#
# In OUT (heddle-out/mutation): results.tsv, all that were tried; survivors.txt. The last lines are a table
# by folder: killed, survived and their share; then those that do not count.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export LC_ALL=C.UTF-8
: "${OUT:=heddle-out/mutation}" "${JOBS:=$(nproc)}"
here=$PWD/tests/mutation
work=$PWD/build-mutation
tree=$work/tree
build=$work/build
sample=0 seed=1 minutes=0 limit=0 again=0 only_list=0
paths=()

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

while [ $# -gt 0 ]; do
    case $1 in
        --sample) sample=$2 && shift ;;
        --seed) seed=$2 && shift ;;
        --limit) limit=$2 && shift ;;
        --minutes) minutes=$2 && shift ;;
        --again) again=1 ;;
        --list) only_list=1 ;;
        -*) die "unknown option: $1 (see the top of tests/mutation/run.sh)" ;;
        *) paths+=("${1%/}") ;;
    esac
    shift
done
[ ${#paths[@]} -gt 0 ] || paths=(harness scenarios)
seed=$((seed & 0xffffff))

# ---- which changes -----------------------------------------------------------------------------------

# PATH, NUMBER, LINE, FUNCTION, BEFORE, AFTER of every change, between tabs.
every_change() {
    local file
    find "${paths[@]}" -name '*.c' -type f | sort | while read -r file; do
        "$work/mutate" list "$file" | sed "s|^|$file\t|"
    done
}

# The same fields of equivalent.txt, without number and line: PATH, FUNCTION, BEFORE, AFTER.
equivalent() {
    awk '/^#/ || /^$/ { next }
        /^[^ ]/ { path = $1; function_ = $2; next }
        /^  - / { before = substr($0, 5); next }
        /^  \+ / { print path "\t" function_ "\t" before "\t" substr($0, 5) }' "$here/equivalent.txt"
}

# Of standard input N lines a folder, those whose text has the lowest hashes, wherever they stand.
draw() {
    awk -F '\t' -v sample="$sample" -v seed="$seed" '
        BEGIN { for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }
        function hash(text,    i, h) {
            h = 2166136261 + seed
            for (i = 1; i <= length(text); i++)
                h = (h * 16777 + code[substr(text, i, 1)] + seed) % 4294967291
            for (i = 0; i < 3; i++) h = (h * 69069 + 12345 + seed) % 4294967291
            return h
        }
        { key = $1 FS $4 FS $5 FS $6; folder = $1; sub(/\/[^\/]*$/, "", folder)
          printf "%s\t%.0f\t%s\n", folder, hash(key "\t" (++seen[key])), $0 }' |
        sort -t "$(printf '\t')" -k1,1 -k2,2n |
        awk -F '\t' -v sample="$sample" '
            sample == 0 || count[$1]++ < sample { sub(/^[^\t]*\t[^\t]*\t/, ""); print }' |
        sort -t "$(printf '\t')" -k1,1 -k2,2n
}

survivors_of_last_time() {
    awk -F '\t' 'NR == FNR { if ($1 == "survived") last[$3 FS $5 FS $6 FS $7]; next }
        ($1 FS $4 FS $5 FS $6) in last' "$OUT/results.tsv" "$work/changes.tsv"
}

# ---- the tree and its tests --------------------------------------------------------------------------

copy_tree() {
    local file
    mkdir -p "$tree"
    git ls-files -z --cached --others --exclude-standard --deduplicate >"$work/files"
    while IFS= read -r -d '' file; do
        if [ ! -e "$file" ] || cmp -s "$file" "$tree/$file"; then continue; fi
        mkdir -p "$tree/$(dirname "$file")"
        cp -p "$file" "$tree/$file"
        touch "$tree/$file"
    done <"$work/files"
}

declare -A ms=() objects=() holders=() noticed=()

# The objects that a target is linked from, those in its archives among them; what it only waits for is not.
linked_objects() {
    local input
    ninja -C "$build" -t query "$1" | sed -n '/^  input:/,/^  outputs:/s/^    \(| \)\?\([^| ].*\)$/\2/p' |
        while read -r input; do
            case $input in
                *.o) echo "$input" ;;
                *.a) linked_objects "$input" ;;
            esac
        done
}

# Reads which test programs hold the object of which of the chosen sources.
find_holders() {
    local program input file
    cut -f 1 "$work/chosen.tsv" | uniq >"$work/sources"
    for program in $(ctest --test-dir "$build" --show-only=human --label-exclude long |
        sed -n 's/^ *Test *#[0-9]*: \(test_[a-z0-9_]*\).*/\1/p'); do
        linked_objects "tests/$program" | sort -u >"$work/inputs"
        while read -r file; do
            input=$(grep "^${file%%/*}/.*/${file#*/}\.o\$" "$work/inputs") || continue
            case " ${objects[$file]-} " in *" $input "*) ;; *) objects[$file]+=" $input" ;; esac
            holders[$file]+=" $program"
            ms[$program]=0
        done <"$work/sources"
    done
    [ ${#ms[@]} -gt 0 ] || die "no test program holds any of these"
}

# run PROGRAM SECONDS
# Criterion makes a socket in /tmp that is named after its process id: in a namespace of its own, too, it
# gets one that nobody else has, that of this script.
run() {
    local alone=(unshare --pid --fork --kill-child --mount-proc)
    [ "$(id -u)" -eq 0 ] || alone=(unshare --user --map-root-user --pid --fork --kill-child --mount-proc)
    (cd "$build" && "${alone[@]}" sh -c 'echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid
        exec timeout -k 5 "$2" "tests/$3" -j1 --fail-fast --verbose=0' sh $$ "$2" "$1" \
        >"$work/log" 2>&1 </dev/null)
}

now_ms() { echo "${EPOCHREALTIME/[.,]/}" | sed 's/...$//'; }

# Builds them and sees each green, once as it is, and how long it takes.
measure() {
    local program began sum programs=("${!ms[@]}")
    ninja -C "$build" -j "$JOBS" "${programs[@]/#/tests/}" >"$work/log" 2>&1 || {
        tail -30 "$work/log"
        die "the tree does not build"
    }
    touch "$work/measured"
    for program in "${programs[@]}"; do
        sum=$(sha256sum <"$build/tests/$program")
        ms[$program]=$(sed -n "s/^$program ${sum%% *} //p" "$work/measured")
        if [ -z "${ms[$program]}" ]; then
            began=$(now_ms)
            run "$program" 300 || {
                tail -30 "$work/log"
                die "$program is red before anything is changed"
            }
            ms[$program]=$(($(now_ms) - began))
            sed -i "/^$program /d" "$work/measured"
            echo "$program ${sum%% *} ${ms[$program]}" >>"$work/measured"
        fi
    done
}

# The holders of a source: those that noticed most, then those named after it, then the quick ones.
in_order() {
    local program name=${1##*/}
    for program in ${holders[$1]}; do
        [ "$limit" -eq 0 ] || [ "${ms[$program]}" -le $((1000 * limit)) ] || continue
        case $program in *"${name%.c}"*) named=0 ;; *) named=1 ;; esac
        echo "-${noticed[$1 $program]-0} $named ${ms[$program]} $program"
    done | sort -n -k1,1 -k2,2 -k3,3 | cut -d ' ' -f 4
}

# ---- one change --------------------------------------------------------------------------------------

strip_objects() {
    local object
    for object in ${objects[$1]}; do
        objcopy --strip-debug "$build/$object" "$work/stripped" && cat "$work/stripped"
    done | sha256sum
}

# Sets `outcome` and `by`.
try() {
    local file=$1 number=$2 program
    by=-
    "$work/mutate" apply "$file" "$number" >"$tree/$file"
    if ! ninja -C "$build" -j "$JOBS" ${objects[$file]} >"$work/log" 2>&1; then
        outcome='not built'
        return
    fi
    if [ "$(strip_objects "$file")" = "$intact" ]; then
        outcome='same code'
        return
    fi
    for program in $(in_order "$file"); do
        by=$program
        if ! ninja -C "$build" -j "$JOBS" "tests/$program" >"$work/log" 2>&1; then
            outcome='not built'
            return
        fi
        if ! run "$program" $((10 + ms[$program] / 100)); then
            outcome=killed
            noticed[$file $program]=$((${noticed[$file $program]-0} + 1))
            return
        fi
    done
    outcome=survived by=-
}

begin_file() {
    end_file
    current=$1
    ninja -C "$build" -j "$JOBS" ${objects[$1]} >"$work/log" 2>&1
    intact=$(strip_objects "$1")
}

end_file() {
    [ -z "$current" ] || cp "$current" "$tree/$current"
    current=
}

# ---- what came of it ---------------------------------------------------------------------------------

report() {
    awk -F '\t' '$1 == "survived" { printf "%s:%s: %s\n  - %s\n  + %s\n", $3, $4, $5, $6, $7 }' \
        "$OUT/results.tsv" | tee "$OUT/survivors.txt"
    awk -F '\t' '
        FILENAME ~ /changes.tsv$/ { folder = $1; sub(/\/[^\/]*$/, "", folder); possible[folder]++; next }
        { folder = $3; sub(/\/[^\/]*$/, "", folder); count[folder, $1]++; all[folder]++ }
        END {
            printf "%-20s %8s %6s %7s %9s %7s   %s\n", "folder", "possible", "tried", "killed", "survived",
                "share", "equivalent, same code, not built"
            for (folder in all) {
                good = count[folder, "killed"] + 0
                bad = count[folder, "survived"] + 0
                share = good + bad > 0 ? 100 * good / (good + bad) : 100
                printf "%-20s %8d %6d %7d %9d %6.1f%%   %d, %d, %d\n", folder, possible[folder],
                    all[folder], good, bad, share, count[folder, "equivalent"],
                    count[folder, "same code"], count[folder, "not built"] | "sort"
            }
        }' "$work/changes.tsv" "$OUT/results.tsv"
}

mkdir -p "$work" "$OUT"
"${CC:-clang}" -O1 -D_GNU_SOURCE -I. -o "$work/mutate" "$here/mutate.c" "$here/lexer.c"
every_change >"$work/changes.tsv"
equivalent | sort -u >"$work/equivalent.tsv"
stale=$(awk -F '\t' '
    NR == FNR { entry[$0]; next }
    { delete entry[$1 FS $4 FS $5 FS $6]; path[$1] }
    END { for (e in entry) { split(e, part, FS); if (part[1] in path) print e } }' \
    "$work/equivalent.tsv" "$work/changes.tsv")
if [ "$again" -eq 1 ]; then survivors_of_last_time; else draw <"$work/changes.tsv"; fi >"$work/chosen.tsv"
if [ "$only_list" -eq 1 ]; then
    cut -f 1,3- "$work/chosen.tsv"
    exit
fi
[ -s "$work/chosen.tsv" ] || die "nothing to change"

copy_tree
cmake -G Ninja -S "$tree" -B "$build" -DCMAKE_C_COMPILER="${CC:-clang}" -DHEDDLE_TESTS=ON \
    --log-level=WARNING >/dev/null
find_holders
measure

current='' ended=0
trap end_file EXIT
: >"$OUT/results.tsv"
while IFS=$'\t' read -r file number line function before after <&3; do
    if [ "$minutes" -gt 0 ] && [ $((SECONDS / 60)) -ge "$minutes" ]; then
        ended=1
        break
    fi
    if grep -qxF "$file"$'\t'"$function"$'\t'"$before"$'\t'"$after" "$work/equivalent.tsv"; then
        outcome=equivalent by=-
    elif [ -z "${objects[$file]-}" ]; then
        outcome='not built' by=-
    else
        [ "$file" = "$current" ] || begin_file "$file"
        try "$file" "$number"
    fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$outcome" "$by" "$file" "$line" "$function" "$before" "$after" \
        >>"$OUT/results.tsv"
done 3<"$work/chosen.tsv"

report
[ "$ended" -eq 0 ] ||
    echo "time is over: $(wc -l <"$OUT/results.tsv") of $(wc -l <"$work/chosen.tsv") were tried"
if [ -n "$stale" ]; then
    echo "equivalent.txt: these fit no change any more:"
    echo "$stale"
    exit 1
fi
