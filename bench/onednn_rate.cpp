// What oneDNN does by itself with a model's matrix products: the rate that a whole prefill step is
// measured against.
//
//   onednn_rate DTYPE THREADS M  N K COUNT [N K COUNT]…
//
// Each product [M, K] x [K, N] is timed with weights packed as the library likes them (`any`) and
// as they lie on file (rows of K), with f32 outputs and such of DTYPE, on THREADS threads of its
// own; the best of these counts, COUNT times. Weights change from call to call, so that none is
// found in a cache. Prints one JSON object.

#include <omp.h>
#include <dnnl.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using dnnl::memory;
using Clock = std::chrono::steady_clock;

/// Weights of one shape take about so much memory together.
constexpr int64_t kRotatedBytes = int64_t{256} << 20;
constexpr int kRepeats = 3;

struct Shape {
  int64_t m, n, k, count;
};

class Rate {
 public:
  explicit Rate(memory::data_type dtype)
      : dtype_(dtype), engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {}

  /// Seconds of one product, the best of all ways; `how` says which it was.
  double best(const Shape& shape, std::string& how) {
    double least = 0;
    std::vector<memory::data_type> outs{memory::data_type::f32};
    if (dtype_ != outs[0]) outs.push_back(dtype_);
    for (const bool packed : {true, false}) {
      for (const auto out : outs) {
        const double seconds = time(shape, packed, out);
        if (least != 0 && seconds >= least) continue;
        least = seconds;
        how = std::string(packed ? "any" : "plain") + ", " + chosen_ +
              (out == memory::data_type::f32 ? ", f32 out" : ", narrow out");
      }
    }
    return least;
  }

 private:
  memory filled(const memory::desc& desc) {
    memory made(desc, engine_);
    // Small numbers, whatever the dtype: 0x3c3c is 0.0115 in bf16, and f32 made of it is as tame.
    std::fill_n(static_cast<uint16_t*>(made.get_data_handle()), desc.get_size() / 2, 0x3c3c);
    return made;
  }

  double time(const Shape& s, bool packed, memory::data_type out_type) {
    const memory::desc a({s.m, s.k}, dtype_, memory::format_tag::ab);
    const memory::desc b({s.k, s.n}, dtype_,
                         packed ? memory::format_tag::any : memory::format_tag::ba);
    const memory::desc out({s.m, s.n}, out_type, memory::format_tag::ab);
    const dnnl::matmul::primitive_desc chosen(engine_, a, b, out);
    chosen_ = chosen.impl_info_str();
    const dnnl::matmul product(chosen);
    memory source = filled(a), target(out, engine_);
    const auto bytes = static_cast<int64_t>(chosen.weights_desc().get_size());
    std::vector<memory> weights;
    for (int64_t total = 0; total < kRotatedBytes; total += bytes)
      weights.push_back(filled(chosen.weights_desc()));
    std::vector<double> seconds;
    for (int repeat = -1; repeat < kRepeats; ++repeat) {
      const auto start = Clock::now();
      for (memory& weight : weights)
        product.execute(
            stream_, {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weight}, {DNNL_ARG_DST, target}});
      stream_.wait();
      const std::chrono::duration<double> taken = Clock::now() - start;
      if (repeat >= 0) seconds.push_back(taken.count() / static_cast<double>(weights.size()));
    }
    std::nth_element(seconds.begin(), seconds.begin() + kRepeats / 2, seconds.end());
    return seconds[kRepeats / 2];
  }

  memory::data_type dtype_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  std::string chosen_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string dtype = argc > 1 ? argv[1] : "";
  if (argc < 7 || (argc - 4) % 3 != 0 || (dtype != "f32" && dtype != "bf16")) {
    std::fprintf(stderr, "usage: onednn_rate f32|bf16 THREADS M  N K COUNT [N K COUNT]...\n");
    return 2;
  }
  omp_set_num_threads(std::atoi(argv[2]));
  Rate rate(dtype == "f32" ? memory::data_type::f32 : memory::data_type::bf16);
  double flops = 0, seconds = 0;
  std::string lines;
  try {
    for (int i = 4; i < argc; i += 3) {
      const Shape shape{std::atoll(argv[3]), std::atoll(argv[i]), std::atoll(argv[i + 1]),
                        std::atoll(argv[i + 2])};
      if (std::min({shape.m, shape.n, shape.k, shape.count}) < 1) {
        std::fprintf(stderr, "onednn_rate: sizes and counts must be positive\n");
        return 2;
      }
      std::string how;
      const double each = rate.best(shape, how);
      const double work = 2.0 * static_cast<double>(shape.m * shape.n * shape.k);
      flops += work * static_cast<double>(shape.count);
      seconds += each * static_cast<double>(shape.count);
      char line[512];
      std::snprintf(line, sizeof line,
                    "%s\n  {\"n\": %lld, \"k\": %lld, \"flops_per_second\": %.6g, \"how\": \"%s\"}",
                    lines.empty() ? "" : ",", static_cast<long long>(shape.n),
                    static_cast<long long>(shape.k), work / each, how.c_str());
      lines += line;
    }
  } catch (const dnnl::error& e) {
    std::fprintf(stderr, "onednn_rate: %s\n", e.what());
    return 1;
  }
  std::printf("{\"dtype\": \"%s\", \"flops_per_second\": %.6g, \"products\": [%s]}\n",
              dtype.c_str(), flops / seconds, lines.c_str());
  return 0;
}
