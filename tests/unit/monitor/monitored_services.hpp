// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "support/fake_files.hpp"
#include "system/services.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace timectl::test {

/// systemd as far as a monitored controller needs it: units have drop-ins in the fake files, which
/// count once they were reloaded, and a process keeps the environment it was started with.
class MonitoredServices : public system::ServiceManager {
 public:
  explicit MonitoredServices(FakeFiles& files) : files_(files) {}

  /// A unit that is installed; it runs unless it is stopped.
  void add(const std::string& unit);
  void stop_for_good(const std::string& unit) { units_.at(unit).active = false; }
  void mask_unit(const std::string& unit) { units_.at(unit).masked = true; }
  /// The run ends in failure.
  void fail_run(const std::string& unit) {
    units_.at(unit).active = false;
    units_.at(unit).failed = true;
  }
  /// What EnvironmentFile= says: the process has it, the unit does not show it.
  void set_environment_file(const std::string& unit, const std::vector<std::string>& variables);
  /// The next run of the unit, as after a crash: another invocation.
  void run_again(const std::string& unit);
  /// The environment that the running process was started with, but for systemd's INVOCATION_ID.
  std::vector<std::string> environment_of(const std::string& unit) const;

  /// What was queued while restarts took long is done now.
  void finish_restart();

  /// StartLimitBurst= within an interval that ends in no test: a start beyond it fails the unit.
  void limit_starts(const std::string& unit, std::uint32_t burst, std::chrono::seconds interval);

  std::function<void()> before_change = [] {};  ///< called before each change; it may throw
  std::string broken;                           ///< not empty: systemd does not answer
  bool reload_fails = false;
  bool restart_fails = false;
  bool restart_takes_long = false;      ///< until finish_restart(); the old process runs on
  bool hides_environment = false;       ///< no privileges to see another's process
  bool overwrites_environment = false;  ///< the controller, with its title
  bool start_fails = false;             ///< each unit's, and it is failed then
  /// The environment of another process in the controller's group, whatever its unit does.
  std::vector<std::string> left_behind;
  /// When the stop of all units that do not run began; systemd still waits for it.
  std::optional<std::chrono::microseconds> stopping_since = {};
  bool has_invocations = true;  ///< false: no unit was ever started
  int reloads = 0;
  std::vector<std::string> restarts;

  bool is_running() const override { return true; }
  system::UnitState state(std::string_view unit) const override;
  std::vector<std::string> process_environment(std::uint32_t main_pid) const override;
  std::vector<system::UnitProcess> processes(std::string_view unit) const override;
  void enable(std::string_view) override {}
  void disable(std::string_view) override {}
  void mask(std::string_view) override {}
  void unmask(std::string_view) override {}
  void daemon_reload() override;
  void start(std::string_view) override;
  void stop(std::string_view) override {}
  void restart(std::string_view unit) override { start(unit); }
  void try_restart(std::string_view) override {}
  void reload_or_restart(std::string_view) override {}
  void reset_failed(std::string_view unit) override;
  void enqueue(std::string_view verb, std::string_view unit) override;
  void run_later(const std::string&, std::chrono::seconds, const std::vector<std::string>&,
                 const std::string&) override {}

 private:
  struct Unit {
    bool active = true;
    bool masked = false;
    bool failed = false;
    std::uint32_t burst = 0;
    std::chrono::seconds interval{};
    std::uint32_t starts = 0;  ///< counted against the burst
    int runs = 1;
    std::vector<std::string> loaded;    ///< Environment= as of the last reload
    std::vector<std::string> drop_ins;  ///< paths, the same
    std::vector<std::string> process;   ///< of the running process
    std::vector<std::string> file_overrides;
  };

  std::vector<std::string> drop_ins_on_disk(const std::string& unit) const;
  std::vector<std::string> environment_on_disk(const std::string& unit) const;

  FakeFiles& files_;
  std::string queued_;
  std::map<std::string, Unit> units_;
  /// Another one for each unit.
  std::uint32_t pid_of(const std::string& unit) const {
    return 4711U + static_cast<std::uint32_t>(std::distance(units_.begin(), units_.find(unit)));
  }
};

}  // namespace timectl::test
