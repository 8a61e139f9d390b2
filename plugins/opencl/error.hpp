#pragma once
// OpenCL's error codes as statuses with a message.

#include <string>

#include <CL/cl.h>
#include <sirocco/sdk/plugin.hpp>

namespace sirocco::opencl {

const char* name_of(cl_int error);

/// Throws StatusError "WHAT: CL_NAME" unless the code is CL_SUCCESS.
void check(cl_int error, const std::string& what);

}  // namespace sirocco::opencl
