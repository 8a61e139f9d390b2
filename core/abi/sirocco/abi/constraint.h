/// The constraint interface: which tokens may come next (JSON schema, regular expression, grammar).
#pragma once

#include <sirocco/abi/host.h>
#include <sirocco/abi/tokenizer.h>
#include <sirocco/abi/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIROCCO_INTERFACE_CONSTRAINT "sirocco.constraint/0"

/// A compiled grammar over one vocabulary; immutable.
typedef struct sirocco_grammar sirocco_grammar;
/// Where one sequence stands in it.
typedef struct sirocco_constraint sirocco_constraint;

/// The vocabulary a grammar is compiled for: the bytes of each token.
typedef struct sirocco_vocabulary {
  size_t struct_size;
  const sirocco_string* tokens;  ///< by id; empty for tokens that have no text
  size_t n_tokens;
  int32_t eos;
  uint32_t reserved;
} sirocco_vocabulary;

typedef struct sirocco_constraint_interface {
  size_t struct_size;
  /// `kind` is "json_schema", "regex" or a kind of the plugin's own. SIROCCO_INVALID_ARGUMENT for a
  /// source that is wrong, with its place in the message.
  sirocco_status (*compile)(const sirocco_host* host, sirocco_string kind, sirocco_string source,
                            const sirocco_vocabulary* vocabulary, sirocco_grammar** grammar,
                            sirocco_error* error);
  void (*grammar_destroy)(sirocco_grammar* grammar);
  sirocco_status (*begin)(const sirocco_grammar* grammar, sirocco_constraint** constraint,
                          sirocco_error* error);
  void (*end)(sirocco_constraint* constraint);
  /// Bit i of mask[i / 32] is 1 where token i may come next. `words` = ceil(vocabulary / 32).
  sirocco_status (*mask)(sirocco_constraint* constraint, uint32_t* mask, size_t words,
                         sirocco_error* error);
  sirocco_status (*accept)(sirocco_constraint* constraint, int32_t id, sirocco_error* error);
  /// Takes back the last `n_tokens` accepted.
  sirocco_status (*rollback)(sirocco_constraint* constraint, size_t n_tokens, sirocco_error* error);
} sirocco_constraint_interface;

#ifdef __cplusplus
}
#endif
