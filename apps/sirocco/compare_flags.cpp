#include "compare_flags.hpp"

#include "flag_checks.hpp"

namespace sirocco::cli {

void add_compare_flags(CLI::App& verb, CompareOptions& options) {
  verb.add_option("model", options.models, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->expected(0, 1);
  verb.add_option("--backends", options.backends,
                  "Arms, the first being the one that speeds are compared with: names, .so files "
                  "or deployments, with options as in A:KEY=VALUE; A+B runs on A what it takes "
                  "and the rest on B")
      ->type_name("A,B,…")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb.add_option(
          "--reference", options.reference,
          "Backend that numbers are held against (default: the last of the default deployment, "
          "which takes what no other does)")
      ->type_name("NAME");
  add_bench_flags(verb, options.cases);
  verb.add_option("-r,--repeats", options.repeats,
                  "Rounds of each test, arms in random order (default: as many as the number of "
                  "comparisons asks for, and up to 100 where samples are short)")
      ->type_name("N")
      ->check(at_least(1));
  verb.add_option("--sample-ms", options.sample_ms,
                  "Milliseconds that a sample lasts at least: a shorter test is run again in it")
      ->type_name("MS")
      ->check(between(0, 60000))
      ->capture_default_str();
  verb.add_option("--text", options.text,
                  "Text whose tokens are compared, and over which logits are: KL, perplexity")
      ->type_name("FILE");
  verb.add_option("--prompt-tokens", options.prompt_tokens, "Compared tokens fed in one step")
      ->check(at_least(1))
      ->capture_default_str();
  verb.add_option("--single-tokens", options.single_tokens, "Compared tokens fed one by one")
      ->check(at_least(1))
      ->capture_default_str();
  verb.add_flag("--bisect", options.bisect,
                "Where outputs are out of bounds: give nodes back to the reference until the op or "
                "fused region behind it is found");
  verb.add_flag("--no-speed", options.no_speed, "Compare numbers only");
  verb.add_flag("--no-probes", options.no_probes,
                "Do not measure the machine around samples: quicker, but no shares");
  verb.add_flag("--no-numbers", options.no_numbers, "Compare speed only");
  verb.add_option("--save", options.save,
                  "Write the fastest arm whose drift is allowed as a deployment")
      ->type_name("FILE");
  verb.add_option("--budget", options.budget,
                  "Drift that --save allows: NMSE of the outputs (default: their bound)")
      ->type_name("NMSE");
  verb.add_option("--fail-if", options.fail_if,
                  "Exit with 5 where a value passes a bound: tg<0.97, pp512<0.95, load>1.1, "
                  "memory>1.05, kl>0.01, nmse>1e-6")
      ->type_name("GATES")
      ->allow_extra_args(false);
  verb.add_option("--baseline", options.baseline,
                  "A report (--json) of before: gates compare with the same arm in it")
      ->type_name("FILE");
  CLI::Option* json = verb.add_flag("--json", options.json, "The report as JSON");
  CLI::Option* csv = verb.add_flag("--csv", options.csv, "One row a test or value, and arm");
  CLI::Option* md = verb.add_flag("--md", options.markdown, "The tables as Markdown");
  json->excludes(csv)->excludes(md);
  csv->excludes(md);
  verb.add_option(
          "--html", options.html,
          "Also write the report as one page that opens without a network: charts, drift by "
          "layer and op, placement")
      ->type_name("FILE");
  verb.add_option("--from", options.from, "Show a report that --json wrote instead of running")
      ->type_name("FILE");
  verb.add_option("--plugin-path", options.plugin_path,
                  "Folder or .so to look for plugins in, before all others; may be repeated")
      ->type_name("PATH")
      ->allow_extra_args(false);
  verb.add_option("--numerics", options.numerics,
                  "Dtype of activations and state (default: the checkpoint's)")
      ->check(CLI::IsMember({"f32", "bf16", "f16"}));
  verb.add_option("--threads", options.threads, "Threads of each arm (default: all usable)")
      ->check(at_least(1));
  verb.add_option("--fallback", options.fallback,
                  "Where an arm's first backend declines a node: forbid, warn or allow the next")
      ->check(CLI::IsMember({"forbid", "warn", "allow"}))
      ->capture_default_str();
  verb.add_option("--deadline", options.deadline,
                  "Seconds after which an arm that gives no answer is ended")
      ->check(at_least(1))
      ->capture_default_str();
  verb.add_option("--seed", options.seed, "Of the order in which arms take turns")
      ->capture_default_str();
  verb.footer(
      "Every arm runs in processes of its own: one that dies is marked, and the rest comes out.\n"
      "Numbers: every node on the reference's inputs (what it errs by itself), the whole model "
      "with "
      "all\nvalues kept (how errors add up), and the executable as it is timed.\n\n"
      "Examples:\n"
      "  sirocco compare models/demo --backends A,B\n"
      "  sirocco compare models/demo --backends A,build/new.so --no-speed --bisect\n"
      "  sirocco compare CHECKPOINT --backends A,B -p 512 -n 64 -d 0,4096 --text "
      "FILE\n"
      "  sirocco compare models/demo --backends A,B --html page.html\n"
      "  sirocco compare --from old.json --html page.html\n"
      "  sirocco compare models/demo --backends A --json > old.json\n"
      "  sirocco compare models/demo --backends A --baseline old.json --fail-if "
      "'tg<0.97'");
}

}  // namespace sirocco::cli
