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

std::string_view bare_value(std::string_view word) {
  const auto is_quote = [](char c) { return c == '"' || c == '\''; };
  while (!word.empty() && is_quote(word.front())) word.remove_prefix(1);
  while (!word.empty() && is_quote(word.back())) word.remove_suffix(1);
  return word;
}

/// "/etc/dnsmasq.d,.dpkg-dist", "/etc/dnsmasq.d/", in quotes or not.
bool names_drop_ins(std::string_view word) {
  word = bare_value(word);
  auto path = word.substr(0, word.find(','));
  while (path.ends_with('/')) path.remove_suffix(1);
  return path == platform::dns::drop_ins;
}

/// "-7 DIR", "-7DIR", "--conf-dir=DIR", "--conf-dir DIR" (getopt_long(3)).
bool gives_drop_ins(std::string_view options) {
  constexpr std::array<std::string_view, 3> spellings{"--conf-dir=", "--conf-dir", "-7"};
  const auto words = words_of(bare_value(options));
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (const auto& spelling : spellings) {
      if (!words[i].starts_with(spelling)) continue;
      const auto value = std::string_view{words[i]}.substr(spelling.size());
      const bool is_next = value.empty() && i + 1 < words.size();
      if (names_drop_ins(is_next ? std::string_view{words[i + 1]} : value)) return true;
      break;
    }
  }
  return false;
}

/// "port" of "port = 0", "bind-dynamic" of a line that has no value.
std::string_view name_in(std::string_view line) {
  return trim(line.substr(0, line.find_first_of("=#")));
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
  // dpkg does not bring back a file of its package that was deleted.
  const bool has_helper = files.status(system::RootedPath{platform::dns::helper}).has_value();
  if (!defaults && !has_helper) return true;
  bool by_directory = false;
  bool by_options = false;
  for (const auto& line : lines_of(defaults.value_or(""))) {
    const auto bare = trim(line);
    if (bare.starts_with("CONFIG_DIR=")) by_directory = names_drop_ins(bare.substr(11));
    if (bare.starts_with("DNSMASQ_OPTS=")) by_options = gives_drop_ins(bare.substr(13));
  }
  if (by_options) return true;
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

Dnsmasq dnsmasq_settings(const system::FileReader& files) {
  Dnsmasq settings;
  settings.reads_drop_ins = reads_drop_ins(files);
  const auto add = [&](const std::string& line) {
    const auto name = name_in(line);
    const auto option = parse_dnsmasq_line(line);
    if (name == "port" && option) settings.serves_dns = to_integer(option->words.front()) != 0;
    if (name == "dhcp-range") settings.has_range = true;
    if (name == "bind-interfaces" || name == "bind-dynamic") settings.binds_addresses = true;
    if (name == "interface" || name == "except-interface" || name == "listen-address") {
      settings.is_limited = true;
    }
  };
  for (const auto& path : dnsmasq_files(files)) {
    const auto lines = lines_of(readable(files, system::RootedPath{path}).value_or(""));
    std::for_each(lines.begin(), lines.end(), add);
  }
  return settings;
}

std::vector<system::RootedPath> lease_files(const system::FileReader& files) {
  std::vector<system::RootedPath> paths;
  for (const auto* path : {"/var/lib/misc/dnsmasq.leases", "/etc/pihole/dhcp.leases"}) {
    if (readable(files, system::RootedPath{path})) paths.emplace_back(path);
  }
  const system::RootedPath of_manager{"/var/lib/NetworkManager"};
  for (auto& path : readable_entries(files, of_manager, ".leases")) {
    if (path.text().find("/dnsmasq-") != std::string::npos) paths.push_back(std::move(path));
  }
  return paths;
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
