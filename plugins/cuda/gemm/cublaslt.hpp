#pragma once
// cuBLASLt, looked for when a device is opened: the plugin is not linked to it, because it is many
// times larger than everything else here, and whoever lacks it still has kernels for all products.

#include <memory>
#include <string>

#include <cublasLt.h>

namespace sirocco::cuda {

class CublasLt {
 public:
  /// Throws StatusError(SIROCCO_FAILED) with every name that was tried and what the loader said.
  static std::shared_ptr<const CublasLt> load();

  /// "13.1.0"
  std::string version() const;
  /// Throws StatusError where `status` is a failure. `what`: what was tried.
  void check(cublasStatus_t status, const std::string& what) const;

  decltype(&cublasLtCreate) create = nullptr;
  decltype(&cublasLtDestroy) destroy = nullptr;
  decltype(&cublasLtMatmulDescCreate) operation_create = nullptr;
  decltype(&cublasLtMatmulDescDestroy) operation_destroy = nullptr;
  decltype(&cublasLtMatmulDescSetAttribute) operation_set = nullptr;
  decltype(&cublasLtMatrixLayoutCreate) layout_create = nullptr;
  decltype(&cublasLtMatrixLayoutDestroy) layout_destroy = nullptr;
  decltype(&cublasLtMatrixLayoutSetAttribute) layout_set = nullptr;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create = nullptr;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy = nullptr;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set = nullptr;
  decltype(&cublasLtMatmulAlgoGetHeuristic) find_algorithms = nullptr;
  decltype(&cublasLtMatmul) multiply = nullptr;

 private:
  CublasLt() = default;

  decltype(&cublasLtGetVersion) get_version_ = nullptr;
  decltype(&cublasLtGetStatusName) status_name_ = nullptr;
  decltype(&cublasLtGetStatusString) status_text_ = nullptr;
};

}  // namespace sirocco::cuda
