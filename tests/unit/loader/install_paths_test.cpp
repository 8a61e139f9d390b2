#include "loader/install_paths.hpp"

#include "catch.hpp"

namespace sirocco {

TEST_CASE("the build tree is found from a test program") {
  const InstallPaths paths = install_paths();
  CHECK(paths.prefix == std::filesystem::path(SIROCCO_BUILD_DIR));
  CHECK(paths.plugins == paths.prefix / "lib/sirocco/plugins");
  CHECK(paths.configs == paths.prefix / "share/sirocco/configs");
  CHECK(paths.probe == paths.prefix / "libexec/sirocco/sirocco-plugin-probe");
}

}  // namespace sirocco
