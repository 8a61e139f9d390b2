#include "gemm/gemm.hpp"

#include <algorithm>
#include <utility>

#include "error.hpp"

namespace sirocco::cuda {
namespace {

/// What a plan may ask for, as NVIDIA advises for its larger devices (cuBLAS,
/// "cublasSetWorkspace"). Only what the chosen algorithms need is reserved.
constexpr uint64_t kMostWorkspace = uint64_t{32} << 20;
/// Addresses that algorithms may rely on: what vector loads and bulk copies take.
constexpr uint32_t kAddressAlignment = 16;
/// The least rows that are planned for on their own.
constexpr int64_t kLeastBucket = 16;
/// Up to so many rows the plugin's tensor-core kernel has one tile of rows: it reads every weight
/// once, all products of an input in one launch, and memory is the limit for any kernel. From the
/// second tile on it reads weights again, and arithmetic begins to count, where a library tuned to
/// each device is ahead.
constexpr int64_t kRowsOfOwn = 64;

cudaDataType_t type_of(Dtype dtype) {
  return dtype == Dtype::f32 ? CUDA_R_32F : dtype == Dtype::f16 ? CUDA_R_16F : CUDA_R_16BF;
}

bool aligned(const void* address) {
  return reinterpret_cast<uintptr_t>(address) % kAddressAlignment == 0;
}

}  // namespace

GemmPlan::GemmPlan(std::shared_ptr<const CublasLt> library, cublasLtHandle_t handle,
                   const GemmShape& shape, const std::vector<int64_t>& rows)
    : library_(std::move(library)), handle_(handle), shape_(shape) {
  cublasLtMatmulPreference_t preference = nullptr;
  try {
    create();
    library_->check(library_->preference_create(&preference), "cuBLASLt: making a preference");
    for (const int64_t size : rows) algorithms_.push_back(find(size, preference));
    library_->preference_destroy(preference);
  } catch (...) {
    if (preference) library_->preference_destroy(preference);
    destroy();
    throw;
  }
  for (const Algorithm& one : algorithms_)
    workspace_bytes_ = std::max<uint64_t>(workspace_bytes_, one.workspace_bytes);
}

GemmPlan::~GemmPlan() {
  destroy();
}

/// The library's matrices are column-major: rows of ours are its columns, so that our y = x ·
/// weightᵀ is its Y = Wᵀ · X with W [k, n], X [k, rows] and Y [n, rows].
void GemmPlan::create() {
  const cudaDataType_t type = type_of(shape_.dtype);
  library_->check(library_->operation_create(&operation_, CUBLAS_COMPUTE_32F, CUDA_R_32F),
                  "cuBLASLt: making an operation");
  const int32_t transposed = CUBLAS_OP_T;
  library_->check(library_->operation_set(operation_, CUBLASLT_MATMUL_DESC_TRANSA, &transposed,
                                          sizeof transposed),
                  "cuBLASLt: describing an operation");
  weight_ = layout(type, shape_.k, shape_.n);
  x_ = layout(type, shape_.k, 1);
  y_ = layout(type, shape_.n, 1);
}

void GemmPlan::destroy() noexcept {
  for (const cublasLtMatrixLayout_t one : {weight_, x_, y_})
    if (one) library_->layout_destroy(one);
  if (operation_) library_->operation_destroy(operation_);
}

cublasLtMatrixLayout_t GemmPlan::layout(cudaDataType_t type, int64_t rows, int64_t columns) const {
  cublasLtMatrixLayout_t made = nullptr;
  library_->check(library_->layout_create(&made, type, static_cast<uint64_t>(rows),
                                          static_cast<uint64_t>(columns), rows),
                  "cuBLASLt: describing a matrix");
  return made;
}

GemmPlan::Algorithm GemmPlan::find(int64_t rows, cublasLtMatmulPreference_t preference) const {
  const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
    library_->check(library_->preference_set(preference, attribute, &value, sizeof value),
                    "cuBLASLt: setting a preference");
  };
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kMostWorkspace);
  // Sums that are split are added up in f32, not in the output's type.
  prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
         uint32_t{CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE});
  for (const auto operand :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
    prefer(operand, kAddressAlignment);
  resize(rows);
  cublasLtMatmulHeuristicResult_t result{};
  int n_found = 0;
  const cublasStatus_t status = library_->find_algorithms(handle_, operation_, weight_, x_, y_, y_,
                                                          preference, 1, &result, &n_found);
  const bool none = status == CUBLAS_STATUS_NOT_SUPPORTED || n_found == 0;
  if (status != CUBLAS_STATUS_NOT_SUPPORTED)
    library_->check(status, "cuBLASLt: choosing an algorithm for " + name(rows));
  if (none || result.state != CUBLAS_STATUS_SUCCESS) return {rows, false, {}, 0};
  return {rows, true, result.algo, result.workspaceSize};
}

