// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "report.hpp"

#include "base/text.hpp"
#include "base/visible.hpp"
#include "findings.hpp"
#include "page.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include <unistd.h>

namespace timectl::cli {

namespace {

constexpr const char* red = "\033[31m";
constexpr const char* green = "\033[32m";
constexpr const char* yellow = "\033[33m";
constexpr const char* cyan = "\033[36m";
constexpr const char* bold = "\033[1m";
constexpr const char* reset = "\033[0m";

bool wants_colour(std::FILE* stream) {
  const char* refused = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool is_dumb = terminal != nullptr && std::string_view{terminal} == "dumb";
  return (refused == nullptr || *refused == '\0') && !is_dumb && isatty(fileno(stream)) == 1;
}

const char* colour_of(probe::Verdict verdict) {
  switch (verdict) {
    case probe::Verdict::ok:
      return green;
    case probe::Verdict::failed:
      return red;
    case probe::Verdict::pending:
    case probe::Verdict::warning:
    case probe::Verdict::unknown:
      return yellow;
    case probe::Verdict::skipped:
      return cyan;
  }
  return reset;
}

nlohmann::ordered_json evidence_document(const probe::Evidence& evidence) {
  auto document = nlohmann::ordered_json::object();
  for (const auto& [name, value] : evidence) {
    std::visit([&, &key = name](const auto& plain) { document[key] = plain; }, value);
  }
  return document;
}

/// A reader that went away, a terminal that hung up or a full disk behind a redirection must not
/// become the reason to undo a change, or the exit code of one that is done.
void put(std::FILE* stream, std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stream));
}

/// `visible_text` has nothing in it that a terminal acts upon.
std::string painted(const char* color, std::string_view visible_text, bool is_coloured) {
  return is_coloured ? fmt::format("{}{}{}", color, visible_text, reset)
                     : std::string{visible_text};
}

const char* colour_of_diff(std::string_view row) {
  if (row.starts_with("+++") || row.starts_with("---")) return bold;
  if (row.starts_with("@@")) return cyan;
  if (row.starts_with("+")) return green;
  return row.starts_with("-") ? red : nullptr;
}

}  // namespace

Report::Report(std::FILE* out, std::FILE* err)
    : out_(out),
      err_(err),
      colour_out_(wants_colour(out)),
      colour_err_(wants_colour(err)),
      progress_(err) {}

void Report::set(const Manner& manner) {
  is_quiet_ = manner.is_quiet;
  is_verbose_ = manner.is_verbose;
  if (manner.color == "auto") return;
  colour_out_ = colour_err_ = manner.color == "always";
}

std::FILE* Report::redirect(std::FILE* out) {
  std::fflush(out_);
  return std::exchange(out_, out);
}

void Report::line(std::string_view text) {
  progress_.clear();
  put(out_, visible(text) + "\n");
}

void Report::item(std::string_view text) {
  const auto rows = wrapped(visible(text), hanging_indent);
  for (std::size_t i = 0; i < rows.size(); ++i) line((i == 0 ? "  " : "    ") + rows[i]);
}

void Report::row(std::string_view label, std::size_t width, std::string_view text) {
  const auto rows = wrapped(visible(text), width + 2);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    line(fmt::format("{:<{}}  {}", i == 0 ? visible(label) : "", width, rows[i]));
  }
}

void Report::clear_screen() {
  if (isatty(fileno(out_)) == 1) put(out_, "\033[H\033[2J");
}

void Report::flush() { static_cast<void>(std::fflush(out_)); }

void Report::text(std::string_view text) { put(out_, visible(text, Layout::lines)); }

void Report::content(std::string_view text) {
  if (isatty(fileno(out_)) == 1) return this->text(text);
  put(out_, text);
}

void Report::json(const nlohmann::ordered_json& document) {
  progress_.clear();
  // A daemon's words may hold bytes that are no UTF-8; an answer with U+FFFD beats none.
  const auto text = document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  put(out_, visible_json(text) + "\n");
  has_document_ = true;
}

void Report::hang(std::size_t indent, std::string_view label, std::string_view text) {
  if (text.empty()) return;
  const auto rows = wrapped(visible(text), indent + label.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    line(fmt::format("{:{}}{:{}}{}", "", indent, i == 0 ? label : "", label.size(), rows[i]));
  }
}

void Report::evidence(std::size_t indent, const probe::Finding& finding) {
  const auto document = evidence_document(finding.evidence);
  for (const auto& [key, value] : document.items()) {
    const auto text = value.is_string() ? value.get<std::string>() : value.dump();
    hang(indent, "", fmt::format("{}: {}", key, text));
  }
}

