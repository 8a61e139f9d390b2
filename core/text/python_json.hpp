#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sirocco {

/// JSON as Python's json.dumps(json.loads(text), ensure_ascii=False) writes it, which is what
/// models were trained on: ", " and ": " between, characters as they are, integers of any size, the
/// shortest digits of a double, the last of equal keys at the place of the first. Nothing where
/// `text` is no JSON or is nested more than 200 deep.
std::optional<std::string> python_json(std::string_view text);

/// A string of JSON, as Python writes it.
std::string python_json_string(std::string_view text);

}  // namespace sirocco
