# Makes the sources of a mutant: cmake -DPATCH= -DPROGRAM= -DMAP= -DTREE= -DROOT= -DSOURCES= -P derive.cmake
# Copies SOURCES into TREE, applies PATCH, and gives the map's table the name and the summary that the
# patch says.
file(REMOVE_RECURSE ${TREE})
foreach(source IN LISTS SOURCES)
  file(RELATIVE_PATH path ${ROOT} ${source})
  configure_file(${source} ${TREE}/${path} COPYONLY)
endforeach()

execute_process(COMMAND ${PROGRAM} -p1 -s -N --no-backup-if-mismatch -i ${PATCH}
                WORKING_DIRECTORY ${TREE} OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE result)
if(result)
  message(FATAL_ERROR "${PATCH}: does not fit ${MAP} any more; bring the patch up to date\n${said}")
endif()

get_filename_component(name ${PATCH} NAME_WE)
file(STRINGS ${PATCH} summary REGEX "^Summary: ")
string(REPLACE "Summary: " "mutant of ${MAP}: " summary "${summary}")
file(GLOB candidates ${TREE}/mapimpl/*/*.c)
foreach(file IN LISTS candidates)
  file(READ ${file} text)
  if(NOT text MATCHES "const struct map_ops heddle_map = ")
    continue()
  endif()
  string(REGEX REPLACE "[.]kind = MAP_[A-Z]+" ".kind = MAP_MUTANT" text "${text}")
  string(REGEX REPLACE "[.]name = \"[^\"]*\"" ".name = \"${name}\"" text "${text}")
  string(REGEX REPLACE "[.]summary =[ \n]*\"[^\"]*\"" ".summary = \"${summary}\"" text "${text}")
  file(WRITE ${file} "${text}")
endforeach()
