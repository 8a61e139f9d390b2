# What `cmake --install` puts under the prefix, besides the programs and plugins:
# the headers that plugins see, a CMake package for their authors, the configs and the licence.

include(CMakePackageConfigHelpers)

set(package_dir lib/cmake/Sirocco)
foreach(layer abi sdk)
  if(EXISTS "${CMAKE_SOURCE_DIR}/core/${layer}/sirocco")
    install(DIRECTORY "${CMAKE_SOURCE_DIR}/core/${layer}/sirocco" DESTINATION include
            FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
  endif()
endforeach()

install(TARGETS sirocco_abi sirocco_sdk EXPORT SiroccoTargets)
install(EXPORT SiroccoTargets NAMESPACE Sirocco:: DESTINATION ${package_dir})
configure_package_config_file(cmake/SiroccoConfig.cmake.in
  "${CMAKE_BINARY_DIR}/generated/SiroccoConfig.cmake" INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file("${CMAKE_BINARY_DIR}/generated/SiroccoConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/generated/SiroccoConfig.cmake"
              "${CMAKE_BINARY_DIR}/generated/SiroccoConfigVersion.cmake"
              "${CMAKE_SOURCE_DIR}/cmake/SiroccoPlugin.cmake"
        DESTINATION ${package_dir})

if(IS_DIRECTORY "${CMAKE_SOURCE_DIR}/configs")
  install(DIRECTORY "${CMAKE_SOURCE_DIR}/configs/" DESTINATION ${SIROCCO_CONFIG_DIR})
endif()
install(FILES "${CMAKE_SOURCE_DIR}/LICENSE" DESTINATION share/doc/sirocco)
