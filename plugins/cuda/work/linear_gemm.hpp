#pragma once
// Products of one input by cuBLASLt: one a matrix, and behind it a kernel for what is more than a
// product and a residual.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <sirocco/sdk/regions.hpp>

#include "gemm/gemm.hpp"
#include "ops/linear.hpp"

namespace sirocco::cuda {

class LinearGemm {
 public:
  LinearGemm() = default;
  /// Nothing is planned where `gemm` is NULL or does not take such products. `sources`: what the
  /// projections of `args` were made of. Throws StatusError.
  LinearGemm(Gemm* gemm, const LinearArgs& args, Dtype weight,
             const std::vector<const sdk::Projection*>& sources, int64_t most_rows);

  /// Memory that `launch` needs, at a multiple of kGemmAlignment.
  uint64_t scratch_bytes() const { return workspace_offset_ + workspace_bytes_; }
  /// Queues the products of `args`, whose addresses are bound and which has no norm. False where
  /// the plugin's own kernels are to make all of them: what was queued does no harm. Throws
  /// StatusError.
  bool launch(Launcher& launcher, const LinearArgs& args, int64_t rows, std::byte* scratch) const;

 private:
  struct Product {
    std::shared_ptr<const GemmPlan> plan;
    /// The product, with the residual, is the output; elsewhere its sums go through memory, rounded
    /// to the input's dtype as those of a `linear` that stands alone.
    bool whole;
  };

  int64_t least_rows_ = INT64_MAX;
  uint64_t workspace_offset_ = 0, workspace_bytes_ = 0;
  std::vector<Product> products_;  ///< by projection; empty: none is cuBLASLt's
};

}  // namespace sirocco::cuda
