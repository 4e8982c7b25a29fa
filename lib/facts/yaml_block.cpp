// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/yaml_block.hpp"

#include "base/text.hpp"

namespace timectl::facts {

namespace {

/// A '#' starts a comment at the line's begin or behind a space: a password may hold one.
std::string_view without_comment(std::string_view line) {
  for (auto at = line.find('#'); at != line.npos; at = line.find('#', at + 1)) {
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return line.substr(0, at);
  }
  return line;
}

class BlockReader {
 public:
  std::vector<YamlEntry> read(const std::string& text) {
    std::size_t number = 0;
    for (const auto& line : lines_of(text)) add(line, ++number);
    return std::move(entries_);
  }

 private:
  struct Level {
    std::size_t indent;
    std::string key;
  };

  void add(std::string_view line, std::size_t number) {
    const auto text = without_comment(line);
    const auto indent = text.find_first_not_of(' ');
    const auto bare = trim(text);
    if (bare.empty() || bare == "---") return;
    const bool is_item = bare.front() == '-';
    while (!open_.empty() && !is_parent(open_.back(), indent, is_item)) open_.pop_back();
    const auto colon = is_item ? bare.npos : end_of_key(bare);
    const auto key = is_item ? std::string{"-"} : unquoted(bare.substr(0, colon));
    open_.push_back({indent, key});
    YamlEntry entry{{}, "", number};
    for (const auto& level : open_) entry.keys.push_back(level.key);
    if (colon != bare.npos) entry.value = unquoted(bare.substr(colon + 1));
    entries_.push_back(std::move(entry));
  }

  /// Items of a list may stand as far to the left as their key (YAML 1.2, 8.2.1), and PyYAML and
  /// cloud-init put them there.
  static bool is_parent(const Level& open, std::size_t indent, bool is_item) {
    return open.indent < indent || (open.indent == indent && is_item && open.key != "-");
  }

  /// An address of IPv6 is a key with colons, in quotes.
  static std::size_t end_of_key(std::string_view bare) {
    const bool is_quoted = bare.front() == '"' || bare.front() == '\'';
    return bare.find(':', is_quoted ? bare.find(bare.front(), 1) : 0);
  }

  std::vector<Level> open_;
  std::vector<YamlEntry> entries_;
};

}  // namespace

std::string unquoted(std::string_view text) {
  const auto bare = trim(text);
  const bool is_quoted = bare.size() > 1 && (bare.front() == '"' || bare.front() == '\'') &&
                         bare.back() == bare.front();
  return std::string{is_quoted ? bare.substr(1, bare.size() - 2) : bare};
}

std::vector<YamlEntry> read_yaml_block(const std::string& text) { return BlockReader{}.read(text); }

}  // namespace timectl::facts
