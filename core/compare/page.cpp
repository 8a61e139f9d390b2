#include "compare/page.hpp"

#include <fstream>
#include <iterator>
#include <string_view>

#include <fmt/format.h>
#include <sirocco/error.hpp>

namespace sirocco {
namespace {

constexpr std::string_view kInclude = "<!-- include ";
constexpr std::string_view kEnd = " -->";
constexpr std::string_view kReport = "<!-- report -->";

std::string read_part(const std::filesystem::path& file) {
  std::ifstream input(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(input), {});
  if (!input || text.empty())
    throw Error(
        ErrorKind::failure,
        fmt::format("{}: cannot be read, and a page needs it. The chart library is put there "
                    "where D3 is installed when Sirocco is built (Debian: node-d3-axis, "
                    "node-d3-scale, node-d3-selection); install it, and configure and build "
                    "again",
                    file.string()));
  return text;
}

/// `text` with `from` replaced by `to` wherever it stands.
std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string element(const std::filesystem::path& file) {
  const std::string text = read_part(file);
  if (file.extension() == ".css") return "<style>\n" + text + "</style>";
  // In a script only strings hold such text, and there the backslash changes nothing.
  return "<script>\n" + replace_all(text, "</script", "<\\/script") + "</script>";
}

}  // namespace

std::string read_page(const std::filesystem::path& folder) {
  const std::string outline = read_part(folder / "page.html");
  std::string page;
  size_t done = 0;
  for (size_t at; (at = outline.find(kInclude, done)) != std::string::npos;) {
    const size_t name = at + kInclude.size(), end = outline.find(kEnd, name);
    if (end == std::string::npos)
      throw Error(ErrorKind::failure,
                  fmt::format("{}: an include at byte {} does not end in '{}'",
                              (folder / "page.html").string(), at, kEnd.substr(1)));
    page.append(outline, done, at - done);
    page += element(folder / outline.substr(name, end - name));
    done = end + kEnd.size();
  }
  return page.append(outline, done);
}

std::string fill_page(const std::string& page, const nlohmann::ordered_json& report) {
  const size_t at = page.find(kReport);
  if (at == std::string::npos)
    throw Error(ErrorKind::failure,
                fmt::format("the page's template has no line '{}' for the report", kReport));
  // Everything beyond ASCII is escaped, line separators with it, and bytes that are no UTF-8 are
  // replaced; without a '<' nothing can open or close an element.
  const std::string json = replace_all(
      report.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace), "<", "\\u003c");
  std::string filled = page;
  return filled.replace(at, kReport.size(),
                        "<script type=\"application/json\" id=\"report\">" + json + "</script>");
}

}  // namespace sirocco
