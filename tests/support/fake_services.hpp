// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "support/fake_files.hpp"
#include "support/fuse.hpp"
#include "system/services.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace timectl::test {

/// A service manager in memory. Units are put() there, or come with files below
/// /etc/systemd/system once daemon_reload has read them. Like systemd it goes by what it read
/// last, and a started unit remembers what its configuration was at that moment. A mask is a link
/// to /dev/null below /etc or /run, or an empty file, and the fragment path of what it masks.
class FakeServices : public system::ServiceManager {
 public:
  struct Unit {
    std::string enablement = "disabled";  ///< unit_file_state
    bool active = false;
    bool masked = false;

    bool operator==(const Unit&) const = default;
  };

  explicit FakeServices(FakeFiles& files) : files_(files) { read_unit_files(); }

  /// One that is masked is so by a link below /etc.
  void put(const std::string& name, Unit unit);
  void stop_running() { is_running_ = false; }
  /// It ended in failure, which systemd remembers until it is reset or started.
  void fail(const std::string& name);
  bool has_failed(const std::string& name) const { return failed_.count(name) != 0; }
  /// As where libsystemd cannot be loaded: is_running() throws, for it is not known.
  void be_out_of_reach() { is_in_reach_ = false; }
  /// Starting (or restarting) `name` fails while `refuses` says so of the files it would read.
  void refuse_start(const std::string& name, std::function<bool(const FakeFiles&)> refuses) {
    refusals_[name] = std::move(refuses);
  }
  std::map<std::string, Unit> units() const;
  /// "restart chrony.service", in the order things were asked for.
  const std::vector<std::string>& log() const { return log_; }
  void clear_log() { log_.clear(); }
  mutable int asked = 0;  ///< how often state() was called
  Fuse fuse;

  bool is_running() const override;
  system::UnitState state(std::string_view unit) const override;
  std::vector<std::string> process_environment(std::uint32_t main_pid) const override;
  std::vector<system::UnitProcess> processes(std::string_view) const override { return {}; }
  void enable(std::string_view unit) override;
  void disable(std::string_view unit) override;
  void mask(std::string_view unit) override;
  void unmask(std::string_view unit) override;
  void daemon_reload() override;
  void start(std::string_view unit) override;
  void stop(std::string_view unit) override;
  void restart(std::string_view unit) override;
  void try_restart(std::string_view unit) override;
  void reload_or_restart(std::string_view unit) override;
  void reset_failed(std::string_view unit) override { failed_.erase(std::string{unit}); }
  void enqueue(std::string_view verb, std::string_view unit) override;
  void run_later(const std::string& name, std::chrono::seconds span,
                 const std::vector<std::string>& command, const std::string& description) override;

 private:
  void note(std::string_view verb, std::string_view unit);
  Unit& find(std::string_view verb, std::string_view unit);
  void bring_up(std::string_view verb, std::string_view unit);
  void read_unit_files();
  std::string mask_of(const std::string& unit) const;

  FakeFiles& files_;
  std::map<std::string, Unit> units_;
  std::set<std::string> from_files_;
  std::set<std::string> failed_;
  std::set<std::string> known_masks_;  ///< as they were read last
  std::map<std::string, std::function<bool(const FakeFiles&)>> refusals_;
  std::vector<std::string> log_;
  bool is_running_ = true;
  bool is_in_reach_ = true;
};

}  // namespace timectl::test
