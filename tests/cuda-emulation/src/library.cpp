#include <cuda_emulation/library.hpp>

#include <cstdlib>
#include <cstring>

#include <cublasLt.h>

namespace cuda_emulation {
namespace {

struct Symbol {
  const char* name;
  void* function;
};

template <class Function>
Symbol symbol(const char* name, Function* function) {
  return {name, reinterpret_cast<void*>(function)};
}

const Symbol kSymbols[] = {
    symbol("cublasLtGetVersion", cublasLtGetVersion),
    symbol("cublasLtGetStatusName", cublasLtGetStatusName),
    symbol("cublasLtGetStatusString", cublasLtGetStatusString),
    symbol("cublasLtCreate", cublasLtCreate),
    symbol("cublasLtDestroy", cublasLtDestroy),
    symbol("cublasLtMatmulDescCreate", cublasLtMatmulDescCreate),
    symbol("cublasLtMatmulDescDestroy", cublasLtMatmulDescDestroy),
    symbol("cublasLtMatmulDescSetAttribute", cublasLtMatmulDescSetAttribute),
    symbol("cublasLtMatrixLayoutCreate", cublasLtMatrixLayoutCreate),
    symbol("cublasLtMatrixLayoutDestroy", cublasLtMatrixLayoutDestroy),
    symbol("cublasLtMatrixLayoutSetAttribute", cublasLtMatrixLayoutSetAttribute),
    symbol("cublasLtMatmulPreferenceCreate", cublasLtMatmulPreferenceCreate),
    symbol("cublasLtMatmulPreferenceDestroy", cublasLtMatmulPreferenceDestroy),
    symbol("cublasLtMatmulPreferenceSetAttribute", cublasLtMatmulPreferenceSetAttribute),
    symbol("cublasLtMatmulAlgoGetHeuristic", cublasLtMatmulAlgoGetHeuristic),
    symbol("cublasLtMatmul", cublasLtMatmul),
};

}  // namespace

void* open_library(const char* name, std::string& problem) {
  const char* wanted = std::getenv("CUDA_EMULATION_CUBLASLT");
  const bool absent = wanted && std::strcmp(wanted, "absent") == 0;
  const std::string known = "libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR);
  if (name == known && !absent) return const_cast<Symbol*>(kSymbols);
  problem = std::string(name) + ": cannot open shared object file: No such file or directory";
  return nullptr;
}

void* find_symbol(void* library, const char* name) {
  if (library != kSymbols) return nullptr;
  for (const Symbol& one : kSymbols)
    if (std::strcmp(one.name, name) == 0) return one.function;
  return nullptr;
}

}  // namespace cuda_emulation
