# heddle_layer(NAME SOURCES a.c b.c LINKS other_layers_or_libraries)
# A layer is a static library. What it may link is written here once, in LINKS; ci/layers checks the
# includes against the same arrows.
function(heddle_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC heddle_host ${arg_LINKS})
endfunction()
