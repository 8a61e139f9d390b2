#pragma once
// How what reads a report finds things in it, whatever of it is missing.

#include <initializer_list>

#include <nlohmann/json.hpp>

namespace sirocco {

/// What lies at a path of members; null where nothing does.
nlohmann::ordered_json at_path(const nlohmann::ordered_json& from,
                               std::initializer_list<const char*> path);

/// The entry of a list whose member `key` is `value`; NULL where there is none, or no list.
const nlohmann::ordered_json* find_entry(const nlohmann::ordered_json& list, const char* key,
                                         const nlohmann::ordered_json& value);

}  // namespace sirocco
