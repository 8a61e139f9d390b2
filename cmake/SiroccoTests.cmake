# Functions with which the folders under tests/ register their tests.
#
# A test that lacks something on this machine prints a line "SKIPPED: reason". When that holds for
# the whole test it exits with 77, which CTest reports as skipped. (tests/skip.hpp helps in C++.)

find_package(Catch2 REQUIRED)
add_library(catch_main STATIC "${CMAKE_SOURCE_DIR}/tests/catch_main.cpp")
target_link_libraries(catch_main PUBLIC Catch2::Catch2)

add_library(sirocco_test_settings INTERFACE)
target_include_directories(sirocco_test_settings INTERFACE "${CMAKE_SOURCE_DIR}/tests")
target_compile_definitions(sirocco_test_settings INTERFACE
  SIROCCO_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SIROCCO_BUILD_DIR="${CMAKE_BINARY_DIR}")

# Numpy may belong to another python3 than the first one on the path.
if(NOT SIROCCO_PYTHON)
  foreach(candidate python3 /usr/bin/python3 /usr/local/bin/python3)
    execute_process(COMMAND ${candidate} -c "import numpy" RESULT_VARIABLE result
                    OUTPUT_QUIET ERROR_QUIET)
    if(result EQUAL 0)
      set(SIROCCO_PYTHON "${candidate}" CACHE STRING "A python3 that can import numpy")
      break()
    endif()
  endforeach()
endif()

# Areas whose unit tests also run under the thread sanitizer.
set(SIROCCO_TSAN_AREAS loader exec runtime)

# sirocco_test_properties(<name> [label...]): the conventions that hold for every test.
function(sirocco_test_properties name)
  set_tests_properties(${name} PROPERTIES
    SKIP_RETURN_CODE 77
    LABELS "${ARGN}"
    ENVIRONMENT "SIROCCO_SOURCE_DIR=${CMAKE_SOURCE_DIR};SIROCCO_BUILD_DIR=${CMAKE_BINARY_DIR};SIROCCO_PYTHON=${SIROCCO_PYTHON}")
endfunction()

# sirocco_add_unit_tests(<folder>): see tests/CMakeLists.txt. All *.cpp of the folder are compiled,
# so helpers can lie beside the tests; a CMakeLists.txt in the folder may add to the target.
function(sirocco_add_unit_tests folder)
  cmake_path(GET folder FILENAME area)
  file(GLOB tests CONFIGURE_DEPENDS "${folder}/*_test.cpp")
  file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cpp")
  if(NOT tests)
    return()
  endif()
  add_executable(unit_${area} ${sources})
  target_link_libraries(unit_${area} PRIVATE sirocco_core sirocco_test_settings catch_main)
  set_target_properties(unit_${area} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests/bin")
  add_test(NAME unit.${area} COMMAND unit_${area})
  set(labels unit)
  if(area IN_LIST SIROCCO_TSAN_AREAS)
    list(APPEND labels tsan)
  endif()
  sirocco_test_properties(unit.${area} ${labels})
  if(EXISTS "${folder}/CMakeLists.txt")
    add_subdirectory("${folder}")
  endif()
endfunction()

# sirocco_add_python_test(<name> <script> [argument...] [LABELS label...]): a test in Python, with
# SIROCCO_SOURCE_DIR, SIROCCO_BUILD_DIR and SIROCCO_PYTHON in its environment.
function(sirocco_add_python_test name script)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "LABELS")
  if(SIROCCO_PYTHON)
    add_test(NAME ${name} COMMAND ${SIROCCO_PYTHON} -B "${script}" ${arg_UNPARSED_ARGUMENTS})
  else()
    add_test(NAME ${name} COMMAND sh -c "echo 'SKIPPED: no python3 with numpy found'; exit 77")
  endif()
  sirocco_test_properties(${name} ${arg_LABELS})
endfunction()
