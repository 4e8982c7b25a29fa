// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts_document.hpp"

#include "base/error.hpp"
#include "facts/details.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <map>
#include <optional>
#include <type_traits>
#include <vector>

namespace timectl::cli {

namespace {

using Json = nlohmann::ordered_json;

// In the order of the enumerators of facts/facts.hpp.
constexpr std::array existing_words{"rtc_modules",        "rtc_service",    "chrony_conf",
                                    "chrony_local",       "dhcpcd_section", "network_connection",
                                    "dnsmasq_line",       "hosts_line",     "timesyncd_conf",
                                    "timesyncd_override", "monitor",        "shell_alias"};
constexpr std::array server_words{"network_manager", "pihole", "kea", "isc", "networkd", "other"};

// The keys of each part, once for both ways. `visit` writes them or reads them; `it` is const for
// the first.
template <typename It, typename Struct>
concept Is = std::same_as<std::remove_const_t<It>, Struct>;

template <Is<facts::OperatingSystem> It>
void each_key(It& it, auto& visit) {
  visit("id", it.id);
  visit("version_id", it.version_id);
  visit("codename", it.codename);
  visit("pretty_name", it.pretty_name);
  visit("is_raspberry_pi_os", it.is_raspberry_pi_os);
}

template <Is<facts::NetworkOwner> It>
void each_key(It& it, auto& visit) {
  visit("backend", it.backend);
  visit("evidence", it.evidence);
  visit("sources", it.sources);
  visit("netplan_renderer", it.netplan_renderer);
  visit("lacks_resolver", it.lacks_resolver);
  visit("asks_no_options", it.asks_no_options);
}

template <Is<system::Interface> It>
void each_key(It& it, auto& visit) {
  visit("name", it.name);
  visit("mac", it.mac);
  visit("addresses", it.addresses);
  visit("permanent", it.permanent);
  visit("is_up", it.is_up);
  visit("has_carrier", it.has_carrier);
  visit("is_wireless", it.is_wireless);
  visit("is_loopback", it.is_loopback);
  visit("master", it.master);
  visit("lower", it.lower);
}

template <Is<system::RtcDevice> It>
void each_key(It& it, auto& visit) {
  visit("name", it.name);
  visit("driver", it.driver);
  visit("chip", it.chip);
  visit("i2c_client", it.i2c_client);
  visit("set_system_clock", it.set_system_clock);
}

template <Is<facts::ExistingSetting> It>
void each_key(It& it, auto& visit) {
  visit("kind", it.kind);
  visit("file", it.file);
  visit("line", it.line);
  visit("lines", it.lines);
  visit("is_recognized", it.may_go);
  visit("is_fixed", it.is_fixed);
  visit("is_closed", it.is_closed);
}

template <Is<facts::DhcpServer> It>
void each_key(It& it, auto& visit) {
  visit("kind", it.kind);
  visit("name", it.name);
  visit("unit", it.unit);
  visit("where", it.where);
  visit("connection", it.connection);
  visit("reads_dnsmasq_files", it.reads_dnsmasq_files);
  visit("interface", it.interface);
}

template <Is<facts::Dnsmasq> It>
void each_key(It& it, auto& visit) {
  visit("reads_drop_ins", it.reads_drop_ins);
  visit("waits_for_boot", it.waits_for_boot);
  visit("serves_dns", it.serves_dns);
  visit("has_range", it.has_range);
  visit("binds_addresses", it.binds_addresses);
  visit("is_limited", it.is_limited);
}

template <Is<facts::PiHole> It>
void each_key(It& it, auto& visit) {
  visit("sets_clock", it.sets_clock);
  visit("serves_ntp", it.serves_ntp);
}

template <Is<facts::Boot> It>
void each_key(It& it, auto& visit) {
  visit("is_generated", it.is_generated);
  visit("source", it.source);
  visit("command_line", it.command_line);
}

template <Is<facts::Facts> It>
void each_key(It& it, auto& visit) {
  visit("host_name", it.host_name);
  visit("is_offline_root", it.is_offline_root);
  visit("os", it.os);
  visit("architecture", it.architecture);
  visit("board", it.board);
  visit("boot_config", it.boot_config);
  visit("boot", it.boot);
  visit("network", it.network);
  visit("default_interface", it.default_interface);
  visit("interfaces", it.interfaces);
  visit("rtcs", it.rtcs);
  visit("time_daemons", it.time_daemons);
  visit("has_fake_hwclock", it.has_fake_hwclock);
  visit("existing_configuration", it.existing);
  visit("dhcp_servers", it.dhcp_servers);
  visit("dnsmasq", it.dnsmasq);
  visit("pihole", it.pihole);
  visit("timectl_path", it.timectl_path);
  visit("packages", it.packages);
}

// --- writing --------------------------------------------------------------------------------

template <typename Struct>
Json document_of(const Struct& it);

Json document_of(const std::string& text) { return text; }
Json document_of(bool value) { return value; }
Json document_of(std::size_t value) { return value; }
Json document_of(const IpAddress& address) { return address.text(); }
Json document_of(const Subnet& subnet) { return subnet.text(); }
Json document_of(const system::RootedPath& path) { return path.text(); }
Json document_of(const facts::Version& version) { return version.text; }
Json document_of(facts::NetworkBackendName name) { return to_string(name); }
Json document_of(facts::ExistingKind kind) {
  return existing_words.at(static_cast<std::size_t>(kind));
}
Json document_of(facts::DhcpServerKind kind) {
  return server_words.at(static_cast<std::size_t>(kind));
}

Json document_of(const facts::TimeDaemon& daemon) {
  const bool is_known = daemon.not_known.empty();
  Json json;
  json["package"] = daemon.package;
  json["unit"] = daemon.unit;
  json["enabled"] = is_known ? Json(daemon.enabled) : Json();
  json["active"] = is_known ? Json(daemon.active) : Json();
  return json;
}

template <typename Value>
Json document_of(const std::optional<Value>& value) {
  return value ? document_of(*value) : Json();
}

template <typename Value>
Json document_of(const std::vector<Value>& list) {
  auto array = Json::array();
  for (const auto& each : list) array.push_back(document_of(each));
  return array;
}

template <typename Value>
Json document_of(const std::map<std::string, Value>& map) {
  auto object = Json::object();
  for (const auto& [key, value] : map) object[key] = document_of(value);
  return object;
}

template <typename Struct>
Json document_of(const Struct& it) {
  Json json;
  auto write = [&](const char* key, const auto& value) { json[key] = document_of(value); };
  each_key(it, write);
  return json;
}

// --- reading --------------------------------------------------------------------------------

/// A value of the document, and where it is.
struct Place {
  const Json& json;
  std::string path;  ///< "interfaces[0].mac"
  const std::string& origin;

