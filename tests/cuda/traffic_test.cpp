// What one token reads when it is decoded at depth 4096: one layer and the head of the shape "1b"
// (bench/shapes.py), batch 1, counted by the emulator where the kernels touch memory.

#include "catch.hpp"

#include "cuda/plugin.hpp"
#include "support/decoder_layer.hpp"

using namespace harness;

namespace {

void count(sirocco_dtype dtype, const char* name) {
  cuda_emulation::reset(1);
  const DecoderLayer layer(dtype);
  const Host host;
  Backend backend(cuda_test::emulated(), host);
  Decoding decoding(backend, layer);

  cuda_emulation::count_traffic(true);
  const uint64_t launches = cuda_emulation::launches();
  decoding.decode();
  const cuda_emulation::Traffic traffic = cuda_emulation::traffic();
  cuda_emulation::count_traffic(false);

  check_reads(layer, name,
              {traffic.read_sectors, traffic.loaded, cuda_emulation::launches() - launches});
}

}  // namespace

TEST_CASE("a decoded token reads weights, keys and values once", "[traffic]") {
  count(SIROCCO_DTYPE_BF16, "bf16");
  count(SIROCCO_DTYPE_F32, "f32");
}
