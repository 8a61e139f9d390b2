#include "lowering.hpp"

#include <cmath>

#include "claims.hpp"
#include "error.hpp"

namespace sirocco::opencl {
namespace {

/// As in ops/linear.cl.
constexpr int64_t kRows = 8;
enum Mode : cl_int { kPlain, kGated, kInterleaved, kHalves };
/// As in ops/elementwise.cl.
enum Operation : int { kAdd, kMul, kSilu, kSwiglu, kCopy };

Count constant(int64_t n) {
  return [n](const sdk::Extents&) { return n; };
}
int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

/// The product of the dimensions [begin, end).
Count product_of(const sirocco_tensor& tensor, uint32_t begin, uint32_t end) {
  std::vector<sirocco_dim> dims(tensor.dims + begin, tensor.dims + end);
  return [dims = std::move(dims)](const sdk::Extents& extents) {
    int64_t n = 1;
    for (const sirocco_dim& dim : dims) n = sdk::checked_product(n, sdk::extent(dim, extents));
    return n;
  };
}

}  // namespace

int Lowering::dtype(uint32_t value) const {
  return dtype_of(graph_.value(value).dtype());
}

std::string Lowering::dtypes(int a, int w, int s) {
  return "-DA=" + std::to_string(a) + " -DW=" + std::to_string(w) + " -DS=" + std::to_string(s);
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

Work Lowering::lower(const sdk::Region& region) {
  const sdk::NodeView first = graph_.node(region.first);
  Work work{first.id(), region.n_nodes, std::string(first.path()), {}};
  if (region.projections.empty()) {
    single(work, first, region.appended);
  } else {
    products(work, region);
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

void Lowering::norm(Work& work, uint32_t x, uint32_t weight, double eps, const Arg& y) {
  work.launches.emplace_back(device_, "rms_norm", "rms_norm",
                             dtypes(dtype(x), dtype(weight), dtype(x)),
                             std::vector<Arg>{ValueArg{x}, ValueArg{weight}, y, cl_uint{width(x)},
                                              static_cast<cl_float>(eps)},
                             rows(x), constant(1));
}

void Lowering::products(Work& work, const sdk::Region& region) {
  const uint32_t k = width(region.input);
  Arg x = ValueArg{region.input};
  if (region.norm) {
    x = SharedArg{};
    norm(work, region.input, region.norm->weight, region.norm->eps, x);
    const int64_t most =
        rows(region.input)({limits_.max_tokens, limits_.max_seqs, limits_.max_rows});
    shared_bytes_ = std::max(shared_bytes_, static_cast<uint64_t>(sdk::checked_product(
                                                sdk::checked_product(most, k), sizeof(float))));
  }
  const Count n_rows = rows(region.input);
  for (const sdk::Projection& p : region.projections) {
    const int out = p.state ? dtype_of(p.state->dtype) : dtype(region.input);
    const auto n = static_cast<cl_uint>(p.n);
    Mode mode = p.up ? kGated : kPlain;
    if (p.rope) mode = p.rope->attributes.interleaved ? kInterleaved : kHalves;
    const auto optional = [](const std::optional<uint32_t>& value) {
      return value ? Arg{ValueArg{*value}} : Arg{NoArg{}};
    };
    std::vector<Arg> args{
        x,
        ValueArg{p.weight},
        optional(p.up),
        optional(p.bias),
        optional(p.residual),
        p.state ? Arg{StateArg{*p.state, p.state_values}} : Arg{ValueArg{p.output}},
        p.state ? Arg{GroupArg{p.state->group, SIROCCO_STEP_GROUP_OFF_SLOT}} : Arg{NoArg{}},
        p.rope ? Arg{ValueArg{p.rope->positions}} : Arg{NoArg{}},
        p.rope ? angles(p.rope->attributes) : Arg{NoArg{}},
        cl_uint{k},
        n,
        RowsArg{},
        cl_int{mode},
        cl_int{p.bias ? 1 : 0},
        cl_int{p.residual ? 1 : 0},
        cl_int{p.state ? 1 : 0},
        static_cast<cl_uint>(p.rope ? p.rope->attributes.head_dim : 2),
        static_cast<cl_uint>(p.rope ? p.rope->attributes.rotary_dim : 0)};
    const int64_t pairs = p.up ? p.n : ceil_div(p.n, 2);
    work.launches.emplace_back(
        device_, "linear", "linear", dtypes(dtype(region.input), dtype(p.weight), out),
        std::move(args), constant(pairs),
        [n_rows](const sdk::Extents& extents) { return ceil_div(n_rows(extents), kRows); }, n_rows);
  }
}

void Lowering::attention(Work& work, const sdk::NodeView& node, bool appended) {
  const sdk::ops::AttentionAttributes attributes = sdk::ops::check_attention(node);
  const sirocco_state& state = attributes.state;
  const uint32_t q = node.input_index(0);
  const Count tokens = rows(q);
  const std::string types = dtypes(dtype(q), dtype(q), dtype_of(state.dtype));
  const GroupArg slots{state.group, SIROCCO_STEP_GROUP_OFF_SLOT};
  for (int side = 0; side < 2 && !appended; ++side) {
    const uint32_t source = node.input_index(side ? 2 : 1);
    work.launches.emplace_back(device_, "attention", "append_state",
                               types + " -DGROUP=1 -DK_DIM=16 -DV_DIM=16",
                               std::vector<Arg>{ValueArg{source}, slots, StateArg{state, side == 1},
                                                cl_uint{width(source)}},
                               constant(width(source)), tokens);
  }
  const std::string sizes = " -DGROUP=" + std::to_string(attributes.group) +
                            " -DK_DIM=" + std::to_string(state.k_dim) +
                            " -DV_DIM=" + std::to_string(state.v_dim);
  const auto window = static_cast<cl_int>(std::min<int64_t>(attributes.window, INT32_MAX));
  work.launches.emplace_back(
      device_, "attention", "attention", types + sizes,
      std::vector<Arg>{ValueArg{q}, StateArg{state, false}, StateArg{state, true},
                       ValueArg{node.output_index(0)}, StepArg{SIROCCO_STEP_OFF_SEQ_OF_TOKEN},
                       StepArg{SIROCCO_STEP_OFF_CU_SEQLENS}, StepArg{SIROCCO_STEP_OFF_KV_LENS},
                       GroupArg{state.group, SIROCCO_STEP_GROUP_OFF_TABLE}, StrideArg{state.group},
                       cl_uint{state.page_tokens}, static_cast<cl_uint>(state.heads), window,
                       static_cast<cl_float>(attributes.scale)},
      constant(state.heads), tokens);
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
      device_, "elementwise", "elementwise", dtypes(dtype(a), dtype(b), dtype(y)),
      std::vector<Arg>{ValueArg{a}, ValueArg{b}, ValueArg{y}, cl_int{op}, period}, elements(y),
      constant(1));
}

void Lowering::single(Work& work, const sdk::NodeView& node, bool appended) {
  const uint32_t x = node.input_index(0), y = node.output_index(0);
  if (node.op() == "attention") return attention(work, node, appended);
  if (node.op() == "rms_norm")
    return norm(work, x, node.input_index(1), node.attr_float("eps"), ValueArg{y});
  if (node.op() == "embedding") {
    const uint32_t weight = node.input_index(1);
    work.launches.emplace_back(
        device_, "embedding", "embedding", dtypes(dtype(y), dtype(weight), dtype(y)),
        std::vector<Arg>{ValueArg{x}, ValueArg{weight}, ValueArg{y}, cl_uint{width(y)}},
        constant(width(y)), elements(x));
    return;
  }
  if (node.op() == "gather_rows") {
    const auto row = static_cast<cl_uint>(sdk::ops::row_elements(node.input(0)));
    const uint32_t wanted = node.input_index(1);
    work.launches.emplace_back(device_, "gather_rows", "gather_rows",
                               dtypes(dtype(x), dtype(x), dtype(x)),
                               std::vector<Arg>{ValueArg{x}, ValueArg{wanted}, ValueArg{y}, row},
                               constant(row), elements(wanted));
    return;
  }
  if (node.op() == "rope") {
    const sdk::ops::RopeAttributes rope = sdk::ops::check_rope(node);
    work.launches.emplace_back(
        device_, "rope", "rope", dtypes(dtype(x), dtype(x), dtype(x)),
        std::vector<Arg>{ValueArg{x}, ValueArg{node.input_index(1)}, angles(rope), ValueArg{y},
                         cl_uint{width(x)}, static_cast<cl_uint>(rope.head_dim),
                         static_cast<cl_uint>(rope.rotary_dim), cl_int{rope.interleaved ? 1 : 0}},
        constant(width(x) / 2), rows(x));
    return;
  }
  if (node.op() == "softmax") {
    work.launches.emplace_back(device_, "softmax", "softmax", dtypes(dtype(x), dtype(x), dtype(x)),
                               std::vector<Arg>{ValueArg{x}, ValueArg{y}, cl_uint{width(x)}},
                               rows(x), constant(1));
    return;
  }
  const std::map<std::string_view, int> operations{{"add", kAdd},   {"mul", kMul},
                                                   {"silu", kSilu}, {"swiglu", kSwiglu},
                                                   {"cast", kCopy}, {"reshape", kCopy}};
  const auto operation = operations.find(node.op());
  if (operation == operations.end())
    throw sdk::StatusError(SIROCCO_UNSUPPORTED, work.path + ": no kernel");
  elementwise(work, node, operation->second);
}

}  // namespace sirocco::opencl
