#include "loader/host.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "exec/team.hpp"

namespace sirocco {

/// The services' `ctx` is this object.
struct Host::Impl {
  explicit Impl(HostConfig given) : config(std::move(given)) {
    host = {sizeof host, config.abi_version, 0, this, get_service};
  }

  static Impl& of(void* ctx) { return *static_cast<Impl*>(ctx); }
  static const void* get_service(const sirocco_host* host, const char* id);

  static void write_log(void* ctx, int32_t level, sirocco_string message);
  static void* allocate(void* ctx, size_t bytes, size_t alignment);
  static void release(void* ctx, void* memory, size_t bytes, size_t alignment);
  static void range(void* ctx, sirocco_string name, uint32_t thread, uint64_t begin_ns,
                    uint64_t end_ns);

  HostConfig config;
  std::atomic<uint64_t> allocated{0};
  sirocco_host host{};
};

void Host::Impl::write_log(void* ctx, int32_t level, sirocco_string message) {
  const HostConfig& config = of(ctx).config;
  const std::string_view text(message.data, message.size);
  if (config.log) {
    config.log(level, text);
  } else if (level >= SIROCCO_LOG_INFO) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
  }
}

void* Host::Impl::allocate(void* ctx, size_t bytes, size_t alignment) {
  Impl& self = of(ctx);
  const bool power_of_two = alignment && (alignment & (alignment - 1)) == 0;
  if (!power_of_two || alignment > SIZE_MAX / 4 || bytes > SIZE_MAX / 4) return nullptr;
  const uint64_t before = self.allocated.fetch_add(bytes);
  if (self.config.memory_budget && before + bytes > self.config.memory_budget) {
    self.allocated -= bytes;
    return nullptr;
  }
  alignment = std::max(alignment, alignof(std::max_align_t));
  void* memory = std::aligned_alloc(
      alignment, (std::max<size_t>(bytes, 1) + alignment - 1) / alignment * alignment);
  if (!memory) self.allocated -= bytes;
  return memory;
}

void Host::Impl::release(void* ctx, void* memory, size_t bytes, size_t) {
  if (!memory) return;
  std::free(memory);
  of(ctx).allocated -= bytes;
}

void Host::Impl::range(void* ctx, sirocco_string name, uint32_t thread, uint64_t begin_ns,
                       uint64_t end_ns) {
  const HostConfig& config = of(ctx).config;
  if (config.range) config.range({name.data, name.size}, thread, begin_ns, end_ns);
}

const void* Host::Impl::get_service(const sirocco_host* host, const char* id) {
  static constexpr sirocco_log_service kLog{sizeof kLog, write_log};
  static constexpr sirocco_allocate_service kAllocate{sizeof kAllocate, allocate, release};
  static constexpr sirocco_profiler_service kProfiler{sizeof kProfiler, range};
  static constexpr sirocco_plugin_path_service kPath{sizeof kPath, [](void* ctx) -> sirocco_string {
                                                       const std::string& path =
                                                           of(ctx).config.plugin_path;
                                                       return {path.data(), path.size()};
                                                     }};
  static constexpr sirocco_options_service kOptions{
      sizeof kOptions, [](void* ctx) { return of(ctx).config.options.size(); },
      [](void* ctx, size_t index) -> sirocco_option {
        const auto& options = of(ctx).config.options;
        if (index >= options.size()) return {};
        const auto& [key, value] = options[index];
        return {{key.data(), key.size()}, {value.data(), value.size()}};
      }};
  static constexpr sirocco_dequantise_service kDequantise{
      sizeof kDequantise,
      [](void*, const sirocco_quant* scheme, const void*, size_t, float*,
         sirocco_error* error) -> sirocco_status {
        if (error) {
          std::snprintf(error->message, sizeof error->message,
                        "this host knows no quantisation scheme '%.*s'",
                        static_cast<int>(scheme->scheme.size), scheme->scheme.data);
        }
        return SIROCCO_UNSUPPORTED;
      }};
  static constexpr sirocco_team_service kTeam{
      sizeof kTeam, [](void* ctx) { return of(ctx).config.team->size(); },
      [](void* ctx, void (*fn)(void*, uint32_t, uint32_t), void* arg) {
        of(ctx).config.team->run(fn, arg);
      },
      [](void* ctx, uint32_t thread) { of(ctx).config.team->barrier(thread); }};

  const std::string_view wanted(id);
  if (wanted == SIROCCO_SERVICE_LOG) return &kLog;
  if (wanted == SIROCCO_SERVICE_ALLOCATE) return &kAllocate;
  if (wanted == SIROCCO_SERVICE_PROFILER) return &kProfiler;
  if (wanted == SIROCCO_SERVICE_PLUGIN_PATH) return &kPath;
  if (wanted == SIROCCO_SERVICE_OPTIONS) return &kOptions;
  if (wanted == SIROCCO_SERVICE_DEQUANTISE) return &kDequantise;
  if (wanted == SIROCCO_SERVICE_TEAM && of(host->ctx).config.team) return &kTeam;
  return nullptr;
}

Host::Host(HostConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {}

Host::~Host() = default;

const sirocco_host* Host::get() const {
  return &impl_->host;
}

uint64_t Host::allocated_bytes() const {
  return impl_->allocated;
}

}  // namespace sirocco
