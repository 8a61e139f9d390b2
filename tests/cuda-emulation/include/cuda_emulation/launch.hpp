#pragma once
// How a kernel is launched: the place of <<<…>>>.

#include <cuda_runtime.h>

#include <functional>
#include <tuple>
#include <vector>

namespace cuda_emulation {

/// A launch as it waits in its stream.
struct Launch {
  const void* kernel = nullptr;  ///< whose name stands in messages, where it has one
  dim3 grid, block;
  std::function<void()> body;       ///< what one thread runs
  std::vector<uint64_t> arguments;  ///< their bytes, in which device addresses are looked for
  /// Work of a library, done as one instead of `body` by every thread.
  std::function<void()> whole = {};
};

/// Queues it, or adds it to the graph that the stream is capturing.
cudaError_t enqueue(Launch launch, cudaStream_t stream);

namespace detail {
template <class T>
void append_words(std::vector<uint64_t>& words, const T& value) {
  const size_t first = words.size();
  words.resize(first + (sizeof(T) + 7) / 8);
  std::memcpy(words.data() + first, &value, sizeof(T));
}
}  // namespace detail

/// As <<<grid, block, shared, stream>>>: arguments are copied now, errors of the configuration are
/// answered and kept for cudaGetLastError, the work is done later. Dynamic shared memory is not
/// emulated: `shared` must be 0.
template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared,
                   cudaStream_t stream, Arguments... arguments) {
  if (shared) return cudaErrorInvalidConfiguration;
  Launch work{reinterpret_cast<const void*>(kernel), grid, block, {}, {}, {}};
  std::tuple<Parameters...> copies(static_cast<Parameters>(arguments)...);
  (detail::append_words(work.arguments, static_cast<Parameters>(arguments)), ...);
  work.body = [kernel, copies] { std::apply(kernel, copies); };
  return enqueue(std::move(work), stream);
}

}  // namespace cuda_emulation
