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
#include <map>
#include <set>
#include <utility>

namespace timectl::features {

using facts::DhcpServer;
using facts::DhcpServerKind;
using system::RootedPath;

namespace {

constexpr std::uint16_t port_of_dns = 53;
constexpr std::uint16_t port_of_dhcp = 67;
constexpr std::uint16_t port_of_ntp = 123;

/// A program that may serve DHCP, by its unit.
struct Program {
  DhcpServerKind kind;
  const char* name;
  const char* unit;

  /// `interface`: the only one where it serves, "" when not known.
  DhcpServer server(std::string where, std::string interface = "") const {
    return {kind, name, unit, std::move(where), "", false, std::move(interface)};
  }
};

constexpr Program backend(DhcpServerKind kind, platform::NetworkBackendName name) {
  const auto& row = platform::network_backend(name);
  return {kind, row.word, row.unit};
}

namespace program {

constexpr auto manager =
    backend(DhcpServerKind::network_manager, platform::NetworkBackendName::network_manager);
constexpr auto networkd = backend(DhcpServerKind::networkd, platform::NetworkBackendName::networkd);
constexpr Program pihole{DhcpServerKind::pihole, "Pi-hole", platform::pihole.unit};
constexpr Program kea{DhcpServerKind::kea, "Kea", "kea-dhcp4-server.service"};
constexpr Program isc{DhcpServerKind::isc, "isc-dhcp-server", "isc-dhcp-server.service"};
constexpr std::array all{manager, networkd, pihole, kea, isc};

}  // namespace program

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
  if (!may_run(ports.services, program::pihole.unit)) return;
  constexpr auto file = "/etc/pihole/pihole.toml";
  constexpr auto old_file = "/etc/pihole/setupVars.conf";
  auto server = program::pihole.server(file);
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

/// A connection that NetworkManager shares: it starts a dnsmasq of its own for it. One that is
/// activated by hand alone counts while NetworkManager holds the port.
void find_shared(const facts::Ports& ports, bool holds_port, std::vector<DhcpServer>& found) {
  if (!may_run(ports.services, program::manager.unit)) return;
  for (const auto& path : facts::connection_files(ports.files)) {
    const auto settings = settings_in(ports.files, path);
    auto server = program::manager.server(
        path.text(), facts::value_in(settings, "connection", "interface-name"));
    server.connection = facts::value_in(settings, "connection", "id");
    const bool is_automatic =
        facts::is_yes(facts::value_in(settings, "connection", "autoconnect", "true"));
    const bool is_shared = facts::value_in(settings, "ipv4", "method") == "shared";
    if (is_shared && (is_automatic || holds_port)) found.push_back(std::move(server));
  }
}

/// A word that is the name of one interface: no pattern, no list.
std::string one_name(const std::string& text) {
  const bool is_pattern = text.find_first_of("*?[! \t,") != std::string::npos;
  return is_pattern ? "" : text;
}

/// "interfaces": [ "eth0" ], without blanks and quotes. Debian's own file has an empty list.
std::string kea_interfaces(const std::string& text) {
  const auto key = text.find("\"interfaces\"");
  const auto begin = key == text.npos ? key : text.find('[', key);
  if (begin == text.npos) return "";
  auto list = text.substr(begin + 1, text.find(']', begin) - begin - 1);
  std::erase_if(list, [](char c) { return c == '"' || c == ' ' || c == '\n' || c == '\t'; });
  return list;
}

void find_kea(const facts::Ports& ports, std::vector<DhcpServer>& found) {
  constexpr auto file = "/etc/kea/kea-dhcp4.conf";
  if (!may_run(ports.services, program::kea.unit)) return;
  const auto interfaces = kea_interfaces(text_of(ports.files, file));
  if (interfaces.empty()) return;
  found.push_back(program::kea.server(file, one_name(interfaces)));
}

/// dhcpd.conf(5), Debian's has none. dhcpd does not start without one.
bool has_subnet(const std::string& text) {
  const auto lines = lines_of(text);
  return std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    const auto words = words_of(line.substr(0, line.find('#')));
    return !words.empty() && (words.front() == "subnet" || words.front() == "shared-network");
  });
}

/// /etc/init.d/isc-dhcp-server: with no interface of either family it starts both servers.
void find_isc(const facts::Ports& ports, std::vector<DhcpServer>& found) {
  constexpr auto file = "/etc/default/isc-dhcp-server";
  if (!may_run(ports.services, program::isc.unit)) return;
  const auto settings = settings_in(ports.files, RootedPath{file});
  const auto interfaces = [&](const char* key) {
    auto value = facts::value_in(settings, "", key);
    std::erase_if(value, [](char c) { return c == '"' || c == '\''; });
    return words_of(value);
  };
  auto v4 = interfaces("INTERFACESv4");
  if (v4.empty()) v4 = interfaces("INTERFACES");
  const auto own = facts::value_in(settings, "", "DHCPDv4_CONF", "/etc/dhcp/dhcpd.conf");
  const bool serves_all = v4.empty() && interfaces("INTERFACESv6").empty();
  if (v4.empty() && !(serves_all && has_subnet(text_of(ports.files, own)))) return;
  found.push_back(program::isc.server(v4.empty() ? own : file, v4.size() == 1 ? v4.front() : ""));
}

constexpr std::array networkd_places{"/etc/systemd/network", "/run/systemd/network",
                                     "/usr/local/lib/systemd/network", "/usr/lib/systemd/network"};

