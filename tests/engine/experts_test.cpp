// A mixture reads the weights of the experts that its tokens chose, and no others.

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <string>

#include "catch.hpp"
#include "golden_model.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

/// A copy of a tensor on pages of its own, so that they can be made unreadable.
class OwnPages {
 public:
  OwnPages(const void* data, size_t bytes) : bytes_(bytes) {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    mapped_ = (bytes + page - 1) / page * page;
    memory_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    if (data) std::memcpy(memory_, data, bytes);
  }
  ~OwnPages() { munmap(memory_, mapped_); }
  OwnPages(const OwnPages&) = delete;
  OwnPages& operator=(const OwnPages&) = delete;
  WeightBytes bytes() const { return {static_cast<const std::byte*>(memory_), bytes_, {}}; }
  void forbid() { REQUIRE(mprotect(memory_, mapped_, PROT_NONE) == 0); }

 private:
  size_t bytes_, mapped_ = 0;
  void* memory_ = nullptr;
};

/// The number in "….experts.N.w1.weight", or -1.
int expert_of(const std::string& name) {
  const size_t at = name.find(".experts.");
  return at == std::string::npos ? -1 : std::stoi(name.substr(at + 9));
}

/// Logits of a few steps, on a mixture whose routers say the same of all experts, so that the first
/// two are every token's, and with the memory of the others unreadable.
std::vector<float> logits_without_the_others(const std::string& backend) {
  TemporaryFolder folder;
  Engine engine(options_for(folder.write(
      "deployment.yaml", "sirocco: deployment/1\nbackends:\n  - name: " + backend + "\n")));
  ModelOptions wanted;
  wanted.numerics = SIROCCO_DTYPE_F32;
  wanted.max_tokens = 32;
  const auto model = engine.resolve(golden("mixtral"));
  const auto loaded = engine.plan(model, wanted);
  std::vector<std::unique_ptr<OwnPages>> kept, unwanted;
  const auto find = [&](const GraphWeight& weight) -> WeightBytes {
    const auto tensor = model->weights->find(weight.file_name);
    REQUIRE(tensor);
    const bool router = weight.file_name.find("block_sparse_moe.gate") != std::string::npos;
    auto& list = expert_of(weight.file_name) > 1 ? unwanted : kept;
    list.push_back(std::make_unique<OwnPages>(router ? nullptr : tensor->data, tensor->bytes));
    return list.back()->bytes();
  };
  Executor executor({std::shared_ptr<void>(), &loaded->plan()}, find, {});
  REQUIRE(unwanted.size() == 2 * 6 * 3);  // layers, experts, tensors of an expert
  for (const auto& pages : unwanted) pages->forbid();
  return last_logits(executor, {1, 30, 3});
}

}  // namespace

TEST_CASE("weights of experts that no token chose are not touched") {
  const auto expected = logits_without_the_others("reference");
  const auto got = logits_without_the_others("cpu-onednn");
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    REQUIRE(std::isfinite(got[i]));
    REQUIRE(std::fabs(got[i] - expected[i]) < 2e-4f);
  }
}
