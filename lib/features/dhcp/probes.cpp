// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/dhcp/probes.hpp"

#include "base/text.hpp"
#include "facts/dnsmasq.hpp"
#include "features/dhcp/findings.hpp"
#include "features/dhcp/rows.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"
#include "probe/dhcp.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

/// dnsmasq.config and dhcp.ntp.
namespace timectl::features {

using namespace probe;

namespace {

using system::Datagram;
using system::ExchangeResult;
using system::ExchangeStatus;

constexpr std::uint16_t dhcp_port = 67;
constexpr std::chrono::milliseconds offer_deadline{2000};
/// What Debian's unit adds to /etc/dnsmasq.conf.
constexpr auto conf_dir = platform::dns::drop_ins_option;
constexpr auto unit_name = platform::dnsmasq.unit;

std::string restart() { return fmt::format("systemctl restart {}", unit_name); }

HardwareAddress hardware_address_of(const system::Network& network, const IpAddress& address) {
  HardwareAddress hardware{};
  for (const auto& interface : network.interfaces()) {
    const auto has_address = [&](const Subnet& own) { return own.address == address; };
    const auto& own = interface.addresses;
    if (std::none_of(own.begin(), own.end(), has_address)) continue;
    const auto octets = split(interface.mac, ':');
    if (octets.size() != hardware.size()) continue;
    for (std::size_t i = 0; i < octets.size(); ++i) {
      hardware[i] = static_cast<std::uint8_t>(std::stoul(octets[i], nullptr, 16));
    }
  }
  return hardware;
}

/// In the network of the host's own address `own`.
ExchangeResult inform(const IpAddress& own, const Ports& ports) {
  std::random_device random;
  const auto transaction = static_cast<std::uint32_t>(random());
  const system::Endpoint server{own, dhcp_port};
  const auto accept = [server, transaction](const Datagram& datagram) {
    const auto reply = parse_dhcp_reply(datagram.bytes);
    return reply && datagram.from == server && reply->transaction == transaction &&
           reply->is_acknowledgement;
  };
  const auto hardware = hardware_address_of(ports.network, own);
  const auto request = make_dhcp_inform(transaction, own, hardware);
  return ports.datagrams.exchange({{server, request, accept, offer_deadline}}).front();
}

Finding no_answer_of(const facts::DhcpServer& server, const ExchangeResult& result) {
  return failed(
      {fmt::format("{} does not answer as a DHCP server", server.name),
       result.status == ExchangeStatus::timed_out ? "it does not serve this host's network"
                                                  : "no process listens on UDP port 67",
       fmt::format("journalctl -b -u {}", server.unit)},
      {{"rejected", std::int64_t{result.rejected}}});
}

Finding no_answer(const ExchangeResult& result, const Ports& ports) {
  const auto unit = ports.services.state(platform::dnsmasq.unit);
  const Evidence evidence{{"dnsmasq_load_state", unit.load_state},
                          {"dnsmasq_active_state", unit.active_state},
                          {"rejected", std::int64_t{result.rejected}}};
  if (!unit.is_active() && unit.is_masked()) {
    return failed(
        why_stopped("no DHCP server answers: dnsmasq does not run", platform::dnsmasq.unit, unit),
        evidence);
  }
  if (!unit.is_active()) {
    return failed({"no DHCP server answers: dnsmasq does not run",
                   unit.exists() ? fmt::format("{} is {}", unit_name, unit.active_state)
                                 : "dnsmasq is not installed",
                   fmt::format("{}; journalctl -b -u {}", restart(), unit_name)},
                  evidence);
  }
  return failed(
      {"dnsmasq does not answer as a DHCP server",
       result.status == ExchangeStatus::timed_out
           ? "no dhcp-range covers this host's network, or it listens elsewhere"
           : "no process listens on UDP port 67",
       fmt::format("journalctl -b -u {} -g DHCP; grep -r dhcp-range /etc/dnsmasq*", unit_name)},
      evidence);
}

std::vector<std::string> texts_of(const std::vector<IpAddress>& addresses) {
  std::vector<std::string> texts;
  for (const auto& address : addresses) texts.push_back(address.text());
  return texts;
}

Finding judge_advertised(const facts::DhcpServer* other, std::vector<std::string> advertised,
                         std::vector<std::string> wanted) {
  const Evidence evidence{{"option_42", join(advertised, " ")}, {"servers", join(wanted, " ")}};
  if (advertised.empty() && other != nullptr) {
    return failed({"DHCP clients get no time server",
                   fmt::format("DHCP on this host is {}'s ({})", other->name, other->where),
                   "the notes of timectl plan say what to set there"},
                  evidence);
  }
  if (advertised.empty()) {
    return failed({"DHCP clients get no time server",
                   "dnsmasq runs without option 42, or was not restarted since it was written",
                   fmt::format("{}; if that does not help, timectl plan", restart())},
                  evidence);
  }
  const auto summary = fmt::format("DHCP clients get the time servers {}", join(advertised, ", "));
  std::sort(advertised.begin(), advertised.end());
  std::sort(wanted.begin(), wanted.end());
  if (advertised == wanted) return good(summary, evidence);
  return failed({summary, fmt::format("the profile's servers are {}", join(wanted, ", ")),
                 other != nullptr ? std::string{"the notes of timectl plan say what to set there"}
                                  : std::string{"timectl provision; look for another option 42: "
                                                "grep -r dhcp-option /etc/dnsmasq*"}},
                evidence);
}

Finding ask_dnsmasq_config(const Subject& subject, const Ports& ports) {
  if (const auto* other = subject.facts.dhcp_server_in_charge()) {
    return skipped(fmt::format("DHCP on this host is {}'s", other->name));
  }
  if (!ports.processes.find(platform::dnsmasq.program)) {
    return failed(
        {"dnsmasq is not installed", "the package dnsmasq is missing", "timectl provision"});
  }
  if (!facts::reads_drop_ins(ports.files)) {
    return failed({fmt::format("dnsmasq never reads {}", platform::dns::own_drop_in),
                   fmt::format("{} sets no CONFIG_DIR", platform::dns::defaults),
                   fmt::format("{} && {}", facts::command_to_read_drop_ins(""), restart())});
  }
  const auto result = ports.processes.run({.program = platform::dnsmasq.program,
                                           .arguments = {"--test", conf_dir},
                                           .input = {},
                                           .environment = {}});
  const Evidence evidence{{"status", std::int64_t{result.status}}};
  if (result.timed_out) {
    return {{}, Verdict::unknown, "dnsmasq --test did not finish", evidence, "", ""};
  }
  if (result.succeeded()) return good("dnsmasq accepts its configuration", evidence);
  const auto said = lines_of(trim(result.errors));
  return failed({"dnsmasq refuses its configuration: its next restart takes down DHCP and DNS",
                 said.empty() ? "" : said.back(), "correct that line, or timectl provision"},
                evidence);
}

Finding ask_in_network(const Subject& subject, const Ports& ports,
                       const profile::SiteAddress& own) {
  std::vector<std::string> wanted;
  for (const auto& server : profile::servers_in(subject.profile, own.network)) {
    wanted.push_back(server.address->address.text());
  }
  auto result = inform(own.address, ports);
  if (result.status == ExchangeStatus::timed_out) result = inform(own.address, ports);
  const auto* other = subject.facts.dhcp_server_in_charge();
  if (result.status != ExchangeStatus::answered) {
    return other != nullptr ? no_answer_of(*other, result) : no_answer(result, ports);
  }
  const auto reply = parse_dhcp_reply(result.reply.bytes);
  return judge_advertised(other, texts_of(reply ? reply->ntp_servers : std::vector<IpAddress>{}),
                          std::move(wanted));
}

/// What the finding of one network says beside those of others.
Finding name_network(const Subject& subject, const profile::SiteAddress& own, Finding finding) {
  const auto& name = own.network;
  if (!name.empty()) finding.summary = fmt::format("network {}: {}", name, finding.summary);
  constexpr auto elsewhere =
      "; where another DHCP server answers, leave the network out of \"networks\" of dhcp";
  if (finding.verdict != Verdict::ok && subject.host.addresses.size() > 1) {
    finding.remedy += elsewhere;
  }
  return finding;
}

bool is_own_interface(const Subject& subject, const std::string& tag) {
  const auto own = profile::dhcp_addresses(subject.host);
  const bool is_only = subject.host.addresses.size() == 1;
  return std::any_of(own.begin(), own.end(), [&](const auto* address) {
    return address->interface == tag || (is_only && subject.facts.default_interface == tag);
  });
}

bool is_interface(const Subject& subject, const std::string& tag) {
  const auto& all = subject.facts.interfaces;
  return std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.name == tag; });
}

