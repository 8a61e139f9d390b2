/// The tokenizer interface. An instance is immutable after `create` and may be used from any number
/// of threads at once.
#pragma once

#include <sirocco/abi/host.h>
#include <sirocco/abi/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIROCCO_INTERFACE_TOKENIZER "sirocco.tokenizer/0"

typedef struct sirocco_tokenizer sirocco_tokenizer;

enum {
  SIROCCO_TOKEN_NORMAL = 0,
  SIROCCO_TOKEN_CONTROL = 1,  ///< begins, ends or structures; has no text of its own
  SIROCCO_TOKEN_BYTE = 2,     ///< stands for one byte
  SIROCCO_TOKEN_UNKNOWN = 3,
  SIROCCO_TOKEN_UNUSED = 4,
};

enum {
  /// The tokens start a text, so a leading space that encoding added is dropped again.
  SIROCCO_DECODE_AT_START = 1u << 0,
  /// Control tokens are written by their names instead of left out.
  SIROCCO_DECODE_CONTROL = 1u << 1,
};

typedef struct sirocco_tokenizer_info {
  size_t struct_size;
  uint32_t vocab_size;
  int32_t bos;  ///< -1 where there is none, as for the others
  int32_t eos;
  int32_t unk;
  int32_t pad;
  sirocco_string kind;  ///< for people: "bpe, byte fallback"; lives as long as the tokenizer
} sirocco_tokenizer_info;

typedef struct sirocco_tokenizer_interface {
  size_t struct_size;
  /// `file` is a path. SIROCCO_IO for a file that cannot be read, SIROCCO_INVALID_ARGUMENT for one
  /// that is not a tokenizer.
  sirocco_status (*create)(const sirocco_host* host, sirocco_string file,
                           sirocco_tokenizer** tokenizer, sirocco_error* error);
  void (*destroy)(sirocco_tokenizer* tokenizer);
  sirocco_status (*info)(const sirocco_tokenizer* tokenizer, sirocco_tokenizer_info* info,
                         sirocco_error* error);
  /// Text to ids, without begin and end tokens. The text is a user's: names of control tokens in it
  /// are text. `count` says how many ids there are; those beyond `capacity` are not written.
  sirocco_status (*encode)(const sirocco_tokenizer* tokenizer, sirocco_string text, int32_t* ids,
                           size_t capacity, size_t* count, sirocco_error* error);
  /// The bytes that these tokens add to a text; a character's bytes may be cut at either end.
  sirocco_status (*decode)(const sirocco_tokenizer* tokenizer, const int32_t* ids, size_t n_ids,
                           uint32_t flags, char* bytes, size_t capacity, size_t* count,
                           sirocco_error* error);
  /// SIROCCO_TOKEN_*, or -1 for an id outside the vocabulary.
  int32_t (*kind)(const sirocco_tokenizer* tokenizer, int32_t id);
  /// The id of a control token by its name ("[INST]"), or -1.
  int32_t (*control_id)(const sirocco_tokenizer* tokenizer, sirocco_string name);
} sirocco_tokenizer_interface;

#ifdef __cplusplus
}
#endif
