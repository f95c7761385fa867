# heddle_module(NAME DIRECTORY dir SOURCES a.c b.c [PLAIN inspect.c] [CODE name [EXCEPT regex]]
#               [INCLUDE dir] [DEFINES X=1])
# Code under test: one shared object a flavour, <build>/lib/heddle/<flavour>/<dir>/<NAME>.so.
#   controlled, tsan: compiled with -fsanitize=thread and linked without the sanitizer's runtime
#                     against the executable's callbacks; calls of the heap and of mem*/str*
#                     functions are redirected by the list in harness/intercept.
#   native:           not instrumented.
# The flags are those of cmake/flags.cmake. PLAIN sources are never instrumented (inspectors). CODE is
# what heddle_code made before: objects that several modules share; those that match EXCEPT are left
# out. INCLUDE is searched before the root.
#
# heddle_code(NAME SOURCES a.c b.c [PLAIN c.c])
# Compiles them once a flavour. The objects are in the global property HEDDLE_OBJECTS_<NAME>_<flavour>.

set(HEDDLE_WRAP_CONTROLLED ${CMAKE_SOURCE_DIR}/harness/intercept/wrap-controlled.options)
set(HEDDLE_WRAP_TSAN ${CMAKE_SOURCE_DIR}/harness/intercept/wrap-tsan.options)

function(heddle_code_flavour name flavour)
  cmake_parse_arguments(arg "" "INCLUDE" "SOURCES;PLAIN;DEFINES" ${ARGN})
  set(code ${name}_${flavour}_code)
  add_library(${code} OBJECT ${arg_SOURCES})
  set(targets ${code})
  if(arg_PLAIN)
    add_library(${code}_plain OBJECT ${arg_PLAIN})
    list(APPEND targets ${code}_plain)
  endif()
  set(objects)
  foreach(target IN LISTS targets)
    target_include_directories(${target} BEFORE PRIVATE ${arg_INCLUDE})
    target_link_libraries(${target} PRIVATE heddle_warnings)
    target_compile_definitions(${target} PRIVATE ${arg_DEFINES})
    target_compile_options(${target} PRIVATE ${HEDDLE_CODE})
    list(APPEND objects $<TARGET_OBJECTS:${target}>)
  endforeach()
  if(flavour STREQUAL "controlled")
    target_compile_options(${code} PRIVATE ${HEDDLE_INSTRUMENT_${HEDDLE_COMPILER}}
                           ${HEDDLE_QUIET_${HEDDLE_COMPILER}})
  elseif(flavour STREQUAL "tsan")
    target_compile_options(${code} PRIVATE ${HEDDLE_INSTRUMENT_${HEDDLE_COMPILER}})
  endif()
  set_property(GLOBAL PROPERTY HEDDLE_OBJECTS_${name}_${flavour} ${objects})
endfunction()

function(heddle_code name)
  foreach(flavour IN LISTS HEDDLE_FLAVOURS)
    heddle_code_flavour(${name} ${flavour} ${ARGN})
  endforeach()
endfunction()

function(heddle_module_flavour name flavour)
  cmake_parse_arguments(arg "" "DIRECTORY;CODE;EXCEPT" "" ${ARGN})
  set(target module_${name}_${flavour})
  heddle_code_flavour(module_${name} ${flavour} ${arg_UNPARSED_ARGUMENTS})
  get_property(objects GLOBAL PROPERTY HEDDLE_OBJECTS_module_${name}_${flavour})
  if(arg_CODE)
    get_property(shared GLOBAL PROPERTY HEDDLE_OBJECTS_${arg_CODE}_${flavour})
    foreach(item IN LISTS shared)
      if(arg_EXCEPT)
        set(item $<FILTER:${item},EXCLUDE,${arg_EXCEPT}>)
      endif()
      list(APPEND objects ${item})
    endforeach()
  endif()
  add_library(${target} MODULE ${objects})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name} LINKER_LANGUAGE C
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/heddle/${flavour}/${arg_DIRECTORY})
  target_link_options(${target} PRIVATE ${HEDDLE_LINK})
  if(flavour STREQUAL "controlled")
    target_link_options(${target} PRIVATE -Wl,@${HEDDLE_WRAP_CONTROLLED})
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${HEDDLE_WRAP_CONTROLLED})
  elseif(flavour STREQUAL "tsan")
    target_link_options(${target} PRIVATE -Wl,@${HEDDLE_WRAP_TSAN})
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${HEDDLE_WRAP_TSAN})
  endif()
  if(flavour STREQUAL "native" AND arg_PLAIN)
    target_compile_definitions(${target}_plain PRIVATE GOMAP_NATIVE)
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
