// Products of one input: launches by dtype of the weights, each with the kernel, or the library,
// that suits the rows.

#include <algorithm>
#include <vector>

#include "ops/linear.hpp"
#include "ops/rows.hpp"
#include "work/linear_gemm.hpp"
#include "work/lowering.hpp"

namespace sirocco::cuda {
namespace {

class LinearWork : public Work {
 public:
  LinearWork(Lowering& lowering, const sdk::Region& region) : region_(region) {
    const sdk::ValueView input = lowering.graph.value(region.input);
    LinearArgs args;
    args.rows = rows_of(input.tensor());
    args.x_dtype = dtype_of(input.dtype());
    args.k = static_cast<int32_t>(input.dim(-1).base);
    if (region.norm) {
      args.norm_dtype = lowering.dtype(region.norm->weight);
      args.eps = static_cast<float>(region.norm->eps);
    }
    for (size_t p = 0; p < region.projections.size(); ++p)
      add(args, lowering.dtype(region.projections[p].weight), p,
          translate(lowering, region.projections[p], args.x_dtype));
    share(lowering, args);
  }

  void bind(const Addresses& addresses) override {
    normed_ = aligned(addresses.shared());
    scratch_ = normed_ + normed_bytes_;
    for (Launch& launch : launches_) {
      launch.args.step = addresses.step();
      launch.args.x = addresses.value(region_.input);
      if (region_.norm) launch.args.norm = addresses.value(region_.norm->weight);
      for (size_t i = 0; i < launch.sources.size(); ++i)
        bind(addresses, region_.projections[launch.sources[i]], launch.args.projections[i]);
    }
  }

  void launch(Launcher& launcher, const Sizes& sizes) const override {
    const int64_t rows = at(launches_.front().args.rows, sizes.extents);
    bool normed = false;
    for (const Launch& one : launches_) {
      if (rows <= kFewRows && fits_few_rows(one.args, one.weight)) {
        linear_few_rows(launcher, one.args, one.weight, rows);
        continue;
      }
      LinearArgs args = one.args;
      if (args.norm) {
        if (!normed) norm(launcher, args, rows);
        normed = true;
        args.x = normed_;
        args.norm = nullptr;
      }
      if (one.gemm.launch(launcher, args, rows, scratch_)) continue;
      if (fits_tensor_cores(args, one.weight)) {
        linear_tensor_cores(launcher, args, one.weight, rows);
      } else {
        linear_tiles(launcher, args, one.weight, rows);
      }
    }
  }

 private:
  /// Projections whose weights have one dtype, as many as a launch takes.
  struct Launch {
    LinearArgs args;
    Dtype weight;
    std::vector<size_t> sources;  ///< of the region's projections
    LinearGemm gemm = {};
  };

  static std::byte* aligned(std::byte* address) {
    const auto number = reinterpret_cast<uintptr_t>(address);
    return address + (kGemmAlignment - number % kGemmAlignment) % kGemmAlignment;
  }

  /// Plans what cuBLASLt makes, and the memory for it behind that of the normed rows.
  void share(Lowering& lowering, const LinearArgs& args) {
    const int64_t rows = at(args.rows, lowering.largest());
    if (region_.norm) {
      const int64_t elements = sdk::checked_product(rows, args.k);
      normed_bytes_ =
          static_cast<uint64_t>(sdk::checked_product(elements, dtype_size(args.x_dtype)));
      normed_bytes_ = (normed_bytes_ + kGemmAlignment - 1) / kGemmAlignment * kGemmAlignment;
    }
    uint64_t scratch = 0;
    for (Launch& one : launches_) {
      std::vector<const sdk::Projection*> sources;
      for (const size_t source : one.sources) sources.push_back(&region_.projections[source]);
      one.gemm = LinearGemm(lowering.gemm, one.args, one.weight, sources, rows);
      scratch = std::max(scratch, one.gemm.scratch_bytes());
    }
    if (normed_bytes_ + scratch) lowering.share(normed_bytes_ + scratch + kGemmAlignment);
  }

  void add(const LinearArgs& args, Dtype weight, size_t source, const Projection& projection) {
    const auto open = std::ranges::find_if(launches_, [&](const Launch& launch) {
      return launch.weight == weight && launch.args.n_projections < kMostProjections;
    });
    Launch& target =
        open == launches_.end() ? launches_.emplace_back(Launch{args, weight, {}}) : *open;
    target.args.projections[target.args.n_projections++] = projection;
    target.sources.push_back(source);
  }

  static Projection translate(Lowering& lowering, const sdk::Projection& from, Dtype x_dtype) {
    Projection to;
    if (from.bias) to.bias_dtype = lowering.dtype(*from.bias);
    if (from.rope) to.rotation = lowering.angles.of(from.rope->attributes);
    to.out_dtype = from.state ? dtype_of(from.state->dtype) : x_dtype;
    to.n = static_cast<int32_t>(from.n);
    to.pairs = from.up ? to.n : (to.n + 1) / 2;
    return to;
  }

  static void bind(const Addresses& addresses, const sdk::Projection& from, Projection& to) {
    to.weight = addresses.value(from.weight);
    to.up = from.up ? addresses.value(*from.up) : nullptr;
    to.bias = from.bias ? addresses.value(*from.bias) : nullptr;
    to.residual = from.residual ? addresses.value(*from.residual) : nullptr;
    if (from.rope)
      to.rotation.positions =
          reinterpret_cast<const int32_t*>(addresses.value(from.rope->positions));
    if (from.state) {
      to.out = addresses.state(*from.state, from.state_values);
      to.slots = addresses.step() +
                 addresses.layout().group_field(from.state->group, SIROCCO_STEP_GROUP_OFF_SLOT);
    } else {
      to.out = addresses.value(from.output);
    }
  }

  void norm(Launcher& launcher, const LinearArgs& args, int64_t rows) const {
    NormArgs norm;
    norm.step = args.step;
    norm.x = args.x;
    norm.weight = args.norm;
    norm.y = normed_;
    norm.x_dtype = norm.y_dtype = args.x_dtype;
    norm.weight_dtype = args.norm_dtype;
    norm.eps = args.eps;
    norm.rows = args.rows;
    norm.width = args.k;
    rms_norm(launcher, norm, rows);
  }

  sdk::Region region_;
  std::vector<Launch> launches_;
  uint64_t normed_bytes_ = 0;
  std::byte* normed_ = nullptr;
  std::byte* scratch_ = nullptr;
};

}  // namespace

std::unique_ptr<Work> make_linear(Lowering& lowering, const sdk::Region& region) {
  return std::make_unique<LinearWork>(lowering, region);
}

}  // namespace sirocco::cuda
