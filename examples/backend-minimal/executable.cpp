// The SDK's executable, which runs one kernel after the other, made slower by a known share: the
// option spin_percent shows what a comparison makes of a backend that is a little slower.

#include <charconv>
#include <string>

#include <sirocco/sdk/kernel_executable.hpp>

#include "kernels.hpp"

namespace minimal {
namespace {

/// Throws StatusError for anything but a whole number from 0 to 1000.
uint64_t parse_percent(const std::string& text) {
  uint64_t percent = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (problem != std::errc() || end != text.data() + text.size() || percent > 1000)
    throw sdk::StatusError(SIROCCO_INVALID_ARGUMENT, "option spin_percent: \"" + text +
                                                         "\" is no whole number from 0 to 1000");
  return percent;
}

class SpinningExecutable : public sdk::KernelExecutable {
 public:
  SpinningExecutable(const sdk::ExecutableContext& context, const sirocco_graph* graph,
                     const sirocco_compile_options* options, uint64_t percent)
      : KernelExecutable(context, graph, options), percent_(percent) {}

 protected:
  void run(const sirocco_bindings& bindings, const sdk::StepView& step, std::byte* extra) override {
    const uint64_t started = sdk::now_ns();
    KernelExecutable::run(bindings, step, extra);
    const uint64_t ended = sdk::now_ns();
    const uint64_t until = ended + (ended - started) * percent_ / 100;
    while (sdk::now_ns() < until) {
    }
  }

 private:
  uint64_t percent_;
};

}  // namespace

std::unique_ptr<sdk::Executable> compile(const sdk::ExecutableContext& context,
                                         const sirocco_graph* graph,
                                         const sirocco_compile_options* options) {
  const uint64_t percent = parse_percent(context.options.own_option("spin_percent", "0"));
  if (percent) return std::make_unique<SpinningExecutable>(context, graph, options, percent);
  return std::make_unique<sdk::KernelExecutable>(context, graph, options);
}

}  // namespace minimal
