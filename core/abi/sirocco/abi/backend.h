/// The backend interface: devices, memory, claims, weights, state, compile once, execute often.
///
/// The host crosses this line once per sub-graph and step. Handles are opaque. Unless a comment
/// says otherwise a function may be called from any thread, but never two at a time for one
/// backend instance, pointers in arguments are valid during the call only, and an `error` may be
/// NULL. A function pointer that is NULL or lies behind `struct_size` is not offered.
#pragma once

#include <sirocco/abi/graph.h>
#include <sirocco/abi/host.h>
#include <sirocco/abi/step.h>
#include <sirocco/abi/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIROCCO_INTERFACE_BACKEND "sirocco.backend/0"

typedef struct sirocco_backend sirocco_backend;
typedef struct sirocco_buffer sirocco_buffer;
typedef struct sirocco_state_store sirocco_state_store;
typedef struct sirocco_executable sirocco_executable;
typedef struct sirocco_queue sirocco_queue;
typedef struct sirocco_timeline sirocco_timeline;

/// ---- devices -----------------------------------------------------------------------------------

enum {
  SIROCCO_DEVICE_CPU = 0,
  SIROCCO_DEVICE_GPU = 1,
  SIROCCO_DEVICE_OTHER = 2,
};

enum {
  /// `map` works on every buffer: the host may read and write them through a pointer.
  SIROCCO_DEVICE_HOST_VISIBLE = 1u << 0,
  /// `import` takes host memory (mapped weight files, the step buffer).
  SIROCCO_DEVICE_IMPORTS_HOST = 1u << 1,
  /// Work is queued: `queue_create` and the timeline functions are offered.
  SIROCCO_DEVICE_ASYNCHRONOUS = 1u << 2,
  /// Something stands in for the hardware: numbers mean something, speed does not.
  SIROCCO_DEVICE_EMULATED = 1u << 3,
};

typedef struct sirocco_device_info {
  size_t struct_size;
  uint32_t kind;            ///< SIROCCO_DEVICE_CPU, …
  uint32_t flags;           ///< SIROCCO_DEVICE_HOST_VISIBLE | …
  sirocco_string name;      ///< lives as long as the backend
  sirocco_string features;  ///< free text for people: "avx512-bf16, amx"
  uint64_t memory_bytes;    ///< 0 where unknown
  uint32_t alignment;       ///< bytes; what a buffer offset must be a multiple of
  uint32_t reserved;
} sirocco_device_info;

/// ---- memory ------------------------------------------------------------------------------------

enum {
  SIROCCO_MEMORY_ARENA = 0,   ///< activations and workspace of the steps
  SIROCCO_MEMORY_WEIGHT = 1,  ///< written once
  SIROCCO_MEMORY_STEP = 2,    ///< the device's copy of the step buffer
};

/// A part of a buffer. `buffer` NULL: nothing bound.
typedef struct sirocco_span {
  sirocco_buffer* buffer;
  uint64_t offset;  ///< bytes
  uint64_t size;    ///< bytes
} sirocco_span;

/// What an instance holds of one device's own memory, whoever asked for it: buffers, states, and
/// what its kernels and libraries keep. Imported host memory is not counted.
typedef struct sirocco_memory_use {
  size_t struct_size;
  uint64_t bytes;       ///< now
  uint64_t peak_bytes;  ///< the most since `create`
} sirocco_memory_use;

/// ---- claiming ----------------------------------------------------------------------------------

enum {
  SIROCCO_CLAIM_ACCEPTED = 0,
  SIROCCO_CLAIM_DECLINED = 1,
  SIROCCO_CLAIM_ERROR = 2,  ///< the backend could not find out; the text says why
};

enum {
  SIROCCO_REASON_NONE = 0,
  SIROCCO_REASON_UNKNOWN_OP = 1,
  SIROCCO_REASON_DTYPE = 2,
  SIROCCO_REASON_SHAPE = 3,
  SIROCCO_REASON_ATTRIBUTE = 4,
  SIROCCO_REASON_FEATURE = 5,  ///< the device lacks something
  SIROCCO_REASON_MEMORY = 6,
  SIROCCO_REASON_OPTION = 7,  ///< this instance's options say no
};

