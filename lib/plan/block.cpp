// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan/block.hpp"

#include "base/text.hpp"

namespace timectl::plan {

namespace {

constexpr std::string_view begin_stem = "# BEGIN timectl";
constexpr std::string_view begin_line =
    "# BEGIN timectl (from the profile: lines in here are overwritten)\n";
// The added newline is remembered in the file itself, or taking the block out again could not give
// back the same bytes.
constexpr std::string_view begin_line_after_newline =
    "# BEGIN timectl (from the profile: lines in here are overwritten; newline above added)\n";
constexpr std::string_view end_line = "# END timectl\n";
constexpr std::string_view end_stem = "# END timectl";

/// Where a block stands in a text: markers included, and the lines between them.
struct Span {
  std::size_t begin = 0;
  std::size_t lines_begin = 0;
  std::size_t lines_end = 0;
  std::size_t end = 0;
  bool newline_added = false;
};

std::size_t after_line(std::string_view text, std::size_t position) {
  const auto newline = text.find('\n', position);
  return newline == std::string_view::npos ? text.size() : newline + 1;
}

std::size_t find_line(std::string_view text, std::string_view stem, std::size_t from) {
  while (from < text.size() && !text.substr(from).starts_with(stem)) from = after_line(text, from);
  return std::min(from, text.size());
}

/// A power cut can leave the first bytes of the marker and nothing else.
std::size_t find_torn_marker(std::string_view text) {
  constexpr std::size_t telling = std::string_view{"# BEGIN t"}.size();
  const auto newline = text.rfind('\n');
  const auto start = newline == std::string_view::npos ? 0 : newline + 1;
  const auto tail = text.substr(start);
  return tail.size() >= telling && begin_stem.starts_with(tail) ? start : text.size();
}

std::optional<Span> find_span(std::string_view text) {
  Span span;
  span.begin = find_line(text, begin_stem, 0);
  if (span.begin == text.size()) span.begin = find_torn_marker(text);
  if (span.begin == text.size()) return std::nullopt;
  span.newline_added = text.substr(span.begin).starts_with(begin_line_after_newline);
  span.lines_begin = after_line(text, span.begin);
  span.lines_end = find_line(text, end_stem, span.lines_begin);
  span.end = after_line(text, span.lines_end);
  return span;
}

std::string make_block(std::string_view marker, std::string_view lines) {
  return std::string{marker} + block_lines(lines) + std::string{end_line};
}

}  // namespace

std::string block_lines(std::string_view lines) {
  std::string all{lines};
  if (!all.empty() && all.back() != '\n') all += '\n';
  return all;
}

bool has_open_block(std::string_view text) {
  const auto span = find_span(text);
  return span && span->lines_end == text.size();
}

bool is_torn_block(std::string_view text, std::string_view lines) {
  if (!has_open_block(text)) return false;
  const auto rest = text.substr(find_span(text)->begin);
  return make_block(begin_line, lines).starts_with(rest) ||
         make_block(begin_line_after_newline, lines).starts_with(rest);
}

std::optional<std::string> find_block(std::string_view text) {
  const auto span = find_span(text);
  if (!span) return std::nullopt;
  return std::string{text.substr(span->lines_begin, span->lines_end - span->lines_begin)};
}

std::string with_block(std::string_view text, std::string_view lines) {
  if (const auto span = find_span(text)) {
    const auto marker = span->newline_added ? begin_line_after_newline : begin_line;
    return std::string{text.substr(0, span->begin)} + make_block(marker, lines) +
           std::string{text.substr(span->end)};
  }
  if (text.empty() || text.back() == '\n') return std::string{text} + make_block(begin_line, lines);
  return std::string{text} + "\n" + make_block(begin_line_after_newline, lines);
}

std::string without_block(std::string_view text) {
  const auto span = find_span(text);
  if (!span) return std::string{text};
  const auto after = text.substr(span->end);
  auto before = text.substr(0, span->begin);
  // Lines that were appended behind the block still need the newline.
  if (span->newline_added && after.empty() && before.ends_with('\n')) before.remove_suffix(1);
  return std::string{before} + std::string{after};
}

std::string without_lines(std::string_view text, const std::set<std::string, std::less<>>& lines) {
  std::set<std::string_view> trimmed;
  for (const auto& each : lines) trimmed.insert(trim(each));
  const auto span = find_span(text);
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = after_line(text, at);
    const auto line = text.substr(at, end - at);
    const bool is_ours = span && at >= span->begin && at < span->end;
    const bool goes = !is_ours && trimmed.contains(trim(line));
    if (!goes) kept += line;
    at = end;
  }
  return kept;
}

}  // namespace timectl::plan
