# The page that `sirocco compare --html` fills in: its own files, and the modules of D3 that its charts
# need, taken from where the distribution packages them and joined into d3.js beside the page. Without
# them everything else is built, and --html refuses with the reason.

set(page_source "${CMAKE_SOURCE_DIR}/core/compare/page")
set(page_folder "${CMAKE_BINARY_DIR}/${SIROCCO_PAGE_DIR}")
file(MAKE_DIRECTORY "${page_folder}")
file(GLOB page_files CONFIGURE_DEPENDS "${page_source}/*.html" "${page_source}/*.css"
     "${page_source}/*.js")
foreach(page_file IN LISTS page_files)
  cmake_path(GET page_file FILENAME page_name)
  file(CREATE_LINK "${page_file}" "${page_folder}/${page_name}" SYMBOLIC)
endforeach()
install(FILES ${page_files} DESTINATION ${SIROCCO_PAGE_DIR})

# In the order of their dependencies.
set(d3_modules array collection color format interpolate time time-format scale selection axis)
set(d3_missing "")
file(READ "${page_source}/d3-licence.txt" d3_text)
set(d3_text "/*\n${d3_text}*/\n")
foreach(module IN LISTS d3_modules)
  find_file(SIROCCO_D3_${module} d3-${module}.min.js
    PATHS /usr/share/nodejs /usr/local/share/nodejs PATH_SUFFIXES d3-${module}/dist
    DOC "Module of the chart library D3" NO_DEFAULT_PATH)
  mark_as_advanced(SIROCCO_D3_${module})
  if(SIROCCO_D3_${module})
    file(READ "${SIROCCO_D3_${module}}" module_text)
    string(APPEND d3_text "${module_text}\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${SIROCCO_D3_${module}}")
  else()
    list(APPEND d3_missing d3-${module})
  endif()
endforeach()
if(d3_missing)
  list(JOIN d3_missing " " d3_missing)
  message(STATUS "D3 is not complete (missing: ${d3_missing}): `sirocco compare --html` will refuse; "
                 "Debian has it as node-d3-axis, node-d3-scale and node-d3-selection")
  file(REMOVE "${page_folder}/d3.js")
else()
  file(CONFIGURE OUTPUT "${page_folder}/d3.js" CONTENT "@d3_text@" @ONLY)
  install(FILES "${page_folder}/d3.js" DESTINATION ${SIROCCO_PAGE_DIR})
endif()
