// Compiled once a level, with that level's compiler flags and SIROCCO_LEVEL naming its table.

#include "kernels/kernels.hpp"
#include "kernels/simd.hpp"

#include "kernels/convert.inl"
#include "kernels/elementwise.inl"
#include "kernels/linear.inl"
#include "kernels/rms_norm.inl"
#include "kernels/rope.inl"
#include "kernels/softmax.inl"

#include "kernels/attention.inl"

namespace sirocco::cpu {

extern const Kernels SIROCCO_LEVEL;
const Kernels SIROCCO_LEVEL{
    .to_f32 = to_f32,
    .from_f32 = from_f32,
    .rms_norm = rms_norm,
    .skinny = skinny,
    .add = add,
    .mul = mul,
    .silu = silu,
    .swiglu = swiglu,
    .add_scaled = add_scaled,
    .rope_half = rope_half,
    .rope_interleaved = rope_interleaved,
    .softmax = softmax,
    .attention_scratch_floats = attention_scratch_floats,
    .attention_shared_floats = attention_shared_floats,
    .attention = attention,
    .attention_needs_merge = attention_needs_merge,
    .attention_merge = attention_merge,
};

}  // namespace sirocco::cpu
