// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/details.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace timectl::facts {

using system::RootedPath;

namespace {

using Packages = std::map<std::string, Version>;
using Evidence = std::vector<std::string>;

/// What systemd says of a unit. Where it cannot be asked that is a doubt, and no answer.
class Units {
 public:
  explicit Units(const system::ServiceReader& services) : services_(services) {}

  std::optional<system::UnitState> state(const std::string& unit) {
    try {
      return services_.state(unit);
    } catch (const Error& error) {
      doubts_.push_back(fmt::format("whether {} is in use is not known: {}", unit, error.what()));
      return std::nullopt;
    }
  }

  /// "NetworkManager.service is enabled and active"; "" when it is neither.
  std::string in_use(const std::string& unit) {
    const auto state = this->state(unit);
    if (!state || !state->exists() || state->is_masked()) return "";
    if (state->is_enabled() && state->is_active()) return unit + " is enabled and active";
    if (state->is_enabled()) return unit + " is enabled";
    if (state->is_active()) return unit + " is active";
    return "";
  }

  const Evidence& doubts() const { return doubts_; }

 private:
  const system::ServiceReader& services_;
  Evidence doubts_;
};

Evidence unit_evidence(Units& units, const std::string& unit) {
  const auto sentence = units.in_use(unit);
  return sentence.empty() ? Evidence{} : Evidence{sentence};
}

/// netplan(5): a file hides those of its name in the places behind it.
std::vector<RootedPath> netplan_files(const system::FileReader& files) {
  std::map<std::string, RootedPath> by_name;
  for (const auto* place : {"/etc/netplan", "/run/netplan", "/usr/lib/netplan", "/lib/netplan"}) {
    for (const auto& path : readable_entries(files, RootedPath{place}, ".yaml")) {
      by_name.emplace(path.text().substr(path.text().rfind('/') + 1), path);
    }
  }
  std::vector<RootedPath> paths;
  for (const auto& [name, path] : by_name) paths.push_back(path);
  return paths;
}

/// The value of a "renderer: NetworkManager" line, of the network or of one device; "" for others.
std::string renderer_in(const std::string& line) {
  constexpr std::string_view key = "renderer:";
  const auto text = trim(line);
  if (!text.starts_with(key)) return "";
  const auto rest = text.substr(key.size());
  auto value = std::string{trim(rest.substr(0, rest.find('#')))};
  if (value.size() > 1 && (value.front() == '"' || value.front() == '\'')) {
    value = value.substr(1, value.size() - 2);
  }
  return value;
}

/// The file in which netplan is told to leave the network to NetworkManager, when no file says
/// anything else: then netplan does no more than write connections for it.
std::optional<RootedPath> handed_to_network_manager(const system::FileReader& files) {
  std::optional<RootedPath> where;
  for (const auto& path : netplan_files(files)) {
    for (const auto& line : lines_of(readable(files, path).value_or(""))) {
      const auto renderer = renderer_in(line);
      if (renderer.empty()) continue;
      if (renderer != "NetworkManager") return std::nullopt;
      if (!where) where = path;
    }
  }
  return where;
}

Evidence netplan_evidence(const Ports& ports, const Packages& packages) {
  const auto files = readable_entries(ports.files, RootedPath{"/etc/netplan"}, ".yaml");
  if (files.empty() || packages.count("netplan.io") == 0) return {};
  return {fmt::format("{} exists and netplan.io is installed", files.front().text())};
}

/// networkd is enabled on hosts where it has nothing to do; only its files make it the owner.
Evidence networkd_evidence(const Ports& ports, Units& units) {
  const auto unit = units.in_use("systemd-networkd.service");
  if (unit.empty()) return {};
  const auto files = readable_entries(ports.files, RootedPath{"/etc/systemd/network"}, ".network");
  if (!files.empty()) return {unit, fmt::format("{} exists", files.front().text())};
  if (unit.ends_with("active")) return {unit};
  return {};
}

Evidence ifupdown_evidence(const Ports& ports) {
  const auto interfaces = configured_interfaces(ports.files, NetworkAuthority::ifupdown);
  if (interfaces.empty()) return {};
  return {fmt::format("/etc/network/interfaces configures {}", join(interfaces, ", "))};
}

void add_new(std::vector<std::string>& names, std::string_view name) {
  const bool is_pattern = name.find_first_of("*?[!") != std::string_view::npos;
  if (name.empty() || name == "lo" || is_pattern) return;
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

/// The first word behind `key` in a line "key=value" or "key value"; "" when it is another line.
std::string_view word_after(std::string_view key, std::string_view line) {
  const auto text = trim(line);
  if (!text.starts_with(key) || text.size() == key.size()) return {};
  auto rest = text.substr(key.size());
  if (rest.front() == '=') {
    rest.remove_prefix(1);
  } else if (rest.front() != ' ' && rest.front() != '\t') {
    return {};
  }
  rest = trim(rest);
  return rest.substr(0, rest.find_first_of(" \t"));
}

std::vector<std::string> interfaces_after(const system::FileReader& files,
                                          const std::vector<RootedPath>& paths,
                                          std::string_view key) {
  std::vector<std::string> names;
  for (const auto& path : paths) {
    const auto text = readable(files, path).value_or("");
    for (const auto& line : lines_of(text)) add_new(names, word_after(key, line));
  }
  return names;
}

std::vector<RootedPath> files_of(const system::FileReader& files, NetworkAuthority authority) {
  switch (authority) {
    case NetworkAuthority::networkd:
      return readable_entries(files, RootedPath{"/etc/systemd/network"}, ".network");
    case NetworkAuthority::network_manager:
      return readable_entries(files, RootedPath{"/etc/NetworkManager/system-connections"},
                              ".nmconnection");
    case NetworkAuthority::dhcpcd:
      return {RootedPath{"/etc/dhcpcd.conf"}};
    case NetworkAuthority::ifupdown: {
      auto paths = readable_entries(files, RootedPath{"/etc/network/interfaces.d"}, "");
      paths.insert(paths.begin(), RootedPath{"/etc/network/interfaces"});
      return paths;
    }
    case NetworkAuthority::netplan:
    case NetworkAuthority::unknown:
      break;
  }
  return {};
}

std::string_view interface_key(NetworkAuthority authority) {
  switch (authority) {
    case NetworkAuthority::networkd:
      return "Name";
    case NetworkAuthority::network_manager:
      return "interface-name";
    case NetworkAuthority::ifupdown:
      return "iface";
    default:
      return "interface";
  }
}

}  // namespace

std::string to_string(NetworkAuthority authority) {
  switch (authority) {
    case NetworkAuthority::networkd:
      return "systemd-networkd";
    case NetworkAuthority::network_manager:
      return "NetworkManager";
    case NetworkAuthority::netplan:
      return "netplan";
    case NetworkAuthority::dhcpcd:
      return "dhcpcd";
    case NetworkAuthority::ifupdown:
      return "ifupdown";
    case NetworkAuthority::unknown:
      break;
  }
  return "unknown";
}

std::vector<std::string> configured_interfaces(const system::FileReader& files,
                                               NetworkAuthority authority) {
  return interfaces_after(files, files_of(files, authority), interface_key(authority));
}

NetworkOwner look_at_network_owner(const Ports& ports, const Packages& packages) {
  Units units{ports.services};
  if (auto netplan = netplan_evidence(ports, packages); !netplan.empty()) {
    const auto renderer = handed_to_network_manager(ports.files);
    const auto manager = renderer ? units.in_use("NetworkManager.service") : "";
    if (manager.empty()) return {NetworkAuthority::netplan, netplan};
    return {NetworkAuthority::network_manager,
            {fmt::format("netplan leaves the network to it in {}", renderer->text()), manager}};
  }
  const std::pair<NetworkAuthority, std::function<Evidence()>> candidates[] = {
      {NetworkAuthority::network_manager,
       [&] { return unit_evidence(units, "NetworkManager.service"); }},
      {NetworkAuthority::dhcpcd, [&] { return unit_evidence(units, "dhcpcd.service"); }},
      {NetworkAuthority::networkd, [&] { return networkd_evidence(ports, units); }},
      {NetworkAuthority::ifupdown, [&] { return ifupdown_evidence(ports); }},
  };
  for (const auto& [authority, look] : candidates) {
    const auto evidence = look();
    // Files of one that comes later prove nothing while an earlier one may be in use.
    if (!units.doubts().empty()) return {NetworkAuthority::unknown, units.doubts()};
    if (!evidence.empty()) return {authority, evidence};
  }
  return {NetworkAuthority::unknown,
          {"neither netplan, NetworkManager, dhcpcd, systemd-networkd nor ifupdown is set up"}};
}

}  // namespace timectl::facts
