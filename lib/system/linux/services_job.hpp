// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/linux/bus.hpp"

#include <map>
#include <string>

namespace timectl::system::os {

/// Starts jobs of systemd over one connection and waits for them. It listens from its creation
/// on, so a job that is over before the reply to its method arrives is not missed.
class JobWatch {
 public:
  JobWatch(const Bus& bus, const std::string& what);
  JobWatch(const JobWatch&) = delete;
  JobWatch& operator=(const JobWatch&) = delete;
  ~JobWatch() { sd_bus_slot_unref(slot_); }

  /// Waits for the job at the D-Bus path `job` and returns how it ended ("done", "failed", …).
  /// Throws Error{timeout}.
  std::string wait(const std::string& job, std::chrono::seconds limit, const std::string& what);

 private:
  void subscribe(const std::string& what);
  static int note_removed(sd_bus_message* message, void* watch, sd_bus_error* error);

  const Bus& bus_;
  sd_bus_slot* slot_ = nullptr;
  std::map<std::string, std::string> results_;
};

}  // namespace timectl::system::os
