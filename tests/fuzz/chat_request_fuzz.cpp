// Arbitrary bytes as a chat request: parsed, and its JSON written again. Only Error may come out,
// and what was written stays what it is when it is written once more.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <sirocco/error.hpp>

#include "text/chat_message.hpp"
#include "text/python_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto written = sirocco::python_json(text);
  if (written && sirocco::python_json(*written) != written) std::abort();
  try {
    sirocco::parse_chat_request(text, "fuzz");
  } catch (const sirocco::Error&) {
  }
  return 0;
}
