// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/services_job.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace timectl::system::os {

namespace {

constexpr const char* service = "org.freedesktop.systemd1";
constexpr const char* path = "/org/freedesktop/systemd1";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";

}  // namespace

JobWatch::JobWatch(const Bus& bus, const std::string& what) : bus_(bus) {
  // First: it may throw, and then the match would not be removed.
  subscribe(what);
  check_bus(sd_bus_match_signal(bus.get(), &slot_, service, path, manager, "JobRemoved",
                                note_removed, this),
            what);
}

/// The subscription is the connection's, which lives longer than a watch.
void JobWatch::subscribe(const std::string& what) {
  try {
    bus_.call(bus_.new_call({service, path, manager}, "Subscribe", what), std::chrono::seconds{5},
              what);
  } catch (const BusError& error) {
    if (error.name() != "org.freedesktop.systemd1.AlreadySubscribed") throw;
  }
}

std::string JobWatch::wait(const std::string& job, std::chrono::seconds limit,
                           const std::string& what) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + limit;
  while (results_.count(job) == 0) {
    const auto left = std::chrono::ceil<std::chrono::microseconds>(until - steady_clock::now());
    if (left.count() <= 0) {
      throw Error{ErrorKind::timeout,
                  fmt::format("cannot {}: its job was not over after {} s", what, limit.count())};
    }
    if (check_bus(sd_bus_process(bus_.get(), nullptr), what) == 0) {
      const int waited = sd_bus_wait(bus_.get(), static_cast<std::uint64_t>(left.count()));
      if (waited != -EINTR) check_bus(waited, what);
    }
  }
  return results_.at(job);
}

int JobWatch::note_removed(sd_bus_message* message, void* watch, sd_bus_error*) {
  std::uint32_t id = 0;
  const char* job = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  const int read = sd_bus_message_read(message, "uoss", &id, &job, &unit, &result);
  if (read >= 0) static_cast<JobWatch*>(watch)->results_[job] = result;
  return 0;
}

}  // namespace timectl::system::os
