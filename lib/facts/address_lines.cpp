// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/details.hpp"
#include "facts/yaml_block.hpp"

#include <algorithm>
#include <functional>
#include <set>

/// Addresses that ifupdown and netplan would use beside timectl's own become comments.
namespace timectl::facts {

namespace {

using LineNumbers = std::set<std::size_t>;

std::string commented_out(const std::string& text, const LineNumbers& numbers) {
  std::string result;
  std::size_t number = 0;
  for (const auto& line : lines_of(text)) {
    if (numbers.count(++number) != 0) result += "# ";
    result += line + "\n";
  }
  return result;
}

/// interfaces(5): these words begin a stanza, and end the one before.
bool begins_stanza(const std::vector<std::string>& words) {
  static const std::set<std::string, std::less<>> keywords{
      "iface",    "mapping", "auto",       "source",      "source-directory",
      "template", "rename",  "no-scripts", "no-auto-down"};
  return !words.empty() && (keywords.count(words[0]) != 0 || words[0].starts_with("allow-"));
}

/// The lines of the interface's stanzas; a backslash continues a line.
LineNumbers stanza_lines(const std::string& text, const std::string& interface) {
  LineNumbers numbers;
  std::size_t number = 0;
  bool is_inside = false, is_continued = false;
  for (const auto& line : lines_of(text)) {
    ++number;
    const auto words = words_of(line);
    if (!is_continued && begins_stanza(words)) {
      is_inside = addressed_by_ifupdown(words) == interface;
    }
    const bool is_comment = words.empty() || words[0].starts_with('#');
    if (is_inside && !is_comment) numbers.insert(number);
    is_continued = line.ends_with('\\');
  }
  return numbers;
}

/// interfaces(5) and resolvconf(8): what timectl's own stanza has in their place, and what only a
/// DHCP client reads.
bool is_about_address(const std::string& option) {
  static const std::set<std::string, std::less<>> options{
      "iface",    "address",    "netmask",   "network", "broadcast", "gateway",
      "hostname", "leasehours", "leasetime", "vendor",  "client",    "client-id"};
  return options.count(option) != 0 || option.starts_with("dns-");
}

/// ifupdown takes either character.
std::string option_name(std::string word) {
  std::replace(word.begin(), word.end(), '_', '-');
  return word;
}

/// Of wpa_supplicant, or of the wireless-tools: the value may be a password.
bool is_about_wifi(const std::string& option) {
  return option.starts_with("wpa-") || option.starts_with("wireless-");
}

/// What timectl's own stanza can have as well: no secret, and of one line.
bool is_carried(const std::string& line, const std::vector<std::string>& words) {
  const auto option = option_name(words[0]);
  return (option == "wpa-conf" || option == "wpa-driver") && words.size() > 1 &&
         !line.ends_with('\\');
}

/// The first lines of the stanza's options, as words.
template <typename Take>
void for_each_option(const std::string& text, const std::string& interface, Take take) {
  const auto numbers = stanza_lines(text, interface);
  std::size_t number = 0;
  bool is_continued = false;
  for (const auto& line : lines_of(text)) {
    const auto words = words_of(line);
    const bool is_inside = numbers.count(++number) != 0;
    if (is_inside && !is_continued && !words.empty()) take(line, words);
    is_continued = line.ends_with('\\');
  }
}

bool is_below(const YamlEntry& entry, const YamlEntry& above) {
  return entry.keys.size() > above.keys.size() &&
         std::equal(above.keys.begin(), above.keys.end(), entry.keys.begin());
}

bool is_address_of(const YamlEntry& entry, const NetplanDefinition& definition) {
  const auto& keys = entry.keys;
  return keys.size() == 4 && keys[1] == definition.type && keys[2] == definition.id &&
         is_netplan_address(keys[3]);
}

/// A mapping of which nothing is left is no mapping any more, and netplan refuses it.
void take_empty_mappings(const std::vector<YamlEntry>& entries, LineNumbers& numbers) {
  for (auto above = entries.rbegin(); above != entries.rend(); ++above) {
    if (above->keys.size() != 2 && above->keys.size() != 3) continue;
    std::size_t all = 0, gone = 0;
    for (const auto& entry : entries) {
      if (!is_below(entry, *above)) continue;
      ++all;
      gone += numbers.count(entry.line);
    }
    if (all != 0 && all == gone) numbers.insert(above->line);
  }
}

LineNumbers address_lines(const std::string& text, const NetplanDefinition& definition) {
  const auto entries = read_yaml_block(text);
  LineNumbers numbers;
  const YamlEntry* key = nullptr;
  for (const auto& entry : entries) {
    if (is_address_of(entry, definition)) {
      key = &entry;
    } else if (key != nullptr && !is_below(entry, *key)) {
      key = nullptr;
    }
    if (key != nullptr) numbers.insert(entry.line);
  }
  take_empty_mappings(entries, numbers);
  return numbers;
}

}  // namespace

std::string without_stanzas(const std::string& text, const std::string& interface) {
  return commented_out(text, stanza_lines(text, interface));
}

std::string more_than_address(const std::string& text, const std::string& interface) {
  std::string more;
  for_each_option(text, interface, [&](const std::string& line, const auto& words) {
    if (!more.empty() || is_about_address(words[0]) || is_carried(line, words)) return;
    more = is_about_wifi(option_name(words[0])) ? words[0] : std::string{trim(line)};
  });
  return more;
}

std::vector<std::string> carried_options(const std::string& text, const std::string& interface) {
  std::vector<std::string> options;
  for_each_option(text, interface, [&](const std::string& line, const auto& words) {
    if (is_carried(line, words)) options.push_back(join(words, " "));
  });
  return options;
}

std::vector<std::string> other_wifi_stanzas(const std::string& text) {
  std::vector<std::string> interfaces;
  std::string interface;
  for (const auto& line : lines_of(text)) {
    const auto words = words_of(line);
    if (begins_stanza(words)) {
      const bool stays = words[0] == "iface" && words.size() > 1 && !addressed_by_ifupdown(words);
      interface = stays ? words[1] : "";
    }
    if (interface.empty() || words.empty()) continue;
    const auto option = option_name(words[0]);
    const bool connects =
        option == "wpa-conf" || option == "wpa-ssid" || option == "wireless-essid";
    if (connects) interfaces.push_back(interface);
  }
  return interfaces;
}

std::string without_addresses(const std::string& text, const NetplanDefinition& definition) {
  return commented_out(text, address_lines(text, definition));
}

}  // namespace timectl::facts
