#include "exec/weight_store.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "graph/abi_tensor.hpp"

namespace sirocco {
namespace {

/// Source bytes that a tile spans at most, unless one row alone is larger.
constexpr uint64_t kTileBytes = 4u << 20;

/// Copies the file's bytes to the device, giving the source back behind the copy.
void copy_tiles(const DeviceBuffer& target, const WeightBytes& source) {
  for (uint64_t offset = 0; offset < source.bytes; offset += kTileBytes) {
    const uint64_t bytes = std::min(kTileBytes, source.bytes - offset);
    target.write(offset, source.data + offset, bytes);
    if (source.release) source.release(offset, bytes);
  }
}

void pack_tiles(const Device& device, const sirocco_weight& weight, const PlannedWeight& planned,
                const DeviceBuffer& target, const WeightBytes& source) {
  const int64_t rows = weight.tensor.rank ? weight.tensor.dims[0].base : 1;
  const uint64_t row_bytes = rows ? source.bytes / static_cast<uint64_t>(rows) : 0;
  const int64_t unit = std::max<int64_t>(planned.pack.tile_rows, 1);
  const auto units = static_cast<int64_t>(kTileBytes / std::max<uint64_t>(row_bytes, 1)) / unit;
  const int64_t step = std::max<int64_t>(units, 1) * unit;
  const Backend& backend = *device.backend;
  for (int64_t row = 0; row < rows; row += step) {
    const int64_t n = std::min(step, rows - row);
    const uint64_t offset = static_cast<uint64_t>(row) * row_bytes;
    backend.call(backend.interface().pack, "pack", device.index, &weight, &planned.pack,
                 static_cast<const void*>(source.data + offset), row, n,
                 target.span(0, planned.pack.bytes));
    if (source.release) source.release(offset, static_cast<uint64_t>(n) * row_bytes);
  }
}

}  // namespace

WeightStore::WeightStore(const Plan& plan, const FindWeight& find, const LoadProgress& progress) {
  uint64_t done = 0, total = 0;
  for (const PlannedWeight& planned : plan.weights()) total += planned.file_bytes;
  for (const PlannedWeight& planned : plan.weights()) {
    const WeightBytes source = find(plan.graph().weights[planned.weight]);
    if (source.bytes != planned.file_bytes) {
      throw Error(ErrorKind::invalid_file,
                  fmt::format("weight {}: {} bytes on file, {} expected",
                              plan.graph().values[plan.graph().weights[planned.weight].value].name,
                              source.bytes, planned.file_bytes));
    }
    held_.push_back(load(plan, planned, source));
    done += planned.file_bytes;
    if (progress) progress(done, total);
  }
}

WeightStore::Held WeightStore::load(const Plan& plan, const PlannedWeight& planned,
                                    const WeightBytes& source) const {
  const Device& device = plan.devices()[planned.device];
  Held held{planned.device, plan.graph().weights[planned.weight].value, {}, {}, source.bytes};
  if (!planned.pack.as_mapped) {
    held.bytes = planned.pack.bytes;
    held.buffer = DeviceBuffer::create(device, held.bytes, SIROCCO_MEMORY_WEIGHT);
    const Value& value = plan.graph().values[held.value];
    AbiStorage storage;
    const sirocco_weight weight{sizeof weight,
                                abi_string(value.name),
                                storage.tensor(value.type),
                                nullptr,
                                0,
                                sizeof(sirocco_weight_use)};
    pack_tiles(device, weight, planned, held.buffer, source);
    held.host = held.buffer.mapped();
    return held;
  }
  if (!device.imports_host()) {
    held.buffer = DeviceBuffer::create(device, held.bytes, SIROCCO_MEMORY_WEIGHT);
    copy_tiles(held.buffer, source);
    held.host = held.buffer.mapped();
    return held;
  }
  const std::byte* data = source.data;
  const uint64_t alignment = std::max<uint32_t>(planned.pack.alignment, 1);
  if (reinterpret_cast<uintptr_t>(data) % alignment != 0) {
    held.aligned.resize(source.bytes + alignment);
    const uintptr_t base = reinterpret_cast<uintptr_t>(held.aligned.data());
    std::byte* place = held.aligned.data() + (alignment - base % alignment) % alignment;
    for (uint64_t offset = 0; offset < source.bytes; offset += kTileBytes) {
      const uint64_t bytes = std::min(kTileBytes, source.bytes - offset);
      std::memcpy(place + offset, data + offset, bytes);
      if (source.release) source.release(offset, bytes);
    }
    data = place;
  }
  held.buffer = DeviceBuffer::import(device, data, source.bytes);
  held.host = data;
  return held;
}

std::vector<std::span<const std::byte>> WeightStore::host_visible() const {
  std::vector<std::span<const std::byte>> memory;
  for (const Held& held : held_)
    if (held.host) memory.emplace_back(held.host, held.bytes);
  return memory;
}

sirocco_span WeightStore::find(size_t device, ValueId value) const {
  for (const Held& held : held_)
    if (held.device == device && held.value == value) return held.buffer.span(0, held.bytes);
  return {nullptr, 0, 0};
}

}  // namespace sirocco
