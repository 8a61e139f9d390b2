#include "compare/arm_speed.hpp"

#include <chrono>
#include <cmath>

#include <sirocco/error.hpp>

#include "bench/bench.hpp"
#include "bench/device_probe.hpp"
#include "bench/disturbance.hpp"
#include "bench/report.hpp"
#include "bench/session.hpp"
#include "compare/recording.hpp"
#include "runtime/plan_report.hpp"

namespace sirocco {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string text_of(const sirocco_string& text) {
  return text.data ? std::string(text.data, text.size) : std::string();
}

Json devices_json(const Engine& engine) {
  Json devices = Json::array();
  for (const Device& device : engine.devices()) {
    const sirocco_plugin& plugin = device.backend->plugin().descriptor();
    devices.push_back({{"name", device.name},
                       {"device", text_of(device.info.name)},
                       {"features", text_of(device.info.features)},
                       {"memory_bytes", device.info.memory_bytes},
                       {"emulated", (device.info.flags & SIROCCO_DEVICE_EMULATED) != 0},
                       {"host_visible", device.host_visible()},
                       {"plugin", plugin.name},
                       {"version", plugin.version},
                       {"file", device.backend->plugin().path().string()}});
  }
  return devices;
}

Json sample_json(const BenchSample& sample, bool probed) {
  Json json = {{"tokens_per_second", sample.tokens_per_second}};
  if (sample.seconds >= kLeastSecondsTold) json["disturbance"] = sample.disturbance;
  if (std::isfinite(sample.overhead_share)) json["overhead_share"] = sample.overhead_share;
  if (!probed) return json;
  json["bandwidth_share"] = sample.bandwidth_share;
  json["own_bandwidth_share"] = sample.own_bandwidth_share;
  json["flops_share"] = sample.flops_share;
  return json;
}

/// The machine's for backends that run on its processors, else the first device's own.
std::unique_ptr<SpeedProbe> probe_for(const Engine& engine, sirocco_dtype dtype) {
  const Device& device = engine.devices()[0];
  if (device.info.kind == SIROCCO_DEVICE_CPU) return make_probe(engine.team());
  return std::make_unique<DeviceProbe>(device, engine.ops(), dtype);
}

/// The most that was held so far: by the process, and on each device that says so.
Json memory_json(const Engine& engine) {
  Json devices = Json::array();
  for (const Device& device : engine.devices()) {
    Json found = {{"name", device.name}};
    try {
      if (const auto use = memory_use(device)) found["peak_bytes"] = use->peak_bytes;
    } catch (const Error& e) {
      found["memory_problem"] = e.what();
    }
    devices.push_back(std::move(found));
  }
  return {{"peak_bytes", peak_resident_bytes()}, {"devices", std::move(devices)}};
}

/// What devices reach through their own plain product. One that has none says why.
void probe_devices(const Engine& engine, sirocco_dtype dtype, Json& found) {
  for (size_t i = 0; i < found.size(); ++i) {
    try {
      DeviceProbe probe(engine.devices()[i], engine.ops(), dtype);
      found[i]["bandwidth"] = probe.bandwidth();
      found[i]["flops"] = probe.flops();
    } catch (const Error& e) {
      found[i]["problem"] = e.what();
    }
  }
}

}  // namespace

void serve_speed(const SpeedTask& task, const std::function<bool(std::string& line)>& next,
                 const std::function<void(const Json&)>& emit) {
  const Clock::time_point start = Clock::now();
  const Engine engine(task.engine);
  const double started = seconds_since(start);
  const auto model = engine.resolve(task.model);
  const auto loaded = engine.plan(model, bench_options(task.cases, *model, task.options));
  const Plan& plan = loaded->plan();
  check_batch(task.cases, plan);
  Executor& executor = loaded->executor();
  const double loaded_at = seconds_since(start);
  make_first_token(executor);
  const BenchFingerprint of = fingerprint_of(plan, model->name);
  emit({{"stage", "loaded"},
        {"start_seconds", started},
        {"load_seconds", loaded_at - started},
        {"first_token_seconds", seconds_since(start)},
        {"model", of.model},
        {"params", of.params},
        {"bytes", of.bytes},
        {"numerics", of.numerics},
        {"threads", engine.team().size()},
        {"devices", devices_json(engine)},
        {"plan", plan_json(plan, true)}});
  Bench bench(executor, task.cases);
  std::unique_ptr<SpeedProbe> probe;
  Json memory;
  for (std::string line; next(line);) {
    Json asked;
    try {
      asked = Json::parse(line);
      const std::string what = asked.at("do").get<std::string>();
      if (what == "memory") {
        if (memory.is_null()) memory = memory_json(engine);
        if (task.probes && !probe) probe = probe_for(engine, output_dtype(plan));
        memory["bandwidth"] = probe ? probe->bandwidth() : 0.0;
        memory["flops"] = probe ? probe->flops() : 0.0;
        if (task.probes) probe_devices(engine, output_dtype(plan), memory["devices"]);
        emit(memory);
        continue;
      }
      const BenchCase& test = task.cases.at(asked.at("case").get<size_t>());
      if (what == "warm_up") {
        const auto warm_up = [&] {
          const Clock::time_point begin = Clock::now();
          bench.sample(test, nullptr, task.least_seconds);
          return seconds_since(begin);
        };
        // The first is slow in itself; of a long test that is little.
        constexpr double kShort = 0.2;
        double seconds = warm_up();
        if (seconds < kShort) seconds = warm_up();
        // What the probe takes is not the backend's.
        if (!probe) memory = memory_json(engine);
        emit({{"seconds", seconds}});
      } else if (what == "sample") {
        const bool probed = asked.value("probe", false);
        if (probed && !probe) probe = probe_for(engine, output_dtype(plan));
        emit(sample_json(bench.sample(test, probed ? probe.get() : nullptr, task.least_seconds),
                         probed));
      } else {
        throw Error(ErrorKind::usage, "no such request: " + line);
      }
    } catch (const nlohmann::json::exception& e) {
      throw Error(ErrorKind::usage, "not a request: " + line + ": " + e.what());
    } catch (const std::out_of_range&) {
      throw Error(ErrorKind::usage, "no such case: " + line);
    }
  }
}

}  // namespace sirocco
