// A decode step allocates nothing, on the host's side or a backend's: malloc and mmap are counted,
// not trusted.

#include <dlfcn.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdlib>

#include "catch.hpp"

#include "golden_model.hpp"
#include "runtime/generate.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SIROCCO_SANITIZED 1
#else
#define SIROCCO_SANITIZED 0
#endif

namespace {

std::atomic<bool> counting{false};
std::atomic<long> allocations{0};

void count() {
  if (counting.load(std::memory_order_relaxed)) ++allocations;
}

}  // namespace

#if !SIROCCO_SANITIZED
// The C library's own entry points under other names, so that nothing has to be looked up in here.
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t bytes) {
  count();
  return __libc_malloc(bytes);
}
void* calloc(size_t n, size_t bytes) {
  count();
  return __libc_calloc(n, bytes);
}
void* realloc(void* memory, size_t bytes) {
  count();
  return __libc_realloc(memory, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  count();
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** memory, size_t alignment, size_t bytes) {
  count();
  *memory = __libc_memalign(alignment, bytes);
  return *memory ? 0 : 12;
}
void* mmap(void* address, size_t bytes, int protection, int flags, int file,
           off_t offset) noexcept {
  using Function = void* (*)(void*, size_t, int, int, int, off_t);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "mmap"));
  count();
  return real(address, bytes, protection, flags, file, offset);
}
}
#endif

using namespace sirocco;
using namespace sirocco::test;

TEST_CASE("decode steps 10 to 200 allocate nothing") {
  if (SIROCCO_SANITIZED) {
    std::puts("SKIPPED: a sanitizer owns malloc in this build");
    return;
  }
  const std::string second = (build_dir() / "tests/plugins/second.so").string();
  const std::string split =
      "sirocco: deployment/1\nplugins:\n  aliases:\n    second: " + second +
      "\nbackends:\n  - name: reference\n  - name: second\nplacement:\n  - layers: 1\n"
      "    backend: second\n";
  const std::string fast = "sirocco: deployment/1\nbackends:\n  - name: cpu-onednn\n";
  for (const std::string& deployment : {kReference, split, fast}) {
    Rig rig(deployment, "ministral-interleaved");
    Executor& executor = rig.executor();
    const SequenceId ids[] = {executor.open(), executor.open()};
    const auto tokens = some_tokens(200);
    const uint32_t last = 0;
    for (size_t step = 0; step < tokens.size(); ++step) {
      if (step == 10) counting = true;
      const SequenceInput inputs[] = {{ids[0], {&tokens[step], 1}, {&last, 1}},
                                      {ids[1], {&tokens[step], 1}, {&last, 1}}};
      executor.step(inputs);
      executor.output(0);
      for (SequenceId id : ids) executor.commit(id, 1);
    }
    counting = false;
    INFO(deployment);
    CHECK(allocations == 0);
    allocations = 0;
  }
}

TEST_CASE("choosing tokens and turning them into text allocates nothing") {
  if (SIROCCO_SANITIZED) {
    std::puts("SKIPPED: a sanitizer owns malloc in this build");
    return;
  }
  ModelOptions wanted;
  wanted.sample = SampleOn::device;
  Rig rig(kReference, "ministral-interleaved", wanted);
  const Tokenizer tokenizer(
      Plugin::load(build_dir() / "lib/sirocco/plugins/tokenizer-sentencepiece.so"),
      std::filesystem::path(SIROCCO_SOURCE_DIR) / "tests/golden/tokenizers/spm_v3.model", {});
  GenerateOptions options;
  options.max_tokens = 220;
  options.stop = {"never to be seen in any text", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"};
  options.sampling.temperature = 1.5;
  options.sampling.top_k = 200;
  options.sampling.top_p = 0.99;
  options.sampling.min_p = 0.001;
  options.sampling.repetition_penalty = 1.1;
  options.sampling.frequency_penalty = 0.1;
  options.sampling.n_logprobs = 5;
  const auto run = [&](size_t least_bytes) {
    TokenSequence sequence(rig.executor());
    size_t bytes = 0, step = 0;
    const auto result =
        generate(sequence, some_tokens(5), options, &tokenizer, [&](const GeneratedToken& token) {
          bytes += token.text.size() + token.top.size();
          ++step;
          if (step == 10) counting = true;
          if (step == 200) counting = false;
          return true;
        });
    CHECK(result.n_generated == 220);
    CHECK(bytes >= least_bytes);
    CHECK(allocations == 0);
    allocations = 0;
    return result.sampled_on_device;
  };
  CHECK_FALSE(run(1000));
  options.sampling.repetition_penalty = 1;
  options.sampling.frequency_penalty = 0;
  options.sampling.n_logprobs = 0;
  CHECK(run(1));
}

TEST_CASE("the counter counts") {
  if (SIROCCO_SANITIZED) {
    std::puts("SKIPPED: a sanitizer owns malloc in this build");
    return;
  }
  static void* volatile seen;  // an allocation that nobody sees may be left out by the compiler
  counting = true;
  seen = std::malloc(100);
  void* const mapped = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  counting = false;
  std::free(seen);
  munmap(mapped, 4096);
  CHECK(allocations == 2);
  allocations = 0;
}
