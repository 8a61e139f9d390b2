// Products: which of a region's one launch makes, and in what shape for how many rows.

#include <algorithm>
#include <bit>

#include "claims.hpp"
#include "error.hpp"
#include "lowering.hpp"

namespace sirocco::opencl {
namespace {

/// As in ops/projection.cl.
enum Mode : cl_int { kPlain, kGated, kInterleaved, kHalves, kBias = 4, kResidual = 8, kState = 16 };
/// Up to how many rows a step counts as one of few: each weight is read once, the norm is part of
/// the product. With more, the rows are first normed into f32.
constexpr int64_t kFew = 8;
/// Of a step of one row, whose elements, and those of the norm, every group reads again: a quarter
/// of the bytes of the group's weights.
constexpr uint32_t kLeastPairs = 4;
/// Of weights that stay in a cache while other rows are multiplied with them.
constexpr uint64_t kStripBytes = 256 << 10;
/// Of weights that the tuner reads in one launch, so that most come from memory.
constexpr uint64_t kTunedBytes = 12 << 20;
constexpr size_t kMostParts = 3;

int64_t dtype_size(const std::string& dtype) {
  return dtype == "f32" ? 4 : 2;
}

}  // namespace

struct Lowering::Product {
  struct Part {
    Arg weight = NoArg{}, bias = NoArg{}, y = NoArg{};
    int64_t n = 0;
    cl_int mode = kPlain;
    int64_t pairs() const { return (mode & 3) == kGated ? n : ceil_div(n, 2); }
  };
  Dtypes dtypes;
  Arg x = NoArg{};
  std::vector<Part> parts;
  Arg residual = NoArg{}, slots = NoArg{}, positions = NoArg{}, angles = NoArg{};
  uint32_t k = 0, head_dim = 2, rotary_dim = 0;
  bool normed = false;  ///< on the way
  Arg norm = NoArg{};
  double eps = 0;
};

size_t Lowering::batch(const sdk::Region& region, size_t begin) const {
  const sdk::Projection& first = region.projections[begin];
  if (first.up || first.residual) return begin + 1;
  const sdk::RopeUse* rope = first.rope ? &*first.rope : nullptr;
  const sirocco_state* state = first.state ? &*first.state : nullptr;
  size_t end = begin + 1;
  for (; end < region.projections.size() && end - begin < kMostParts; ++end) {
    const sdk::Projection& next = region.projections[end];
    if (next.up || next.residual || dtype(next.weight) != dtype(first.weight)) break;
    if (next.rope && rope &&
        (next.rope->positions != rope->positions ||
         next.rope->attributes.head_dim != rope->attributes.head_dim ||
         next.rope->attributes.rotary_dim != rope->attributes.rotary_dim ||
         next.rope->attributes.theta != rope->attributes.theta))
      break;
    if (next.state && state &&
        (next.state->group != state->group || next.state->dtype != state->dtype))
      break;
    if (next.rope) rope = &*next.rope;
    if (next.state) state = &*next.state;
  }
  return end;
}

Lowering::Product Lowering::product(const sdk::Region& region, size_t begin, size_t end) {
  Product product;
  const std::string a = dtype(region.input);
  product.dtypes = {a, a, dtype(region.projections[begin].weight), a};
  product.x = ValueArg{region.input};
  product.k = width(region.input);
  for (size_t i = begin; i < end; ++i) {
    const sdk::Projection& p = region.projections[i];
    Product::Part part;
    part.weight = ValueArg{p.weight};
    part.n = p.n;
    part.y = p.state ? Arg{StateArg{*p.state, p.state_values}} : Arg{ValueArg{p.output}};
    if (p.up) part.mode = kGated;
    if (p.rope) {
      part.mode = p.rope->attributes.interleaved ? kInterleaved : kHalves;
      product.positions = ValueArg{p.rope->positions};
      product.angles = angles(p.rope->attributes);
      product.head_dim = static_cast<uint32_t>(p.rope->attributes.head_dim);
      product.rotary_dim = static_cast<uint32_t>(p.rope->attributes.rotary_dim);
    }
    if (p.bias) {
      part.bias = ValueArg{*p.bias};
      part.mode |= kBias;
    }
    if (p.residual) {
      product.residual = ValueArg{*p.residual};
      part.mode |= kResidual;
    }
    if (p.state) {
      product.slots = GroupArg{p.state->group, SIROCCO_STEP_GROUP_OFF_SLOT};
      product.dtypes.s = dtype_of(p.state->dtype);
      part.mode |= kState;
    }
    product.parts.push_back(part);
    if (!p.up) continue;
    Product::Part up;
    up.weight = ValueArg{*p.up};
    product.parts.push_back(up);
  }
  product.parts.resize(kMostParts);
  return product;
}

Launch Lowering::launch(const Product& product, const Tile& tile, const Count& rows) {
  std::vector<Arg> args{product.x};
  const uint32_t pairs = tile.local ? 32 : tile.pairs, block = tile.local ? 64 : tile.rows;
  int64_t groups = 0;
  for (const Product::Part& part : product.parts) {
    groups += ceil_div(part.pairs(), pairs);
    args.insert(args.end(),
                {part.weight, part.bias, part.y, static_cast<cl_uint>(part.n), cl_int{part.mode}});
  }
  const uint64_t group_bytes =
      uint64_t{2} * pairs * product.k * static_cast<uint64_t>(dtype_size(product.dtypes.w));
  const auto strip = static_cast<int64_t>(
      std::clamp<uint64_t>(kStripBytes / group_bytes, 1, static_cast<uint64_t>(groups)));
  args.insert(args.end(), {product.residual, product.slots, product.positions, product.angles,
                           cl_uint{product.k}, NumberArg{}, cl_uint{product.head_dim},
                           cl_uint{product.rotary_dim}, static_cast<cl_uint>(strip)});
  const Count blocks = [rows, block](const Sizes& sizes) { return ceil_div(rows(sizes), block); };
  if (tile.local)
    return Launch(device_.programs(),
                  {"linear_tiles", "linear_tiles", options_of(product.dtypes, 2, 1), "projection"},
                  std::move(args), {{constant(groups), blocks, constant(1)}, {16, 16, 1}}, rows);
  args.insert(args.end(), {product.norm, static_cast<cl_float>(product.eps)});
  return Launch(
      device_.programs(),
      {"linear", "linear",
       options_of(product.dtypes, tile.lanes, tile.vec) + " -DPAIRS=" + std::to_string(tile.pairs) +
           " -DROWS=" + std::to_string(tile.rows) + " -DNORM=" + (product.normed ? "1" : "0"),
       "projection"},
      std::move(args),
      {{[blocks, groups](const Sizes& sizes) { return groups * blocks(sizes); }, constant(1),
        constant(1)},
       {tile.lanes, 1, 1}},
      rows);
}

double Lowering::measure(const Product& product, const Tile& tile, uint32_t rows) {
  // One product of zeros, as large as the largest of the real one or as much as need be.
  Product probe;
  probe.dtypes = product.dtypes;
  probe.k = product.k;
  probe.normed = product.normed;
  probe.parts.resize(kMostParts);
  for (const Product::Part& part : product.parts)
    probe.parts[0].n = std::max(probe.parts[0].n, part.n);
  const uint64_t row_bytes = uint64_t{4} * product.k;
  probe.parts[0].n =
      std::clamp<int64_t>(probe.parts[0].n, 1, static_cast<int64_t>(kTunedBytes / row_bytes + 1));
  const uint64_t bytes = std::max(row_bytes * static_cast<uint64_t>(probe.parts[0].n),
                                  rows * (row_bytes + 4 * static_cast<uint64_t>(probe.parts[0].n)));
  const std::unique_ptr<_cl_mem, void (*)(cl_mem)> memory(
      static_cast<cl_mem>(device_.allocate(bytes, SIROCCO_MEMORY_ARENA)),
      [](cl_mem buffer) { clReleaseMemObject(buffer); });
  const cl_uint zero = 0;
  check(clEnqueueFillBuffer(device_.queue(), memory.get(), &zero, sizeof zero, 0, bytes & ~3u, 0,
                            nullptr, nullptr),
        "the tuner's memory");
  Launch trial = launch(probe, tile, constant(rows));
  trial.bind([&](const Arg&) { return sdk::DeviceAddress{memory.get(), 0}; }, nullptr);
  const Sizes sizes;
  trial.queue(device_.queue(), sizes);
  check(clFinish(device_.queue()), "a trial");
  const uint64_t begin = sdk::now_ns();
  trial.queue(device_.queue(), sizes);
  check(clFinish(device_.queue()), "a trial");
  return static_cast<double>(sdk::now_ns() - begin) * 1e-9;
}

Tile Lowering::tile(const Product& product, uint32_t rows) {
  const uint32_t most = vec(product.k), shared = lanes();
  const bool cpu = device_.traits().is_cpu();
  std::vector<Tile> candidates;
  const auto candidate = [&](uint32_t lanes, uint32_t vec, uint32_t pairs, uint32_t block) {
    if (lanes <= device_.traits().work_group)
      candidates.push_back({lanes, std::min(vec, most), pairs, block, false});
  };
  if (shared == 1) {
    // All add up in the same order.
    if (rows == 1) {
      candidate(1, 16, kLeastPairs, 1);
      candidate(1, 16, 2 * kLeastPairs, 1);
    } else {
      candidate(1, 16, 1, kFew);
      candidate(1, 16, 2, 4);
      if (rows > kFew) candidate(1, 16, 2, 6);
    }
  } else {
    const bool tiles = rows > kFew && device_.traits().work_group >= 256;
    if (tiles) candidates.push_back({16, 1, 32, 64, true});
    if (rows == 1) {
      if (!device_.settings().lanes) {
        candidate(4 * shared, 4, kLeastPairs, 1);
        candidate(4 * shared, 2, kLeastPairs, 1);
        candidate(2 * shared, 4, kLeastPairs, 1);
      }
      candidate(shared, 4, kLeastPairs, 1);
    } else if (!tiles || !device_.settings().lanes) {
      candidate(shared, 4, 1, kFew);
      candidate(shared, 2, 1, kFew);
      candidate(shared, 4, 1, 4);
    }
  }
  // A step of few rows must not take two passes over the weights.
  if (rows == kFew && !cpu)
    std::erase_if(candidates, [](const Tile& tile) { return tile.rows < kFew; });
  const std::string what = "linear " + options_of(product.dtypes, 0, 0) + " rows " +
                           std::to_string(rows) + (product.normed ? " normed" : "") + " k " +
                           std::to_string(std::bit_ceil(product.k));
  return tuner_.pick(what, candidates,
                     [&](const Tile& tile) { return measure(product, tile, rows); });
}

void Lowering::products(Work& work, const sdk::Region& region) {
  const Count all = rows(region.input);
  const int64_t most = all(largest());
  const auto within = [all](int64_t least, int64_t limit) -> Count {
    return [=](const Sizes& sizes) {
      const int64_t n = all(sizes);
      return n < least || n > limit ? 0 : n;
    };
  };
  // A norm of weights of another dtype than the products' is a launch of its own.
  const bool folds =
      !region.norm || std::ranges::all_of(region.projections, [&](const sdk::Projection& p) {
        return dtype(p.weight) == dtype(region.norm->weight);
      });
  const int64_t prepared = folds ? kFew + 1 : 1;
  const bool as_it_is = !region.norm && dtype(region.input) == "f32";
  if (!as_it_is && most >= prepared) prepare(work, region, prepared);
  for (size_t begin = 0, end = 0; begin < region.projections.size(); begin = end) {
    end = batch(region, begin);
    Product direct = product(region, begin, end);
    Product after = direct;
    if (!as_it_is) {
      after.x = SharedArg{};
      after.dtypes.x = "f32";
    }
    if (region.norm) {
      direct.normed = true;
      direct.norm = ValueArg{region.norm->weight};
      direct.eps = region.norm->eps;
    }
    const Product& few = folds ? direct : after;
    work.launches.push_back(launch(few, tile(few, 1), within(1, 1)));
    if (most > 1) work.launches.push_back(launch(few, tile(few, kFew), within(2, kFew)));
    if (most > kFew)
      work.launches.push_back(launch(after, tile(after, 64), within(kFew + 1, INT64_MAX)));
  }
}

}  // namespace sirocco::opencl