/// A verdict on one node, or on a convex set of nodes that stands or falls together.
typedef struct sirocco_claim {
  size_t struct_size;
  const uint32_t* nodes;  ///< indices into the graph's `nodes`
  size_t n_nodes;
  uint32_t verdict;     ///< SIROCCO_CLAIM_*
  uint32_t reason;      ///< SIROCCO_REASON_*
  sirocco_string text;  ///< for people; may be empty where accepted
  uint64_t workspace;   ///< bytes at the largest sizes, 0 where unknown
  double cost;          ///< seconds at the largest sizes, 0 where unknown
} sirocco_claim;

/// Where a backend puts its verdicts. A node without a verdict counts as declined.
typedef struct sirocco_claim_sink {
  size_t struct_size;
  void* ctx;
  void (*add)(void* ctx, const sirocco_claim* claim);
} sirocco_claim_sink;

/// The largest extents a graph will ever run with. Smallest are 1.
typedef struct sirocco_limits {
  size_t struct_size;
  int64_t max_tokens;   ///< T of one step
  int64_t max_seqs;     ///< S of one step
  int64_t max_rows;     ///< R of one step
  int64_t max_context;  ///< tokens of one sequence
} sirocco_limits;

/// ---- weights -----------------------------------------------------------------------------------

enum {
  SIROCCO_USE_GATHER = 0,     ///< single rows are looked up
  SIROCCO_USE_ONE_ROW = 1,    ///< multiplied by one row of activations
  SIROCCO_USE_MANY_ROWS = 2,  ///< multiplied by many rows
  SIROCCO_USE_WHOLE = 3,      ///< read as it is (norms, biases)
};

/// One use of a weight by a node that this device was given.
typedef struct sirocco_weight_use {
  size_t struct_size;
  sirocco_string domain;
  sirocco_string op;
  uint32_t input;  ///< which input of the op
  uint32_t kinds;  ///< bit set of 1 << SIROCCO_USE_*
} sirocco_weight_use;

typedef struct sirocco_weight {
  size_t struct_size;
  sirocco_string name;
  sirocco_tensor tensor;  ///< as on file; no symbols
  const sirocco_weight_use* uses;
  size_t n_uses;
  size_t use_stride;
} sirocco_weight;

/// One layout that serves every use.
typedef struct sirocco_pack_plan {
  size_t struct_size;
  uint32_t as_mapped;  ///< 1: the bytes on file serve as they are (then the rest is unused)
  uint32_t alignment;  ///< bytes, of the packed form; with as_mapped, what the source must have
                       ///< or the host copies it (0: any)
  uint64_t bytes;      ///< size of the packed form
  int64_t tile_rows;   ///< `pack` gets multiples of this many rows (dims[0]), but for the last
  char layout[64];     ///< names the layout, ISA and library version included: the cache's key
} sirocco_pack_plan;

/// ---- state -------------------------------------------------------------------------------------

typedef struct sirocco_state_group {
  size_t struct_size;
  uint32_t group;
  uint32_t kind;  ///< SIROCCO_STATE_*
  sirocco_string name;
  const sirocco_state* members;  ///< those of this device's nodes
  size_t n_members;
  size_t member_stride;
  uint64_t n_pages;  ///< pages (or slots) to hold, of page_tokens each
} sirocco_state_group;

/// ---- compiling and executing -------------------------------------------------------------------

enum {
  SIROCCO_COMPILE_TIMED = 1u << 0,  ///< record per-node times, to be read by `read_times`
};

typedef struct sirocco_compile_options {
  size_t struct_size;
  const sirocco_limits* limits;
  uint32_t flags;  ///< SIROCCO_COMPILE_*
  uint32_t reserved;
  const sirocco_pack_plan* const* layouts;  ///< by value index; NULL unless a weight
} sirocco_compile_options;

/// Valid as long as the executable.
typedef struct sirocco_executable_info {
  size_t struct_size;
  uint64_t workspace_bytes;  ///< at the limits; bound by the host at each execute
  /// Sizes that T, S and R are padded up to, ascending, the last ≥ the limit; n 0: any size.
  const int64_t* token_buckets;
  size_t n_token_buckets;
  const int64_t* seq_buckets;
  size_t n_seq_buckets;
  const int64_t* row_buckets;
  size_t n_row_buckets;
  uint64_t launches;  ///< kernels run since it was compiled
} sirocco_executable_info;

/// What one execute works on. Addresses and offsets stay the same from step to step; only the step
/// buffer's content changes.
typedef struct sirocco_bindings {
  size_t struct_size;
  const sirocco_span* values;  ///< by value index; internal values have buffer NULL
  size_t n_values;
  sirocco_state_store* const* states;  ///< by group index; NULL where this device has no member
  size_t n_states;
  sirocco_span workspace;
} sirocco_bindings;

