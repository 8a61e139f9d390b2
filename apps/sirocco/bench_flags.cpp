#include "bench_flags.hpp"

namespace sirocco::cli {

std::vector<BenchCase> BenchFlags::cases() const {
  BenchMatrix matrix;
  matrix.prompts = parse_sizes(prompt, "-p", 0);
  matrix.generates = parse_sizes(generate, "-n", 0);
  for (const std::string& text : prompt_and_gen)
    matrix.prompts_and_gens.push_back(parse_prompt_and_gen(text, "-pg"));
  matrix.depths = parse_sizes(depth, "-d", 0);
  matrix.batches = parse_sizes(batch, "-b", 1);
  return bench_cases(matrix);
}

std::vector<std::string> BenchFlags::arguments() const {
  std::vector<std::string> arguments = {"-p", prompt, "-n", generate, "-d", depth, "-b", batch};
  for (const std::string& text : prompt_and_gen) arguments.insert(arguments.end(), {"--pg", text});
  return arguments;
}

void add_bench_flags(CLI::App& verb, BenchFlags& flags) {
  verb.add_option("-p,--n-prompt", flags.prompt, "Prompt lengths to read; 0: none")
      ->type_name("SIZES")
      ->capture_default_str();
  verb.add_option("-n,--n-gen", flags.generate, "Numbers of tokens to make; 0: none")
      ->type_name("SIZES")
      ->capture_default_str();
  verb.add_option("--pg", flags.prompt_and_gen,
                  "Also -pg: read P tokens, then make N, as one test; may be repeated")
      ->type_name("P,N")
      ->allow_extra_args(false);  // or it would take the model for another
  verb.add_option("-d,--n-depth", flags.depth, "Tokens that each sequence holds before")
      ->type_name("SIZES")
      ->capture_default_str();
  verb.add_option("-b,--batch", flags.batch, "Sequences that tokens are made for together (tg)")
      ->type_name("SIZES")
      ->capture_default_str();
}

}  // namespace sirocco::cli
