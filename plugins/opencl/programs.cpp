#include "programs.hpp"

#include "error.hpp"
#include "sources.hpp"

namespace sirocco::opencl {
namespace {

std::string source_of(const std::string& file) {
  for (const Source* source = kSources; source->name; ++source)
    if (file == source->name) return source->text;
  throw sdk::StatusError(SIROCCO_FAILED, "no kernels are named " + file);
}

}  // namespace

std::string all_sources() {
  std::string text;
  for (const Source* source = kSources; source->name; ++source) text += source->text;
  return text;
}

Programs::Programs(cl_context context, cl_device_id device, std::string identity, DiskCache& cache)
    : context_(context), device_(device), identity_(std::move(identity)), cache_(cache) {}

Programs::~Programs() {
  for (const auto& [key, program] : programs_) clReleaseProgram(program);
}

cl_program Programs::from_cache(const std::string& key, const std::string& options) const {
  const std::optional<std::string> binary = cache_.read(key);
  if (!binary) return nullptr;
  const auto* bytes = reinterpret_cast<const unsigned char*>(binary->data());
  const size_t size = binary->size();
  cl_int error = CL_SUCCESS, status = CL_SUCCESS;
  cl_program program =
      clCreateProgramWithBinary(context_, 1, &device_, &size, &bytes, &status, &error);
  if (error != CL_SUCCESS) return nullptr;
  if (status == CL_SUCCESS &&
      clBuildProgram(program, 1, &device_, options.c_str(), nullptr, nullptr) == CL_SUCCESS)
    return program;
  clReleaseProgram(program);
  return nullptr;
}

void Programs::keep(cl_program program, const std::string& key) const {
  size_t size = 0;
  if (clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, nullptr) !=
          CL_SUCCESS ||
      size == 0)
    return;
  std::string binary(size, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(binary.data());
  if (clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof bytes, &bytes, nullptr) == CL_SUCCESS)
    cache_.write(key, binary);
}

cl_program Programs::make(const KernelName& name) {
  const std::string text = source_of("prelude") +
                           (name.before.empty() ? "" : source_of(name.before)) +
                           source_of(name.file);
  const std::string options = name.options + " -cl-std=CL1.2";
  const std::string key = "program\n" + identity_ + "\n" + options + "\n" + text;
  if (cl_program cached = from_cache(key, options)) return cached;
  const char* source = text.c_str();
  cl_int error = CL_SUCCESS;
  cl_program program = clCreateProgramWithSource(context_, 1, &source, nullptr, &error);
  check(error, name.file + ".cl");
  error = clBuildProgram(program, 1, &device_, options.c_str(), nullptr, nullptr);
  if (error == CL_SUCCESS) {
    keep(program, key);
    return program;
  }
  size_t bytes = 0;
  clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_LOG, 0, nullptr, &bytes);
  std::string log(bytes, '\0');
  clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_LOG, bytes, log.data(), nullptr);
  clReleaseProgram(program);
  throw sdk::StatusError(SIROCCO_FAILED, "kernel " + name.function + " does not build with " +
                                             options + ": " + name_of(error) + ": " + log.c_str());
}

cl_kernel Programs::kernel(const KernelName& name) {
  const std::string key = name.file + " " + name.options;
  auto found = programs_.find(key);
  if (found == programs_.end()) found = programs_.emplace(key, make(name)).first;
  cl_int error = CL_SUCCESS;
  cl_kernel kernel = clCreateKernel(found->second, name.function.c_str(), &error);
  check(error, "kernel " + name.function);
  return kernel;
}

}  // namespace sirocco::opencl
