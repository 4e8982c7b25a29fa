// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/install_section.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <string_view>

namespace timectl::system {

namespace {

bool is_comment(std::string_view line) { return line.starts_with('#') || line.starts_with(';'); }

/// A line ends in an odd number of backslashes when it goes on in the next one.
bool is_continued(std::string_view line) {
  const auto last = line.find_last_not_of('\\');
  const auto backslashes = line.size() - (last == std::string_view::npos ? 0 : last + 1);
  return backslashes % 2 == 1;
}

/// systemd.syntax(7): a backslash at the end becomes a space, comments in between are left out, and
/// a comment is never continued.
std::vector<std::string> logical_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::string begun;
  for (const auto& physical : lines_of(text)) {
    const auto line = trim(physical);
    if (is_comment(line)) continue;
    begun += line;
    if (is_continued(line)) {
      begun.back() = ' ';
    } else {
      lines.push_back(std::move(begun));
      begun.clear();
    }
  }
  if (!begun.empty()) lines.push_back(std::move(begun));
  return lines;
}

/// Words, of which any may stand in quotes.
std::vector<std::string> unquoted_words_of(std::string_view value) {
  std::vector<std::string> words;
  for (auto word : words_of(value)) {
    std::erase_if(word, [](char c) { return c == '"' || c == '\''; });
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

/// An empty value takes back what was said before.
void assign(std::vector<std::string>& list, std::string_view value) {
  if (value.empty()) list.clear();
  for (auto& word : unquoted_words_of(value)) list.push_back(std::move(word));
}

void take(InstallSection& section, std::string_view key, std::string_view value) {
  if (key == "WantedBy") assign(section.wanted_by, value);
  if (key == "RequiredBy") assign(section.required_by, value);
  if (key == "UpheldBy") assign(section.upheld_by, value);
  if (key == "Alias") assign(section.aliases, value);
  // The one list that an empty value leaves alone (config_parse_also() of src/shared/install.c).
  if (key == "Also" && !value.empty()) assign(section.also, value);
  if (key == "DefaultInstance") section.default_instance = value;
}

}  // namespace

InstallSection parse_install_section(const std::vector<std::string>& texts) {
  InstallSection section;
  for (const auto& text : texts) {
    bool is_inside = false;
    for (const auto& line : logical_lines(text)) {
      if (line.starts_with('[')) is_inside = trim(line) == "[Install]";
      const auto equals = line.find('=');
      if (!is_inside || equals == std::string::npos) continue;
      const std::string_view view{line};
      take(section, trim(view.substr(0, equals)), trim(view.substr(equals + 1)));
    }
  }
  return section;
}

}  // namespace timectl::system
