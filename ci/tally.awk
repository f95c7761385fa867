# Counts single tests in the log of ctest: `N passed, N failed`.
#
# A Criterion program tells how many of its tests passed in its last line ("[====] Synthesis: ...");
# any other program is one test. A program that failed although none of its tests did (a leak, a
# crash before the synthesis, a time limit) counts as one failure more. Give ctest's own exit status
# in `status`: a run that failed, or that passed nothing, never counts as green.

function number_after(word) {
    return match($0, word ": [0-9]+") ? substr($0, RSTART + length(word) + 2, RLENGTH) + 0 : 0
}

function program_ends(ok) {
    if (!synthesis) tested = passing = 1
    if (!ok && passing == tested) { if (synthesis) tested++; else passing = 0 }
    passed += passing
    failed += tested - passing
}

/^[0-9]+\/[0-9]+ Testing: /  { synthesis = started = tested = passing = 0 }
/^Command: "[^"]/            { started = 1 }
/^\[====\] Synthesis: Tested/ {
    synthesis = 1
    tested += number_after("Tested")
    passing += number_after("Passing")
}
/^Test Passed\./             { program_ends(started) }
/^Test Failed\./             { program_ends(0) }

END {
    if (!failed && (status || !passed)) failed = 1
    printf "%d passed, %d failed\n", passed, failed
}
