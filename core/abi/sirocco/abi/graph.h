/// A read-only view of a graph or a part of one, as a backend claims and compiles it.
///
/// Everything here is owned by the host and valid during the call it is passed to. Arrays of
/// structs have a stride of their own, because their elements may grow: step by `*_stride` bytes,
/// never by sizeof (the SDK's `GraphView` does).
#pragma once

#include <sirocco/abi/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Stands for "no value" where an optional input is absent, and for "no node".
#define SIROCCO_NONE UINT32_MAX

enum {
  SIROCCO_VALUE_INTERNAL = 0,   ///< made and used inside this (sub-)graph only
  SIROCCO_VALUE_INPUT = 1,      ///< made outside, bound by the host
  SIROCCO_VALUE_OUTPUT = 2,     ///< made inside, bound by the host, wanted after the execute
  SIROCCO_VALUE_WEIGHT = 3,     ///< constant; packed as `pack_query` answered
  SIROCCO_VALUE_TOKENS = 4,     ///< i32 [T], the step's token ids, in the step buffer
  SIROCCO_VALUE_POSITIONS = 5,  ///< i32 [T], the step's positions, in the step buffer
  SIROCCO_VALUE_WANTED = 6,     ///< i32 [R], rows of [0, T) wanted, in the step buffer
  /// i32 [R, n], n >= SIROCCO_SAMPLING_INTS: how the token of each wanted row is chosen, in the
  /// step buffer. Records grow at their end: step by the value's last dimension. Since ABI 3.
  SIROCCO_VALUE_SAMPLING = 7,
};

typedef struct sirocco_value {
  size_t struct_size;
  sirocco_string name;  ///< "layers.3/q", or a weight's canonical name
  uint32_t kind;        ///< SIROCCO_VALUE_*
  uint32_t producer;    ///< the node that makes it, or SIROCCO_NONE
  sirocco_tensor tensor;
} sirocco_value;

enum {
  SIROCCO_ATTR_NULL = 0,
  SIROCCO_ATTR_INT = 1,
  SIROCCO_ATTR_FLOAT = 2,
  SIROCCO_ATTR_BOOL = 3,  ///< in `i`, 0 or 1
  SIROCCO_ATTR_STRING = 4,
  SIROCCO_ATTR_INTS = 5,
  SIROCCO_ATTR_FLOATS = 6,
  SIROCCO_ATTR_STATE = 7,  ///< in `i`, an index into the graph's `states`
};

typedef struct sirocco_attr {
  size_t struct_size;
  sirocco_string name;
  uint32_t type;  ///< SIROCCO_ATTR_*
  uint32_t reserved;
  int64_t i;
  double f;
  sirocco_string s;
  const int64_t* ints;   ///< `count` of them
  const double* floats;  ///< `count` of them
  size_t count;
} sirocco_attr;

/// An op is named by its three parts, never by a number that two sides must share.
typedef struct sirocco_node {
  size_t struct_size;
  sirocco_string domain;  ///< "sirocco", or a plugin's own
  sirocco_string op;
  uint32_t version;
  uint32_t id;             ///< the host's number for this node, the same in every sub-graph
  sirocco_string path;     ///< where it comes from: "layers.3/q"
  const uint32_t* inputs;  ///< value indices in the schema's order; SIROCCO_NONE where absent
  size_t n_inputs;
  const uint32_t* outputs;
  size_t n_outputs;
  const sirocco_attr* attrs;  ///< complete: defaults are filled in
  size_t n_attrs;
  size_t attr_stride;
} sirocco_node;

enum {
  SIROCCO_STATE_PAGED = 0,      ///< one entry a token and plane, in pages
  SIROCCO_STATE_RECURRENT = 1,  ///< a fixed number of elements a sequence, in slots
};

/// Members of one group share block tables (or slots); a group has one window.
typedef struct sirocco_state {
  size_t struct_size;
  uint32_t group;   ///< index of the group, as in the step buffer
  uint32_t member;  ///< index within the group
  uint32_t kind;    ///< SIROCCO_STATE_*
  uint32_t page_tokens;
  int64_t window;  ///< keys a query may see, its own included; 0: all of them
  int64_t heads;
  int64_t k_dim;     ///< elements a head of the first plane (keys)
  int64_t v_dim;     ///< elements a head of the second plane (values); 0: no such plane
  int64_t elements;  ///< recurrent: elements a sequence
  sirocco_dtype dtype;
  uint32_t reserved;
} sirocco_state;

typedef struct sirocco_graph {
  size_t struct_size;
  const sirocco_value* values;
  size_t n_values;
  size_t value_stride;
  const sirocco_node* nodes;  ///< in an order in which they can run
  size_t n_nodes;
  size_t node_stride;
  const sirocco_state* states;
  size_t n_states;
  size_t state_stride;
} sirocco_graph;

#ifdef __cplusplus
}
#endif
