#pragma once
// What a node of a standard op must look like before a kernel may rely on it, whatever the backend:
// each function declines (throws Declined) a node whose shapes, dtypes or attributes contradict the
// op's definition. A kernel's `accepts` calls the op's function and adds its own limits.

#include <cstdint>
#include <string_view>

#include <sirocco/sdk/kernel.hpp>

namespace sirocco::sdk::ops {

inline void require_shape(bool condition, const char* text) {
  require(condition, SIROCCO_REASON_SHAPE, text);
}

/// y has the type of x.
inline void require_same_type(const ValueView& y, const ValueView& x) {
  require(y.dtype() == x.dtype(), SIROCCO_REASON_DTYPE, "the output must have the input's dtype");
  require_shape(y.same_shape(x), "the output must have the input's shape");
}

inline void require_arity(const NodeView& node, size_t n_inputs) {
  require(node.n_inputs() == n_inputs && node.n_outputs() == 1, SIROCCO_REASON_SHAPE,
          "another number of inputs or outputs was expected");
}

/// One float input, an output of its type: silu, gelu.
inline void check_unary(const NodeView& node) {
  require_floats(node, 1, 1);
  require_same_type(node.output(0), node.input(0));
}

/// add, mul: the second input has the shape of the first's last dimensions, the output the type of
/// the first.
inline void check_broadcast(const NodeView& node) {
  require_floats(node, 2, 2);
  const ValueView a = node.input(0), b = node.input(1);
  require_same_type(node.output(0), a);
  require_shape(b.rank() <= a.rank(), "b has more dimensions than a");
  for (int axis = -1; axis >= -static_cast<int>(b.rank()); --axis)
    require_shape(same_dim(a.dim(axis), b.dim(axis)),
                  "b must have the shape of a's last dimensions");
}

inline void check_swiglu(const NodeView& node) {
  check_broadcast(node);
  require_shape(node.input(0).same_shape(node.input(1)), "gate and up must have one shape");
}

inline void check_cast(const NodeView& node) {
  require_floats(node, 1, 1);
  require_shape(node.output(0).same_shape(node.input(0)), "the output must have the input's shape");
}

/// Elements of a row: all dimensions but the first, which must be constants.
inline int64_t row_elements(const ValueView& value) {
  require_shape(value.rank() >= 1, "a first dimension was expected");
  int64_t elements = 1;
  for (int axis = 1; axis < static_cast<int>(value.rank()); ++axis) {
    require_shape(is_constant(value.dim(axis)), "only the first dimension may vary");
    elements = checked_product(elements, value.dim(axis).base);
  }
  return elements;
}

inline void check_reshape(const NodeView& node) {
  require_arity(node, 1);
  const ValueView x = node.input(0), y = node.output(0);
  require(y.dtype() == x.dtype() && dtype_bytes(x.dtype()) > 0, SIROCCO_REASON_DTYPE,
          "the output must have the input's dtype");
  require_shape(row_elements(x) == row_elements(y) && same_dim(x.dim(0), y.dim(0)),
                "rows of input and output must have as many elements");
}

/// `axis` of the node's attribute, counted from the start. Declines where it lies outside.
inline uint32_t axis_of(const NodeView& node, const ValueView& value) {
  const int64_t rank = value.rank(), axis = node.attr_int("axis");
  require_shape(axis >= -rank && axis < rank, "axis lies outside the tensor");
  return static_cast<uint32_t>(axis < 0 ? axis + rank : axis);
}

/// Over the last dimension.
inline void check_softmax(const NodeView& node) {
  check_unary(node);
  const ValueView x = node.input(0);
  require_shape(x.rank() >= 1 && is_constant(x.dim(-1)) && x.dim(-1).base > 0,
                "the last dimension must be a constant above 0");
  require(axis_of(node, x) + 1 == x.rank(), SIROCCO_REASON_ATTRIBUTE,
          "axis must be the last dimension");
}

inline void check_embedding(const NodeView& node) {
  require_arity(node, 2);
  const ValueView tokens = node.input(0), weight = node.input(1), y = node.output(0);
  require(tokens.dtype() == SIROCCO_DTYPE_I32, SIROCCO_REASON_DTYPE, "tokens must be i32");
  require(weight.is_float() && y.is_float(), SIROCCO_REASON_DTYPE,
          "weight and output must be f32, f16, bf16 or f64");
  require_shape(tokens.rank() == 1 && weight.rank() == 2 && y.rank() == 2 &&
                    is_constant(weight.dim(0)) && is_constant(weight.dim(1)) &&
                    same_dim(y.dim(0), tokens.dim(0)) && same_dim(y.dim(1), weight.dim(1)),
                "tokens [T], weight [V, D] and output [T, D] were expected");
}

inline void check_gather_rows(const NodeView& node) {
  require_arity(node, 2);
  const ValueView x = node.input(0), rows = node.input(1), y = node.output(0);
  require(rows.dtype() == SIROCCO_DTYPE_I32 && y.dtype() == x.dtype() && dtype_bytes(x.dtype()) > 0,
          SIROCCO_REASON_DTYPE, "rows must be i32, and the output of the dtype of x");
  require_shape(
      rows.rank() == 1 && x.rank() >= 1 && y.rank() == x.rank() && same_dim(y.dim(0), rows.dim(0)),
      "x [T, ..], rows [R] and output [R, ..] were expected");
  for (int axis = 1; axis < static_cast<int>(x.rank()); ++axis)
    require_shape(same_dim(x.dim(axis), y.dim(axis)), "rows of x and the output must be alike");
}

inline void check_sample(const NodeView& node) {
  require_arity(node, 2);
  const ValueView logits = node.input(0), settings = node.input(1), ids = node.output(0);
  require(logits.is_float() && settings.dtype() == SIROCCO_DTYPE_I32 &&
              ids.dtype() == SIROCCO_DTYPE_I32,
          SIROCCO_REASON_DTYPE, "float logits, i32 settings and i32 ids were expected");
  require_shape(logits.rank() == 2 && settings.rank() == 2 && ids.rank() == 1 &&
                    is_constant(logits.dim(1)) && logits.dim(1).base > 0 &&
                    logits.dim(1).base <= INT32_MAX && is_constant(settings.dim(1)) &&
                    settings.dim(1).base >= SIROCCO_SAMPLING_INTS &&
                    same_dim(logits.dim(0), settings.dim(0)) && same_dim(logits.dim(0), ids.dim(0)),
                "logits [R, V], settings [R, n] and ids [R] were expected");
}

inline void check_linear(const NodeView& node) {
  require_floats(node, 2, 3);
  const ValueView x = node.input(0), weight = node.input(1), y = node.output(0);
  require(y.dtype() == x.dtype(), SIROCCO_REASON_DTYPE, "the output must have the dtype of x");
  require_shape(x.rank() >= 1 && y.rank() == x.rank() && weight.rank() == 2 &&
                    is_constant(weight.dim(0)) && is_constant(weight.dim(1)) &&
                    same_dim(x.dim(-1), weight.dim(1)) && same_dim(y.dim(-1), weight.dim(0)),
                "x [.., K], weight [N, K] and output [.., N] were expected");
  for (int axis = 0; axis + 1 < static_cast<int>(x.rank()); ++axis)
    require_shape(same_dim(x.dim(axis), y.dim(axis)), "only the last dimension may differ");
  if (!node.has_input(2)) return;
  require_shape(node.input(2).rank() == 1 && same_dim(node.input(2).dim(0), weight.dim(0)),
                "bias [N] was expected");
}

inline void check_rms_norm(const NodeView& node) {
  require_floats(node, 2, 2);
  require_same_type(node.output(0), node.input(0));
  const ValueView weight = node.input(1);
  require_shape(node.input(0).rank() >= 1 && weight.rank() == 1 && is_constant(weight.dim(0)) &&
                    same_dim(weight.dim(0), node.input(0).dim(-1)),
                "weight must have one element for each of a row of x");
  node.attr_float("eps");
}

struct RopeAttributes {
  int64_t head_dim = 0;
  int64_t rotary_dim = 0;  ///< elements of a head that rotate: the first ones, an even number
  double theta = 0;
  bool interleaved = false;
};

inline RopeAttributes check_rope(const NodeView& node) {
  require_arity(node, 2);
  const auto style = node.attr_string("style");
  require(style == "interleaved" || style == "half", SIROCCO_REASON_ATTRIBUTE,
          "style must be interleaved or half");
  RopeAttributes attributes;
  attributes.head_dim = node.attr_int("head_dim");
  attributes.rotary_dim = node.attr_int_or_null("rotary_dim").value_or(attributes.head_dim);
  attributes.theta = node.attr_float("theta");
  attributes.interleaved = style == "interleaved";
  require(attributes.head_dim > 0 && attributes.head_dim <= INT32_MAX &&
              attributes.rotary_dim > 0 && attributes.rotary_dim % 2 == 0 &&
              attributes.rotary_dim <= attributes.head_dim && attributes.theta > 0,
          SIROCCO_REASON_ATTRIBUTE, "head_dim, rotary_dim and theta contradict each other");
  const ValueView x = node.input(0), positions = node.input(1);
  require(x.is_float() && positions.dtype() == SIROCCO_DTYPE_I32, SIROCCO_REASON_DTYPE,
          "x must be float and positions i32");
  require_same_type(node.output(0), x);
  require_shape(x.rank() == 2 && positions.rank() == 1 && is_constant(x.dim(1)) &&
                    same_dim(x.dim(0), positions.dim(0)) &&
                    x.dim(1).base % attributes.head_dim == 0,
                "x [T, H*head_dim] and positions [T] were expected");
  return attributes;
}

struct AttentionAttributes {
  sirocco_state state{};
  int64_t window = INT64_MAX;  ///< keys a query may see; INT64_MAX: all
  double scale = 1;
  int64_t group = 1;  ///< query heads a key head
};

inline AttentionAttributes check_attention(const NodeView& node) {
  require_floats(node, 3, 3);
  const ValueView q = node.input(0), k = node.input(1), v = node.input(2), y = node.output(0);
  require(y.dtype() == q.dtype(), SIROCCO_REASON_DTYPE, "the output must have the dtype of q");
  const sirocco_state state = node.attr_state("state");
  require(state.kind == SIROCCO_STATE_PAGED && state.page_tokens > 0, SIROCCO_REASON_ATTRIBUTE,
          "a paged state is needed");
  require(is_float(state.dtype), SIROCCO_REASON_DTYPE, "the state must be f32, f16, bf16 or f64");
  require(state.heads > 0 && state.k_dim > 0 && state.v_dim > 0, SIROCCO_REASON_ATTRIBUTE,
          "the state holds no keys and values");
  const sirocco_dim tokens{0, 1, SIROCCO_SYM_TOKENS};
  for (const ValueView& value : {q, k, v, y})
    require_shape(value.rank() == 2 && is_constant(value.dim(1)) && same_dim(value.dim(0), tokens),
                  "tensors of one row a token were expected");
  const int64_t k_width = checked_product(state.heads, state.k_dim);
  const int64_t v_width = checked_product(state.heads, state.v_dim);
  AttentionAttributes attributes;
  attributes.state = state;
  attributes.group = q.dim(1).base / k_width;
  require_shape(attributes.group > 0 && q.dim(1).base == attributes.group * k_width &&
                    k.dim(1).base == k_width && v.dim(1).base == v_width &&
                    y.dim(1).base == checked_product(attributes.group, v_width),
                "q, k, v and the state's heads contradict each other");
  attributes.window = node.attr_int_or_null("window").value_or(INT64_MAX);
  require(attributes.window > 0, SIROCCO_REASON_ATTRIBUTE, "window must be above 0, or null");
  attributes.scale = node.attr_float_or_null("scale").value_or(
      1 / __builtin_sqrt(static_cast<double>(state.k_dim)));
  return attributes;
}

struct RouterAttributes {
  int64_t k = 0;         ///< experts of a token
  bool sigmoid = false;  ///< how a logit becomes a score; else softmax
  bool normalise = true;
  double scale = 1;
};

inline RouterAttributes check_moe_router(const NodeView& node) {
  require(node.n_inputs() == 1 && node.n_outputs() == 2, SIROCCO_REASON_SHAPE,
          "one input and two outputs were expected");
  const ValueView logits = node.input(0), experts = node.output(0), weights = node.output(1);
  require(logits.is_float() && weights.dtype() == SIROCCO_DTYPE_F32 &&
              experts.dtype() == SIROCCO_DTYPE_I32,
          SIROCCO_REASON_DTYPE, "float logits, i32 experts and f32 weights were expected");
  RouterAttributes attributes;
  attributes.k = node.attr_int("k");
  require_shape(logits.rank() == 2 && experts.rank() == 2 && weights.same_shape(experts) &&
                    is_constant(logits.dim(1)) && logits.dim(1).base <= INT32_MAX &&
                    attributes.k > 0 && attributes.k <= logits.dim(1).base &&
                    is_constant(experts.dim(1)) && experts.dim(1).base == attributes.k &&
                    same_dim(logits.dim(0), experts.dim(0)),
                "outputs [T, k] of logits [T, E] with k in [1, E] were expected");
  const std::string_view scores = node.attr_string("scores");
  require(scores == "softmax" || scores == "sigmoid", SIROCCO_REASON_ATTRIBUTE,
          "scores must be softmax or sigmoid");
  attributes.sigmoid = scores == "sigmoid";
  attributes.normalise = node.attr_bool("normalise");
  attributes.scale = node.attr_float("scale");
  return attributes;
}

/// The input of moe_ffn that is w1 of expert 0; w2 and w3 follow, then those of expert 1.
inline constexpr size_t kFirstExpert = 3;

inline void check_moe_ffn(const NodeView& node) {
  require(node.n_inputs() >= kFirstExpert + 3 && (node.n_inputs() - kFirstExpert) % 3 == 0 &&
              node.n_outputs() == 1,
          SIROCCO_REASON_SHAPE, "x, experts, weights and three tensors an expert were expected");
  const ValueView x = node.input(0), experts = node.input(1), weights = node.input(2);
  require(x.is_float() && weights.is_float() && experts.dtype() == SIROCCO_DTYPE_I32,
          SIROCCO_REASON_DTYPE, "float x and weights and i32 experts were expected");
  require_same_type(node.output(0), x);
  require_shape(x.rank() == 2 && experts.rank() == 2 && experts.same_shape(weights) &&
                    same_dim(x.dim(0), experts.dim(0)) && is_constant(x.dim(1)) &&
                    is_constant(experts.dim(1)),
                "x [T, D], experts and weights [T, k] were expected");
  for (size_t i = kFirstExpert; i < node.n_inputs(); ++i) {
    const ValueView weight = node.input(i), first = node.input(kFirstExpert);
    require(weight.is_float(), SIROCCO_REASON_DTYPE, "weights of experts must be float");
    require_shape(weight.rank() == 2 && is_constant(weight.dim(0)) && is_constant(weight.dim(1)),
                  "weights of experts must be matrices");
    const bool down = (i - kFirstExpert) % 3 == 1;
    require_shape(weight.dim(down ? 1 : 0).base == first.dim(0).base &&
                      weight.dim(down ? 0 : 1).base == x.dim(1).base,
                  "w1 and w3 [F, D] and w2 [D, F] were expected");
  }
}

/// Throws StatusError(SIROCCO_INVALID_ARGUMENT) unless every position that a query of this step may
/// see is held. The step's lists have been checked (StepView::check_paged).
inline void check_held(const StepView& step, const sirocco_state& state, int64_t window) {
  const auto begins = step.cu_seqlens(), lengths = step.kv_lens();
  for (int64_t s = 0; s < step.live_seqs(); ++s) {
    const auto seq = static_cast<size_t>(s);
    if (begins[seq] == begins[seq + 1]) continue;
    const auto table = step.block_table(state.group, s);
    const int64_t query = lengths[seq] - (begins[seq + 1] - begins[seq]);
    const int64_t first = window > query ? 0 : query - window + 1;
    for (int64_t page = first / state.page_tokens; page * state.page_tokens < lengths[seq];
         ++page) {
      if (table[static_cast<size_t>(page)] < 0)
        throw StatusError(SIROCCO_INVALID_ARGUMENT, "page " + std::to_string(page) +
                                                        " of sequence " + std::to_string(s) +
                                                        " is in the window, but not held");
    }
  }
}

}  // namespace sirocco::sdk::ops
