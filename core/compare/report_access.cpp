#include "compare/report_access.hpp"

namespace sirocco {

using Json = nlohmann::ordered_json;

Json at_path(const Json& from, std::initializer_list<const char*> path) {
  const Json* place = &from;
  for (const char* name : path) {
    if (!place->is_object() || !place->contains(name)) return Json();
    place = &(*place)[name];
  }
  return *place;
}

const Json* find_entry(const Json& list, const char* key, const Json& value) {
  if (list.is_array())
    for (const Json& entry : list)
      if (entry.is_object() && entry.value(key, Json()) == value) return &entry;
  return nullptr;
}

}  // namespace sirocco