void Report::findings(const std::vector<probe::Finding>& findings) {
  progress_.clear();
  std::size_t name_width = 0;
  for (const auto& finding : findings)
    name_width = std::max(name_width, finding.probe.text().size());
  const std::size_t indent = 9 + name_width + 2;
  for (const auto& finding : findings) {
    const auto verdict = fmt::format("{:<9}", probe::to_string(finding.verdict));
    const auto rows = wrapped(visible(finding.summary), indent);
    put(out_,
        fmt::format("{}{:<{}}  {}\n", painted(colour_of(finding.verdict), verdict, colour_out_),
                    finding.probe.text(), name_width, rows.front()));
    for (std::size_t i = 1; i < rows.size(); ++i) line(fmt::format("{:{}}{}", "", indent, rows[i]));
    if (finding.verdict != probe::Verdict::ok) {
      hang(indent, "cause:  ", finding.cause);
      hang(indent, "remedy: ", finding.remedy);
    }
    if (is_verbose_) evidence(indent, finding);
  }
}

void Report::diff(std::string_view unified) {
  for (const auto& row : lines_of(visible(unified, Layout::lines))) {
    const auto* color = colour_of_diff(row);
    put(out_, painted(color, row, color != nullptr && colour_out_) + "\n");
  }
}

void Report::say(const char* color, std::string_view kind, std::string_view text) {
  progress_.clear();
  std::fflush(out_);
  const auto shown = visible(text);
  const std::string before = kind.empty() ? "" : fmt::format("timectl: {} ", kind);
  // A log and a script get one line; a terminal would break it within a word.
  const auto rows =
      isatty(fileno(err_)) == 1 ? wrapped(shown, before.size()) : std::vector<std::string>{shown};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto head = kind.empty() ? std::string{}
                      : i == 0     ? fmt::format("timectl: {} ", painted(color, kind, colour_err_))
                                   : std::string(before.size(), ' ');
    put(err_, head + rows[i] + "\n");
  }
}

void Report::note(std::string_view text) {
  if (!is_quiet_) say("", "", text);
}

void Report::note(const Error& error) {
  for (const auto& problem : error.problems()) note(problem);
}

void Report::notes(std::string_view text) {
  progress_.clear();
  put(err_, visible(text, Layout::lines));
}

void Report::progress(std::string_view step, std::optional<int> percent) {
  if (is_quiet_) return;
  if (const auto line = progress_.show(visible(step), percent)) note(*line);
}

void Report::warning(std::string_view text) { say(yellow, "warning:", text); }

void Report::warning(const Error& error) {
  for (const auto& problem : error.problems()) warning(problem);
}

void Report::error(const Error& error) {
  for (const auto& problem : error.problems()) say(red, "error:", problem);
  if (!error.hint().empty()) say(cyan, "hint:", error.hint());
}

void Report::ask(std::string_view question) {
  progress_.clear();
  std::fflush(out_);
  put(err_, visible(question));
  std::fflush(err_);
}

bool Report::can_ask() { return isatty(STDIN_FILENO) == 1; }

bool Report::confirm(std::string_view question, const std::string& otherwise) {
  if (!can_ask()) {
    throw Error{ErrorKind::usage, "there is no terminal to ask for consent on", otherwise};
  }
  ask(fmt::format("{} [y/N] ", question));
  std::string answer;
  std::getline(std::cin, answer);
  const auto said = trim(answer);
  return said == "y" || said == "Y" || said == "yes";
}

nlohmann::ordered_json findings_document(const std::string& host, const std::string& role,
                                         const std::vector<probe::Finding>& findings) {
  nlohmann::ordered_json document;
  document["schema"] = 1;
  document["host"] = host;
  document["role"] = role;
  document["verdict"] = probe::to_string(probe::worst(findings));
  document["findings"] = nlohmann::ordered_json::array();
  for (const auto& finding : findings) {
    nlohmann::ordered_json entry;
    entry["probe"] = finding.probe.text();
    entry["verdict"] = probe::to_string(finding.verdict);
    entry["summary"] = finding.summary;
    entry["evidence"] = evidence_document(finding.evidence);
    entry["cause"] = finding.cause;
    entry["remedy"] = finding.remedy;
    entry["manual"] = manual_of(finding.probe);
    document["findings"].push_back(std::move(entry));
  }
  return document;
}

}  // namespace timectl::cli