/// A request of this host has no tag but the name of its interface, so the answer does not show
/// what such a line says to others.
bool is_for_others(const Subject& subject, const facts::NtpServersOption& option) {
  bool has_tag = false;
  for (const auto& tag : option.tags) {
    if (is_own_interface(subject, tag)) continue;
    if (is_interface(subject, tag)) return false;  // of a network that is not the site's
    has_tag = true;
  }
  return has_tag;
}

bool names_other_servers(const Subject& subject, const facts::NtpServersOption& option) {
  const auto known = profile::servers_of_dhcp(subject.profile, subject.host);
  const auto is_known = [&](const std::string& word) {
    const auto address =
        word == "0.0.0.0" ? profile::main_address(subject.host) : IpAddress::parse(word);
    return std::any_of(known.begin(), known.end(),
                       [&](const auto& server) { return server.address->address == address; });
  };
  return option.servers.empty() ||
         !std::all_of(option.servers.begin(), option.servers.end(), is_known);
}

/// "192.168.4.9 for the tag cameras"; "" of a line that gives no client other servers.
std::string other_servers_in(const Subject& subject, const std::string& text) {
  const auto line = facts::parse_dnsmasq_line(text);
  const auto option = line ? facts::ntp_servers_option(*line) : std::nullopt;
  const bool is_other =
      option && is_for_others(subject, *option) && names_other_servers(subject, *option);
  if (!is_other) return {};
  const auto servers = option->servers.empty() ? "no server" : join(option->servers, ", ");
  return fmt::format("{} for the tag {}", servers, join(option->tags, ", "));
}

