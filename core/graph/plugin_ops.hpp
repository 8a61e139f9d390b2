#pragma once

#include <string>

#include <sirocco/abi/ops.h>

#include "graph/op.hpp"

namespace sirocco {

/// Adds the ops that a plugin brings. Their inference crosses to the plugin, which outlives the
/// registry; what it answers is checked before it is used. Throws Error(plugin), naming the
/// provider and the op, where the table or a definition breaks the ABI or a rule of
/// `OpRegistry::add`; the registry then holds the ops before that one.
void add_plugin_ops(OpRegistry& registry, const sirocco_ops_interface* ops, std::string provider);

}  // namespace sirocco
