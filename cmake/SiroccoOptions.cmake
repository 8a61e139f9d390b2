# Options, compiler flags and the layout of the build tree.

option(SIROCCO_WERROR "Treat compiler warnings as errors" OFF)
option(SIROCCO_BUILD_TESTS "Build the tests" ON)
option(SIROCCO_FUZZ "Build the fuzzers with libFuzzer (clang only)" OFF)
set(SIROCCO_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them, e.g. address,undefined")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

set(sirocco_host_code "$<COMPILE_LANGUAGE:C,CXX>")
add_compile_options("$<${sirocco_host_code}:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion>"
                    "$<${sirocco_host_code}:-Wno-sign-conversion>")
# Members left out of a designated initialiser are meant to have their defaults.
add_compile_options("$<${sirocco_host_code}:-Wno-missing-field-initializers>")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # gcc 12 reports overlapping copies inside std::string that are not there (PR 105651).
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>")
endif()
if(SIROCCO_WERROR)
  add_compile_options("$<${sirocco_host_code}:-Werror>")
endif()

if(SIROCCO_SANITIZE)
  add_compile_options(-fsanitize=${SIROCCO_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SIROCCO_SANITIZE})
  # gcc's manual: the instrumentation makes this warning unreliable. (The presets of the sanitizers
  # leave SIROCCO_WERROR off for the same reason.)
  add_compile_options("$<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>")
endif()
if(SIROCCO_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "SIROCCO_FUZZ needs clang++: use the preset 'fuzz'")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Libraries that ./dev setup unpacked because the system has none.
if(IS_DIRECTORY "${CMAKE_SOURCE_DIR}/.deps/onednn")
  list(APPEND CMAKE_PREFIX_PATH "${CMAKE_SOURCE_DIR}/.deps/onednn")
endif()

# Folders relative to the prefix. The build tree mirrors them, so that a program finds its plugins,
# configs and helpers by one rule, relative to its own location, in both places.
set(SIROCCO_PLUGIN_DIR "lib/sirocco/plugins")
set(SIROCCO_LIBEXEC_DIR "libexec/sirocco")
set(SIROCCO_CONFIG_DIR "share/sirocco/configs")
set(SIROCCO_PAGE_DIR "share/sirocco/page")

file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/bin" "${CMAKE_BINARY_DIR}/share/sirocco"
     "${CMAKE_BINARY_DIR}/${SIROCCO_PLUGIN_DIR}" "${CMAKE_BINARY_DIR}/${SIROCCO_LIBEXEC_DIR}")
file(CREATE_LINK "${CMAKE_SOURCE_DIR}/configs" "${CMAKE_BINARY_DIR}/${SIROCCO_CONFIG_DIR}" SYMBOLIC)