/// The drop-ins of a file, by their names (systemd.network(5)): of one name the first place counts.
std::vector<RootedPath> drop_ins_of(const system::FileReader& files, const RootedPath& path) {
  const auto name = path.text().substr(path.text().rfind('/') + 1);
  std::map<std::string, RootedPath> found;
  for (const auto* place : networkd_places) {
    const RootedPath directory{fmt::format("{}/{}.d", place, name)};
    for (const auto& each : facts::readable_entries(files, directory, ".conf")) {
      found.emplace(each.text().substr(each.text().rfind('/') + 1), each);
    }
  }
  std::vector<RootedPath> paths;
  for (auto& [_, each] : found) paths.push_back(std::move(each));
  return paths;
}

/// The last file that says whether it serves; "" where none does.
struct Word {
  std::string value;
  std::string where;
};

/// Those below /usr/lib are systemd's own, for containers: there a drop-in alone counts.
Word dhcp_server_of(const system::FileReader& files, const RootedPath& path) {
  Word word;
  auto read = drop_ins_of(files, path);
  if (!path.text().starts_with("/usr/lib/")) read.insert(read.begin(), path);
  for (const auto& each : read) {
    const auto value = facts::value_in(settings_in(files, each), "Network", "DHCPServer");
    if (!value.empty()) word = {value, each.text()};
  }
  return word;
}

void find_networkd(const facts::Ports& ports, std::vector<DhcpServer>& found) {
  if (!may_run(ports.services, program::networkd.unit)) return;
  std::set<std::string> known;
  for (const std::string place : networkd_places) {
    for (const auto& path : facts::readable_entries(ports.files, RootedPath{place}, ".network")) {
      if (!known.insert(path.text().substr(place.size())).second) continue;
      const auto word = dhcp_server_of(ports.files, path);
      if (!facts::is_yes(word.value)) continue;
      const auto name = facts::value_in(settings_in(ports.files, path), "Match", "Name");
      found.push_back(program::networkd.server(word.where, one_name(name)));
    }
  }
}

bool holds(const std::vector<facts::PortHolder>& holders, std::uint16_t port,
           std::string_view unit) {
  return std::any_of(holders.begin(), holders.end(), [&](const auto& holder) {
    return holder.port == port && holder.unit == unit;
  });
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

constexpr auto port_in_words = "UDP port 67";

/// One that no file gave away.
void add_holder_of_dhcp(const std::vector<facts::PortHolder>& holders,
                        std::vector<DhcpServer>& servers) {
  for (const auto& holder : holders) {
    if (holder.port != port_of_dhcp) continue;
    const auto has_unit = [&](const auto& server) { return server.unit == holder.unit; };
    if (std::any_of(servers.begin(), servers.end(), has_unit)) continue;
    const auto* const known = std::find_if(program::all.begin(), program::all.end(), has_unit);
    servers.push_back(known != program::all.end()
                          ? known->server(port_in_words)
                          : DhcpServer{DhcpServerKind::other, holder.program, holder.unit,
                                       port_in_words, "", false});
  }
}

/// Of programs that serve DNS: where no socket can be looked at, one that begins with the system is
/// first on the port as well as dnsmasq.
void add_enabled_holders(const facts::Ports& ports, std::vector<facts::PortHolder>& found) {
  for (const auto& server : platform::dns_servers) {
    if (may_run(ports.services, server.unit)) {
      found.push_back({port_of_dns, IpAddress{}, server.process, server.unit});
    }
  }
}

/// Whether the distribution's serves DHCP, where it runs. Its sockets are root's to see, its files
/// every user's.
bool dnsmasq_serves_dhcp(const facts::Ports& ports, const facts::Dnsmasq& settings) {
  if (settings.has_range) return true;
  if (ports.network == nullptr) return false;
  const auto listeners = ports.network->udp_listeners(port_of_dhcp);
  return std::any_of(listeners.begin(), listeners.end(), [&](const auto& listener) {
    return listener.program == platform::dnsmasq.process &&
           unit_of(ports.files, listener.pid) == platform::dnsmasq.unit;
  });
}

}  // namespace

void find_other_servers(const facts::Ports& ports, facts::Facts& facts) {
  if (ports.network != nullptr) {
    find_holders(ports, port_of_ntp, platform::chronyd, facts.port_holders);
  }
  facts.dnsmasq = facts::dnsmasq_settings(ports.files);
  find_pihole(ports, facts);
  auto& servers = facts.dhcp_servers;
  const auto dnsmasq = state_of(ports.services, platform::dnsmasq.unit);
  // It has the port, so that what else there is does not serve.
  if (dnsmasq.is_active() && dnsmasq_serves_dhcp(ports, facts.dnsmasq)) return servers.clear();
  facts.dnsmasq.waits_for_boot =
      !dnsmasq.is_active() && dnsmasq.exists() && !dnsmasq.is_masked() && dnsmasq.is_enabled();
  std::vector<facts::PortHolder> holders;
  if (ports.network == nullptr) {
    add_enabled_holders(ports, holders);
  } else {
    find_holders(ports, port_of_dns, platform::dnsmasq, holders);
    find_holders(ports, port_of_dhcp, platform::dnsmasq, holders);
  }
  find_shared(ports, holds(holders, port_of_dhcp, program::manager.unit), servers);
  find_kea(ports, servers);
  find_isc(ports, servers);
  find_networkd(ports, servers);
  add_holder_of_dhcp(holders, servers);
  if (dnsmasq.is_active()) return;  // beside those it does run
  facts.port_holders.insert(facts.port_holders.end(), holders.begin(), holders.end());
}

}  // namespace timectl::features
