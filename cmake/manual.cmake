# The manual pages: docs/<name>.<n>.scd becomes <build>/share/man/man<n>/<name>.<n>.
file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/*.scd ${CMAKE_SOURCE_DIR}/docs/man/*.scd)
find_program(SCDOC scdoc)
mark_as_advanced(SCDOC)

set(manual "")
foreach(source IN LISTS pages)
  if(NOT SCDOC)
    message(STATUS "no scdoc: manual pages are not built")
    break()
  endif()
  get_filename_component(page ${source} NAME_WLE)
  string(REGEX REPLACE ".*\\." "" section ${page})
  set(output ${CMAKE_BINARY_DIR}/share/man/man${section}/${page})
  add_custom_command(OUTPUT ${output} DEPENDS ${source} VERBATIM
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/share/man/man${section}
    COMMAND sh -c "\"$1\" <\"$2\" >\"$3\"" scdoc ${SCDOC} ${source} ${output})
  list(APPEND manual ${output})
  install(FILES ${output} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
add_custom_target(manual ALL DEPENDS ${manual})
