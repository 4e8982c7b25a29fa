// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "controller/contract.hpp"
#include "features/feature.hpp"
#include "monitor/monitor.hpp"
#include "monitor/step.hpp"
#include "monitored_services.hpp"
#include "profile/profile.hpp"
#include "rtc/rtc.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_datagrams.hpp"
#include "support/fake_files.hpp"
#include "support/fake_network.hpp"
#include "support/fake_processes.hpp"
#include "support/fake_rtcs.hpp"
#include "support/fake_time_daemons.hpp"

#include <functional>

/// The site of the built-in profile: pi-ntp serves, main-pi follows it and has a controller.
namespace timectl::test {

inline const std::string controller_unit = "controller.service";
inline const std::string drop_in = "/run/systemd/system/controller.service.d/ntp-environment.conf";
inline const std::string given = "/run/timectl/given";
inline const std::string old_drop_in =
    "/etc/systemd/system/controller.service.d/ntp-environment.conf";
inline const std::string server_address = "192.168.4.2";
inline const std::string fallback_address = "198.51.100.7";

/// What the drop-in says by default.
inline std::string saving_text() {
  return timectl::controller::wanted_text({}, quality::State::traceable, 1, server_address);
}

inline profile::Profile missing_link() {
  profile::Host server;
  server.name = "pi-ntp";
  server.role = "server";
  server.addresses = {{"", *IpAddress::parse(server_address)}};
  server.rtc = profile::RtcFeature{};
  server.serve = profile::ServeFeature{};
  server.monitor = profile::MonitorFeature{};
  profile::Host client;
  client.name = "main-pi";
  client.role = "client";
  client.addresses = {{"", *IpAddress::parse("192.168.4.1")}};
  client.client = profile::ClientFeature{};
  client.controller = profile::ControllerFeature{};
  client.monitor = profile::MonitorFeature{};
  profile::Profile site;
  site.name = "missing-link";
  site.hosts.reserve(3);  // a test may add one without moving those that are referred to
  site.hosts.push_back(server);
  site.hosts.push_back(client);
  return site;
}

/// Files that call `before_change` before each change; it may throw.
struct WatchedFiles : FakeFiles {
  std::function<void()> before_change = [] {};

  void stage(const system::RootedPath& target, std::string_view content,
             const system::Ownership& ownership, std::optional<WallTime> modified) override {
    before_change();
    FakeFiles::stage(target, content, ownership, modified);
  }
  void swap_in(const system::RootedPath& target) override {
    before_change();
    FakeFiles::swap_in(target);
  }
  void remove(const system::RootedPath& path) override {
    before_change();
    FakeFiles::remove(path);
  }
  void make_directory(const system::RootedPath& path, const system::Ownership& owner) override {
    before_change();
    FakeFiles::make_directory(path, owner);
  }
  void remove_directory_if_empty(const system::RootedPath& path) override {
    before_change();
    FakeFiles::remove_directory_if_empty(path);
  }
  void write_in_place(const system::RootedPath& path, std::uint64_t offset,
                      std::string_view content) override {
    before_change();
    FakeFiles::write_in_place(path, offset, content);
  }
};

/// Keeps what was sent.
struct FakeEventLog : system::EventLog {
  void send(const system::Event& event) override { sent.push_back(event); }
  std::vector<system::Event> sent;
};

/// A host of that site; `tick()` is one run of timectl monitor on it.
struct MonitoredHost {
  explicit MonitoredHost(std::size_t which) : host(site.hosts.at(which)) {
    files.put_directory("/run/systemd/system");
    clock.set(rtc::build_date() + std::chrono::days{30});
  }

  monitor::Tick tick(monitor::DryRun dry_run = monitor::DryRun::no) {
    auto tick = monitor::run_tick(site, host, ports, features::steps(), dry_run);
    for (const auto& finding : tick.findings) {
      INFO(finding.probe.text() << " " << to_string(finding.verdict));
      CHECK_FALSE(meaning_of(finding.probe.row(), finding.verdict).empty());
      CHECK(finding.probe.row().printed_by.monitor);
    }
    return tick;
  }

  profile::Profile site = missing_link();
  const profile::Host& host;
  WatchedFiles files;
  FakeClock clock;
  FakeRtcs rtcs{clock};
  FakeDatagrams datagrams{clock};
  FakeNetwork network;
  FakeProcesses processes;
  FakeTimeDaemons daemons;
  MonitoredServices services{files};
  probe::Ports readers{files, services, processes, clock, rtcs, datagrams, network, daemons};
  FakeEventLog events;
  monitor::Ports ports{readers, files, services, daemons, rtcs, events};
};

/// main-pi, whose timesyncd follows pi-ntp, and whose controller runs.
struct Client : MonitoredHost {
  Client() : MonitoredHost(1) {
    services.add(controller_unit);
    server_is(FakeNtpServer{});
    follow(server_address);
  }

  void server_is(const FakeNtpServer& server) {
    datagrams.put_server(endpoint(server_address), server);
  }
  void server_dies() {
    datagrams.put_responder(endpoint(server_address),
                            [](const auto&) { return std::vector<system::Datagram>{}; });
  }
  void follow(const std::string& address) {
    daemons.timesync_follow(address, clock.now() - std::chrono::seconds{20});
    daemons.timesync_state->system_servers = {server_address, fallback_address};
  }
};

/// pi-ntp with a DS3231 and a chronyd that has no sources.
struct Server : MonitoredHost {
  Server() : MonitoredHost(0) {
    rtcs.add_bus(1);
    rtcs.bind(1, 0x68, "ds3231");
    services.add("chrony.service");
    daemons.run_unsynchronized();
  }

  void sources_arrive() {
    daemons.follow("198.51.100.7");
    daemons.tracking->reference_time = clock.now();
  }
};

}  // namespace timectl::test
