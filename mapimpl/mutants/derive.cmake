# Makes the sources of a mutant: cmake -DPATCH= -DPROGRAM= -DMAP= -DTREE= -DROOT= -DSOURCES= -P derive.cmake
# Copies SOURCES into TREE, applies PATCH, and gives the map's table the name and the summary that the
# patch says. A patch that does not fit is told, in TREE/misfit as well, and its module has the reason in
# place of a table: heddle refuses it with that. The maps themselves are built and judged all the same.
function(copy_sources)
  file(REMOVE_RECURSE ${TREE})
  foreach(source IN LISTS SOURCES)
    file(RELATIVE_PATH path ${ROOT} ${source})
    configure_file(${source} ${TREE}/${path} COPYONLY)
  endforeach()
endfunction()
copy_sources()

execute_process(COMMAND ${PROGRAM} -p1 -s -N --no-backup-if-mismatch -i ${PATCH}
                WORKING_DIRECTORY ${TREE} OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE result)
get_filename_component(name ${PATCH} NAME_WE)
set(table "const struct map_ops heddle_map = ")
set(own_table "${table}")
if(result)
  copy_sources()
  set(reason "the patch mapimpl/mutants/${name}.patch does not fit ${MAP} any more")
  message(NOTICE "mutant ${name}: ${reason}\n${said}")
  file(WRITE ${TREE}/misfit "mutant ${name}: ${reason}\n")
  string(CONCAT own_table "__attribute__((visibility(\"default\"))) const char heddle_map_refused[]\n"
         "    = \"${reason}\";\nconst struct map_ops heddle_map_unfit = ")
endif()

file(STRINGS ${PATCH} summary REGEX "^Summary: ")
string(REPLACE "Summary: " "mutant of ${MAP}: " summary "${summary}")
file(GLOB candidates ${TREE}/mapimpl/*/*.c)
foreach(file IN LISTS candidates)
  file(READ ${file} text)
  if(NOT text MATCHES "${table}")
    continue()
  endif()
  string(REPLACE "${table}" "${own_table}" text "${text}")
  string(REGEX REPLACE "[.]kind = MAP_[A-Z]+" ".kind = MAP_MUTANT" text "${text}")
  string(REGEX REPLACE "[.]name = \"[^\"]*\"" ".name = \"${name}\"" text "${text}")
  string(REGEX REPLACE "[.]summary =[ \n]*\"[^\"]*\"" ".summary = \"${summary}\"" text "${text}")
  file(WRITE ${file} "${text}")
endforeach()
