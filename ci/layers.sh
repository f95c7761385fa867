#!/usr/bin/env bash
# Checks the arrows between the layers: what a directory may include, and which libraries it may
# link. Prints each arrow that is not in the table below, and fails if there is one.
. "$(dirname "$0")/common.sh"

# directory: what its files may include. The longest directory that holds a file speaks for it.
arrows="
    mapimpl:         mapimpl
    harness:         harness
    harness/base:    harness/base
    harness/result:  harness/result harness/base
    scenarios:       scenarios harness mapimpl
    reports:         reports harness/result
    cli:             cli reports scenarios harness mapimpl
    tests:           tests cli reports scenarios harness mapimpl
"

# "file line target": each include of a project header (written from the root of the tree).
includes() {
    sources c h S | xargs awk '
        match($0, /^[ \t]*#[ \t]*include[ \t]*["<][^">]+[">]/) {
            text = substr($0, RSTART, RLENGTH)
            quoted = text ~ /"/
            gsub(/^[^"<]*["<]|[">]$/, "", text)
            if (quoted || text ~ /^(\.|harness\/|mapimpl\/|scenarios\/|reports\/|cli\/|tests\/)/)
                print FILENAME, FNR, text
        }'
}

# "file line target": each mention, in the build file of a layer, of a library made in a build file.
# The target is a path in the directory that the library stands for: harness/x for `harness`,
# harness/result/x for `harness_result`.
links() {
    find $layers -name CMakeLists.txt | sort | xargs awk '
        {
            sub(/#.*/, "")
            text[++lines] = $0
            place[lines] = FILENAME " " FNR
        }
        match($0, /(heddle_layer|add_library)\([a-z0-9_]+/) {
            name = substr($0, RSTART, RLENGTH)
            sub(/.*\(/, "", name)
            directory = FILENAME
            sub(/\/CMakeLists.txt$/, "", directory)
            part = index(name, directory "_") == 1 ? substr(name, length(directory) + 2) "/" : ""
            target[name] = directory "/" part "x"
        }
        END {
            for (l = 1; l <= lines; l++) {
                count = split(text[l], word, /[^A-Za-z0-9_.\/-]+/)
                for (w = 1; w <= count; w++)
                    if (word[w] in target) print place[l], target[word[w]]
            }
        }'
}

{ includes; links; } | awk -v arrows="$arrows" '
    BEGIN {
        rules = split(arrows, row, "\n")
        for (r = 1; r <= rules; r++) {
            words = split(row[r], word, " ")
            sub(/:$/, "", word[1])
            for (w = 2; w <= words; w++) allowed[word[1]] = allowed[word[1]] " " word[w]
        }
    }
    function home(path) {
        while (sub(/\/[^\/]*$/, "", path)) if (path in allowed) return path
        return ""
    }
    function may(from, target,    count, to, i) {
        count = split(allowed[from], to, " ")
        for (i = 1; i <= count; i++) if (index(target, to[i] "/") == 1) return 1
        return 0
    }
    {
        checked++
        from = home($1)
        if (may(from, $3)) next
        if ($3 ~ /^\.|^[^\/]*$/)
            printf "%s:%d: %s is not written from the root of the tree\n", $1, $2, $3
        else
            printf "%s:%d: %s may not depend on %s\n", $1, $2, from, $3
        wrong++
    }
    END {
        printf "layers: %d arrows, %d wrong\n", checked, wrong
        exit wrong > 0
    }'
