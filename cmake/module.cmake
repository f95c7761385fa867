# heddle_module(NAME DIRECTORY dir SOURCES a.c b.c [PLAIN inspect.c] [DEFINES X=1])
# Code under test: one shared object a flavour, <build>/lib/heddle/<flavour>/<dir>/<NAME>.so.
#   controlled, tsan: compiled with -fsanitize=thread and linked without the sanitizer's runtime
#                     against the executable's callbacks; calls of the heap and of mem*/str*
#                     functions are redirected by the list in harness/intercept.
#   native:           not instrumented.
# The flags are those of cmake/flags.cmake. PLAIN sources are never instrumented (inspectors).

set(HEDDLE_WRAP_CONTROLLED ${CMAKE_SOURCE_DIR}/harness/intercept/wrap-controlled.options)
set(HEDDLE_WRAP_TSAN ${CMAKE_SOURCE_DIR}/harness/intercept/wrap-tsan.options)

function(heddle_module_flavour name flavour)
  cmake_parse_arguments(arg "" "DIRECTORY" "SOURCES;PLAIN;DEFINES" ${ARGN})
  set(target module_${name}_${flavour})
  set(code ${target}_code)
  add_library(${code} OBJECT ${arg_SOURCES})
  target_link_libraries(${code} PRIVATE heddle_warnings)
  target_compile_definitions(${code} PRIVATE ${arg_DEFINES})
  target_compile_options(${code} PRIVATE ${HEDDLE_CODE})
  set(objects $<TARGET_OBJECTS:${code}>)
  if(arg_PLAIN)
    add_library(${target}_plain OBJECT ${arg_PLAIN})
    target_link_libraries(${target}_plain PRIVATE heddle_warnings)
    target_compile_definitions(${target}_plain PRIVATE ${arg_DEFINES})
    target_compile_options(${target}_plain PRIVATE ${HEDDLE_CODE})
    list(APPEND objects $<TARGET_OBJECTS:${target}_plain>)
  endif()
  add_library(${target} MODULE ${objects})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name} LINKER_LANGUAGE C
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/heddle/${flavour}/${arg_DIRECTORY})
  target_link_options(${target} PRIVATE ${HEDDLE_LINK})
  if(flavour STREQUAL "controlled")
    target_compile_options(${code} PRIVATE ${HEDDLE_INSTRUMENT_${HEDDLE_COMPILER}}
                           ${HEDDLE_QUIET_${HEDDLE_COMPILER}})
    target_link_options(${target} PRIVATE -Wl,@${HEDDLE_WRAP_CONTROLLED})
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${HEDDLE_WRAP_CONTROLLED})
  elseif(flavour STREQUAL "tsan")
    target_compile_options(${code} PRIVATE ${HEDDLE_INSTRUMENT_${HEDDLE_COMPILER}})
    target_link_options(${target} PRIVATE -Wl,@${HEDDLE_WRAP_TSAN})
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${HEDDLE_WRAP_TSAN})
  endif()
  if(arg_DIRECTORY MATCHES "^(maps|mutants|variants)$")
    install(TARGETS ${target} LIBRARY DESTINATION lib/heddle/${flavour}/${arg_DIRECTORY})
  endif()
endfunction()

function(heddle_module name)
  foreach(flavour IN LISTS HEDDLE_FLAVOURS)
    heddle_module_flavour(${name} ${flavour} ${ARGN})
  endforeach()
endfunction()
