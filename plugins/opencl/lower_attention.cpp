// Attention: how many tokens, keys and splits a work-group takes.

#include <algorithm>

#include "claims.hpp"
#include "lowering.hpp"

namespace sirocco::opencl {
namespace {

/// Queries of one work-group: what fits into the registers of its items.
constexpr int64_t kMostQueries = 16;
/// Keys that a split has at least.
constexpr int64_t kLeastKeys = 128;

}  // namespace

void Lowering::attention(Work& work, const sdk::NodeView& node, bool appended) {
  const sdk::ops::AttentionAttributes attributes = sdk::ops::check_attention(node);
  const sirocco_state& state = attributes.state;
  const uint32_t q = node.input_index(0), y = node.output_index(0);
  const Count tokens = rows(q);
  const std::string a = dtype(q), s = dtype_of(state.dtype);
  const GroupArg slots{state.group, SIROCCO_STEP_GROUP_OFF_SLOT};
  for (int side = 0; side < 2 && !appended; ++side) {
    const uint32_t source = node.input_index(side ? 2 : 1);
    const int64_t n = width(source);
    work.launches.emplace_back(
        device_.programs(),
        KernelName{"attention_append", "attention_append", options_of({a, a, a, s}, 1, 1)},
        std::vector<Arg>{ValueArg{source}, slots, StateArg{state, side == 1},
                         static_cast<cl_uint>(n)},
        Grid{{constant(ceil_div(n, 64)), tokens, constant(1)}, {64, 1, 1}});
  }

  const auto heads = static_cast<int64_t>(state.heads);
  const uint32_t width = std::min(vec(state.k_dim), vec(state.v_dim));
  const int64_t tile = std::max<int64_t>(16, std::min<int64_t>(2 * lanes(), 64));
  // Splits where sequences bring a token each: enough work-groups for the whole device.
  const int64_t wanted =
      int64_t{device_.traits().compute_units} * (device_.traits().is_cpu() ? 4 : 8);
  const int64_t window = attributes.window;
  const Count splits = [=](const Sizes& sizes) {
    const int64_t groups = std::max<int64_t>(heads * tokens(sizes), 1);
    const int64_t keys = std::min(sizes.longest, window);
    return std::clamp<int64_t>(wanted / groups, 1, std::max<int64_t>(keys / kLeastKeys, 1));
  };
  // Of each token's heads, and of no more of them than there are splits for.
  share(static_cast<uint64_t>(wanted * attributes.group * (state.v_dim + 2)) * sizeof(float));

  const auto launch = [&](int64_t block, const Count& when, const Count& n_splits) {
    const KernelName name{
        "attention", "attention",
        options_of({a, a, a, s}, lanes(), width) + " -DGROUP=" + std::to_string(attributes.group) +
            " -DK_DIM=" + std::to_string(state.k_dim) + " -DV_DIM=" + std::to_string(state.v_dim) +
            " -DTOKENS=" + std::to_string(block) + " -DTILE=" + std::to_string(tile)};
    std::vector<Arg> args{ValueArg{q},
                          StateArg{state, false},
                          StateArg{state, true},
                          ValueArg{y},
                          SharedArg{},
                          StepArg{SIROCCO_STEP_OFF_SEQ_OF_TOKEN},
                          StepArg{SIROCCO_STEP_OFF_CU_SEQLENS},
                          StepArg{SIROCCO_STEP_OFF_KV_LENS},
                          GroupArg{state.group, SIROCCO_STEP_GROUP_OFF_TABLE},
                          StrideArg{state.group},
                          cl_uint{state.page_tokens},
                          static_cast<cl_uint>(heads),
                          static_cast<cl_int>(std::min<int64_t>(window, INT32_MAX)),
                          static_cast<cl_float>(attributes.scale),
                          NumberArg{}};
    const Count blocks = [when, block](const Sizes& sizes) { return ceil_div(when(sizes), block); };
    work.launches.emplace_back(device_.programs(), name, std::move(args),
                               Grid{{constant(heads), blocks, n_splits}, {lanes(), 1, 1}}, tokens);
    return name;
  };
  const Count alone = [tokens](const Sizes& sizes) { return sizes.newest > 1 ? 0 : tokens(sizes); };
  const KernelName name = launch(1, alone, splits);
  const Count combined = [alone, splits](const Sizes& sizes) {
    return splits(sizes) > 1 ? alone(sizes) : 0;
  };
  work.launches.emplace_back(
      device_.programs(), KernelName{name.file, "attention_combine", name.options},
      std::vector<Arg>{SharedArg{}, ValueArg{y}, StepArg{SIROCCO_STEP_OFF_SEQ_OF_TOKEN},
                       NumberArg{}},
      Grid{{constant(heads * attributes.group), combined, constant(1)}, {lanes(), 1, 1}}, splits);
  if (limits_.max_tokens > 1) {
    const Count together = [tokens](const Sizes& sizes) {
      return sizes.newest > 1 ? tokens(sizes) : 0;
    };
    int64_t block = std::clamp<int64_t>(kMostQueries / attributes.group, 1, 8);
    // What a group keeps in the memory that its items share: queries, scores.
    const auto bytes = [&](int64_t n) {
      return n * attributes.group * (state.k_dim + tile + 3) * 4 + tile * 4;
    };
    while (block > 1 && static_cast<uint64_t>(bytes(block)) > device_.traits().local_bytes)
      block /= 2;
    launch(block, together, constant(1));
  }
}

}  // namespace sirocco::opencl
