#include "line_reader.hpp"

#include <clocale>
#include <cstdio>
#include <cstring>
#include <iostream>

#include <histedit.h>
#include <langinfo.h>
#include <unistd.h>

namespace sirocco::cli {
namespace {

constexpr int kHistoryLines = 1000;

std::string& prompt_text() {
  static std::string text;
  return text;
}

char* show_prompt(EditLine*) {
  return prompt_text().data();
}

/// The editor takes bytes for characters unless the locale says UTF-8.
void expect_utf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

struct LineReader::Terminal {
  Terminal() : edit(el_init("sirocco", stdin, stdout, stderr)), history(history_init()) {
    HistEvent event;
    ::history(history, &event, H_SETSIZE, kHistoryLines);
    ::history(history, &event, H_SETUNIQUE, 1);
    el_set(edit, EL_PROMPT, show_prompt);
    el_set(edit, EL_EDITOR, "emacs");
    el_set(edit, EL_HIST, ::history, history);
    // Signals find the terminal as it was.
    el_set(edit, EL_SIGNAL, 1);
  }
  ~Terminal() {
    el_end(edit);
    history_end(history);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  EditLine* edit;
  History* history;
};

LineReader::LineReader(std::string prompt) {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return;
  prompt_text() = std::move(prompt);
  expect_utf8();
  terminal_ = std::make_unique<Terminal>();
}

LineReader::~LineReader() = default;

std::optional<std::string> LineReader::read_one() {
  std::string line;
  if (!terminal_) {
    if (!std::getline(std::cin, line)) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  int length = 0;
  const char* text = el_gets(terminal_->edit, &length);
  if (!text || length <= 0) return std::nullopt;
  line.assign(text, static_cast<size_t>(length));
  HistEvent event;
  if (line.find_first_not_of(" \n") != std::string::npos)
    history(terminal_->history, &event, H_ENTER, line.c_str());
  while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  return line;
}

std::optional<std::string> LineReader::read() {
  std::optional<std::string> line = read_one();
  while (line && line->ends_with('\\')) {
    line->back() = '\n';
    const std::optional<std::string> more = read_one();
    if (!more) break;
    *line += *more;
  }
  return line;
}

}  // namespace sirocco::cli
