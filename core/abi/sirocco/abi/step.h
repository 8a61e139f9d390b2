/// The layout of the one int32 buffer that describes a step.
///
/// A step runs T packed tokens of S sequences without padding between them. The buffer's address
/// and every offset in it are fixed when a model is planned (from the largest T, S, R and block
/// counts), so that a captured device graph stays valid. Offsets count int32 elements from the
/// buffer's start.
///
/// Null rows: where a backend asked for buckets the host pads. A padded token has slot -1, token 0
/// and position 0 and lies behind cu_seqlens[S_live]; a padded sequence has no tokens and
/// kv_len 0; a padded wanted row is row 0. What is computed for a null row is thrown away, but it
/// must be finite work inside the buffers.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  SIROCCO_STEP_LAYOUT = 0,       ///< SIROCCO_STEP_LAYOUT_VERSION
  SIROCCO_STEP_N_TOKENS = 1,     ///< T, padding included
  SIROCCO_STEP_N_SEQS = 2,       ///< S, padding included
  SIROCCO_STEP_N_ROWS = 3,       ///< R, padding included
  SIROCCO_STEP_LIVE_TOKENS = 4,  ///< without padding
  SIROCCO_STEP_LIVE_SEQS = 5,
  SIROCCO_STEP_LIVE_ROWS = 6,
  SIROCCO_STEP_N_GROUPS = 7,           ///< state groups
  SIROCCO_STEP_OFF_TOKENS = 8,         ///< [T] token ids
  SIROCCO_STEP_OFF_POSITIONS = 9,      ///< [T] position of each token in its sequence
  SIROCCO_STEP_OFF_CU_SEQLENS = 10,    ///< [S+1] first token of each sequence; the last is live T
  SIROCCO_STEP_OFF_KV_LENS = 11,       ///< [S] tokens of the sequence after this step
  SIROCCO_STEP_OFF_WANTED = 12,        ///< [R] rows of [0, T)
  SIROCCO_STEP_OFF_SEQ_OF_TOKEN = 13,  ///< [T] index in [0, S); -1 for a null row
  SIROCCO_STEP_SIZE = 14,              ///< int32 elements of the whole buffer
  SIROCCO_STEP_OFF_SAMPLING = 15,      ///< [R] records SIROCCO_SAMPLING_*; 0: none. Since ABI 3
  SIROCCO_STEP_HEADER = 32,            ///< group records start here
};

/// One record of SIROCCO_SAMPLING_INTS int32 a wanted row, for the op `sample`: how the row's token
/// is chosen. Each entry is 64 bits in two int32, the low word first. A record of zeros takes the
/// most probable token, as does that of a null row.
enum {
  SIROCCO_SAMPLING_SEED = 0,         ///< u64
  SIROCCO_SAMPLING_POSITION = 2,     ///< u64: of the chosen token in its sequence
  SIROCCO_SAMPLING_TEMPERATURE = 4,  ///< f64 >= 0; 0: the most probable, nothing below applies
  SIROCCO_SAMPLING_TOP_K = 6,        ///< i64; 0: all
  SIROCCO_SAMPLING_TOP_P = 8,        ///< f64 in [0, 1]; 1: all
  SIROCCO_SAMPLING_MIN_P = 10,       ///< f64 in [0, 1]; 0: all
  SIROCCO_SAMPLING_INTS = 12,
};

/// One record of SIROCCO_STEP_GROUP_INTS int32 per state group, from SIROCCO_STEP_HEADER on.
enum {
  SIROCCO_STEP_GROUP_OFF_TABLE = 0,  ///< paged: block_table [S, stride]; recurrent: slot [S]
  SIROCCO_STEP_GROUP_STRIDE = 1,     ///< entries of one sequence in the block table
  SIROCCO_STEP_GROUP_OFF_SLOT = 2,   ///< paged: slot [T] = page * page_tokens + offset, or -1
  SIROCCO_STEP_GROUP_INTS = 4,
};

/// block_table[s][p] is the page that holds positions [p * page_tokens, (p+1) * page_tokens) of
/// sequence s, or -1 where it is not (or no longer) held because the window has passed it.
enum { SIROCCO_STEP_LAYOUT_VERSION = 1 };

#ifdef __cplusplus
}
#endif