/// Waits and signals around queued work. A synchronous backend gets none.
typedef struct sirocco_fence {
  sirocco_timeline* timeline;
  uint64_t value;
} sirocco_fence;

typedef struct sirocco_sync {
  size_t struct_size;
  sirocco_queue* queue;
  const sirocco_fence* wait;
  size_t n_wait;
  const sirocco_fence* signal;
  size_t n_signal;
} sirocco_sync;

typedef struct sirocco_step {
  size_t struct_size;
  const int32_t* host;  ///< the step buffer (step.h), always readable by the host
  sirocco_span device;  ///< the device's copy; buffer NULL where the device reads `host` itself
  const sirocco_sync* sync;  ///< NULL for a synchronous backend
} sirocco_step;

typedef struct sirocco_node_time {
  uint32_t node;  ///< the host's node id; of consecutive nodes that run as one, the first's
  uint32_t thread;
  uint64_t begin_ns;  ///< CLOCK_MONOTONIC, or the device's clock mapped to it
  uint64_t end_ns;
} sirocco_node_time;

/// ---- the interface -----------------------------------------------------------------------------

typedef struct sirocco_backend_interface {
  size_t struct_size;

  /// `host` lives until `destroy`; its options service holds the deployment's options.
  sirocco_status (*create)(const sirocco_host* host, sirocco_backend** backend,
                           sirocco_error* error);
  void (*destroy)(sirocco_backend* backend);

  uint32_t (*device_count)(sirocco_backend* backend);
  sirocco_status (*device_info)(sirocco_backend* backend, uint32_t device,
                                sirocco_device_info* info, sirocco_error* error);

  /// Buffers are aligned to 64 bytes or the device's alignment, whichever is larger; content is
  /// undefined. SIROCCO_OUT_OF_MEMORY leaves everything as it was.
  sirocco_status (*buffer_create)(sirocco_backend* backend, uint32_t device, uint64_t bytes,
                                  uint32_t memory, sirocco_buffer** buffer, sirocco_error* error);
  /// A buffer over host memory that outlives it. Only with SIROCCO_DEVICE_IMPORTS_HOST.
  sirocco_status (*buffer_import)(sirocco_backend* backend, uint32_t device, const void* memory,
                                  uint64_t bytes, sirocco_buffer** buffer, sirocco_error* error);
  void (*buffer_destroy)(sirocco_backend* backend, sirocco_buffer* buffer);
  sirocco_status (*buffer_write)(sirocco_backend* backend, sirocco_span target, const void* source,
                                 sirocco_error* error);
  sirocco_status (*buffer_read)(sirocco_backend* backend, sirocco_span source, void* target,
                                sirocco_error* error);
  /// The buffer's first byte. Only with SIROCCO_DEVICE_HOST_VISIBLE.
  sirocco_status (*buffer_map)(sirocco_backend* backend, sirocco_buffer* buffer, void** memory,
                               sirocco_error* error);

  sirocco_status (*claim)(sirocco_backend* backend, uint32_t device, const sirocco_graph* graph,
                          const sirocco_limits* limits, const sirocco_claim_sink* sink,
                          sirocco_error* error);

  sirocco_status (*pack_query)(sirocco_backend* backend, uint32_t device,
                               const sirocco_weight* weight, sirocco_pack_plan* plan,
                               sirocco_error* error);
  /// Rows [row, row + n_rows) of the weight, as on file and maybe unaligned, at `source`, into
  /// their place in `target`, which holds the whole packed weight.
  sirocco_status (*pack)(sirocco_backend* backend, uint32_t device, const sirocco_weight* weight,
                         const sirocco_pack_plan* plan, const void* source, int64_t row,
                         int64_t n_rows, sirocco_span target, sirocco_error* error);

  /// The host owns which page holds what; the backend owns bytes and layout.
  sirocco_status (*state_create)(sirocco_backend* backend, uint32_t device,
                                 const sirocco_state_group* group, sirocco_state_store** store,
                                 sirocco_error* error);
  void (*state_destroy)(sirocco_backend* backend, sirocco_state_store* store);
  /// Bytes that `state_create` would take on the device.
  sirocco_status (*state_bytes)(sirocco_backend* backend, uint32_t device,
                                const sirocco_state_group* group, uint64_t* bytes,
                                sirocco_error* error);
  /// The first `n_tokens` entries of a page (all of a slot) to another page of the same store.
  sirocco_status (*state_copy)(sirocco_backend* backend, sirocco_state_store* store, uint32_t from,
                               uint32_t to, uint32_t n_tokens, sirocco_error* error);
  /// The sequence in `pages` (its whole block table row, or its slot) keeps its first `n_tokens`.
  /// Paged stores need do nothing; a recurrent one returns to that point or answers
  /// SIROCCO_UNSUPPORTED, and the host prefills again.
  sirocco_status (*state_truncate)(sirocco_backend* backend, sirocco_state_store* store,
                                   const int32_t* pages, size_t n_pages, uint64_t n_tokens,
                                   sirocco_error* error);
  /// Keeps a slot's content as it is now under `snapshot` (chosen by the host), and brings it back.
  sirocco_status (*state_snapshot)(sirocco_backend* backend, sirocco_state_store* store,
                                   uint32_t slot, uint64_t snapshot, sirocco_error* error);
  sirocco_status (*state_restore)(sirocco_backend* backend, sirocco_state_store* store,
                                  uint32_t slot, uint64_t snapshot, sirocco_error* error);
  /// A page's bytes in a layout that the same backend and version can import again. `bytes` holds
  /// the capacity on entry and the size on return; with `data` NULL only the size is answered.
  sirocco_status (*state_export)(sirocco_backend* backend, sirocco_state_store* store,
                                 uint32_t page, void* data, uint64_t* bytes, sirocco_error* error);
  sirocco_status (*state_import)(sirocco_backend* backend, sirocco_state_store* store,
                                 uint32_t page, const void* data, uint64_t bytes,
                                 sirocco_error* error);

  /// Needs no weight bytes: those are bound at execute, in the layouts that `options` names.
  sirocco_status (*compile)(sirocco_backend* backend, uint32_t device, const sirocco_graph* graph,
                            const sirocco_compile_options* options, sirocco_executable** executable,
                            sirocco_error* error);
  void (*executable_destroy)(sirocco_backend* backend, sirocco_executable* executable);
  sirocco_status (*executable_info)(sirocco_backend* backend, const sirocco_executable* executable,
                                    sirocco_executable_info* info, sirocco_error* error);
  /// Runs the sub-graph for one step. On failure the states it touches hold nothing of use. A
  /// device that is not host-visible may return before the work is done: whatever the host asks of
  /// it next comes after that work, and `buffer_read` and `read_times` report what went wrong with
  /// it (then, too, the states hold nothing of use).
  sirocco_status (*execute)(sirocco_backend* backend, sirocco_executable* executable,
                            const sirocco_bindings* bindings, const sirocco_step* step,
                            sirocco_error* error);
  /// Times of the last execute of a timed executable: at most `capacity` records, `count` says how
  /// many there are.
  sirocco_status (*read_times)(sirocco_backend* backend, sirocco_executable* executable,
                               sirocco_node_time* times, size_t capacity, size_t* count,
                               sirocco_error* error);

  /// Queues and timelines, only with SIROCCO_DEVICE_ASYNCHRONOUS. A failure of queued work travels
  /// on the timeline: `timeline_wait` returns it.
  sirocco_status (*queue_create)(sirocco_backend* backend, uint32_t device, sirocco_queue** queue,
                                 sirocco_error* error);
  void (*queue_destroy)(sirocco_backend* backend, sirocco_queue* queue);
  sirocco_status (*timeline_create)(sirocco_backend* backend, uint32_t device, uint64_t value,
                                    sirocco_timeline** timeline, sirocco_error* error);
  void (*timeline_destroy)(sirocco_backend* backend, sirocco_timeline* timeline);
  /// `timeout_ns` UINT64_MAX waits for ever; SIROCCO_DEADLINE_EXCEEDED when it runs out.
  sirocco_status (*timeline_wait)(sirocco_backend* backend, sirocco_timeline* timeline,
                                  uint64_t value, uint64_t timeout_ns, sirocco_error* error);
  sirocco_status (*timeline_signal)(sirocco_backend* backend, sirocco_timeline* timeline,
                                    uint64_t value, sirocco_error* error);

  /// Since ABI 4; may be NULL. Counted where memory is taken and given back, not estimated.
  sirocco_status (*memory_use)(sirocco_backend* backend, uint32_t device, sirocco_memory_use* use,
                               sirocco_error* error);
} sirocco_backend_interface;

#ifdef __cplusplus
}
#endif
