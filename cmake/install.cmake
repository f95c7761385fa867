# What `make install` copies, beside the manual pages and the modules of cmake/module.cmake, and `make
# package` makes a Debian package of:
#   bin/heddle, bin/heddle-tsan, bin/heddle-native   the command, and the programs that it starts
#   share/heddle/scenarios/*.yaml                    the scenarios
#   include/heddle/map.h                             what a map of one's own is written against
#   share/heddle/examples/map                        a map of one's own, to copy
#   share/doc/heddle                                 the documentation
#   share/bash-completion, share/zsh                 completion of commands, options and names
foreach(program heddle heddle-tsan heddle-native)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()

install(FILES mapimpl/map.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heddle)

install(FILES cli/completion/heddle.bash RENAME heddle
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES cli/completion/_heddle DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)

install(DIRECTORY examples/map DESTINATION ${CMAKE_INSTALL_DATADIR}/heddle/examples)

file(GLOB documents CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/LICENSE
     ${CMAKE_SOURCE_DIR}/docs/*.md)
install(FILES ${documents} DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The maps keep their debug information: the stacks of faults are read from it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the maintainers of heddle <root@localhost>")
set(CPACK_STRIP_FILES OFF)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# For maps of one's own a compiler, for `replay --gdb` the debugger, for ThreadSanitizer's lines a
# symbolizer.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gcc | clang, make")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "gdb, llvm")
include(CPack)
