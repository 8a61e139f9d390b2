#include "lowering.hpp"

#include <cmath>

#include "claims.hpp"
#include "error.hpp"

namespace sirocco::opencl {
namespace {

/// As in ops/elementwise.cl.
enum Operation : int { kAdd, kMul, kSilu, kSwiglu, kCopy };
/// Items of a group where each item has an element of its own.
constexpr int64_t kItems = 64;

/// The product of the dimensions [begin, end).
Count product_of(const sirocco_tensor& tensor, uint32_t begin, uint32_t end) {
  std::vector<sirocco_dim> dims(tensor.dims + begin, tensor.dims + end);
  return [dims = std::move(dims)](const Sizes& sizes) {
    int64_t n = 1;
    for (const sirocco_dim& dim : dims)
      n = sdk::checked_product(n, sdk::extent(dim, sizes.extents));
    return n;
  };
}

/// An item for each of `x` elements of each of `y` rows.
Grid items(Count x, Count y) {
  return {{[x = std::move(x)](const Sizes& sizes) { return ceil_div(x(sizes), kItems); },
           std::move(y), constant(1)},
          {kItems, 1, 1}};
}

}  // namespace

std::string options_of(const Dtypes& dtypes, uint32_t lanes, uint32_t vec) {
  return "-DX=" + dtypes.x + " -DA=" + dtypes.a + " -DW=" + dtypes.w + " -DS=" + dtypes.s +
         " -DLANES=" + std::to_string(lanes) + " -DVEC=" + std::to_string(vec);
}

std::string Lowering::dtype(uint32_t value) const {
  return dtype_of(graph_.value(value).dtype());
}

Count Lowering::rows(uint32_t value) const {
  const sdk::ValueView view = graph_.value(value);
  const sirocco_tensor& tensor = view.tensor();
  return product_of(tensor, 0, tensor.rank ? tensor.rank - 1 : 0);
}

Count Lowering::elements(uint32_t value) const {
  const sdk::ValueView view = graph_.value(value);
  const sirocco_tensor& tensor = view.tensor();
  return product_of(tensor, 0, tensor.rank);
}

uint32_t Lowering::width(uint32_t value) const {
  return static_cast<uint32_t>(graph_.value(value).dim(-1).base);
}

Sizes Lowering::largest() const {
  return {{limits_.max_tokens, limits_.max_seqs, limits_.max_rows},
          limits_.max_context,
          limits_.max_tokens};
}

uint32_t Lowering::lanes() const {
  const Traits& traits = device_.traits();
  if (device_.settings().lanes) return device_.settings().lanes;
  return traits.is_cpu() ? 1 : static_cast<uint32_t>(std::min<size_t>(32, traits.work_group));
}

uint32_t Lowering::vec(uint64_t k) const {
  uint32_t elements = device_.traits().is_cpu() && lanes() == 1 ? 16 : 4;
  while (k % elements != 0) elements /= 2;
  return elements;
}

Work Lowering::lower(const sdk::Region& region) {
  const sdk::NodeView first = graph_.node(region.first);
  Work work{first.id(), region.n_nodes, std::string(first.path()), {}};
  try {
    if (region.projections.empty()) {
      single(work, first, region.appended);
    } else {
      products(work, region);
    }
  } catch (const sdk::StatusError& e) {
    throw sdk::StatusError(e.status(), work.path + ": " + e.what());
  }
  return work;
}

Arg Lowering::angles(const sdk::ops::RopeAttributes& rope) {
  const int64_t pairs = rope.rotary_dim / 2;
  cl_mem& buffer = tables_by_angle_[{rope.rotary_dim, rope.theta}];
  if (buffer) return OwnArg{buffer};
  std::vector<float> table;
  table.reserve(static_cast<size_t>(2 * pairs * limits_.max_context));
  for (int64_t position = 0; position < limits_.max_context; ++position) {
    for (int64_t j = 0; j < pairs; ++j) {
      const double angle = static_cast<double>(position) *
                           std::pow(rope.theta, -2.0 * static_cast<double>(j) /
                                                    static_cast<double>(rope.rotary_dim));
      table.push_back(static_cast<float>(std::cos(angle)));
      table.push_back(static_cast<float>(std::sin(angle)));
    }
  }
  const uint64_t bytes = table.size() * sizeof(float);
  buffer =
      static_cast<cl_mem>(device_.allocate(std::max<uint64_t>(bytes, 1), SIROCCO_MEMORY_WEIGHT));
  tables_.push_back(buffer);
  if (bytes) device_.write({buffer, 0}, table.data(), bytes);
  return OwnArg{buffer};
}

void Lowering::norm(Work& work, uint32_t x, uint32_t weight, double eps, const Arg& y,
                    const std::string& y_dtype, const Count& groups) {
  const KernelName name{
      "rms_norm", "rms_norm",
      options_of({dtype(x), dtype(x), dtype(weight), y_dtype}, lanes(), vec(width(x)))};
  work.launches.emplace_back(device_.programs(), name,
                             std::vector<Arg>{ValueArg{x}, ValueArg{weight}, y, cl_uint{width(x)},
                                              static_cast<cl_float>(eps)},
                             Grid{{groups, constant(1), constant(1)}, {lanes(), 1, 1}});
}

void Lowering::prepare(Work& work, const sdk::Region& region, int64_t least) {
  const Count all = rows(region.input);
  const Count many = [all, least](const Sizes& sizes) {
    const int64_t n = all(sizes);
    return n < least ? 0 : n;
  };
  const uint32_t k = width(region.input);
  share(static_cast<uint64_t>(
      sdk::checked_product(sdk::checked_product(all(largest()), k), sizeof(float))));
  if (region.norm) {
    norm(work, region.input, region.norm->weight, region.norm->eps, SharedArg{}, "f32", many);
    return;
  }
  const Count n = [many, k](const Sizes& sizes) { return many(sizes) * k; };
  const std::string x = dtype(region.input);
  work.launches.emplace_back(
      device_.programs(),
      KernelName{"elementwise", "elementwise", options_of({x, x, x, "f32"}, 1, 1)},
      std::vector<Arg>{ValueArg{region.input}, ValueArg{region.input}, SharedArg{}, cl_int{kCopy},
                       cl_ulong{1}, NumberArg{}},
      items(n, constant(1)), n);
}

void Lowering::elementwise(Work& work, const sdk::NodeView& node, int op) {
  const uint32_t a = node.input_index(0), y = node.output_index(0);
  const bool binary = node.n_inputs() > 1;
  const uint32_t b = binary ? node.input_index(1) : a;
  // A second operand as large as the first is not repeated, whatever the step's size.
  const sdk::ValueView view = graph_.value(b);
  const sirocco_tensor& tensor = view.tensor();
  bool fixed = true;
  for (uint32_t axis = 0; axis < tensor.rank; ++axis) fixed &= sdk::is_constant(tensor.dims[axis]);
  const auto period = fixed ? static_cast<cl_ulong>(elements(b)({})) : cl_ulong{UINT64_MAX};
  work.launches.emplace_back(
      device_.programs(),
      KernelName{"elementwise", "elementwise",
                 options_of({dtype(a), dtype(a), dtype(b), dtype(y)}, 1, 1)},
      std::vector<Arg>{ValueArg{a}, ValueArg{b}, ValueArg{y}, cl_int{op}, period, NumberArg{}},
      items(elements(y), constant(1)), elements(y));
}

void Lowering::single(Work& work, const sdk::NodeView& node, bool appended) {
  const uint32_t x = node.input_index(0), y = node.output_index(0);
  // Kernels whose items have an element or a row of their own.
  const auto simple = [&](const char* op, const Dtypes& dtypes, std::vector<Arg> args, Grid grid) {
    work.launches.emplace_back(device_.programs(), KernelName{op, op, options_of(dtypes, 1, 1)},
                               std::move(args), std::move(grid));
  };
  const std::string a = dtype_of(graph_.value(y).dtype());
  if (node.op() == "attention") return attention(work, node, appended);
  if (node.op() == "rms_norm")
    return norm(work, x, node.input_index(1), node.attr_float("eps"), ValueArg{y}, a, rows(x));
  if (node.op() == "embedding") {
    const uint32_t weight = node.input_index(1);
    return simple("embedding", {a, a, dtype(weight), a},
                  {ValueArg{x}, ValueArg{weight}, ValueArg{y}, cl_uint{width(y)}},
                  items(constant(width(y)), elements(x)));
  }
  if (node.op() == "gather_rows") {
    const int64_t row = sdk::ops::row_elements(node.input(0));
    const uint32_t wanted = node.input_index(1);
    return simple("gather_rows", {a, a, a, a},
                  {ValueArg{x}, ValueArg{wanted}, ValueArg{y}, static_cast<cl_uint>(row)},
                  items(constant(row), elements(wanted)));
  }
  if (node.op() == "rope") {
    const sdk::ops::RopeAttributes rope = sdk::ops::check_rope(node);
    return simple("rope", {a, a, a, a},
                  {ValueArg{x}, ValueArg{node.input_index(1)}, angles(rope), ValueArg{y},
                   cl_uint{width(x)}, static_cast<cl_uint>(rope.head_dim),
                   static_cast<cl_uint>(rope.rotary_dim), cl_int{rope.interleaved ? 1 : 0}},
                  items(constant(width(x) / 2), rows(x)));
  }
  if (node.op() == "softmax") {
    work.launches.emplace_back(
        device_.programs(), KernelName{"softmax", "softmax", options_of({a, a, a, a}, lanes(), 1)},
        std::vector<Arg>{ValueArg{x}, ValueArg{y}, cl_uint{width(x)}},
        Grid{{rows(x), constant(1), constant(1)}, {lanes(), 1, 1}});
    return;
  }
  const std::map<std::string_view, int> operations{{"add", kAdd},   {"mul", kMul},
                                                   {"silu", kSilu}, {"swiglu", kSwiglu},
                                                   {"cast", kCopy}, {"reshape", kCopy}};
  const auto operation = operations.find(node.op());
  if (operation == operations.end()) throw sdk::StatusError(SIROCCO_UNSUPPORTED, "no kernel");
  elementwise(work, node, operation->second);
}

}  // namespace sirocco::opencl
