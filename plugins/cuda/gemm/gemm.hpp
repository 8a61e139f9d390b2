#pragma once
// Products of many rows by cuBLASLt: planned when a sub-graph is compiled, for powers of two of
// rows, so that a step makes, looks up and allocates nothing and may be captured.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "gemm/cublaslt.hpp"
#include "ops/args.hpp"
#include "ops/launcher.hpp"

namespace sirocco::cuda {

/// Who makes the products of more than kFewRows rows (option `gemm`).
enum class GemmChoice {
  own,        ///< the plugin's kernels
  cublaslt,   ///< cuBLASLt wherever it knows the dtypes; the plugin's kernels elsewhere
  automatic,  ///< cuBLASLt where its products should be faster (`Gemm::least_rows`)
};

/// y = x · weightᵀ, or y = x · weightᵀ + c: x [rows, k], weight [n, k], c and y [rows, n], all of
/// one dtype, row-major and without padding. Sums are f32; products of f32 are f32, never TF32.
struct GemmShape {
  Dtype dtype = Dtype::f32;
  int64_t n = 0;
  int64_t k = 0;
};

/// One product's descriptors and the algorithms for it, by size.
class GemmPlan {
 public:
  /// `rows`: the sizes that algorithms are looked for, ascending. A size for which the library has
  /// none is not an error. Throws StatusError.
  GemmPlan(std::shared_ptr<const CublasLt> library, cublasLtHandle_t handle, const GemmShape& shape,
           const std::vector<int64_t>& rows);
  GemmPlan(const GemmPlan&) = delete;
  GemmPlan& operator=(const GemmPlan&) = delete;
  ~GemmPlan();

  /// Bytes that any of the algorithms needs.
  uint64_t workspace_bytes() const { return workspace_bytes_; }
  /// Queues the product. `c` NULL: nothing is added. `workspace`: `workspace_bytes` at an address
  /// that is a multiple of kGemmAlignment. False, with nothing queued, where there is no algorithm
  /// for so many rows, or an address is no multiple of 16. Throws StatusError.
  bool launch(Launcher& launcher, const void* x, const void* weight, const void* c, void* y,
              int64_t rows, void* workspace) const;

 private:
  struct Algorithm {
    int64_t rows;  ///< at most
    bool found;
    cublasLtMatmulAlgo_t algorithm;
    size_t workspace_bytes;
  };

  void create();
  void destroy() noexcept;
  /// Sets the rows of x and y: no plan is used by two threads at once.
  void resize(int64_t rows) const;
  cublasLtMatrixLayout_t layout(cudaDataType_t type, int64_t rows, int64_t columns) const;
  Algorithm find(int64_t rows, cublasLtMatmulPreference_t preference) const;
  std::string name(int64_t rows) const;

  std::shared_ptr<const CublasLt> library_;
  cublasLtHandle_t handle_;
  GemmShape shape_;
  cublasLtMatmulDesc_t operation_ = nullptr;
  cublasLtMatrixLayout_t weight_ = nullptr, x_ = nullptr, y_ = nullptr;
  std::vector<Algorithm> algorithms_;
  uint64_t workspace_bytes_ = 0;
};

/// What cuBLASLt wants of its workspace's address.
inline constexpr uint64_t kGemmAlignment = 256;

/// cuBLASLt on one device, which is the current one when this is made and used.
class Gemm {
 public:
  /// Throws StatusError where the library cannot be used on the device.
  Gemm(std::shared_ptr<const CublasLt> library, GemmChoice choice);
  Gemm(const Gemm&) = delete;
  Gemm& operator=(const Gemm&) = delete;
  ~Gemm();

  std::string version() const { return library_->version(); }
  /// From how many rows on a product of `x` with `weight` is the library's; INT64_MAX: never.
  int64_t least_rows(const GemmShape& shape, Dtype x, Dtype weight) const;
  /// The plan for steps of at most `most_rows` rows, the same one for the same request. Throws
  /// StatusError.
  std::shared_ptr<const GemmPlan> plan(const GemmShape& shape, int64_t least_rows,
                                       int64_t most_rows);

 private:
  /// dtype, n, k, least and most rows
  using Request = std::tuple<Dtype, int64_t, int64_t, int64_t, int64_t>;

  std::shared_ptr<const CublasLt> library_;
  GemmChoice choice_;
  cublasLtHandle_t handle_ = nullptr;
  std::map<Request, std::shared_ptr<const GemmPlan>> plans_;
};

}  // namespace sirocco::cuda
