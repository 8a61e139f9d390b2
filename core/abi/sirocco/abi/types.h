/// Scalar types, strings, errors, and the description of a tensor. Freestanding C.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a call returns. Anything but SIROCCO_OK comes with a message in `sirocco_error`.
typedef int32_t sirocco_status;
enum {
  SIROCCO_OK = 0,
  SIROCCO_FAILED = 1,            ///< no kind of its own
  SIROCCO_INVALID_ARGUMENT = 2,  ///< the caller broke the contract
  SIROCCO_UNSUPPORTED = 3,       ///< valid, but not offered here
  SIROCCO_OUT_OF_MEMORY = 4,
  SIROCCO_DEVICE_LOST = 5,  ///< nothing on this device can be trusted any more
  SIROCCO_IO = 6,
  SIROCCO_CANCELLED = 7,
  SIROCCO_DEADLINE_EXCEEDED = 8,
};

/// UTF-8 bytes, not NUL-terminated; owned by whoever made the struct that holds it.
typedef struct sirocco_string {
  const char* data;
  size_t size;
} sirocco_string;

/// Filled by the callee when it does not return SIROCCO_OK. Owned by the caller; may be NULL, and
/// then the message is dropped.
typedef struct sirocco_error {
  size_t struct_size;
  char message[1024];  ///< NUL-terminated, cut if longer
} sirocco_error;

/// A key with its value, both as text; numbers are written in decimal.
typedef struct sirocco_option {
  sirocco_string key;
  sirocco_string value;
} sirocco_option;

typedef int32_t sirocco_dtype;
enum {
  SIROCCO_DTYPE_NONE = 0,
  SIROCCO_DTYPE_F32 = 1,
  SIROCCO_DTYPE_F16 = 2,
  SIROCCO_DTYPE_BF16 = 3,
  SIROCCO_DTYPE_F64 = 4,
  SIROCCO_DTYPE_I8 = 5,
  SIROCCO_DTYPE_I16 = 6,
  SIROCCO_DTYPE_I32 = 7,
  SIROCCO_DTYPE_I64 = 8,
  SIROCCO_DTYPE_U8 = 9,
  SIROCCO_DTYPE_U16 = 10,
  SIROCCO_DTYPE_U32 = 11,
  SIROCCO_DTYPE_U64 = 12,
  SIROCCO_DTYPE_BOOL = 13,
  SIROCCO_DTYPE_F8_E4M3 = 14,
  SIROCCO_DTYPE_F8_E5M2 = 15,
  SIROCCO_DTYPE_BLOCK = 16,  ///< quantised in blocks: `sirocco_tensor.quant` says how
};

/// How a tensor of SIROCCO_DTYPE_BLOCK is stored. Open: a new scheme is a new id, never a new enum.
typedef struct sirocco_quant {
  size_t struct_size;
  sirocco_string scheme;    ///< "q4_0", "mxfp4", …; the host's dequantise service knows it
  uint32_t block_elements;  ///< elements of one block, along the innermost dimension
  uint32_t block_bytes;     ///< bytes of one block
  uint32_t planar;          ///< 0: scales inside the block; 1: scales in a plane of their own
  uint32_t reserved;
} sirocco_quant;

/// The numbers that change from step to step.
enum {
  SIROCCO_SYM_NONE = 0,
  SIROCCO_SYM_TOKENS = 1,  ///< T, packed tokens of the step
  SIROCCO_SYM_SEQS = 2,    ///< S, sequences of the step
  SIROCCO_SYM_ROWS = 3,    ///< R, rows wanted as output
  SIROCCO_SYM_COUNT = 4,
};

/// An extent: `base + scale * symbol`, where a constant has symbol SIROCCO_SYM_NONE and scale 0.
typedef struct sirocco_dim {
  int64_t base;
  int32_t scale;
  int32_t symbol;
} sirocco_dim;

enum { SIROCCO_MAX_RANK = 8 };

/// A dense row-major tensor: dims[rank-1] is innermost. Rank 0 is a scalar.
typedef struct sirocco_tensor {
  size_t struct_size;
  sirocco_dtype dtype;
  uint32_t rank;
  sirocco_dim dims[SIROCCO_MAX_RANK];
  const sirocco_quant* quant;  ///< NULL unless dtype is SIROCCO_DTYPE_BLOCK
} sirocco_tensor;

#ifdef __cplusplus
}
#endif
