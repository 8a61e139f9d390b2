#include "compare_csv.hpp"

#include <vector>

#include "bench/report.hpp"
#include "compare/report_access.hpp"

namespace sirocco::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string csv_line(const std::vector<Json>& cells) {
  std::string line;
  for (const Json& cell : cells) {
    if (!line.empty() || &cell != &cells.front()) line += ",";
    line += csv_field(cell.is_string() ? cell.get<std::string>()
                      : cell.is_null() ? std::string()
                                       : cell.dump());
  }
  return line + "\r\n";
}

}  // namespace

std::string compare_csv(const Json& report) {
  const std::vector<Json> columns = {"kind",
                                     "arm",
                                     "name",
                                     "op",
                                     "value",
                                     "low",
                                     "high",
                                     "ratio",
                                     "ratio_low",
                                     "ratio_high",
                                     "p",
                                     "verdict",
                                     "bandwidth_share",
                                     "flops_share",
                                     "max_abs_prompt",
                                     "nmse_prompt",
                                     "cosine_prompt",
                                     "max_abs_single",
                                     "nmse_single",
                                     "cosine_single",
                                     "outside"};
  std::string text = csv_line(columns);
  const auto add = [&](std::vector<Json> cells) {
    cells.resize(columns.size());
    text += csv_line(cells);
  };
  if (report["speed"].is_object())
    for (const Json& test : report["speed"]["cases"])
      for (const Json& arm : test["arms"]) {
        const Json* found = find_entry(test["comparisons"], "arm", arm["arm"]);
        const Json none, &pair = found ? *found : none;
        add({"speed", arm["arm"], test["label"], "", at_path(arm, {"tokens_per_second", "value"}),
             at_path(arm, {"tokens_per_second", "low"}),
             at_path(arm, {"tokens_per_second", "high"}), at_path(pair, {"ratio"}),
             at_path(pair, {"low"}), at_path(pair, {"high"}), at_path(pair, {"p"}),
             at_path(pair, {"verdict"}), at_path(arm, {"bandwidth_share"}),
             at_path(arm, {"flops_share"})});
      }
  if (report["numbers"].is_object())
    for (const Json& own : report["numbers"]["arms"])
      for (const char* stage : {"timed", "alone", "observed"}) {
        if (!own.contains(stage)) continue;
        for (const Json& value : own[stage]["values"])
          add({stage,
               own["arm"],
               value["value"],
               value["op"],
               "",
               "",
               "",
               "",
               "",
               "",
               "",
               "",
               "",
               "",
               at_path(value, {"prompt", "max_abs"}),
               at_path(value, {"prompt", "nmse"}),
               at_path(value, {"prompt", "cosine"}),
               at_path(value, {"single", "max_abs"}),
               at_path(value, {"single", "nmse"}),
               at_path(value, {"single", "cosine"}),
               value["outside"]});
      }
  return text;
}

}  // namespace sirocco::cli
