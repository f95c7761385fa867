# The flags of code under test, in one place: cmake/module.cmake builds the maps of this tree with
# them, `heddle doctor --flags` prints them, heddle.pc holds them as variables.
#
#   HEDDLE_CODE                          every flavour: frames and lines for the stacks of faults
#   HEDDLE_INSTRUMENT_<compiler>         controlled and tsan: points at accesses
#   HEDDLE_QUIET_<compiler>              controlled only: no calls at the ends of functions
#   HEDDLE_LINK                          every flavour
# <compiler> is clang or gcc. clang reports x++ on plain memory as a write alone unless told; gcc
# expands mem* functions in place unless told.
set(HEDDLE_CODE -g -O2 -fPIC -fno-plt -fno-omit-frame-pointer -fvisibility=hidden)
set(HEDDLE_INSTRUMENT_clang -fsanitize=thread "SHELL:-mllvm -tsan-instrument-read-before-write=1")
set(HEDDLE_QUIET_clang "SHELL:-mllvm -tsan-instrument-func-entry-exit=0")
set(HEDDLE_INSTRUMENT_gcc -fsanitize=thread -fno-builtin-memset -fno-builtin-memcpy
                          -fno-builtin-memmove -fno-builtin-memcmp)
set(HEDDLE_QUIET_gcc --param=tsan-instrument-func-entry-exit=0)
set(HEDDLE_LINK -Wl,-z,now -Wl,--build-id)

if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
  set(HEDDLE_COMPILER clang)
else()
  set(HEDDLE_COMPILER gcc)
endif()

# heddle_flags(VARIABLE flag...) - the flags as one text
function(heddle_flags variable)
  list(JOIN ARGN " " text)
  string(REPLACE "SHELL:" "" text "${text}")
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

heddle_flags(HEDDLE_TEXT_native ${HEDDLE_CODE})
heddle_flags(HEDDLE_TEXT_link ${HEDDLE_LINK})
foreach(compiler clang gcc)
  heddle_flags(HEDDLE_TEXT_tsan_${compiler} ${HEDDLE_INSTRUMENT_${compiler}} ${HEDDLE_CODE})
  heddle_flags(HEDDLE_TEXT_controlled_${compiler} ${HEDDLE_INSTRUMENT_${compiler}}
               ${HEDDLE_QUIET_${compiler}} ${HEDDLE_CODE})
endforeach()
