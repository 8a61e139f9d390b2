#include "graph/scalar.hpp"

#include <algorithm>

#include <sirocco/error.hpp>
#include <sirocco/sdk/numeric.hpp>

#include "graph/tensor_type.hpp"

namespace sirocco {

void scalars_to_f32(const std::byte* source, sirocco_dtype dtype, size_t n, float* target) {
  if (!is_float(dtype)) {
    throw Error(ErrorKind::failure,
                std::string("values of dtype ") + dtype_name(dtype) + " are no floats");
  }
  constexpr size_t kBlock = 256;
  double values[kBlock];
  for (size_t done = 0; done < n; done += kBlock) {
    const size_t count = std::min(kBlock, n - done);
    sdk::load_doubles(source, dtype, static_cast<int64_t>(done), static_cast<int64_t>(count),
                      values);
    std::transform(values, values + count, target + done,
                   [](double value) { return static_cast<float>(value); });
  }
}

}  // namespace sirocco
