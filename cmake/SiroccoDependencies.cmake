# What core and the programs link; gathered in the target sirocco_dependencies.
# Plugins find their own libraries in their own folders.

find_package(Threads REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.74 REQUIRED CONFIG)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBEDIT REQUIRED IMPORTED_TARGET libedit)  # line editing, BSD licence

add_library(sirocco_dependencies INTERFACE)
target_link_libraries(sirocco_dependencies INTERFACE
  fmt::fmt spdlog::spdlog nlohmann_json::nlohmann_json Boost::headers)
# The target's name changed in yaml-cpp 0.8.
if(TARGET yaml-cpp::yaml-cpp)
  target_link_libraries(sirocco_dependencies INTERFACE yaml-cpp::yaml-cpp)
else()
  target_link_libraries(sirocco_dependencies INTERFACE yaml-cpp)
endif()
# Boost.DLL speaks std::filesystem, so that Boost.Filesystem need not be linked.
target_compile_definitions(sirocco_dependencies INTERFACE BOOST_DLL_USE_STD_FS)
