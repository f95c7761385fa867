# heddle_module(NAME DIRECTORY dir SOURCES a.c b.c [PLAIN inspect.c])
# Code under test: one shared object a flavour, <build>/lib/heddle/<flavour>/<dir>/<NAME>.so.
#   controlled, tsan: compiled with -fsanitize=thread and linked without the sanitizer's runtime
#                     against the executable's callbacks; calls of the heap and of mem*/str*
#                     functions are redirected by the list in harness/intercept.
#   native:           not instrumented.
# PLAIN sources are never instrumented (inspectors).

set(HEDDLE_WRAP_CONTROLLED ${CMAKE_SOURCE_DIR}/harness/intercept/wrap-controlled.options)
set(HEDDLE_WRAP_TSAN ${CMAKE_SOURCE_DIR}/harness/intercept/wrap-tsan.options)

if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
  set(HEDDLE_INSTRUMENT -fsanitize=thread "SHELL:-mllvm -tsan-instrument-read-before-write=1")
  set(HEDDLE_INSTRUMENT_CONTROLLED "SHELL:-mllvm -tsan-instrument-func-entry-exit=0")
else()
  set(HEDDLE_INSTRUMENT -fsanitize=thread -fno-builtin-memset -fno-builtin-memcpy
                        -fno-builtin-memmove -fno-builtin-memcmp)
  set(HEDDLE_INSTRUMENT_CONTROLLED --param=tsan-instrument-func-entry-exit=0)
endif()

function(heddle_module_flavour name flavour)
  cmake_parse_arguments(arg "" "DIRECTORY" "SOURCES;PLAIN" ${ARGN})
  set(target module_${name}_${flavour})
  set(code ${target}_code)
  add_library(${code} OBJECT ${arg_SOURCES})
  target_link_libraries(${code} PRIVATE heddle_warnings)
  target_compile_options(${code} PRIVATE -g -O2 -fPIC -fno-plt -fno-omit-frame-pointer
                         -fvisibility=hidden)
  set(objects $<TARGET_OBJECTS:${code}>)
  if(arg_PLAIN)
    add_library(${target}_plain OBJECT ${arg_PLAIN})
    target_link_libraries(${target}_plain PRIVATE heddle_warnings)
    target_compile_options(${target}_plain PRIVATE -g -O2 -fPIC -fno-omit-frame-pointer
                           -fvisibility=hidden)
    list(APPEND objects $<TARGET_OBJECTS:${target}_plain>)
  endif()
  add_library(${target} MODULE ${objects})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name} LINKER_LANGUAGE C
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/heddle/${flavour}/${arg_DIRECTORY})
  target_link_options(${target} PRIVATE -Wl,-z,now -Wl,--build-id)
  if(flavour STREQUAL "controlled")
    target_compile_options(${code} PRIVATE ${HEDDLE_INSTRUMENT} ${HEDDLE_INSTRUMENT_CONTROLLED})
    target_link_options(${target} PRIVATE -Wl,@${HEDDLE_WRAP_CONTROLLED})
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${HEDDLE_WRAP_CONTROLLED})
  elseif(flavour STREQUAL "tsan")
    target_compile_options(${code} PRIVATE ${HEDDLE_INSTRUMENT})
    target_link_options(${target} PRIVATE -Wl,@${HEDDLE_WRAP_TSAN})
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${HEDDLE_WRAP_TSAN})
  endif()
  if(arg_DIRECTORY STREQUAL "maps")
    install(TARGETS ${target} LIBRARY DESTINATION lib/heddle/${flavour}/maps)
  endif()
endfunction()

function(heddle_module name)
  foreach(flavour IN LISTS HEDDLE_FLAVOURS)
    heddle_module_flavour(${name} ${flavour} ${ARGN})
  endforeach()
endfunction()
