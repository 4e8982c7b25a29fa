// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/visible.hpp"
#include "plan/plan.hpp"

#include <dtl/dtl.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace timectl::plan {

namespace {

constexpr std::size_t context = 3;

/// What dtl compares grows with the product of both numbers of lines, some 24 bytes each, and
/// a difference of so many is too long to read.
constexpr std::size_t most_compared = 4'000'000;
constexpr std::size_t most_lines = 200'000;

struct Line {
  char sign = ' ';
  std::string text;
};

/// Lines with their newlines, so that a missing last one is a difference too.
std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto newline = text.find('\n');
    const auto size = newline == std::string_view::npos ? text.size() : newline + 1;
    lines.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

/// The lines in which two texts differ, with their context, and how many the same lines there are
/// before them.
struct Window {
  std::string_view before, after;
  std::size_t skipped = 0;

  std::size_t lines_before() const { return count_lines(before); }
  std::size_t lines_after() const { return count_lines(after); }
  bool is_too_large() const {
    return lines_before() + lines_after() > most_lines ||
           lines_before() * lines_after() > most_compared;
  }

  static std::size_t count_lines(std::string_view text) {
    const auto newlines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    return newlines + (text.empty() || text.ends_with('\n') ? 0 : 1);
  }
};

/// The beginning of the line that holds `at`, and of as many before it as are shown around a
/// change.
std::size_t begin_of_context(std::string_view text, std::size_t at) {
  for (std::size_t lines = 0;; ++lines) {
    const auto newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    const auto begin = newline == std::string_view::npos ? 0 : newline + 1;
    if (lines == context || begin == 0) return begin;
    at = newline;
  }
}

/// How much of the end of both is the same and not shown around a change.
std::size_t common_end(std::string_view before, std::string_view after) {
  const auto first = std::mismatch(before.rbegin(), before.rend(), after.rbegin(), after.rend());
  const auto same = static_cast<std::size_t>(first.first - before.rbegin());
  auto end = before.substr(before.size() - same);
  for (std::size_t lines = 0; lines <= context; ++lines) {
    const auto newline = end.find('\n');
    if (newline == std::string_view::npos) return 0;
    end.remove_prefix(newline + 1);
  }
  return end.size();
}

Window window_of(std::string_view before, std::string_view after) {
  const auto first = std::mismatch(before.begin(), before.end(), after.begin(), after.end()).first;
  const auto begin = begin_of_context(before, static_cast<std::size_t>(first - before.begin()));
  Window window{before.substr(begin), after.substr(begin),
                Window::count_lines(before.substr(0, begin))};
  const auto end = common_end(window.before, window.after);
  window.before.remove_suffix(end);
  window.after.remove_suffix(end);
  return window;
}

/// dtl mixes what goes and what comes; people expect the old lines first.
void put_old_lines_first(std::vector<Line>& lines) {
  const auto is_common = [](const Line& line) { return line.sign == ' '; };
  for (auto run = lines.begin(); run != lines.end();) {
    run = std::find_if_not(run, lines.end(), is_common);
    const auto end = std::find_if(run, lines.end(), is_common);
    std::stable_partition(run, end, [](const Line& line) { return line.sign == '-'; });
    run = end;
  }
}

std::vector<Line> compare(std::string_view before, std::string_view after) {
  dtl::Diff<std::string> diff{split_lines(before), split_lines(after)};
  diff.compose();
  std::vector<Line> lines;
  for (const auto& [text, info] : diff.getSes().getSequence()) {
    lines.push_back({info.type == dtl::SES_ADD      ? '+'
                     : info.type == dtl::SES_DELETE ? '-'
                                                    : ' ',
                     text});
  }
  put_old_lines_first(lines);
  return lines;
}

/// Whether each line stands within three lines of a change.
std::vector<bool> near_changes(const std::vector<Line>& lines) {
  std::vector<bool> near(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].sign == ' ') continue;
    const auto first = i < context ? 0 : i - context;
    for (auto j = first; j < std::min(i + context + 1, lines.size()); ++j) near[j] = true;
  }
  return near;
}

std::string range(std::size_t first, std::size_t count) {
  // As diff(1): an empty range names the line before it, and a count of one is left out.
  if (count == 1) return fmt::format("{}", first + 1);
  return fmt::format("{},{}", count == 0 ? first : first + 1, count);
}

std::string print_line(const Line& line) {
  const auto* const end = line.text.ends_with('\n') ? "" : "\n\\ No newline at end of file\n";
  return fmt::format("{}{}{}", line.sign, line.text, end);
}

struct Hunk {
  std::size_t old_first = 0, old_count = 0, new_first = 0, new_count = 0;
  std::string body;

  void add(const Line& line) {
    old_count += line.sign == '+' ? 0 : 1;
    new_count += line.sign == '-' ? 0 : 1;
    body += print_line(line);
  }
  std::string text() const {
    return fmt::format("@@ -{} +{} @@\n{}", range(old_first, old_count),
                       range(new_first, new_count), body);
  }
};

std::string print_hunks(const Window& window) {
  if (window.is_too_large()) {
    return fmt::format("{} lines become {}: too many to be compared\n", window.lines_before(),
                       window.lines_after());
  }
  const auto lines = compare(window.before, window.after);
  const auto near = near_changes(lines);
  std::string all;
  Hunk hunk{window.skipped, 0, window.skipped, 0, {}};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (near[i]) {
      hunk.add(lines[i]);
    } else {
      if (!hunk.body.empty()) all += hunk.text();
      hunk = {hunk.old_first + hunk.old_count + 1, 0, hunk.new_first + hunk.new_count + 1, 0, {}};
    }
  }
  return hunk.body.empty() ? all : all + hunk.text();
}

/// A symlink is shown as one line; git does the same with its content.
std::string shown(const std::string& content, system::FileType type) {
  return type == system::FileType::symlink ? fmt::format("symlink to {}\n", content) : content;
}

}  // namespace

std::string unified_diff(const FileChange& change) {
  const auto before = change.before ? shown(change.content_before, change.before->type) : "";
  const auto after =
      change.action == FileAction::remove ? "" : shown(change.content_after, change.type_after);
  if (before == after) return {};
  // A newline in it would be a line of the diff.
  const auto path = visible(change.path.text());
  const bool is_secret = change.sensitivity == target::Sensitivity::secret;
  return fmt::format(
      "--- {}\n+++ {}\n{}", change.before ? "a" + path : "/dev/null",
      change.action == FileAction::remove ? "/dev/null" : "b" + path,
      is_secret ? "content not shown (secret)\n" : print_hunks(window_of(before, after)));
}

}  // namespace timectl::plan