  [[noreturn]] void fail(const std::string& expected) const {
    throw Error{ErrorKind::usage,
                fmt::format("cannot use the facts of '{}': '{}' is not {}", origin, path, expected),
                "'timectl facts --json' on the host prints them"};
  }
};

template <typename Struct>
void read(const Place& place, Struct& it);

void read(const Place& place, std::string& text) {
  if (!place.json.is_string()) place.fail("a text");
  text = place.json.get<std::string>();
}

void read(const Place& place, bool& value) {
  if (!place.json.is_boolean()) place.fail("true or false");
  value = place.json.get<bool>();
}

void read(const Place& place, std::size_t& value) {
  if (!place.json.is_number_unsigned()) place.fail("a number");
  value = place.json.get<std::size_t>();
}

template <typename Value>
void read_parsed(const Place& place, Value& value, const char* what) {
  std::string text;
  read(place, text);
  const auto parsed = Value::parse(text);
  if (!parsed) place.fail(what);
  value = *parsed;
}

void read(const Place& place, IpAddress& address) { read_parsed(place, address, "an address"); }
void read(const Place& place, Subnet& subnet) {
  read_parsed(place, subnet, "an address with its prefix length");
}

void read(const Place& place, facts::Version& version) {
  std::string text;
  read(place, text);
  version = facts::parse_version(text);
}

template <typename Words>
std::size_t read_word(const Place& place, const Words& words) {
  std::string text;
  read(place, text);
  const auto found = std::find(words.begin(), words.end(), text);
  if (found == words.end()) place.fail(fmt::format("one of {}", fmt::join(words, ", ")));
  return static_cast<std::size_t>(found - words.begin());
}

void read(const Place& place, facts::ExistingKind& kind) {
  kind = static_cast<facts::ExistingKind>(read_word(place, existing_words));
}

void read(const Place& place, facts::DhcpServerKind& kind) {
  kind = static_cast<facts::DhcpServerKind>(read_word(place, server_words));
}

void read(const Place& place, facts::NetworkBackendName& name) {
  std::vector<std::string> words;
  for (const auto& row : platform::network_backends) words.emplace_back(row.word);
  words.emplace_back(platform::unknown_network_backend.word);
  name = static_cast<facts::NetworkBackendName>(read_word(place, words));
}

template <typename Value>
void read_member(const Place& place, const char* key, Value& value);

void read(const Place& place, facts::TimeDaemon& daemon) {
  if (!place.json.is_object()) place.fail("an object");
  read_member(place, "package", daemon.package);
  read_member(place, "unit", daemon.unit);
  std::optional<bool> enabled, active;
  read_member(place, "enabled", enabled);
  read_member(place, "active", active);
  if (!enabled || !active) daemon.not_known = "the facts do not say";
  daemon.enabled = enabled.value_or(false);
  daemon.active = active.value_or(false);
}

/// Before they become paths they are what a program printed: absolute, without "..".
system::RootedPath rooted_path(const Place& place) {
  std::string text;
  read(place, text);
  const bool leads_up = ("/" + text + "/").find("/../") != std::string::npos;
  if (!text.starts_with('/') || leads_up) place.fail("an absolute path");
  return system::RootedPath{text};
}

void read(const Place& place, std::optional<system::RootedPath>& path) {
  path.reset();
  if (!place.json.is_null()) path = rooted_path(place);
}

template <typename Value>
void read(const Place& place, std::optional<Value>& value) {
  value.reset();
  if (!place.json.is_null()) read(place, value.emplace());
}

template <typename Value>
void read(const Place& place, std::vector<Value>& list) {
  if (!place.json.is_array()) place.fail("a list");
  list.clear();
  for (const auto& each : place.json) {
    const auto path = fmt::format("{}[{}]", place.path, list.size());
    read(Place{each, path, place.origin}, list.emplace_back());
  }
}

template <typename Value>
void read(const Place& place, std::map<std::string, Value>& map) {
  if (!place.json.is_object()) place.fail("an object");
  map.clear();
  for (const auto& [key, value] : place.json.items()) {
    read(Place{value, place.path + "." + key, place.origin}, map[key]);
  }
}

template <typename Value>
void read_member(const Place& place, const char* key, Value& value) {
  const auto found = place.json.find(key);
  if (found == place.json.end()) return;
  const auto path = place.path.empty() ? key : place.path + "." + key;
  read(Place{*found, path, place.origin}, value);
}

template <typename Struct>
void read(const Place& place, Struct& it) {
  if (!place.json.is_object()) place.fail("an object");
  auto visit = [&](const char* key, auto& value) { read_member(place, key, value); };
  each_key(it, visit);
}

}  // namespace

Json facts_document(const facts::Facts& facts) {
  auto open = facts;
  for (auto& setting : open.existing) {
    if (setting.is_closed) setting.lines.clear();
  }
  Json document;
  document["schema"] = 1;
  document.update(document_of(open));
  return document;
}

facts::Facts parse_facts(const std::string& text, const std::string& origin) {
  const auto json = Json::parse(text, nullptr, false);
  const Place whole{json, "", origin};
  const bool is_one = json.is_object() && json.contains("schema") && json.contains("host_name") &&
                      json.contains("network") && json.contains("packages");
  if (!is_one || json["schema"] != 1) {
    throw Error{
        ErrorKind::usage,
        fmt::format("cannot use '{}': it is not what 'timectl facts --json' prints", origin),
        "on the host: timectl facts --json > facts.json"};
  }
  facts::Facts facts;
  read(whole, facts);
  return facts;
}

}  // namespace timectl::cli
