/// Ops that a plugin brings in a domain of its own.
///
/// Such an op has a schema, shape inference and a decomposition into ops that exist already, so
/// that the host can check it, run it elsewhere and compare it without knowing more.
#pragma once

#include <sirocco/abi/backend.h>
#include <sirocco/abi/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIROCCO_INTERFACE_OPS "sirocco.ops/0"

typedef struct sirocco_op_input {
  size_t struct_size;
  const char* name;
  const char* doc;
  uint32_t optional;  ///< 1: may be absent
  uint32_t use;       ///< SIROCCO_USE_*: how a weight in this place is read
} sirocco_op_input;

typedef struct sirocco_op_attr {
  size_t struct_size;
  const char* name;
  uint32_t type;  ///< SIROCCO_ATTR_*
  uint32_t required;
  const char* fallback;  ///< the default as it would be written in YAML; NULL where required
  const char* doc;
} sirocco_op_attr;

typedef struct sirocco_op {
  size_t struct_size;
  const char* domain;  ///< the plugin's own: never "sirocco"
  const char* name;
  uint32_t version;
  uint32_t n_outputs;
  const char* doc;      ///< one line
  const char* formula;  ///< with shapes
  const sirocco_op_input* inputs;
  size_t n_inputs;
  size_t input_stride;
  const sirocco_op_attr* attrs;
  size_t n_attrs;
  size_t attr_stride;
  /// A function body of the topology language over the input and attribute names, as in
  /// "- y: mul(x, x)\n- return: add(y, x)\n".
  const char* decomposition;
  /// Dtypes and shapes of the outputs from those of the inputs (dtype SIROCCO_DTYPE_NONE where
  /// absent). An error's message is shown with the node's place.
  sirocco_status (*infer)(const sirocco_tensor* inputs, size_t n_inputs, const sirocco_attr* attrs,
                          size_t n_attrs, sirocco_tensor* outputs, size_t n_outputs,
                          sirocco_error* error);
} sirocco_op;

/// The table lives as long as the plugin.
typedef struct sirocco_ops_interface {
  size_t struct_size;
  const sirocco_op* ops;
  size_t n_ops;
  size_t op_stride;
} sirocco_ops_interface;

#ifdef __cplusplus
}
#endif
