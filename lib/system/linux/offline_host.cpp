// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "system/linux/linux.hpp"

#include <fmt/format.h>

namespace timectl::system::os {

namespace {

/// The state directory of a card may ask for anything: a host name, a network, a checkpoint of
/// NetworkManager's. None of it reaches the host that the card was put into.
class OfflineHostControl : public HostControl {
 public:
  void set_host_name(const std::string&) override {}
  void reload_udev() override {}
  void reload_network(const std::string&) override {}
  std::string checkpoint_network(std::chrono::seconds) override { return {}; }
  void forget_checkpoint(const std::string&) override {}
};

/// No daemon of a root that does not run answers, and this host's are another machine's.
class OfflineTimeDaemons : public TimeDaemonControl {
 public:
  std::optional<ChronyTracking> chrony_tracking() const override { return std::nullopt; }
  std::optional<std::vector<ChronySource>> chrony_sources() const override { return std::nullopt; }
  std::optional<ChronyReport> chrony_report(ChronyCounters) const override { return std::nullopt; }
  std::optional<std::vector<ChronyClient>> chrony_clients() const override { return std::nullopt; }
  std::optional<TimesyncState> timesync() const override { return std::nullopt; }

  void enable_local(const LocalReference&) override { refuse("enable its local reference"); }
  void disable_local() override { refuse("disable its local reference"); }
  void reload_sources() override { refuse("read its sources"); }
  void step_clock() override { refuse("step the clock"); }
  void measure_anew() override { refuse("measure anew"); }
  void set_runtime_servers(const std::vector<std::string>&) override { refuse("set its servers"); }

 private:
  [[noreturn]] static void refuse(const char* what) {
    throw Error{ErrorKind::missing,
                fmt::format("cannot tell the time daemon to {}: nothing runs below a root", what)};
  }
};

}  // namespace

std::unique_ptr<TimeDaemonControl> make_offline_time_daemons() {
  return std::make_unique<OfflineTimeDaemons>();
}

std::unique_ptr<HostControl> make_offline_host_control() {
  return std::make_unique<OfflineHostControl>();
}

}  // namespace timectl::system::os
