# Read by CMake when the peer is built from its source distribution, which lacks a script that its build
# runs: the one that makes common/build-info.cpp of a template.
set(common "${CMAKE_CURRENT_SOURCE_DIR}/vendor/ik_llama.cpp/common")
set(script "${common}/cmake/build-info-gen-cpp.cmake")
if(EXISTS "${common}/build-info.cpp.in" AND NOT EXISTS "${script}")
  file(WRITE "${script}" [[
set(BUILD_NUMBER 0)
set(BUILD_COMMIT unknown)
set(BUILD_COMPILER unknown)
set(BUILD_TARGET unknown)
configure_file(common/build-info.cpp.in common/build-info.cpp)
]])
endif()
