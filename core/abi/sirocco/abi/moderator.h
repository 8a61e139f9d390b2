/// The moderator interface: scores categories over a text that arrives in pieces.
#pragma once

#include <sirocco/abi/host.h>
#include <sirocco/abi/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIROCCO_INTERFACE_MODERATOR "sirocco.moderator/0"

typedef struct sirocco_moderator sirocco_moderator;
/// The text of one prompt or completion, seen so far.
typedef struct sirocco_moderation sirocco_moderation;

enum {
  SIROCCO_TEXT_PROMPT = 0,
  SIROCCO_TEXT_COMPLETION = 1,
};

typedef struct sirocco_finding {
  size_t struct_size;
  sirocco_string category;  ///< one of those the moderator was created with
  double score;             ///< in [0, 1]
  uint64_t begin;           ///< bytes of the text, from its start
  uint64_t end;
  sirocco_string detail;  ///< for the audit log; never the matched text itself
} sirocco_finding;

typedef struct sirocco_finding_sink {
  size_t struct_size;
  void* ctx;
  void (*add)(void* ctx, const sirocco_finding* finding);
} sirocco_finding_sink;

typedef struct sirocco_moderator_interface {
  size_t struct_size;
  /// `categories` are those that the policy asks of this moderator; one that it cannot score is an
  /// error. `config` is the policy's section for it, as JSON.
  sirocco_status (*create)(const sirocco_host* host, const sirocco_string* categories,
                           size_t n_categories, sirocco_string config,
                           sirocco_moderator** moderator, sirocco_error* error);
  void (*destroy)(sirocco_moderator* moderator);
  /// Bytes that must be held back so that no finding can begin in text already released; 0 where a
  /// verdict needs the whole text.
  sirocco_status (*hold_back)(const sirocco_moderator* moderator, uint64_t* bytes,
                              sirocco_error* error);
  sirocco_status (*begin)(sirocco_moderator* moderator, uint32_t text_kind,
                          sirocco_moderation** moderation, sirocco_error* error);
  /// The next piece of the text. `last` 1: there is no more. Findings may be given at any piece.
  sirocco_status (*feed)(sirocco_moderation* moderation, sirocco_string piece, uint32_t last,
                         const sirocco_finding_sink* sink, sirocco_error* error);
  void (*end)(sirocco_moderation* moderation);
} sirocco_moderator_interface;

#ifdef __cplusplus
}
#endif
