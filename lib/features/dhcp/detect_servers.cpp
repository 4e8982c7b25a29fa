// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/dhcp/detect_servers.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/detector.hpp"
#include "facts/dnsmasq.hpp"
#include "platform/network_backends.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

namespace timectl::features {

using facts::DhcpServer;
using facts::DhcpServerKind;
using system::RootedPath;

namespace {

constexpr std::uint16_t port_of_dns = 53;
constexpr std::uint16_t port_of_dhcp = 67;
constexpr auto pihole_unit = "pihole-FTL.service";
constexpr auto kea_unit = "kea-dhcp4-server.service";
constexpr auto isc_unit = "isc-dhcp-server.service";

std::string text_of(const system::FileReader& files, const std::string& path) {
  return facts::readable(files, RootedPath{path}).value_or("");
}

bool may_run(const system::ServiceReader& services, const char* unit) {
  const auto state = services.state(unit);
  return state.exists() && !state.is_masked() && (state.is_active() || state.is_enabled());
}

bool is_yes(std::string_view word) {
  constexpr std::array yes{"yes", "true", "1", "on"};
  return std::find(yes.begin(), yes.end(), word) != yes.end();
}

/// Calls `take` with section, key and value of each line "key = value". Good for systemd's and
/// NetworkManager's files and, as far as single words go, for TOML.
using TakeSetting = std::function<void(const std::string&, std::string_view, std::string_view)>;
void for_each_key(const std::string& text, const TakeSetting& take) {
  std::string section;
  for (const auto& line : lines_of(text)) {
    const auto bare = trim(line);
    if (bare.empty() || bare.front() == '#' || bare.front() == ';') continue;
    if (bare.front() == '[') {
      section = bare.substr(1, bare.find(']') - 1);
      continue;
    }
    const auto equals = bare.find('=');
    if (equals == bare.npos) continue;
    take(section, trim(bare.substr(0, equals)), trim(bare.substr(equals + 1)));
  }
}

/// The first word: Pi-hole writes what it changed behind the value, as a comment.
bool is_true(std::string_view value) {
  const auto words = words_of(value);
  return !words.empty() && words.front() == "true";
}

/// pihole.toml is version 6's, setupVars.conf version 5's, which reads /etc/dnsmasq.d always. Only
/// these words are looked at: the file has a hash of the password, too.
void find_pihole(const facts::Ports& ports, facts::Facts& facts) {
  if (!may_run(ports.services, pihole_unit)) return;
  constexpr auto file = "/etc/pihole/pihole.toml";
  constexpr auto old_file = "/etc/pihole/setupVars.conf";
  DhcpServer server{DhcpServerKind::pihole, "Pi-hole", pihole_unit, file, "", false};
  bool serves_dhcp = false;
  const auto text = facts::readable(ports.files, RootedPath{file});
  if (text) {
    // What the file leaves out is on (docs.pi-hole.net/ftldns/configfile).
    bool sets_clock = true, serves_v4 = true, serves_v6 = true;
    for_each_key(*text, [&](const std::string& section, std::string_view key, auto value) {
      if (section == "misc" && key == "etc_dnsmasq_d") server.reads_dnsmasq_files = is_true(value);
      if (key != "active") return;
      if (section == "dhcp") serves_dhcp = is_true(value);
      if (section == "ntp.sync") sets_clock = is_true(value);
      if (section == "ntp.ipv4") serves_v4 = is_true(value);
      if (section == "ntp.ipv6") serves_v6 = is_true(value);
    });
    facts.pihole = {sets_clock, serves_v4 || serves_v6};
  } else {
    server.where = old_file;
    server.reads_dnsmasq_files = true;
    for_each_key(text_of(ports.files, old_file), [&](const auto&, auto key, auto value) {
      if (key == "DHCP_ACTIVE") serves_dhcp = is_true(value);
    });
  }
  if (serves_dhcp) facts.dhcp_servers.push_back(std::move(server));
}

/// A connection that NetworkManager shares: it starts a dnsmasq of its own for it.
void find_shared(const facts::Ports& ports, std::vector<DhcpServer>& found) {
  const auto& manager = platform::network_backend(platform::NetworkBackendName::network_manager);
  if (!may_run(ports.services, manager.unit)) return;
  for (const auto* place : {"/etc", "/run", "/usr/lib"}) {
    const RootedPath directory{fmt::format("{}/NetworkManager/system-connections", place)};
    for (const auto& path : facts::readable_entries(ports.files, directory, ".nmconnection")) {
      DhcpServer server{
          DhcpServerKind::network_manager, manager.word, manager.unit, path.text(), "", false};
      bool is_shared = false;
      bool is_automatic = true;
      for_each_key(text_of(ports.files, path.text()),
                   [&](const auto& section, auto key, auto value) {
                     if (section == "connection" && key == "id") server.connection = value;
                     if (section == "connection" && key == "autoconnect")
                       is_automatic = is_yes(value);
                     if (section == "ipv4" && key == "method") is_shared = value == "shared";
                   });
      if (is_shared && is_automatic) found.push_back(std::move(server));
    }
  }
}

/// "interfaces": [ "eth0" ]. Debian's own file has an empty list.
bool has_kea_interface(const std::string& text) {
  const auto key = text.find("\"interfaces\"");
  const auto begin = key == text.npos ? key : text.find('[', key);
  if (begin == text.npos) return false;
  const auto list = std::string_view{text}.substr(begin, text.find(']', begin) - begin);
  return list.find('"') != list.npos;
}

void find_kea(const facts::Ports& ports, std::vector<DhcpServer>& found) {
  constexpr auto file = "/etc/kea/kea-dhcp4.conf";
  if (!may_run(ports.services, kea_unit) || !has_kea_interface(text_of(ports.files, file))) return;
  found.push_back({DhcpServerKind::kea, "Kea", kea_unit, file, "", false});
}

void find_isc(const facts::Ports& ports, std::vector<DhcpServer>& found) {
  constexpr auto file = "/etc/default/isc-dhcp-server";
  bool has_interface = false;
  for_each_key(text_of(ports.files, file), [&](const auto&, auto key, auto value) {
    if (key == "INTERFACESv4" || key == "INTERFACES") has_interface = value.size() > 2;
  });
  if (!has_interface || !may_run(ports.services, isc_unit)) return;
  found.push_back({DhcpServerKind::isc, "isc-dhcp-server", isc_unit, file, "", false});
}

/// Those below /usr/lib are systemd's own, for containers.
void find_networkd(const facts::Ports& ports, std::vector<DhcpServer>& found) {
  const auto& networkd = platform::network_backend(platform::NetworkBackendName::networkd);
  if (!may_run(ports.services, networkd.unit)) return;
  for (const auto* place : {"/etc/systemd/network", "/run/systemd/network"}) {
    for (const auto& path : facts::readable_entries(ports.files, RootedPath{place}, ".network")) {
      bool serves = false;
      for_each_key(text_of(ports.files, path.text()),
                   [&](const auto& section, auto key, auto value) {
                     if (section == "Network" && key == "DHCPServer") serves = is_yes(value);
                   });
      if (!serves) continue;
      found.push_back(
          {DhcpServerKind::networkd, networkd.word, networkd.unit, path.text(), "", false});
    }
  }
}

/// "0::/system.slice/pihole-FTL.service" (cgroups(7)), "0::/system.slice/docker-1f….scope".
std::string unit_of(const system::FileReader& files, std::uint32_t pid) {
  try {
    const auto text = facts::readable(files, RootedPath{fmt::format("/proc/{}/cgroup", pid)});
    for (const auto& line : lines_of(text.value_or(""))) {
      std::string unit;
      for (const auto& part : split(line, '/')) {
        if (part.ends_with(".service") || part.ends_with(".scope")) unit = part;
      }
      if (!unit.empty()) return unit;
    }
  } catch (const Error&) {  // it ended meanwhile
  }
  return "";
}

void find_holders(const facts::Ports& ports, std::uint16_t port, const platform::Daemon& own,
                  std::vector<facts::PortHolder>& found) {
  for (const auto& listener : ports.network->udp_listeners(port)) {
    // Whose it is only root sees.
    if (listener.program.empty()) continue;
    auto unit = unit_of(ports.files, listener.pid);
    const bool is_own = unit.empty() ? listener.program == own.process : unit == own.unit;
    if (!is_own) found.push_back({port, listener.address, listener.program, std::move(unit)});
  }
}

/// One that no file gave away.
void add_holder_of_dhcp(const std::vector<facts::PortHolder>& holders,
                        std::vector<DhcpServer>& servers) {
  for (const auto& holder : holders) {
    if (holder.port != port_of_dhcp) continue;
    const bool is_known = std::any_of(servers.begin(), servers.end(), [&](const auto& server) {
      return server.unit == holder.unit;
    });
    if (is_known) continue;
    servers.push_back(
        {DhcpServerKind::other, holder.program, holder.unit, "UDP port 67", "", false});
  }
}

void find_all(const facts::Ports& ports, facts::Facts& facts) {
  if (ports.network != nullptr) {
    find_holders(ports, 123, platform::chronyd, facts.port_holders);
  }
  facts.dnsmasq_reads_drop_ins = facts::reads_drop_ins(ports.files);
  find_pihole(ports, facts);
  // It has its ports, so that what else there is has others.
  if (ports.services.state(platform::dnsmasq.unit).is_active()) {
    facts.dhcp_servers.clear();
    return;
  }
  auto& servers = facts.dhcp_servers;
  find_shared(ports, servers);
  find_kea(ports, servers);
  find_isc(ports, servers);
  find_networkd(ports, servers);
  if (ports.network == nullptr) return;
  for (const auto port : {port_of_dns, port_of_dhcp}) {
    find_holders(ports, port, platform::dnsmasq, facts.port_holders);
  }
  add_holder_of_dhcp(facts.port_holders, servers);
}

}  // namespace

void find_other_servers(const facts::Ports& ports, facts::Facts& facts) {
  try {
    find_all(ports, facts);
  } catch (const Error& error) {
    // Without systemd it is not known which of them runs: facts/network_owner.cpp says why.
    if (error.kind() == ErrorKind::usage) throw;
    facts.dhcp_servers.clear();
    facts.port_holders.clear();
  }
}

}  // namespace timectl::features
