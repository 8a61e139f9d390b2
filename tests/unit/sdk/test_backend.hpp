#pragma once
// A backend of kernels that do what authors do, right and wrong.

#include <string>

#include "catch.hpp"
#include "unit/sdk/backend_harness.hpp"

/// Ops of the domain "test", each from one float tensor to one of its type: increment adds 1;
/// greedy takes more scratch memory than it asked for; throwing throws; lazy does not check; sum
/// adds every row of 4 to its sequence's slot of a recurrent state and answers with the slot.
const sirocco_backend_interface& test_backend();

/// x, then `n` of these ops, then y; tensors are f32 [T, 4].
struct Chain {
  harness::Graph graph;
  uint32_t x = 0, y = 0;
  explicit Chain(int n, const std::string& op = "increment");
};

/// The message of the CallError that `body` must throw.
template <class Body>
std::string message_of(sirocco_status status, Body&& body) {
  try {
    body();
  } catch (const harness::CallError& error) {
    REQUIRE(error.status() == status);
    return error.what();
  }
  FAIL("an error was expected");
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline harness::Step two_tokens() {
  return harness::Step({{0, 2, {0}}}, 4);
}
