#include "runtime/backend_text.hpp"

#include <algorithm>
#include <charconv>

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

constexpr int64_t kMostDevices = 4096;

bool is_index(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

BackendText parse_backend(const std::string& text) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::usage, "backend '" + text + "': " + why +
                                      "; expected a name or a .so file, then :KEY=VALUE for each "
                                      "option and :N for a device, as NAME:device=0");
  };
  BackendText result;
  size_t begin = text.find(':');
  const std::string name = text.substr(0, begin);
  if (name.empty()) refuse("it has no name");
  result.choice.place.file = "--backend";
  if (name.find('/') != std::string::npos || name.ends_with(".so")) {
    result.file = name;
    result.choice.name = result.file->stem().string();
    if (result.choice.name.empty()) refuse("it has no name");
  } else {
    result.choice.name = name;
  }
  while (begin != std::string::npos) {
    const size_t end = text.find(':', begin + 1);
    const std::string part =
        text.substr(begin + 1, end == std::string::npos ? end : end - begin - 1);
    begin = end;
    if (is_index(part)) {
      const auto [stop, problem] =
          std::from_chars(part.data(), part.data() + part.size(), result.choice.device);
      if (problem != std::errc() || result.choice.device >= kMostDevices)
        refuse("device " + part + " is out of range");
      result.device_given = true;
      continue;
    }
    const size_t equals = part.find('=');
    if (equals == std::string::npos || equals == 0)
      refuse("'" + part + "' is neither an option nor a device");
    const std::string key = part.substr(0, equals);
    if (std::ranges::any_of(result.choice.options, [&](const auto& o) { return o.first == key; }))
      refuse("option " + key + " is given twice");
    result.choice.options.emplace_back(key, part.substr(equals + 1));
  }
  return result;
}

}  // namespace sirocco
