// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/offline_links.hpp"
#include "system/linux/offline_units.hpp"

#include <fmt/format.h>

namespace timectl::system::os {

namespace {

/// Units as links and files under a root that does not run. Nothing can be started there.
class OfflineServices : public ServiceManager {
 public:
  OfflineServices(const std::string& root, FileStore& files)
      : root_(root.empty() ? "/" : root), units_(files), links_(files, root_) {}

  bool is_running() const override { return false; }

  UnitState state(std::string_view unit) const override { return units_.state(std::string{unit}); }

  std::vector<std::string> process_environment(std::uint32_t) const override { return {}; }
  std::vector<UnitProcess> processes(std::string_view) const override { return {}; }

  void enable(std::string_view unit) override { links_.enable(std::string{unit}); }
  void disable(std::string_view unit) override { links_.disable(std::string{unit}); }
  void mask(std::string_view unit) override { links_.mask(std::string{unit}); }
  void unmask(std::string_view unit) override { links_.unmask(std::string{unit}); }

  void daemon_reload() override {}
  void start(std::string_view) override {}
  void stop(std::string_view) override {}
  void restart(std::string_view) override {}
  void try_restart(std::string_view) override {}
  void reload_or_restart(std::string_view) override {}
  void reset_failed(std::string_view) override {}
  void enqueue(std::string_view, std::string_view) override {}
  void run_later(const std::string& name, std::chrono::seconds, const std::vector<std::string>&,
                 const std::string&) override {
    throw Error{ErrorKind::missing,
                fmt::format("cannot set the timer '{}': nothing runs below '{}'", name, root_)};
  }

 private:
  std::string root_;
  OfflineUnits units_;
  OfflineLinks links_;
};

}  // namespace

std::unique_ptr<ServiceManager> make_offline_services(const std::string& root, FileStore& files) {
  return std::make_unique<OfflineServices>(root, files);
}

}  // namespace timectl::system::os
