// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/probe.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_datagrams.hpp"
#include "support/fake_files.hpp"
#include "support/fake_network.hpp"
#include "support/fake_processes.hpp"
#include "support/fake_rtcs.hpp"
#include "support/fake_time_daemons.hpp"
#include "system/services.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace timectl::test {

/// Units as they stand, for readers.
class SmallServices : public system::ServiceReader {
 public:
  struct Unit {
    system::UnitState state;
    std::string command = "/usr/local/bin/controller";
    std::vector<std::string> process;  ///< of the main process, while there is one
    /// Of others in the control group: what they run, and with which environment.
    std::vector<std::pair<std::string, std::vector<std::string>>> others = {};
  };

  /// A unit that is enabled, active and was successful; change what it returns.
  Unit& put(const std::string& name);

  bool is_running() const override { return true; }
  system::UnitState state(std::string_view unit) const override;
  std::vector<std::string> process_environment(std::uint32_t main_pid) const override;
  std::vector<system::UnitProcess> processes(std::string_view unit) const override;

 private:
  std::map<std::string, Unit, std::less<>> units_;
};

/// The built-in profile on a machine that has nothing at all.
class BareSite {
 public:
  explicit BareSite(const std::string& host);

  std::vector<probe::Finding> ask_all(const std::vector<std::string>& only = {}) const {
    return ask_with({.only = only});
  }
  std::vector<probe::Finding> ask_with(const probe::Asking& asking) const;
  probe::Finding ask(const std::string& name) const { return ask_all({name}).front(); }

  profile::Host& host();

  FakeClock clock;
  FakeFiles files;
  SmallServices services;
  FakeProcesses processes;
  FakeRtcs rtcs{clock};
  FakeDatagrams datagrams{clock};
  FakeNetwork network;
  FakeTimeDaemons daemons;
  profile::Profile profile;
  facts::Facts facts;
  std::vector<std::string> drifted_files;
  std::vector<std::string> unread_files;

 private:
  std::size_t index_;
};

/// The same site provisioned: every probe of both hosts says ok.
class HealthySite : public BareSite {
 public:
  explicit HealthySite(const std::string& host);

 private:
  void make_server();
  void make_client();
};

/// The daemon of a healthy site runs for so long.
void started(BareSite& site, std::chrono::seconds ago);

/// An evidence value; the text "absent" when it is not there.
std::string text_of(const probe::Finding& finding, const std::string& key);
double number_of(const probe::Finding& finding, const std::string& key);

/// dnsmasq at an address: answers DHCPINFORM with these bytes of option 42.
FakeDatagrams::Responder dhcp_server(const std::string& address,
                                     const std::vector<std::uint8_t>& option_42);

}  // namespace timectl::test
