#pragma once
// What the definitions in this folder share: checks that name shapes, and counts for costs.

#include <string>
#include <vector>

#include "graph/op.hpp"

namespace sirocco::ops {

/// Input `index` has a float dtype and at least `rank` dimensions.
void require_float_at_least(const InferContext& context, size_t index, size_t rank);
/// The inputs have one dtype and one shape.
void require_same_type(const InferContext& context, size_t a, size_t b);
/// The innermost extent of an input of rank ≥ 1.
const Dim& last_dim(const InferContext& context, size_t index);
/// The extent of one dimension, which must be a constant.
int64_t constant_extent(const InferContext& context, size_t index, size_t axis);
/// The attribute `axis`, counted from the end where negative, as an index into the input's shape.
size_t axis_of(const InferContext& context, size_t index);
/// The first dimension of the input is T: ops that need each row's place in its sequence.
void require_rows_are_tokens(const InferContext& context, size_t index);
/// The attribute `eps` is a finite number ≥ 0.
void require_eps(const InferContext& context);
/// The attribute `dtype` as a dtype; "activation" must have been replaced by now.
sirocco_dtype dtype_of(const InferContext& context);
/// What a string attribute `dtype` may be.
std::vector<std::string> float_dtype_choices();

/// Elements of a value at the context's sizes.
double elements_of(const CostContext& context, ValueId value);
/// A cost of so many FLOPs an element of the first output, and the bytes of all values.
Cost per_output_element(const CostContext& context, double flops);

/// Inference of an op whose one output has the type of its first input, which is float of rank ≥ 1.
std::vector<TensorType> infer_like_first(const InferContext& context);
/// Inference of `add` and `mul`: b has the shape of a, or of a's last dimensions.
std::vector<TensorType> infer_broadcast(const InferContext& context);
/// The two inputs of `add` and `mul`.
std::vector<InputSpec> broadcast_inputs();

}  // namespace sirocco::ops
