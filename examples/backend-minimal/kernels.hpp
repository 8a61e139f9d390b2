#pragma once
// The kernels of this backend, one function each, and what several of them share.

#include <algorithm>
#include <cmath>

#include <sirocco/sdk/kernel_backend.hpp>
#include <sirocco/sdk/numeric.hpp>
#include <sirocco/sdk/op_checks.hpp>
#include <sirocco/sdk/ops.hpp>

namespace minimal {

namespace sdk = sirocco::sdk;

// elementwise.cpp
sdk::Kernel add();
sdk::Kernel mul();
sdk::Kernel silu();
sdk::Kernel swiglu();
// lookups.cpp
sdk::Kernel embedding();
sdk::Kernel gather_rows();
// linear.cpp
sdk::Kernel linear();
sdk::Kernel swiglu_linear();  ///< both run as one
// Each in a file of its name.
sdk::Kernel attention();
sdk::Kernel rms_norm();
sdk::Kernel rope();
sdk::Kernel squared_silu();

/// The ops of the plugin's own domain (squared_silu.cpp).
extern const sirocco_ops_interface kOwnOps;

/// The executable of this backend (executable.cpp).
std::unique_ptr<sdk::Executable> compile(const sdk::ExecutableContext& context,
                                         const sirocco_graph* graph,
                                         const sirocco_compile_options* options);

inline double swish(double x) {
  return x / (1 + std::exp(-x));
}

/// Rows that are worth a thread of their own.
constexpr int64_t kGrain = 16;

/// Elements of an innermost row. Declines a value whose rows have no fixed size.
inline int64_t row_width(const sdk::ValueView& value) {
  sdk::require(value.rank() >= 1 && sdk::is_constant(value.dim(-1)), SIROCCO_REASON_SHAPE,
               "rows of a fixed size were expected");
  return value.dim(-1).base;
}

/// Scratch memory of a kernel that holds `n_rows` rows of its first input as doubles.
template <int n_rows>
uint64_t scratch_rows(const sdk::NodeView& node, const sirocco_limits&) {
  return n_rows * sdk::Scratch::size_of<double>(row_width(node.input(0)));
}

}  // namespace minimal
