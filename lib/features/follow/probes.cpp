// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/timesyncd.hpp"
#include "features/follow/findings.hpp"
#include "features/follow/probes_reach.hpp"
#include "features/follow/probes_unheard.hpp"
#include "features/follow/rows.hpp"
#include "observe/ntp.hpp"
#include "platform/network_backends.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"
#include "probe/masked.hpp"
#include "probe/rows.hpp"
#include "profile/limits.hpp"
#include "profile/networks.hpp"
#include "quality/quality.hpp"

#include <fmt/format.h>

#include <algorithm>

/// timesync.server, beside sources.reach.
namespace timectl::features {

using namespace probe;

namespace {

using system::TimesyncState;

constexpr auto unit = platform::timesyncd.unit;
constexpr auto back_to_first =
    "busctl call org.freedesktop.timesync1 /org/freedesktop/timesync1 "
    "org.freedesktop.timesync1.Manager SetRuntimeNTPServers as 0";

const char* networkd_unit() {
  return platform::network_backend(platform::NetworkBackendName::networkd).unit;
}

/// timesyncd relies on networkd's view of the network: where networkd runs and manages nothing that
/// is up, it sends no packet and logs nothing.
bool is_muted_by_networkd(const Ports& ports) {
  if (!ports.services.state(networkd_unit()).is_active()) return false;
  const auto state = ports.files.read(system::RootedPath{"/run/systemd/netif/state"});
  if (!state) return false;
  for (const auto& line : lines_of(state->content)) {
    if (line == "CARRIER_STATE=off" || line == "CARRIER_STATE=no-carrier" ||
        line == "ADDRESS_STATE=off") {
      return true;
    }
  }
  return false;
}

/// timesyncd takes no reply whose root distance is beyond its limit. It says so in the journal
/// alone, and goes to its next server (manager_receive_response(), timesyncd-manager.c).
std::optional<Problem> refused_for_distance(const Subject& subject, const TimesyncState& state,
                                            const Ports& ports) {
  const auto limit = state.root_distance_max;
  std::vector<IpAddress> servers;
  for (const auto& server : profile::servers_for(subject.profile, subject.host)) {
    servers.push_back(server.address->address);
  }
  for (const auto& asked : ask_once(servers, ports)) {
    if (!asked.is_synchronized() || !asked.best || limit <= Seconds{}) continue;
    const auto distance = asked.best->reply.root_dispersion + asked.best->reply.root_delay / 2;
    if (distance <= limit) continue;
    const auto server = asked.server.address.text();
    return Problem{
        fmt::format("timesyncd refuses {}: its root distance is {}", server, format_span(distance)),
        fmt::format("that is more than the {} of root_distance_max_s", format_span(limit)),
        fmt::format("on {}: timectl verify --only chrony.sync,sources.reach says why it is so "
                    "far from its sources",
                    server)};
  }
  return std::nullopt;
}

/// Other servers than timectl's drop-in names, which timesyncd then does not go back to.
std::optional<Problem> has_another_list(const TimesyncState& state, const Ports& ports) {
  const auto own = facts::timesyncd_own_servers(ports.files);
  const auto& in_use = state.system_servers;
  const bool is_first =
      in_use.size() >= own.size() && std::equal(own.begin(), own.end(), in_use.begin());
  if (own.empty() || is_first) return std::nullopt;
  const auto summary =
      in_use.empty()
          ? std::string{"timesyncd has none of the servers that timectl gave it"}
          : fmt::format("timesyncd has other servers than timectl gave it: {}", join(in_use, " "));
  auto overrides = facts::timesyncd_overrides(ports.files);
  std::erase_if(overrides, [](const auto& each) { return !each.replaces_servers; });
  if (overrides.empty()) {
    return Problem{summary, "it has not read its files since they were changed",
                   fmt::format("systemctl restart {}", unit)};
  }
  const auto& first = overrides.front();
  return Problem{
      summary,
      fmt::format("{} line {} ('{}') is read after timectl's drop-in", first.file, first.line,
                  first.lines.front()),
      first.file.starts_with("/etc/")
          ? std::string{"timectl provision --take-over"}
          : fmt::format("mkdir -p {0} && ln -s /dev/null {0}{1} && systemctl restart {2}",
                        platform::timesync::drop_ins, first.file.substr(first.file.rfind('/')),
                        unit)};
}

Finding follows_no_server(const Subject& subject, const TimesyncState& state, const Ports& ports,
                          Evidence evidence) {
  if (is_muted_by_networkd(ports)) {
    return failed(
        {"timesyncd asks no server: systemd-networkd says the host is offline",
         "networkd runs without managing the interface that is up",
         fmt::format("systemctl disable --now {}, unless it manages the network", networkd_unit())},
        std::move(evidence));
  }
  auto refused = refused_for_distance(subject, state, ports);
  if (auto wait = first_samples_of(subject.host, ports)) {
    auto problem = refused.value_or(Problem{"timesyncd follows no server yet", "", ""});
    problem.remedy.clear();  // to wait
    return pending(std::move(problem), std::move(*wait), std::move(evidence));
  }
  if (refused) return failed(*std::move(refused), std::move(evidence));
  return failed({"timesyncd follows no server", "no server is configured, or none has an address",
                 "timectl plan; timedatectl show-timesync"},
                std::move(evidence));
}

Evidence describe(const TimesyncState& state, const std::string& time_state, WallTime now) {
  Evidence evidence{{"server_name", state.server_name},
                    {"server_address", state.server_address},
                    {"poll_interval_s", state.poll_interval.count()}};
  if (!state.runtime_servers.empty()) {
    evidence.emplace_back("runtime_servers", join(state.runtime_servers, " "));
  }
  if (!state.message) return evidence;
  const auto& message = *state.message;
  evidence.emplace_back("state", time_state);
  evidence.emplace_back("last_reply_age_s", Seconds{now - message.destination}.count());
  evidence.emplace_back("stratum", std::int64_t{message.stratum});
  evidence.emplace_back("leap", std::int64_t{message.leap});
  evidence.emplace_back("reference_id", message.reference_id);
  evidence.emplace_back("root_delay_s", message.root_delay.count());
  evidence.emplace_back("root_dispersion_s", message.root_dispersion.count());
  evidence.emplace_back("jitter_s", message.jitter.count());
  evidence.emplace_back("packets", static_cast<std::int64_t>(message.packet_count));
  return evidence;
}

/// Why the server that timesyncd asks is not heard by it.
Problem unheard(const Subject& subject, const TimesyncState& state, std::string summary,
                const Ports& ports) {
  const auto& server = state.server_address;
  Problem problem{std::move(summary), "it does not answer, or timesyncd refuses what it says",
                  fmt::format("timectl probe ntp {}", server)};
  const auto address = IpAddress::parse(server);
  if (!address) return problem;
  const auto why = why_unheard(ask_once({*address}, ports).front(), subject, ports);
  problem.cause = why.cause;
  problem.remedy = why.remedy;
  if (why.hindrance == Hindrance::none) {
    problem.cause += ", and timesyncd has not heard it since";
    problem.remedy = fmt::format("systemctl restart {}", unit);
  }
  return problem;
}

Finding gone_silent(const Subject& subject, const TimesyncState& state, Seconds age,
                    const Ports& ports, Evidence evidence) {
  if (auto refused = refused_for_distance(subject, state, ports)) {
    return failed(*std::move(refused), std::move(evidence));
  }
  auto problem = unheard(
      subject, state,
      fmt::format("the last reply of {} is {} old", state.server_address, format_span(age)), ports);
  problem.cause += fmt::format(
      "; timedatectl shows the old one and goes on saying synchronized (poll interval {})",
      format_span(state.poll_interval));
  return failed(std::move(problem), std::move(evidence));
}

Finding judge_followed(const Subject& subject, const TimesyncState& state, Seconds age,
                       const std::string& time_state, Evidence evidence) {
  if (!is_site_server(subject, state.server_address)) {
    return warning(
        {fmt::format("timesyncd follows a fallback: {}", state.server_name),
         "the site's server did not answer it; timesyncd never returns by itself",
         fmt::format("monitor brings it back once the server answers; at once: {}", back_to_first)},
        std::move(evidence));
  }
  if (!state.runtime_servers.empty()) {
    return warning(
        {"timesyncd uses runtime servers in place of NTP=",
         "another program set them over D-Bus; if they fail, timesyncd tries no other server",
         back_to_first},
        std::move(evidence));
  }
  if (time_state == "unsynchronized") {
    return failed({fmt::format("{} answers, but has no time to give", state.server_address),
                   "it is not synchronized", "on the server: timectl verify"},
                  std::move(evidence));
  }
  return good(fmt::format("timesyncd follows {} ({}), last reply {} ago", state.server_address,
                          time_state, format_span(age)),
              std::move(evidence));
}

Finding has_no_reply(const Subject& subject, const TimesyncState& state, const Ports& ports,
                     Evidence evidence) {
  const auto refused = refused_for_distance(subject, state, ports);
  const auto summary =
      fmt::format("timesyncd asks {} and has had no reply yet", state.server_address);
  if (auto wait = first_samples_of(subject.host, ports)) {
    auto problem = refused.value_or(Problem{summary, "", ""});
    problem.remedy.clear();  // to wait
    return pending(std::move(problem), std::move(*wait), std::move(evidence));
  }
  return failed(refused ? *refused : unheard(subject, state, summary, ports), std::move(evidence));
}

Finding judge_timesyncd(const Subject& subject, const Ports& ports) {
  const auto state = ports.daemons.timesync();
  if (!state) {
    return judge_silence({"timesyncd", unit, "systemd-timesyn",
                          "no process has its name on the system bus, or there is no system bus",
                          "systemctl status dbus.service; timedatectl show-timesync", true},
                         ports);
  }
  const auto now = ports.clock.now();
  const auto& message = state->message;
  const auto time_state = message ? state_by(message->reference_id, message->stratum, message->leap,
                                             profile::local_stratum(subject.profile))
                                  : "unsynchronized";
  auto evidence = describe(*state, time_state, now);
  if (auto other = has_another_list(*state, ports)) {
    return failed(*std::move(other), std::move(evidence));
  }
  if (state->server_address.empty()) {
    return follows_no_server(subject, *state, ports, std::move(evidence));
  }
  if (!message) return has_no_reply(subject, *state, ports, std::move(evidence));
  const auto age = std::max<Seconds>(now - message->destination, Seconds{});
  if (age > quality::longest_silence(state->poll_interval)) {
    return gone_silent(subject, *state, age, ports, std::move(evidence));
  }
  return judge_followed(subject, *state, age, time_state, std::move(evidence));
}

Finding ask_timesync_server(const Subject& subject, const Ports& ports) {
  return warn_if_masked(judge_timesyncd(subject, ports), unit, ports.services);
}

}  // namespace

constinit const probe::Probe follow_probes[2] = {
    {row::sources_reach, probe::Needs::running_host, follows_by_chronyd, ask_sources_reach},
    {probe::row::timesync_server, probe::Needs::running_host, profile::runs_timesyncd,
     ask_timesync_server},
};

}  // namespace timectl::features
