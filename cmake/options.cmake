# Options of the build, and the flags that all code of the project shares.
option(HEDDLE_TESTS "build the tests" ON)
option(HEDDLE_WERROR "treat warnings as errors" OFF)
set(HEDDLE_SANITIZE "" CACHE STRING "sanitizers for harness and tests, e.g. address,undefined")
option(HEDDLE_COVERAGE "measure coverage of the harness and of native maps" OFF)

# The flavours of this build. The TSan flavour brings its own runtime, which neither another
# sanitizer nor the coverage runtime can share a process with; its wrappers are x86-64 assembly.
option(HEDDLE_NATIVE "build the native flavour too" OFF)
set(HEDDLE_FLAVOURS controlled)
if(NOT HEDDLE_SANITIZE AND NOT HEDDLE_COVERAGE AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  list(APPEND HEDDLE_FLAVOURS tsan)
endif()
if(HEDDLE_NATIVE)
  list(APPEND HEDDLE_FLAVOURS native)
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Programs stand at the top of the build directory; lib/ and share/ beside them as after an install
# (there, one level up from bin/).
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
# Executables are linked at a fixed address: no address of the harness depends on the run.
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
# The same bytes wherever the tree and its build stand: sources are named from the root of the tree,
# where debuggers are started.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
                    -ffile-prefix-map=${CMAKE_BINARY_DIR}/mutants/=mutants/)
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-fdebug-compilation-dir=.)
else()
  add_compile_options(-fdebug-prefix-map=${CMAKE_BINARY_DIR}=.)
endif()

add_library(heddle_warnings INTERFACE)
target_compile_options(heddle_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow
                       -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla
                       $<$<BOOL:${HEDDLE_WERROR}>:-Werror>)
target_compile_definitions(heddle_warnings INTERFACE _GNU_SOURCE)
target_include_directories(heddle_warnings INTERFACE ${CMAKE_SOURCE_DIR})

# Frame pointers let a fault's stack be read without unwinding tables.
add_library(heddle_host INTERFACE)
target_link_libraries(heddle_host INTERFACE heddle_warnings)
target_compile_options(heddle_host INTERFACE -g -fno-pie -fno-omit-frame-pointer)
target_link_options(heddle_host INTERFACE -no-pie -rdynamic)
if(HEDDLE_SANITIZE)
  target_compile_options(heddle_host INTERFACE -fsanitize=${HEDDLE_SANITIZE}
                         -fno-sanitize-recover=all)
  target_link_options(heddle_host INTERFACE -fsanitize=${HEDDLE_SANITIZE})
endif()
if(HEDDLE_COVERAGE)
  target_compile_options(heddle_host INTERFACE --coverage)
  target_link_options(heddle_host INTERFACE --coverage)
endif()
