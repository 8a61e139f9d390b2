/* An op of its own. */
#include <string.h>

#include <sirocco/abi/ops.h>

#include "synthetic.h"

static sirocco_status infer(const sirocco_tensor* inputs, size_t n_inputs,
                            const sirocco_attr* attrs, size_t n_attrs, sirocco_tensor* outputs,
                            size_t n_outputs, sirocco_error* error) {
  (void)n_inputs, (void)attrs, (void)n_attrs, (void)n_outputs, (void)error;
  outputs[0] = inputs[0];
  return SIROCCO_OK;
}

static const void* get_interface(const char* id) {
  static const sirocco_op_input input = {
      .struct_size = sizeof input, .name = "x", .doc = "any tensor"};
  static const sirocco_op op = {.struct_size = sizeof op,
                                .domain = "synthetic",
                                .name = "twice",
                                .version = 1,
                                .n_outputs = 1,
                                .doc = "Twice the input.",
                                .formula = "y = 2 x",
                                .inputs = &input,
                                .n_inputs = 1,
                                .input_stride = sizeof input,
                                .decomposition = "- return: add(x, x)\n",
                                .infer = infer};
  static const sirocco_ops_interface table = {
      .struct_size = sizeof table, .ops = &op, .n_ops = 1, .op_stride = sizeof op};
  return strcmp(id, SIROCCO_INTERFACE_OPS) == 0 ? &table : NULL;
}

const sirocco_plugin* sirocco_plugin_query(uint32_t host_min, uint32_t host_max,
                                           const sirocco_host* host) {
  SYNTHETIC_UNUSED(host_min, host_max, host);
  static sirocco_plugin plugin;
  plugin = synthetic_plugin();
  plugin.get_interface = get_interface;
  return &plugin;
}
