# sirocco_add_plugin(<name> SOURCES file... [LIBRARIES library...] [NO_INSTALL])
#
# Adds the target <name>, a plugin that is built as <name>.so: a module with hidden visibility, C++20,
# linked to Sirocco::sdk (headers only), with no undefined symbol left and $ORIGIN as its search path.
# Inside this repository it is built into lib/sirocco/plugins of the build tree; elsewhere into the
# project's own build folder. `cmake --install` puts it into lib/sirocco/plugins of the prefix, unless
# NO_INSTALL is given (plugins that only tests use).
#
# A plugin's CMakeLists.txt builds both inside this repository and alone, against an installed copy:
#
#   cmake_minimum_required(VERSION 3.25)
#   project(sirocco-plugin-minimal LANGUAGES CXX)
#   if(NOT COMMAND sirocco_add_plugin)
#     find_package(Sirocco REQUIRED)
#   endif()
#   sirocco_add_plugin(minimal SOURCES plugin.cpp)
#
#   cmake -S . -B build -DCMAKE_PREFIX_PATH=<prefix of Sirocco> && cmake --build build

function(sirocco_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_INSTALL" "" "SOURCES;LIBRARIES")
  if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR
      "sirocco_add_plugin(${name}): expected SOURCES file... [LIBRARIES library...] [NO_INSTALL]")
  endif()

  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE Sirocco::sdk ${arg_LIBRARIES})
  target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so" OUTPUT_NAME "${name}"
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    INSTALL_RPATH "$ORIGIN" BUILD_RPATH "$ORIGIN")
  # clang leaves the sanitizers' symbols to the program that loads the module.
  if(NOT (SIROCCO_SANITIZE AND CMAKE_CXX_COMPILER_ID MATCHES "Clang"))
    target_link_options(${name} PRIVATE "LINKER:--no-undefined")
  endif()

  if(TARGET plugins)
    add_dependencies(plugins ${name})
    set_target_properties(${name} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/sirocco/plugins")
  endif()
  if(NOT arg_NO_INSTALL)
    install(TARGETS ${name} LIBRARY DESTINATION lib/sirocco/plugins)
  endif()
endfunction()
