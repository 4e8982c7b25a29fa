// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/serve/probes.hpp"

#include "base/text.hpp"
#include "features/serve/findings.hpp"
#include "features/serve/probes_agreement.hpp"
#include "features/serve/rows.hpp"
#include "observe/ntp.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"
#include "probe/chrony_in_force.hpp"
#include "probe/rows.hpp"
#include "profile/limits.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

/// ntp.port and ntp.reply.
namespace timectl::features {

using namespace probe;

namespace {

using system::ExchangeStatus;
using system::UdpListener;

constexpr int samples = 4;
constexpr std::chrono::milliseconds reply_deadline{1000};
constexpr auto server_unit = platform::chronyd.unit;

bool reaches(const UdpListener& listener, const IpAddress& address) {
  const auto& bytes = listener.address.bytes();
  const bool wildcard = std::all_of(bytes.begin(), bytes.end(), [](auto b) { return b == 0; });
  return wildcard ? listener.address.family() == address.family() : listener.address == address;
}

std::string describe(const UdpListener& listener) {
  const bool v6 = listener.address.family() == IpAddress::Family::v6;
  const auto address = v6 ? "[" + listener.address.text() + "]" : listener.address.text();
  return fmt::format("{}[{}] on {}", listener.program, listener.pid, address);
}

std::string describe(const std::vector<UdpListener>& listeners) {
  std::vector<std::string> texts;
  for (const auto& listener : listeners) texts.push_back(describe(listener));
  return join(texts, ", ");
}

/// `otherwise`, unless a line of chrony's files is known to be the cause.
Problem why_closed(const Subject& subject, const Ports& ports, Problem otherwise) {
  const auto found = chrony_not_in_force(subject, ports);
  if (!found || found->verdict != Verdict::failed) return otherwise;
  otherwise.cause = found->cause;
  otherwise.remedy = found->remedy;
  return otherwise;
}

Finding no_listener(const Subject& subject, const Ports& ports, Evidence evidence) {
  const auto unit = ports.services.state(server_unit);
  evidence.emplace_back("chrony_active_state", unit.active_state);
  if (unit.is_active()) {
    return failed(why_closed(subject, ports,
                             {"no process holds UDP port 123",
                              "chronyd runs, and its configuration allows no client",
                              "timectl plan shows what is missing; chronyd -p what is there"}),
                  std::move(evidence));
  }
  return failed(why_stopped("no process holds UDP port 123", server_unit, unit),
                std::move(evidence));
}

Finding foreign_holder(const UdpListener& holder, Evidence evidence) {
  return failed({fmt::format("UDP port 123 is held by {}", describe(holder)),
                 "two programs answer, or only the wrong one",
                 fmt::format("systemctl status {} shows its unit: disable that, then "
                             "systemctl restart {}",
                             holder.pid, server_unit)},
                std::move(evidence));
}

std::string state_of(const observe::NtpReply& reply, int island) {
  return state_now(state_by(reply.reference_id, reply.stratum, reply.leap, island),
                   reply.reference_age());
}

/// What one server said, under `prefix` when there are several.
void add_measurement(const observe::NtpMeasurement& measured, const std::string& prefix, int island,
                     Evidence& evidence) {
  const auto add = [&](const char* key, EvidenceValue value) {
    evidence.emplace_back(prefix + key, std::move(value));
  };
  add("server", measured.server.address.text());
  add("asked", std::int64_t{measured.asked});
  add("answered", std::int64_t{measured.answered});
  if (measured.rejected != 0) add("rejected", std::int64_t{measured.rejected});
  if (!measured.best) return;
  const auto& reply = measured.best->reply;
  add("leap", std::int64_t{reply.leap});
  add("stratum", std::int64_t{reply.stratum});
  add("reference_id", reply.reference_id);
  add("state", state_of(reply, island));
  if (reply.reference != 0) add("reference_age_s", reply.reference_age().count());
  add("version", std::int64_t{reply.version});
  add("mode", std::int64_t{reply.mode});
  add("root_delay_s", reply.root_delay.count());
  add("root_dispersion_s", reply.root_dispersion.count());
  add("offset_s", measured.best->offset.count());
  add("round_trip_s", measured.best->round_trip.count());
  add("dispersion_s", measured.best->dispersion.count());
  if (const auto delay = measured.best->kernel_transmit_delay) {
    add("kernel_transmit_delay_s", delay->count());
  }
  add("jitter_s", measured.jitter.count());
  add("bound_s", measured.bound().count());
}

struct Asked {
  bool is_own = false;  ///< this host's own service, at its LAN address
  int island = 10;
  Seconds limit{};  ///< of the bound; 0: none
  WallTime now{};
  /// What the host's own daemon waits for, which may have just started.
  std::function<std::optional<Wait>()> awaits = {};
};

Problem why_silent(const observe::NtpMeasurement& measured, const Asked& asked) {
  const auto server = measured.server.address.text();
  Problem problem{fmt::format("{} does not answer: {}", server, measured.problem), "", ""};
  const auto command = fmt::format("systemctl status {}", server_unit);
  problem.remedy = asked.is_own ? command : fmt::format("on {}: {}", server, command);
  switch (measured.status) {
    case ExchangeStatus::refused:
      problem.cause = "no NTP server runs there";
      break;
    case ExchangeStatus::timed_out:
      problem.cause = asked.is_own
                          ? "a firewall drops UDP 123, or chronyd does not allow this address"
                          : "the host is down, a firewall drops UDP 123, or its allow list leaves "
                            "this host out";
      break;
    case ExchangeStatus::unreachable:
      problem.cause =
          asked.is_own ? "this host does not have its address" : "there is no route to it";
      problem.remedy = asked.is_own ? "ip address; timectl plan" : "ip route get " + server;
      break;
    default:
      problem.cause = "the network of this host does not work";
      problem.remedy = "ip address; ip route";
  }
  return problem;
}

Finding judge_unsynchronized(const observe::NtpMeasurement& measured, const Asked& asked) {
  const auto server = measured.server.address.text();
  if (auto wait = asked.is_own ? asked.awaits() : std::nullopt) {
    return pending(
        {fmt::format("{} answers, and has no time to give yet", server), measured.problem, ""},
        std::move(*wait));
  }
  Problem problem{fmt::format("{} answers, but has no time to give", server),
                  fmt::format("{}: it has followed no source since boot, and island mode is not "
                              "enabled because its clock is not validated",
                              measured.problem),
                  ""};
  problem.remedy =
      asked.is_own
          ? "connect it to its sources, or when you know the time: timectl rtc set --time TIME"
          : fmt::format("on {}: timectl verify", server);
  return failed(std::move(problem));
}

WallTime served_time(const observe::NtpMeasurement& measured, const Asked& asked) {
  return asked.now + std::chrono::duration_cast<WallTime::duration>(measured.best->offset);
}

Finding serves_the_past(const std::string& server, const std::string& reason, const Asked& asked) {
  const std::string set = "when you know the time: timectl rtc set --time TIME";
  return failed({fmt::format("{} serves a time that is not plausible", server), reason,
                 asked.is_own ? set : fmt::format("on {}: {}", server, set)});
}

Finding lost_its_source(const observe::NtpMeasurement& measured, const Asked& asked) {
  const auto server = measured.server.address.text();
  const auto& reply = measured.best->reply;
  const std::string command = "chronyc sources -v";
  return warning({fmt::format("{} says it is synchronized, and its source is gone", server),
                  reply.reference == 0 ? std::string{"it never had a sample of it"}
                                       : fmt::format("it was last corrected {} ago by its clock",
                                                     format_span(reply.reference_age())),
                  asked.is_own ? command : fmt::format("on {}: {}", server, command)});
}

/// RFC 5905 section 7.4. chronyd 4.3 only stays silent; ntpd ("limited kod") says it.
Finding asked_too_often(const observe::NtpMeasurement& measured, const Asked& asked) {
  const auto server = measured.server.address.text();
  const std::string command = "chronyc -n clients";
  return failed({fmt::format("{} wants to be asked less often: it said RATE to request {} of {}",
                             server, measured.asked, samples),
                 "its rate limit counts all requests of this address, also those of other hosts "
                 "behind the same NAT",
                 fmt::format("ask again in a few minutes; {} shows how often each asks",
                             asked.is_own ? command : fmt::format("on {}: {}", server, command))});
}

Finding too_far(const observe::NtpMeasurement& measured, const Asked& asked) {
  Problem problem{fmt::format("this clock may be {} off {}", format_span(measured.bound()),
                              measured.server.address.text()),
                  fmt::format("offset {}, more than the limit of {} with the server's own bound",
                              format_span(measured.best->offset), format_span(asked.limit)),
                  ""};
  if (auto wait = asked.awaits()) return pending(std::move(problem), std::move(*wait));
  problem.remedy = "timectl verify --only timesync.server,chrony.sync";
  return failed(std::move(problem));
}

Finding judge_one(const observe::NtpMeasurement& measured, const Asked& asked) {
  if (measured.answered == 0) return failed(why_silent(measured, asked));
  const auto server = measured.server.address.text();
  if (measured.best && !measured.is_synchronized()) return judge_unsynchronized(measured, asked);
  if (measured.kiss_code == "RATE") return asked_too_often(measured, asked);
  if (!measured.is_usable()) {
    return failed({fmt::format("{} sends no usable answer: {}", server, measured.problem),
                   !measured.kiss_code.empty() ? "the server refuses to be asked"
                                               : "the server's reply is not plausible",
                   fmt::format("timectl probe ntp {}", server)});
  }
  if (auto reason = why_impossible(served_time(measured, asked))) {
    return serves_the_past(server, *reason, asked);
  }
  const auto& reply = measured.best->reply;
  const auto offset = format_span(measured.best->offset);
  if (asked.limit > Seconds{} && measured.bound() > asked.limit) {
    return too_far(measured, asked);
  }
  const auto time_state = state_of(reply, asked.island);
  if (time_state == "holdover") return lost_its_source(measured, asked);
  return good(fmt::format("{} answers: {}, stratum {}, offset {}", server, time_state,
                          reply.stratum, offset));
}

/// Those whose answers are judged, before those that are only compared with them: a server that is
/// down is no fault of another one.
struct ServersToAsk {
  std::vector<system::Endpoint> all;
  std::size_t judged = 0;
};

ServersToAsk servers_to_ask(const Subject& subject) {
  ServersToAsk servers;
  const bool is_server = subject.host.serve.has_value();
  if (is_server) {
    for (const auto* own : profile::served_addresses(subject.host)) {
      servers.all.push_back({own->address, observe::ntp_port});
    }
    servers.judged = servers.all.size();
  }
  for (const auto& server : profile::servers_for(subject.profile, subject.host)) {
    servers.all.push_back({server.address->address, observe::ntp_port});
  }
  if (!is_server) servers.judged = servers.all.size();
  return servers;
}

/// Servers that have just started agree once one of them follows the other.
Finding disagree(const Disagreement& disagreement, const Asked& asked) {
  auto problem = problem_of(disagreement);
  if (auto wait = asked.awaits()) return pending(std::move(problem), std::move(*wait));
  return warning(std::move(problem));
}

/// What is pending may fail, and a warning is not worth to hide that.
int rank_of(const Finding& finding) {
  return finding.verdict == Verdict::pending ? 2 * static_cast<int>(Verdict::warning) + 1
                                             : 2 * static_cast<int>(finding.verdict);
}

/// The worst one speaks for all; their evidence stands side by side.
Finding combine(const std::vector<Finding>& findings, bool is_own, Evidence evidence) {
  const auto by_rank = [](const Finding& a, const Finding& b) { return rank_of(a) < rank_of(b); };
  auto found = *std::max_element(findings.begin(), findings.end(), by_rank);
  found.evidence.insert(found.evidence.begin(), evidence.begin(), evidence.end());
  if (found.verdict == Verdict::ok && findings.size() > 1) {
    found.summary = is_own ? fmt::format("it answers at all {} addresses", findings.size())
                           : fmt::format("all {} servers answer", findings.size());
  }
  return found;
}

Finding ask_ntp_port(const Subject& subject, const Ports& ports) {
  const auto holders = ports.network.udp_listeners(observe::ntp_port);
  Evidence evidence{{"holders", describe(holders)}};
  if (holders.empty()) return no_listener(subject, ports, std::move(evidence));
  const auto is_foreign = [](const UdpListener& holder) {
    return !holder.program.empty() && holder.program != platform::chronyd.process;
  };
  const auto foreign = std::find_if(holders.begin(), holders.end(), is_foreign);
  if (foreign != holders.end()) return foreign_holder(*foreign, std::move(evidence));
  auto ours = holders.end();
  for (const auto* own : profile::served_addresses(subject.host)) {
    ours = std::find_if(holders.begin(), holders.end(),
                        [&](const UdpListener& holder) { return reaches(holder, own->address); });
    if (ours != holders.end()) continue;
    return failed(why_closed(subject, ports,
                             {fmt::format("UDP port 123 is not open on {}", own->address.text()),
                              "chronyd is bound to other addresses (bindaddress)",
                              fmt::format("grep -r bindaddress {}", platform::chrony::directory)}),
                  std::move(evidence));
  }
  if (ours->program.empty()) {
    return {{},
            Verdict::unknown,
            "a process holds UDP port 123, and only root can see which",
            std::move(evidence),
            "the kernel shows a socket's owner to root alone",
            probe::as_root};
  }
  return good(fmt::format("UDP port 123 is held by {}", describe(*ours)), std::move(evidence));
}

Finding ask_ntp_reply(const Subject& subject, const Ports& ports) {
  Asked asked;
  asked.is_own = subject.host.serve.has_value();
  asked.island = profile::local_stratum(subject.profile);
  if (!asked.is_own && subject.host.client) asked.limit = subject.host.client->root_distance_max;
  asked.now = ports.clock.now();
  asked.awaits = [&] { return first_samples_of(subject.host, ports); };
  const auto servers = servers_to_ask(subject);
  if (servers.judged == 0) return skipped("the profile has no server");
  const auto measured =
      observe::measure_ntp(servers.all, {samples}, reply_deadline, ports.datagrams);
  Evidence evidence;
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const bool is_alone = servers.judged == 1 && i == 0;
    const auto prefix = is_alone ? "" : measured[i].server.address.text() + ".";
    add_measurement(measured[i], prefix, asked.island, evidence);
    if (i < servers.judged) findings.push_back(judge_one(measured[i], asked));
  }
  auto found = combine(findings, asked.is_own, std::move(evidence));
  const auto disagreement = find_disagreement(measured);
  if (!disagreement) return found;
  auto warned = disagree(*disagreement, asked);
  if (rank_of(warned) <= rank_of(found)) return found;
  warned.evidence = std::move(found.evidence);
  warned.evidence.emplace_back("servers_apart_s", disagreement->apart.count());
  return warned;
}

bool serves(const profile::Host& host) { return host.serve.has_value(); }
bool serves_or_follows(const profile::Host& host) { return host.serve || host.client; }

}  // namespace

constinit const probe::Probe serve_probes[3] = {
    {probe::row::ntp_port, probe::Needs::running_host, serves, ask_ntp_port},
    {probe::row::ntp_reply, probe::Needs::running_host, serves_or_follows, ask_ntp_reply},
    {row::ntp_access, probe::Needs::running_host, serves, ask_ntp_access},
};

}  // namespace timectl::features