/// "/etc/dnsmasq.conf:7: 192.168.4.9 for the tag cameras"; "" where there is no such line.
std::string find_other_servers(const Subject& subject, const system::FileReader& files) {
  for (const auto& path : facts::dnsmasq_files(files)) {
    const auto file = files.read(system::RootedPath{path});
    const auto lines = lines_of(file ? file->content : std::string{});
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto other = other_servers_in(subject, lines[i]);
      if (!other.empty()) return fmt::format("{}:{}: {}", path, i + 1, other);
    }
  }
  return {};
}

/// dnsmasq prefers an option with a tag to the same one without.
Finding judge_tagged(const Subject& subject, const system::FileReader& files, Finding finding) {
  const auto place = find_other_servers(subject, files);
  if (place.empty()) return finding;
  return warning({fmt::format("{}; some clients do not", finding.summary), place,
                  "take that line out, or let 'timectl provision --take-over' do it"},
                 std::move(finding.evidence));
}

/// Several networks: the first that is not in order speaks for all.
Finding ask_dhcp_ntp(const Subject& subject, const Ports& ports) {
  if (profile::main_address(subject.host).family() != IpAddress::Family::v4) {
    return skipped("option 42 is DHCPv4's, and this host has an IPv6 address");
  }
  std::vector<std::string> summaries;
  Evidence evidence;
  for (const auto* own : profile::dhcp_addresses(subject.host)) {
    if (profile::servers_in(subject.profile, own->network).empty()) continue;
    auto finding = name_network(subject, *own, ask_in_network(subject, ports, *own));
    if (finding.verdict != Verdict::ok) return finding;
    summaries.push_back(std::move(finding.summary));
    const auto prefix = own->network.empty() ? "" : own->network + ".";
    for (auto& [key, value] : finding.evidence) evidence.emplace_back(prefix + key, value);
  }
  if (summaries.empty()) return skipped("no network where this host answers has a server");
  return judge_tagged(subject, ports.files, good(join(summaries, "; "), std::move(evidence)));
}

bool has_dhcp(const profile::Host& host) { return host.dhcp.has_value(); }
bool advertises_ntp(const profile::Host& host) { return host.dhcp && host.dhcp->advertise_ntp; }
bool reserves_servers(const profile::Host& host) { return host.dhcp && host.dhcp->reserve_servers; }

}  // namespace

constinit const probe::Probe dhcp_probes[3] = {
    {row::dnsmasq_config, probe::Needs::running_host, has_dhcp, ask_dnsmasq_config},
    {row::dhcp_ntp, probe::Needs::running_host, advertises_ntp, ask_dhcp_ntp},
    {row::dhcp_reservation, probe::Needs::files_only, reserves_servers, ask_dhcp_reservation},
};

}  // namespace timectl::features
