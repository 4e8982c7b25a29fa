// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/dhcp/detect_servers.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/detector.hpp"
#include "facts/dnsmasq.hpp"
#include "facts/keyfile.hpp"
#include "platform/network_backends.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timectl::features {

using facts::DhcpServer;
using facts::DhcpServerKind;
using system::RootedPath;

namespace {

constexpr std::uint16_t port_of_dns = 53;
constexpr std::uint16_t port_of_dhcp = 67;
constexpr std::uint16_t port_of_ntp = 123;
constexpr auto pihole_unit = "pihole-FTL.service";
constexpr auto kea_unit = "kea-dhcp4-server.service";
constexpr auto isc_unit = "isc-dhcp-server.service";

std::string text_of(const system::FileReader& files, const std::string& path) {
  return facts::readable(files, RootedPath{path}).value_or("");
}

/// Where systemd cannot be asked it is not known which of them runs: facts/network_owner.cpp says
/// why.
system::UnitState state_of(const system::ServiceReader& services, const char* unit) {
  try {
    return services.state(unit);
  } catch (const Error&) {
    return {};
  }
}

bool may_run(const system::ServiceReader& services, const char* unit) {
  const auto state = state_of(services, unit);
  return state.exists() && !state.is_masked() && (state.is_active() || state.is_enabled());
}

std::vector<facts::KeyfileSetting> settings_in(const system::FileReader& files,
                                               const RootedPath& path) {
  return facts::read_keyfile(text_of(files, path.text()));
}

/// The first word: Pi-hole writes what it changed behind the value, as a comment.
bool is_true(std::string_view value) {
  const auto words = words_of(value);
  return !words.empty() && words.front() == "true";
}

/// pihole.toml is version 6's. Only these words are kept: the file has a hash of the password, too.
/// What it leaves out of ntp is on (docs.pi-hole.net/ftldns/configfile). Whether it serves DHCP.
bool read_pihole(const std::string& text, DhcpServer& server, facts::PiHole& pihole) {
  const auto settings = facts::read_keyfile(text);
  const auto is_on = [&](const char* section, const char* key, const char* fallback) {
    return is_true(facts::value_in(settings, section, key, fallback));
  };
  server.reads_dnsmasq_files = is_on("misc", "etc_dnsmasq_d", "false");
  pihole.sets_clock = is_on("ntp.sync", "active", "true");
  pihole.serves_ntp = is_on("ntp.ipv4", "active", "true") || is_on("ntp.ipv6", "active", "true");
  return is_on("dhcp", "active", "false");
}

/// setupVars.conf is version 5's, which reads /etc/dnsmasq.d always.
void find_pihole(const facts::Ports& ports, facts::Facts& facts) {
  if (!may_run(ports.services, pihole_unit)) return;
  constexpr auto file = "/etc/pihole/pihole.toml";
  constexpr auto old_file = "/etc/pihole/setupVars.conf";
  DhcpServer server{DhcpServerKind::pihole, "Pi-hole", pihole_unit, file, "", false};
  bool serves_dhcp = false;
  if (const auto text = facts::readable(ports.files, RootedPath{file})) {
    serves_dhcp = read_pihole(*text, server, facts.pihole);
  } else {
    server.where = old_file;
    server.reads_dnsmasq_files = true;
    serves_dhcp =
        is_true(facts::value_in(settings_in(ports.files, RootedPath{old_file}), "", "DHCP_ACTIVE"));
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
      const auto settings = settings_in(ports.files, path);
      server.connection = facts::value_in(settings, "connection", "id");
      const bool is_automatic =
          facts::is_yes(facts::value_in(settings, "connection", "autoconnect", "true"));
      const bool is_shared = facts::value_in(settings, "ipv4", "method") == "shared";
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
  const auto settings = settings_in(ports.files, RootedPath{file});
  const auto interfaces =
      facts::value_in(settings, "", "INTERFACESv4", facts::value_in(settings, "", "INTERFACES"));
  const bool has_interface = interfaces.size() > 2;  // more than the quotes
  if (!has_interface || !may_run(ports.services, isc_unit)) return;
  found.push_back({DhcpServerKind::isc, "isc-dhcp-server", isc_unit, file, "", false});
}

/// Those below /usr/lib are systemd's own, for containers.
void find_networkd(const facts::Ports& ports, std::vector<DhcpServer>& found) {
  const auto& networkd = platform::network_backend(platform::NetworkBackendName::networkd);
  if (!may_run(ports.services, networkd.unit)) return;
  for (const auto* place : {"/etc/systemd/network", "/run/systemd/network"}) {
    for (const auto& path : facts::readable_entries(ports.files, RootedPath{place}, ".network")) {
      const auto settings = settings_in(ports.files, path);
      const bool serves = facts::is_yes(facts::value_in(settings, "Network", "DHCPServer"));
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

}  // namespace

void find_other_servers(const facts::Ports& ports, facts::Facts& facts) {
  if (ports.network != nullptr) {
    find_holders(ports, port_of_ntp, platform::chronyd, facts.port_holders);
  }
  facts.dnsmasq_reads_drop_ins = facts::reads_drop_ins(ports.files);
  find_pihole(ports, facts);
  auto& servers = facts.dhcp_servers;
  const auto dnsmasq = state_of(ports.services, platform::dnsmasq.unit);
  // It has its ports, so that what else there is has others.
  if (dnsmasq.is_active()) return servers.clear();
  facts.dnsmasq_waits_for_boot = dnsmasq.exists() && !dnsmasq.is_masked() && dnsmasq.is_enabled();
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

}  // namespace timectl::features
