// What one token reads when it is decoded at depth 4096: one layer and the head of the shape "1b",
// batch 1, counted under Oclgrind by the plugin beside this file. Run it as CMakeLists.txt does:
//
//     SIROCCO_TRAFFIC=FILE oclgrind --plugins PLUGIN --global-mem-size BYTES opencl_traffic TEST

#include "catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/decoder_layer.hpp"
#include "support/load_backend.hpp"

using namespace harness;

namespace {

void count(sirocco_dtype dtype, const std::string& name, const std::string& lanes) {
  const char* file = std::getenv("SIROCCO_TRAFFIC");
  REQUIRE(file);
  std::filesystem::remove(file);

  const DecoderLayer layer(dtype);
  // Nothing that another driver left is used, and nothing is tried: the launches are those of the
  // step.
  const Host host({{"cache", "off"}, {"autotune", "false"}, {"lanes", lanes}});
  Backend backend(load_backend("opencl"), host);
  INFO("Oclgrind has not loaded the plugin that counts");
  REQUIRE(std::filesystem::exists(file));
  Decoding(backend, layer).decode();

  Reads reads;
  std::ifstream lines(file);
  for (uint64_t sectors = 0, loaded = 0, groups = 0; lines >> sectors >> loaded >> groups;) {
    std::printf("launch %2llu: %7llu work-groups, %7.2f MB read, %7.2f MB loaded\n",
                static_cast<unsigned long long>(reads.launches),
                static_cast<unsigned long long>(groups), static_cast<double>(sectors * 32) / 1e6,
                static_cast<double>(loaded) / 1e6);
    reads.sectors += sectors;
    reads.loaded += loaded;
    ++reads.launches;
  }
  REQUIRE(reads.launches > 0);
  check_reads(layer, name + ", lanes " + lanes, reads);
}

}  // namespace

TEST_CASE("items with rows of their own read weights, keys and values once", "[rows][bf16]") {
  count(SIROCCO_DTYPE_BF16, "bf16", "1");
}
TEST_CASE("items with rows of their own read f32 once as well", "[rows][f32]") {
  count(SIROCCO_DTYPE_F32, "f32", "1");
}
TEST_CASE("items that share rows read weights, keys and values once", "[shared][bf16]") {
  count(SIROCCO_DTYPE_BF16, "bf16", "32");
}
TEST_CASE("items that share rows read f32 once as well", "[shared][f32]") {
  count(SIROCCO_DTYPE_F32, "f32", "32");
}