void GemmPlan::resize(int64_t rows) const {
  const auto columns = static_cast<uint64_t>(rows);
  for (const cublasLtMatrixLayout_t one : {x_, y_})
    library_->check(
        library_->layout_set(one, CUBLASLT_MATRIX_LAYOUT_COLS, &columns, sizeof columns),
        "cuBLASLt: describing a matrix");
}

std::string GemmPlan::name(int64_t rows) const {
  return "the product of [" + std::to_string(rows) + ", " + std::to_string(shape_.k) +
         "] with weights [" + std::to_string(shape_.n) + ", " + std::to_string(shape_.k) + "]";
}

bool GemmPlan::launch(Launcher& launcher, const void* x, const void* weight, const void* c, void* y,
                      int64_t rows, void* workspace) const {
  const auto one = std::ranges::find_if(
      algorithms_, [&](const Algorithm& algorithm) { return algorithm.rows >= rows; });
  if (one == algorithms_.end() || !one->found) return false;
  if (!aligned(x) || !aligned(weight) || !aligned(c) || !aligned(y)) return false;
  resize(rows);
  const float alpha = 1, beta = c ? 1 : 0;
  const cublasStatus_t status =
      library_->multiply(handle_, operation_, &alpha, weight, weight_, x, x_, &beta, c ? c : y, y_,
                         y, y_, &one->algorithm, workspace, one->workspace_bytes, launcher.stream);
  // An algorithm that was chosen for more rows may not take these.
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return false;
  library_->check(status, "cuBLASLt: " + name(rows));
  ++launcher.launches;
  return true;
}

Gemm::Gemm(std::shared_ptr<const CublasLt> library, GemmChoice choice)
    : library_(std::move(library)), choice_(choice) {
  library_->check(library_->create(&handle_), "cuBLASLt: making a handle");
}

Gemm::~Gemm() {
  plans_.clear();
  library_->destroy(handle_);
}

int64_t Gemm::least_rows(const GemmShape& shape, Dtype x, Dtype weight) const {
  // Rows of f32 with weights of 16 bits are nothing that the library multiplies.
  if (choice_ == GemmChoice::own || x != weight) return INT64_MAX;
  if (choice_ == GemmChoice::cublaslt) return 1;
  // Its fast kernels want rows of whole multiples of 16 bytes.
  const int64_t bytes = dtype_size(weight);
  const bool fast =
      shape.k * bytes % kAddressAlignment == 0 && shape.n * bytes % kAddressAlignment == 0;
  return fast ? kRowsOfOwn + 1 : INT64_MAX;
}

std::shared_ptr<const GemmPlan> Gemm::plan(const GemmShape& shape, int64_t least_rows,
                                           int64_t most_rows) {
  std::shared_ptr<const GemmPlan>& plan =
      plans_[{shape.dtype, shape.n, shape.k, least_rows, most_rows}];
  if (plan) return plan;
  std::vector<int64_t> rows;
  for (int64_t size = bucket(std::max(least_rows, kLeastBucket), most_rows);;
       size = bucket(size + 1, most_rows)) {
    rows.push_back(size);
    if (size >= most_rows) break;
  }
  plan = std::make_shared<GemmPlan>(library_, handle_, shape, rows);
  return plan;
}

}  // namespace sirocco::cuda
