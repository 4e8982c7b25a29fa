// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "observe/observation.hpp"
#include "profile/networks.hpp"

#include <utility>

namespace timectl::observe {

namespace {

using namespace std::chrono_literals;

// In an ordinary check one exchange says it: each costs the server too.
constexpr Sampling sampling{4, 20ms};
constexpr std::chrono::milliseconds deadline{1000};

SiteServer site_server(const profile::KnownServer& known, const NtpMeasurement& measured) {
  SiteServer server;
  server.name = known.host->name;
  server.address = known.address->address.text();
  server.problem = measured.problem;
  server.view.answered = measured.best.has_value();
  if (!measured.best) return server;
  server.reading = measured.best->round_trip / 2;
  server.view.synchronized = measured.is_usable() && measured.is_synchronized();
  server.view.stratum = measured.best->reply.stratum;
  server.view.reference_id = measured.best->reply.reference_id;
  server.view.offset = measured.best->offset;
  server.view.bound = measured.bound();
  server.view.reference_age = measured.best->reply.reference_age();
  return server;
}

std::vector<SiteServer> ask_servers(const profile::Profile& profile, const profile::Host& self,
                                    const system::DatagramClient& datagrams) {
  const auto known = profile::servers_for(profile, self);
  std::vector<system::Endpoint> endpoints;
  for (const auto& server : known) endpoints.push_back({server.address->address, ntp_port});
  if (known.empty()) return {};
  const auto measured = measure_ntp(endpoints, sampling, deadline, datagrams);
  std::vector<SiteServer> servers;
  for (std::size_t i = 0; i < known.size(); ++i) {
    servers.push_back(site_server(known[i], measured[i]));
  }
  return servers;
}

/// Where the kernel does not say which boot this is, nothing is known of it: an RTC can be read all
/// the same.
rtc::BootState read_boot_state(const Ports& ports) {
  try {
    return rtc::read_boot_state(ports.files, ports.clock.boot_id());
  } catch (const Error&) {
    return {};
  }
}

/// A chip that cannot even be asked is one that cannot be read.
rtc::Assessment assess_rtc(const profile::Host& host, const Ports& ports,
                           const std::optional<rtc::Record>& record) {
  auto none = rtc::assess(std::nullopt, {}, record, rtc::build_date());
  if (!host.rtc) {
    none.reason = "chronyd follows no real source, and the profile gives this host no RTC";
    return none;
  }
  try {
    return rtc::read_and_assess({host.rtc->chip, host.rtc->bus, host.rtc->address}, ports.rtcs,
                                ports.files);
  } catch (const Error& error) {
    none.trust = rtc::Trust::not_readable;
    none.reason = error.what();
    return none;
  }
}

}  // namespace

const backends::TimeDaemon& time_daemon_backend(const profile::Host& host) {
  switch (profile::time_daemon_of(host)) {
    case profile::TimeDaemon::timesyncd:
      return backends::timesyncd();
    // A host that has no daemon by its profile may have chronyd all the same.
    case profile::TimeDaemon::none:
    case profile::TimeDaemon::chrony:
      break;
  }
  return backends::chrony();
}

Observation observe_clocks(const profile::Host& host, const Ports& ports) {
  Observation seen;
  if (host.rtc) seen.chip = host.rtc->chip;
  seen.record = rtc::read_record(ports.files, seen.chip);
  seen.boot = read_boot_state(ports);
  seen.learned = history::read_learned(ports.files, seen.chip);
  seen.rtc = assess_rtc(host, ports, seen.record);
  seen.clock = {ports.clock.now(), ports.clock.since_boot()};
  return seen;
}

void add_daemon(const profile::Host& host, const Ports& ports, Observation& seen) {
  try {
    seen.daemon =
        time_daemon_backend(host).observe(ports.daemons, ports.clock.now(), host.serve.has_value());
  } catch (const Error& error) {
    seen.daemon_error = error;
  }
}

Observation observe(const profile::Profile& profile, const profile::Host& host, const Ports& ports,
                    Peers peers) {
  Observation answers;
  try {
    if (host.client || peers == Peers::asked) {
      answers.servers = ask_servers(profile, host, ports.datagrams);
    }
  } catch (const Error& error) {
    answers.network_error = error;
  }
  add_daemon(host, ports, answers);
  // The clocks last: what the others took a while to say is of this moment then.
  auto seen = observe_clocks(host, ports);
  seen.servers = std::move(answers.servers);
  seen.network_error = std::move(answers.network_error);
  seen.daemon = std::move(answers.daemon);
  seen.daemon_error = std::move(answers.daemon_error);
  return seen;
}

}  // namespace timectl::observe
