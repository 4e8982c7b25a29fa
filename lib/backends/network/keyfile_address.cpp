// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/keyfile_address.hpp"

#include "base/text.hpp"
#include "facts/keyfile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace timectl::backends {

namespace {

using facts::KeyfileSetting;

/// "address1", "addresses", "address", "addresses2": NetworkManager reads them all.
bool is_address_key(std::string_view key) {
  if (!key.starts_with("address")) return false;
  key.remove_prefix(std::string_view{"address"}.size());
  if (key.starts_with("es")) key.remove_prefix(2);
  return key.find_first_not_of("0123456789") == key.npos;
}

std::vector<std::string> elements_of(std::string value) {
  std::replace_if(
      value.begin(), value.end(), [](char c) { return c == ';' || c == ','; }, ' ');
  return words_of(value);
}

struct Given {
  std::optional<Subnet> address;
  std::optional<IpAddress> gateway;
};

/// "192.168.4.2/24,192.168.4.1"; once also "192.168.4.2;24;192.168.4.1;".
Given given_by(const std::string& value) {
  auto parts = elements_of(value);
  if (parts.size() > 1 && parts[0].find('/') == std::string::npos && to_integer(parts[1])) {
    parts[0] += "/" + parts[1];
    parts.erase(parts.begin() + 1);
  }
  Given given;
  if (!parts.empty()) given.address = Subnet::parse(parts[0]);
  if (parts.size() > 1) given.gateway = IpAddress::parse(parts[1]);
  return given;
}

/// What a section says now.
struct Present {
  std::string method;
  std::vector<std::string> addresses;
  std::optional<IpAddress> gateway;
  std::vector<std::string> dns;
};

Present present_in(const std::string& text, const std::string& section) {
  const auto settings = facts::read_keyfile(text);
  Present present;
  present.method = facts::value_in(settings, section, "method");
  present.dns = elements_of(facts::value_in(settings, section, "dns"));
  for (const auto& each : settings) {
    if (each.section != section || !is_address_key(each.key)) continue;
    present.addresses.push_back(each.value);
    if (!present.gateway) present.gateway = given_by(each.value).gateway;
  }
  const auto gateway = IpAddress::parse(facts::value_in(settings, section, "gateway"));
  if (gateway) present.gateway = gateway;
  return present;
}

std::vector<std::string> texts_of(const std::vector<IpAddress>& addresses) {
  std::vector<std::string> texts;
  for (const auto& each : addresses) texts.push_back(each.text());
  return texts;
}

bool is_said(const Present& present, const KeyfileAddress& wanted) {
  return present.method == "manual" && present.addresses.size() == 1 &&
         given_by(present.addresses[0]).address == wanted.address &&
         present.gateway == wanted.gateway &&
         (wanted.dns.empty() || present.dns == texts_of(wanted.dns));
}

/// The lines with their ends.
std::vector<std::string_view> whole_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto size = end == text.npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

std::string_view end_of(std::string_view line) {
  if (line.ends_with("\r\n")) return "\r\n";
  return "\n";
}

/// Goes through a file from above and puts the lines where the section says them now.
class Writer {
 public:
  explicit Writer(const KeyfileAddress& wanted)
      : section_(wanted.section),
        lines_(keyfile_lines(wanted)),
        replaces_dns_(!wanted.dns.empty()) {}

  std::string write(const std::string& text, bool has_method) {
    for (const auto line : whole_lines(text)) {
      const auto bare = trim(line);
      const bool is_title = bare.starts_with('[');
      if (is_title) is_inside_ = bare.substr(1, bare.find(']') - 1) == section_;
      if (is_inside_ && is_superseded(bare)) {
        if (key_of(bare) == "method") put(end_of(line));
        continue;
      }
      add(line);
      if (is_title && is_inside_ && !has_method) put(end_of(line));
    }
    if (!is_put_) append(text.find("\r\n") == text.npos ? "\n" : "\r\n");
    return std::move(written_);
  }

 private:
  static std::string_view key_of(std::string_view bare) {
    const bool is_comment = bare.starts_with('#') || bare.starts_with(';');
    const auto equals = bare.find('=');
    return is_comment || equals == bare.npos ? "" : trim(bare.substr(0, equals));
  }

  bool is_superseded(std::string_view bare) const {
    const auto key = key_of(bare);
    return key == "method" || key == "gateway" || is_address_key(key) ||
           (replaces_dns_ && key == "dns");
  }

  void add(std::string_view line) { written_ += line; }

  void put(std::string_view end) {
    if (is_put_) return;
    is_put_ = true;
    if (!written_.empty() && written_.back() != '\n') written_ += end;
    for (const auto& line : lines_) written_ += line + std::string{end};
  }

  void append(std::string_view end) {
    if (!written_.empty() && written_.back() != '\n') written_ += end;
    written_ += fmt::format("{0}[{1}]{0}", end, section_);
    put(end);
  }

  std::string section_;
  std::vector<std::string> lines_;
  bool replaces_dns_ = false;
  bool is_inside_ = false;
  bool is_put_ = false;
  std::string written_;
};

}  // namespace

std::vector<std::string> keyfile_lines(const KeyfileAddress& wanted) {
  std::vector<std::string> lines{"method=manual", "address1=" + wanted.address.text()};
  if (wanted.gateway) lines.back() += "," + wanted.gateway->text();
  if (!wanted.dns.empty()) lines.push_back(fmt::format("dns={};", join(texts_of(wanted.dns), ";")));
  return lines;
}

std::string with_address(const std::string& text, const KeyfileAddress& wanted) {
  const auto present = present_in(text, wanted.section);
  if (is_said(present, wanted)) return text;
  return Writer{wanted}.write(text, !present.method.empty());
}

std::size_t count_addresses(const std::string& text, const std::string& section) {
  return present_in(text, section).addresses.size();
}

std::vector<std::string> other_addresses(const std::string& text, const KeyfileAddress& wanted) {
  std::vector<std::string> others;
  for (const auto& each : present_in(text, wanted.section).addresses) {
    const auto given = given_by(each).address;
    if (!given || given->address != wanted.address.address) {
      others.push_back(given ? given->text() : "one that timectl cannot read");
    }
  }
  return others;
}

}  // namespace timectl::backends
