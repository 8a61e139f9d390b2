#pragma once
// Ops that make each element of their output from one element of each input.

#include "ops/args.hpp"
#include "ops/launcher.hpp"

namespace sirocco::cuda {

/// y[i] = f(a[i], b[i mod elements of b]).
struct ElementwiseArgs {
  const int32_t* step = nullptr;
  const void* a = nullptr;
  const void* b = nullptr;  ///< NULL where f takes one input
  void* y = nullptr;
  Dtype a_dtype = Dtype::f32;
  Dtype b_dtype = Dtype::f32;
  Dtype y_dtype = Dtype::f32;
  Count elements;    ///< of a and y
  Count b_elements;  ///< a repeats them
};

/// `elements`: how many a grid is made for, at least those of the step.
void add(Launcher& launcher, const ElementwiseArgs& args, int64_t elements);
void mul(Launcher& launcher, const ElementwiseArgs& args, int64_t elements);
void silu(Launcher& launcher, const ElementwiseArgs& args, int64_t elements);
void swiglu(Launcher& launcher, const ElementwiseArgs& args, int64_t elements);
void cast(Launcher& launcher, const ElementwiseArgs& args, int64_t elements);

}  // namespace sirocco::cuda
