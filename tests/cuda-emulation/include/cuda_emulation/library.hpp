#pragma once
// How a plugin finds a CUDA library that it is not linked to: the place of dlopen and dlsym.

#include <string>

namespace cuda_emulation {

/// NULL, and what a loader would say, for a library that is not emulated or is to be absent.
void* open_library(const char* name, std::string& problem);
/// NULL for a function that is not emulated.
void* find_symbol(void* library, const char* name);

}  // namespace cuda_emulation
