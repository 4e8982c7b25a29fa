// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/dnsmasq.hpp"
#include "features/dhcp/probes.hpp"
#include "probe/asks.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>

/// dhcp.reservation.
namespace timectl::features {

using namespace probe;

namespace {

using profile::KnownServer;
using system::RootedPath;

constexpr std::string_view keyword = "dhcp-host";

struct Reservation {
  std::string file;
  std::size_t line = 0;
  std::vector<std::string> words;  ///< of the value, between its commas
};

std::vector<Reservation> read_reservations(const system::FileReader& files) {
  std::vector<Reservation> found;
  for (const auto& path : facts::dnsmasq_files(files)) {
    const auto file = files.read(RootedPath{path});
    const auto lines = lines_of(file ? file->content : std::string{});
    for (std::size_t i = 0; i < lines.size(); ++i) {
      auto option = facts::parse_dnsmasq_line(lines[i]);
      if (option && option->name == keyword) {
        found.push_back({path, i + 1, std::move(option->words)});
      }
    }
  }
  return found;
}

bool has_word(const std::vector<std::string>& words, const std::string& wanted) {
  return std::find(words.begin(), words.end(), wanted) != words.end();
}

/// A line of dnsmasq's leases: expiry, MAC, address, name or "*", client id.
struct Lease {
  std::string mac;
  std::string name;
};

std::optional<Lease> lease_of(const system::FileReader& files, const std::string& address) {
  for (const auto& path : facts::lease_files(files)) {
    const auto file = files.read(path);
    for (const auto& line : lines_of(file ? file->content : std::string{})) {
      const auto words = words_of(line);
      if (words.size() >= 4 && words[2] == address) return Lease{words[1], words[3]};
    }
  }
  return std::nullopt;
}

bool is_of(const Lease& lease, const KnownServer& server) {
  const auto& mac = server.address->mac;
  return lease.name == server.host->name || (mac && lease.mac == *mac);
}

/// Without a MAC in the profile it may be the server itself, under the name it had before.
Finding leased(const KnownServer& server, const Lease& lease, Evidence evidence) {
  const auto address = server.address->address.text();
  Problem problem{fmt::format("the address of {} is leased to {} ({})", server.host->name,
                              lease.name, lease.mac),
                  "the lease is from before the reservation, or of the server under another name",
                  fmt::format("timectl probe ntp {}; if that is not the server, let {} take a new "
                              "lease",
                              address, lease.mac)};
  return server.address->mac ? failed(std::move(problem), std::move(evidence))
                             : warning(std::move(problem), std::move(evidence));
}

/// A network interface that was replaced, or another host that uses the server's address.
Finding another_card(const KnownServer& server, const std::string& contradiction,
                     Evidence evidence) {
  return warning({fmt::format("{} has another MAC address than its address is reserved for",
                              server.host->name),
                  contradiction,
                  "set the server's MAC address in the profile (\"mac\"), then timectl provision; "
                  "if its network interface was not replaced, another host uses its address"},
                 std::move(evidence));
}

Finding judge_one(const KnownServer& server, const std::vector<Reservation>& all,
                  const Subject& subject, const system::FileReader& files) {
  const auto& name = server.host->name;
  const auto address = server.address->address.text();
  std::vector<std::string> places;
  for (const auto& each : all) {
    if (has_word(each.words, address)) places.push_back(fmt::format("{}:{}", each.file, each.line));
  }
  const Evidence evidence{
      {"server", name}, {"address", address}, {"reserved_in", join(places, " ")}};
  if (places.empty()) {
    return failed({fmt::format("{} is not reserved for {}", address, name),
                   "dnsmasq may lease the time server's address to any host", "timectl provision"},
                  evidence);
  }
  if (places.size() > 1) {
    return failed({fmt::format("{} is reserved more than once", address),
                   fmt::format("{}: dnsmasq will not start again", join(places, ", ")),
                   "remove all lines but timectl's; dnsmasq --test"},
                  evidence);
  }
  const auto lease = lease_of(files, address);
  if (lease && !is_of(*lease, server)) return leased(server, *lease, evidence);
  const auto card =
      facts::card_of(subject.facts, name, server.address->address, server.address->mac,
                     profile::subnet_of_leases(subject.profile, server));
  if (!card.contradiction.empty()) return another_card(server, card.contradiction, evidence);
  return good(fmt::format("{} is reserved for {}", address, name), evidence);
}

}  // namespace

Finding ask_dhcp_reservation(const Subject& subject, const Ports& ports) {
  const auto servers = profile::servers_of_dhcp(subject.profile, subject.host);
  if (servers.empty()) return skipped("the profile has no server");
  const auto* other = subject.facts.dhcp_server_in_charge();
  if (other != nullptr && !other->reads_dnsmasq_files) {
    return skipped(
        fmt::format("DHCP on this host is {}'s, and so are its reservations", other->name));
  }
  const auto all = read_reservations(ports.files);
  std::vector<std::string> kept;
  for (const auto& server : servers) {
    auto finding = judge_one(server, all, subject, ports.files);
    if (finding.verdict != Verdict::ok) return finding;
    kept.push_back(finding.summary);
  }
  return good(join(kept, "; "), {{"servers", static_cast<std::int64_t>(servers.size())}});
}

}  // namespace timectl::features
