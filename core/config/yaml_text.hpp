#pragma once

#include <string>
#include <string_view>

namespace sirocco {

/// Checks a YAML text before any parser sees it: UTF-8 without control characters, and no tab
/// before a line's first character. Throws Error(invalid_file) with the place. This also keeps
/// yaml-cpp from guessing another encoding or ending the text at a control character.
void check_yaml_text(std::string_view text, const std::string& label);

}  // namespace sirocco
