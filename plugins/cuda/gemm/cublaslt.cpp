#include "gemm/cublaslt.hpp"

#include <sirocco/sdk/plugin.hpp>

#include "error.hpp"

#ifdef SIROCCO_CUDA_EMULATED
#include <cuda_emulation/library.hpp>
#else
#include <dlfcn.h>
#endif

namespace sirocco::cuda {
namespace {

#ifdef SIROCCO_CUDA_EMULATED
using cuda_emulation::find_symbol;
using cuda_emulation::open_library;
#else
/// The file stays until the process ends: unloading what has threads and contexts of its own is
/// nothing that CUDA's libraries promise to survive.
void* open_library(const char* name, std::string& problem) {
  void* file = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!file) problem = dlerror();
  return file;
}
void* find_symbol(void* file, const char* name) {
  return dlsym(file, name);
}
#endif

template <class Function>
void find(void* file, const char* name, Function& function) {
  function = reinterpret_cast<Function>(find_symbol(file, name));
  if (!function)
    throw sdk::StatusError(SIROCCO_FAILED, std::string("cuBLASLt has no function ") + name);
}

sirocco_status status_of(cublasStatus_t status) {
  return status == CUBLAS_STATUS_ALLOC_FAILED ? SIROCCO_OUT_OF_MEMORY : SIROCCO_FAILED;
}

}  // namespace

std::shared_ptr<const CublasLt> CublasLt::load() {
  // Structs and enumerations hold within a major version; the name without one is what development
  // packages add, and is only taken where it is of the same.
  std::string problems;
  void* file = nullptr;
  for (const std::string& name :
       {"libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR), std::string("libcublasLt.so")}) {
    std::string problem;
    file = open_library(name.c_str(), problem);
    if (file) break;
    problems += (problems.empty() ? "" : "; ") + problem;
  }
  if (!file) throw sdk::StatusError(SIROCCO_FAILED, "cuBLASLt was not found: " + problems);
  std::shared_ptr<CublasLt> library(new CublasLt);
  find(file, "cublasLtGetVersion", library->get_version_);
  if (library->get_version_() / 10000 != CUBLAS_VER_MAJOR)
    throw sdk::StatusError(SIROCCO_FAILED, "cuBLASLt " + library->version() +
                                               " was found, but the plugin was built for version " +
                                               std::to_string(CUBLAS_VER_MAJOR));
  find(file, "cublasLtGetStatusName", library->status_name_);
  find(file, "cublasLtGetStatusString", library->status_text_);
  find(file, "cublasLtCreate", library->create);
  find(file, "cublasLtDestroy", library->destroy);
  find(file, "cublasLtMatmulDescCreate", library->operation_create);
  find(file, "cublasLtMatmulDescDestroy", library->operation_destroy);
  find(file, "cublasLtMatmulDescSetAttribute", library->operation_set);
  find(file, "cublasLtMatrixLayoutCreate", library->layout_create);
  find(file, "cublasLtMatrixLayoutDestroy", library->layout_destroy);
  find(file, "cublasLtMatrixLayoutSetAttribute", library->layout_set);
  find(file, "cublasLtMatmulPreferenceCreate", library->preference_create);
  find(file, "cublasLtMatmulPreferenceDestroy", library->preference_destroy);
  find(file, "cublasLtMatmulPreferenceSetAttribute", library->preference_set);
  find(file, "cublasLtMatmulAlgoGetHeuristic", library->find_algorithms);
  find(file, "cublasLtMatmul", library->multiply);
  return library;
}

std::string CublasLt::version() const {
  const size_t version = get_version_();
  return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
         std::to_string(version % 100);
}

void CublasLt::check(cublasStatus_t status, const std::string& what) const {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  std::string text = what + " failed: " + status_name_(status) + " (" + status_text_(status) + ")";
  // The library tells less than the runtime of what became of the device.
  const cudaError_t cause = cudaGetLastError();
  if (cause == cudaSuccess) throw sdk::StatusError(status_of(status), text);
  throw sdk::StatusError(cuda::status_of(cause), text + "; " + describe(cause));
}

}  // namespace sirocco::cuda
