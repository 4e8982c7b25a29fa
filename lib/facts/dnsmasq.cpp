// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/dnsmasq.hpp"

#include "base/text.hpp"
#include "facts/detector.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timectl::facts {

namespace {

constexpr std::string_view ntp_servers_name = "option:ntp-server";
constexpr long long ntp_servers_number = 42;

/// dnsmasq compares the names of options without regard to case.
bool is_ntp_servers(std::string_view word) {
  const auto is_same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
  };
  return to_integer(word) == ntp_servers_number ||
         std::equal(word.begin(), word.end(), ntp_servers_name.begin(), ntp_servers_name.end(),
                    is_same);
}

bool is_another_option(std::string_view word) {
  constexpr std::array<std::string_view, 5> prefixes{
      "option:", "option6:", "vendor:", "encap:", "vi-encap:"};
  return to_integer(word).has_value() ||
         std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return word.starts_with(prefix); });
}

/// What Debian's unit leaves out of the directory besides hidden files and editors' copies.
bool is_read(const std::string& name) {
  const bool is_hidden = name.starts_with('.') || name.starts_with('#') || name.ends_with('~');
  return !is_hidden && !name.ends_with(".dpkg-dist") && !name.ends_with(".dpkg-old") &&
         !name.ends_with(".dpkg-new");
}

/// "/etc/dnsmasq.d,.dpkg-dist", "/etc/dnsmasq.d/", in quotes or not.
bool names_drop_ins(std::string_view word) {
  while (!word.empty() && (word.front() == '"' || word.front() == '\'')) word.remove_prefix(1);
  auto path = word.substr(0, word.find_first_of(",\"'"));
  while (path.ends_with('/')) path.remove_suffix(1);
  return path == platform::dns::drop_ins;
}

}  // namespace

std::optional<DnsmasqOption> parse_dnsmasq_line(std::string_view line) {
  const auto begins_comment = [](char before, char c) {
    return (before == ' ' || before == '\t') && c == '#';
  };
  const auto* const comment = std::adjacent_find(line.begin(), line.end(), begins_comment);
  const std::string_view text{line.begin(), comment};
  const auto equals = text.find('=');
  const auto name = trim(text.substr(0, equals));
  if (equals == std::string_view::npos || name.starts_with('#')) return std::nullopt;
  DnsmasqOption option{std::string{name}, split(trim(text.substr(equals + 1)), ',')};
  for (auto& word : option.words) word = std::string{trim(word)};
  return option;
}

std::optional<NtpServersOption> ntp_servers_option(const DnsmasqOption& option) {
  NtpServersOption found;
  found.is_forced = option.name == "dhcp-option-force";
  if (!found.is_forced && option.name != "dhcp-option") return std::nullopt;
  for (auto word = option.words.begin(); word != option.words.end(); ++word) {
    if (is_ntp_servers(*word)) {
      found.servers.assign(std::next(word), option.words.end());
      return found;
    }
    if (is_another_option(*word)) return std::nullopt;
    const bool has_prefix = word->starts_with("tag:") || word->starts_with("net:");
    found.tags.push_back(has_prefix ? word->substr(4) : *word);
  }
  return std::nullopt;
}

bool reads_drop_ins(const system::FileReader& files) {
  const auto defaults = readable(files, system::RootedPath{platform::dns::defaults});
  if (!defaults) return true;
  bool by_directory = false;
  for (const auto& line : lines_of(*defaults)) {
    const auto bare = trim(line);
    if (bare.starts_with("CONFIG_DIR=")) by_directory = names_drop_ins(bare.substr(11));
    const bool has_options = bare.starts_with("DNSMASQ_OPTS=");
    if (has_options && bare.find(platform::dns::drop_ins) != bare.npos) return true;
  }
  const auto text = readable(files, system::RootedPath{platform::dns::configuration});
  const auto lines = lines_of(text.value_or(""));
  return by_directory || std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
           const auto option = parse_dnsmasq_line(line);
           return option && option->name == "conf-dir" && !option->words.empty() &&
                  names_drop_ins(option->words.front());
         });
}

std::string command_to_read_drop_ins(const std::string& root) {
  const std::string option = platform::dns::drop_ins_option;
  return fmt::format("echo 'CONFIG_DIR={}' >>{}{}", option.substr(option.find('=') + 1), root,
                     platform::dns::defaults);
}

std::vector<std::string> dnsmasq_files(const system::FileReader& files) {
  std::vector<std::string> paths{platform::dns::configuration};
  if (!reads_drop_ins(files)) return paths;
  const std::string directory = platform::dns::drop_ins;
  for (const auto& name : files.list(system::RootedPath{directory})) {
    if (is_read(name)) paths.push_back(directory + "/" + name);
  }
  return paths;
}

}  // namespace timectl::facts
