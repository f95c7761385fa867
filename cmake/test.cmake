# heddle_test(NAME [LONG] SOURCES test_x.c LINKS layers [DEPENDS targets])
# A Criterion test program, run by ctest from the build directory, with a folder of its own for what is
# temporary: <build>/tmp/<NAME>, which it leaves empty (ci/test.sh). LONG: it takes a minute or so, starts
# first and has the label `long`.
add_library(scratch STATIC ${CMAKE_SOURCE_DIR}/tests/scratch.c)
target_link_libraries(scratch PUBLIC heddle_host criterion)
target_compile_definitions(scratch PRIVATE HEDDLE_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                           HEDDLE_BUILD_DIR="${CMAKE_BINARY_DIR}")

function(heddle_test name)
  cmake_parse_arguments(arg "LONG" "" "SOURCES;LINKS;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE heddle_host ${arg_LINKS} scratch)
  target_compile_definitions(${name} PRIVATE HEDDLE_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                             HEDDLE_BUILD_DIR="${CMAKE_BINARY_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(arg_DEPENDS)
    add_dependencies(${name} ${arg_DEPENDS})
  endif()
  add_test(NAME ${name} COMMAND ${name} -j1 --verbose=0 WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/tmp/${name})
  set_tests_properties(${name} PROPERTIES ENVIRONMENT TMPDIR=${CMAKE_BINARY_DIR}/tmp/${name})
  if(arg_LONG)
    set_tests_properties(${name} PROPERTIES LABELS long COST 100)
  endif()
endfunction()
