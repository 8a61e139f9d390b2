#pragma once
// The kernels' sources, one a file of ops/.

namespace sirocco::opencl {

struct Source {
  const char* name;  ///< the file's, without its ending
  const char* text;
};
/// Ends with NULL.
extern const Source kSources[];

}  // namespace sirocco::opencl
