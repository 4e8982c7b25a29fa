// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"
#include "system/linux/libsystemd.hpp"
#include "system/linux/linux.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timectl::system::os {

/// Whom a message goes to.
struct BusObject {
  std::string service;
  std::string path;
  std::string interface;
};

struct UnrefMessage {
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using BusMessage = std::unique_ptr<sd_bus_message, UnrefMessage>;

/// A refusal by the bus or by the service. `name` is the D-Bus error's.
class BusError : public Error {
 public:
  BusError(ErrorKind kind, const std::string& message, std::string name);
  const std::string& name() const { return name_; }
  /// The service's name has no owner, and the bus started none.
  bool is_absent_service() const;

 private:
  std::string name_;
};

/// One D-Bus connection of one process; not to be used by two threads at once. `what` completes
/// "cannot …" in the errors: Error{permission, timeout or external}.
class Bus {
 public:
  /// PID 1 by its private socket for root (that works without a bus daemon, as in early boot),
  /// else by the system bus. With Route::bus_daemon the other way round.
  static Bus open_systemd(Route first, const std::string& what);
  /// Error{timeout} when the bus does not answer within three seconds.
  static Bus open_system(const std::string& what);

  Bus(Bus&&) = default;
  Bus& operator=(Bus&&) = default;

  sd_bus* get() const { return bus_.get(); }
  /// False once the peer has gone, or in a child that inherited the connection by fork.
  bool is_usable() const;

  /// A method call without arguments yet; it does not start the service.
  BusMessage new_call(const BusObject& object, const char* method, const std::string& what) const;
  BusMessage call(const BusMessage& message, std::chrono::seconds deadline,
                  const std::string& what) const;

 private:
  struct Close {
    void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
  };

  explicit Bus(sd_bus* bus) : bus_(bus) {}

  std::unique_ptr<sd_bus, Close> bus_;
};

/// Throws unless `result` is that of a success.
int check_bus(int result, const std::string& what);
void append(const BusMessage& message, const std::vector<std::string>& texts,
            const std::string& what);
/// The array of strings that comes next.
std::vector<std::string> read_texts(sd_bus_message* message, const std::string& what);

}  // namespace timectl::system::os
