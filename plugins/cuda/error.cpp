#include "error.hpp"

namespace sirocco::cuda {

std::string describe(cudaError_t error) {
  return std::string(cudaGetErrorName(error)) + ": " + cudaGetErrorString(error);
}

sirocco_status status_of(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return SIROCCO_OUT_OF_MEMORY;
    // Of these the runtime's documentation says that they leave the process's context unusable.
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorHardwareStackError:
    case cudaErrorAssert:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorContextIsDestroyed:
    case cudaErrorDevicesUnavailable:
    case cudaErrorUnknown:
      return SIROCCO_DEVICE_LOST;
    default:
      return SIROCCO_FAILED;
  }
}

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  // A failure that is not the device's end would otherwise be found again by a later launch.
  cudaGetLastError();
  throw sdk::StatusError(status_of(error), std::string(what) + " failed: " + describe(error));
}

}  // namespace sirocco::cuda
