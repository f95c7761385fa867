# What `make install` copies, beside the manual pages and the modules of cmake/module.cmake:
#   bin/heddle, bin/heddle-tsan, bin/heddle-native   the command, and the programs that it starts
#   share/heddle/scenarios/*.yaml                    the scenarios
#   include/heddle/map.h                             what a map of one's own is written against
#   share/heddle/examples/map                        a map of one's own, to copy
#   share/doc/heddle                                 the documentation
foreach(program heddle heddle-tsan heddle-native)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()

file(GLOB_RECURSE scenarios CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/scenarios/*.yaml)
install(FILES ${scenarios} DESTINATION ${CMAKE_INSTALL_DATADIR}/heddle/scenarios)

install(FILES mapimpl/map.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heddle)

install(DIRECTORY examples/map DESTINATION ${CMAKE_INSTALL_DATADIR}/heddle/examples)

file(GLOB documents CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/LICENSE
     ${CMAKE_SOURCE_DIR}/docs/*.md)
install(FILES ${documents} DESTINATION ${CMAKE_INSTALL_DOCDIR})
