#pragma once

#include <string>

#include "trace/recorder.hpp"
#include "weights/atomic_output.hpp"

namespace sirocco {

/// Writes a trace in the Trace Event Format (JSON object form), which ui.perfetto.dev and
/// chrome://tracing open. Times are µs since the first step began.
///
/// Process 1 is the host: a slice a step, and the counter `overhead`, in µs of the step. Every
/// device is a process of its own, in the order of the plan, with a thread for each thread or queue
/// that gave times, and in it a slice a region, named as `region_name`. Its arguments are the op,
/// the nodes, layer, outputs, and flops and bytes of the whole region, all threads together; a
/// slice is one thread's share of it.
///
/// Throws Error(failure) where it cannot be written; the caller commits.
void write_perfetto(AtomicOutput& output, const Plan& plan, const std::string& model,
                    const Trace& trace);

}  // namespace sirocco
