#pragma once
// What every measurement of a model does around its cases.

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/cases.hpp"
#include "bench/probe.hpp"
#include "runtime/engine.hpp"

namespace sirocco {

/// Room for the cases, and no more than they need; its plan is timed. Throws as check_context does.
ModelOptions bench_options(const std::vector<BenchCase>& cases, const ResolvedModel& model,
                           ModelOptions options);
/// Throws Error(usage) for a batch wider than a step of the plan.
void check_batch(const std::vector<BenchCase>& cases, const Plan& plan);
/// One step of one token: then every weight was read once.
void make_first_token(Executor& executor);
/// Of this process so far.
uint64_t peak_resident_bytes();
/// A probe of what memory is left.
std::unique_ptr<Probe> make_probe(Team& team);

}  // namespace sirocco
