#include "config/checkpoint_weights.hpp"

#include <bit>
#include <map>

#include "config/text.hpp"
#include "weights/safetensors_set.hpp"

namespace sirocco {
namespace {

constexpr uint64_t kPage = 4096;

class SafetensorsSource : public WeightSource {
 public:
  explicit SafetensorsSource(const std::filesystem::path& file)
      : set_(SafetensorsSet::open(file)) {}

  std::string label() const override { return set_.path().string(); }

  std::optional<WeightTensor> find(std::string_view name) const override {
    const SafetensorsSet::Tensor* tensor = set_.find(name);
    if (tensor == nullptr) return std::nullopt;
    WeightTensor found;
    found.type.dtype = tensor->record->dtype;
    for (const int64_t extent : tensor->record->shape) {
      found.type.shape.push_back(Dim::constant(extent));
    }
    found.data = set_.data(*tensor);
    found.bytes = tensor->record->bytes;
    const auto address = reinterpret_cast<uintptr_t>(found.data);
    found.alignment = uint64_t{1} << std::countr_zero(address | kPage);
    return found;
  }

  std::vector<std::string> names() const override {
    return {set_.names().begin(), set_.names().end()};
  }

  void release(std::string_view name, uint64_t offset, uint64_t bytes) const override {
    const SafetensorsSet::Tensor* tensor = set_.find(name);
    if (tensor == nullptr) return;
    set_.files()[tensor->file].file().release(tensor->record->offset + offset, bytes);
  }

 private:
  SafetensorsSet set_;
};

}  // namespace

void WeightSource::release(std::string_view, uint64_t, uint64_t) const {}

std::shared_ptr<const WeightSource> open_weights(const std::filesystem::path& file) {
  return std::make_shared<SafetensorsSource>(file);
}

sirocco_dtype dominant_dtype(const WeightSource& weights) {
  std::map<sirocco_dtype, uint64_t> bytes;
  for (const std::string& name : weights.names()) {
    const std::optional<WeightTensor> tensor = weights.find(name);
    if (tensor && is_float(tensor->type.dtype)) bytes[tensor->type.dtype] += tensor->bytes;
  }
  sirocco_dtype best = SIROCCO_DTYPE_F32;
  for (const auto& [dtype, sum] : bytes) {
    if (sum > bytes[best]) best = dtype;
  }
  return best;
}

std::string some_names(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  std::string text;
  for (size_t i = 0; i < names.size() && i < kShown; ++i) {
    text += (i > 0 ? ", " : "") + in_quotes(names[i], 160);
  }
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

}  // namespace sirocco
