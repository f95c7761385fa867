# Mutants: maps that were correct before one step of theirs was changed.
#
# NAME.patch beside this file is a mutant of the map on its line `Map:`. It says what is wrong and how that
# is found (docs/MUTANTS.md), and holds the change: to sources and headers of that map, or to sources of
# gomap that it is built on. The map's own files and the changed ones are compiled again, from
# <build>/mutants/NAME; all else are the objects of the correct maps.
find_program(HEDDLE_PATCH patch REQUIRED)
set(mutant_script ${CMAKE_CURRENT_LIST_DIR}/derive.cmake)

function(mapimpl_mutant patch)
  get_filename_component(name ${patch} NAME_WE)
  file(STRINGS ${patch} map REGEX "^Map: ")
  string(REPLACE "Map: " "" map "${map}")
  if(NOT map_${map}_sources)
    message(FATAL_ERROR "${patch}: no line 'Map:' with the name of a map")
  endif()
  set(tree ${CMAKE_BINARY_DIR}/mutants/${name})
  file(GLOB headers CONFIGURE_DEPENDS ${root}/${map}/*.h)
  set(originals ${map_${map}_sources} ${headers})

  # Sources of gomap that the patch changes.
  set(except)
  file(STRINGS ${patch} changed REGEX "^[+][+][+] b/.*[.]c$")
  foreach(line IN LISTS changed)
    string(REPLACE "+++ b" "${CMAKE_SOURCE_DIR}" source "${line}")
    if(source IN_LIST gomap_core AND NOT source IN_LIST originals)
      list(APPEND originals ${source})
      get_filename_component(file ${source} NAME_WE)
      list(APPEND except /gomap/${file}[.]c)
    endif()
  endforeach()
  if(except)
    list(JOIN except "|" except)
    set(except EXCEPT "(${except})")
  endif()

  set(derived)
  set(plain ${map_${map}_plain})
  foreach(source IN LISTS originals)
    file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${source})
    list(APPEND derived ${tree}/${path})
    if(plain AND path MATCHES "[.]h$")
      list(APPEND plain ${tree}/${path}) # not compiled before its headers are there
    endif()
  endforeach()
  add_custom_command(OUTPUT ${derived}
    COMMAND ${CMAKE_COMMAND} -DPATCH=${patch} -DPROGRAM=${HEDDLE_PATCH} -DMAP=${map} -DTREE=${tree}
            -DROOT=${CMAKE_SOURCE_DIR} "-DSOURCES=${originals}" -P ${mutant_script}
    DEPENDS ${patch} ${originals} ${mutant_script} VERBATIM COMMENT "Deriving mutant ${name}")
  heddle_module(${name} DIRECTORY mutants CODE gomap_core ${except} INCLUDE ${tree}
                SOURCES ${derived} PLAIN ${plain})
endfunction()

file(GLOB patches CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.patch)
list(SORT patches)
set(names)
foreach(patch IN LISTS patches)
  mapimpl_mutant(${patch})
  get_filename_component(name ${patch} NAME_WE)
  list(APPEND names ${name})
endforeach()
set_property(GLOBAL PROPERTY HEDDLE_MUTANTS ${names})
