#include "runtime/engine.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "config/elaborate.hpp"
#include "config/expand.hpp"
#include "runtime/backend_text.hpp"

namespace sirocco {
namespace {

constexpr int64_t kDefaultMaxTokens = 512;
constexpr int64_t kDefaultPageTokens = 16;
/// Where neither the command line, the deployment nor the model says how long a sequence may be.
constexpr int64_t kDefaultContext = 4096;

}  // namespace

Executor& LoadedModel::executor(const LoadProgress& progress) {
  if (executor_) return *executor_;
  const std::shared_ptr<const WeightSource> source = model_->weights;
  const auto find = [&](const GraphWeight& weight) -> WeightBytes {
    const std::optional<WeightTensor> tensor = source->find(weight.file_name);
    if (!tensor) {
      throw Error(ErrorKind::invalid_file,
                  source->label() + ": no tensor '" + weight.file_name + "'");
    }
    return {tensor->data, tensor->bytes,
            [source, name = weight.file_name](uint64_t offset, uint64_t bytes) {
              source->release(name, offset, bytes);
            }};
  };
  executor_ = std::make_unique<Executor>(plan_, find, progress);
  return *executor_;
}

Engine::Engine(EngineOptions options)
    : options_(std::move(options)),
      deployment_(find_deployment(options_)),
      catalog_(PluginCatalog::scan(plugin_search(options_, deployment_), {})),
      registry_(OpRegistry::with_builtin_ops()),
      team_(std::make_unique<Team>(
          options_.threads.value_or(static_cast<uint32_t>(deployment_.threads.value_or(0))))) {
  add_catalog_ops(registry_, catalog_, plugins_);
  start_backends();
}

HostConfig Engine::host_config(const BackendChoice& choice) const {
  HostConfig config;
  config.team = team_.get();
  config.log = options_.log;
  config.memory_budget = deployment_.memory_budget.value_or(0);
  for (const auto& [key, value] : choice.options)
    config.options.emplace_back(key, scalar_text(value));
  return config;
}

BackendChoice Engine::choice_of(const std::string& text,
                                const std::vector<BackendChoice>& before) const {
  const BackendText asked = parse_backend(text);
  const auto known =
      std::ranges::find(deployment_.backends, asked.choice.name, &BackendChoice::name);
  BackendChoice choice = known == deployment_.backends.end() ? asked.choice : *known;
  for (const auto& [key, value] : asked.choice.options) {
    std::erase_if(choice.options, [&](const auto& option) { return option.first == key; });
    choice.options.emplace_back(key, value);
  }
  if (asked.device_given) choice.device = asked.choice.device;
  if (std::ranges::any_of(before, [&](const BackendChoice& other) {
        return other.name == choice.name && other.device == choice.device;
      }))
    throw Error(ErrorKind::usage, "backend '" + text + "' is named twice");
  return choice;
}

void Engine::start_backends() {
  std::vector<BackendChoice> choices = deployment_.backends;
  if (!options_.backends.empty()) {
    // Named on the command line: in that order, with the options they have in the deployment.
    choices.clear();
    for (const std::string& text : options_.backends) choices.push_back(choice_of(text, choices));
  }
  for (const BackendChoice& choice : choices) {
    auto backend = Backend::create(choice.name, catalog_.load(choice.name), host_config(choice));
    devices_.push_back(open_device(std::move(backend), static_cast<uint32_t>(choice.device)));
  }
}

std::shared_ptr<const ResolvedModel> Engine::resolve(const std::filesystem::path& model) const {
  return resolve_model(model);
}

PlacementOptions Engine::placement_options() const {
  PlacementOptions options;
  for (const PlacementChoice& rule : deployment_.placement)
    options.rules.push_back(
        {rule.layers, rule.ops, rule.nodes, rule.backend, rule.place.to_string()});
  options.fallback = options_.fallback.value_or(
      deployment_.fallback.empty() ? Fallback::warn : fallback_from_name(deployment_.fallback));
  return options;
}

void check_context(const ResolvedModel& model, std::optional<int64_t> asked, int64_t needed) {
  if (model.context && asked && *asked > *model.context) {
    throw Error(ErrorKind::invalid_file,
                fmt::format("a context of {} tokens is asked for, but the model's limit is {}",
                            *asked, *model.context));
  }
  const std::optional<int64_t> limit = asked ? asked : model.context;
  if (limit && needed > *limit) {
    throw Error(ErrorKind::invalid_file,
                fmt::format("{} tokens exceed the context of {}", needed, *limit));
  }
}

StepLimits Engine::step_limits(const ResolvedModel& model, const ModelOptions& options) const {
  const DeploymentLimits& deployed = deployment_.limits;
  const auto pick = [](std::optional<int64_t> asked, std::optional<int64_t> given,
                       int64_t otherwise) { return asked ? *asked : given.value_or(otherwise); };
  StepLimits limits;
  limits.max_context =
      pick(options.context, deployed.context, model.context.value_or(kDefaultContext));
  check_context(model, limits.max_context, limits.max_context);
  limits.max_tokens = pick(options.max_tokens, deployed.max_tokens_per_step, kDefaultMaxTokens);
  limits.max_seqs = pick(options.max_seqs, deployed.max_seqs, 1);
  limits.max_rows = pick(options.max_rows, deployed.max_rows, limits.max_seqs);
  return limits;
}

void Engine::check_budget(const Plan& plan) const {
  const uint64_t needed = plan.memory().total();
  if (!deployment_.memory_budget || needed <= *deployment_.memory_budget) return;
  throw Error(
      ErrorKind::failure,
      fmt::format("the model takes {} bytes of memory, the deployment's budget is {}; lower "
                  "the context or the tokens and sequences of a step, or raise the budget",
                  needed, *deployment_.memory_budget));
}

std::unique_ptr<LoadedModel> Engine::plan(std::shared_ptr<const ResolvedModel> model,
                                          const ModelOptions& options) const {
  sirocco_dtype numerics = model->checkpoint_dtype;
  if (!deployment_.numerics.empty()) numerics = dtype_from_name(deployment_.numerics);
  if (options.numerics) numerics = *options.numerics;
  GraphOptions graph;
  graph.numerics = numerics;
  graph.state_dtype = numerics;
  graph.page_tokens =
      static_cast<uint32_t>(deployment_.limits.page_tokens.value_or(kDefaultPageTokens));
  PlanOptions plan_options;
  plan_options.limits = step_limits(*model, options);
  plan_options.placement = placement_options();
  auto& rules = plan_options.placement.rules;
  rules.insert(rules.begin(), options.placement.begin(), options.placement.end());
  plan_options.sample = options.sample;
  plan_options.sample_op = registry_.find("sirocco", "sample");
  plan_options.observe = options.observe;
  plan_options.timed = options.timed;
  plan_options.separate = options.separate;
  auto plan = std::make_shared<const Plan>(
      build_graph(*model, registry_, graph), devices_, std::move(plan_options),
      [this](Graph& expanded, NodeId node) { expand_node(expanded, node, registry_); });
  check_budget(*plan);
  if (plan->placement().n_fallback && placement_options().fallback == Fallback::warn &&
      options_.log) {
    const size_t total = plan->graph().nodes.size();
    options_.log(
        SIROCCO_LOG_WARNING,
        fmt::format("{} of {} nodes do not run on {}; `sirocco inspect --explain` says why",
                    plan->placement().n_fallback, total, devices_[0].name));
  }
  return std::make_unique<LoadedModel>(std::move(model), std::move(plan));
}

std::unique_ptr<Tokenizer> Engine::tokenizer(const ResolvedModel& model) const {
  if (!model.tokenizer) {
    throw Error(ErrorKind::invalid_file,
                model.name +
                    ": the model names no tokenizer, and its checkpoint holds no tokenizer "
                    "file that its topology knows");
  }
  HostConfig config;
  config.log = options_.log;
  return std::make_unique<Tokenizer>(catalog_.load(model.tokenizer->plugin), model.tokenizer->file,
                                     std::move(config));
}

}  // namespace sirocco
