// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/network_manager.hpp"

#include "system/linux/bus.hpp"

#include <cstdint>

#include <unistd.h>

namespace timectl::system::os {

namespace {

constexpr std::chrono::seconds deadline{30};
const BusObject manager{"org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager",
                        "org.freedesktop.NetworkManager"};
// NM_CHECKPOINT_CREATE_FLAG_*: an older checkpoint on these devices goes; at the end of this one
// so do connections and devices that are new then.
constexpr std::uint32_t destroy_all = 0x01;
constexpr std::uint32_t delete_new_connections = 0x02;
constexpr std::uint32_t disconnect_new_devices = 0x04;

constexpr const char* unknown_checkpoint = "org.freedesktop.NetworkManager.InvalidArguments";

bool has_system_bus() { return access("/run/dbus/system_bus_socket", F_OK) == 0; }

}  // namespace

std::string create_checkpoint(std::chrono::seconds span) {
  if (!has_system_bus()) return {};
  const std::string what = "let NetworkManager remember the network as it is";
  const auto bus = Bus::open_system(what);
  const auto request = bus.new_call(manager, "CheckpointCreate", what);
  const std::uint32_t flags = destroy_all | delete_new_connections | disconnect_new_devices;
  check_bus(sd_bus_message_append(request.get(), "aouu", 0,
                                  static_cast<std::uint32_t>(span.count()), flags),
            what);
  try {
    const auto reply = bus.call(request, deadline, what);
    const char* path = nullptr;
    check_bus(sd_bus_message_read(reply.get(), "o", &path), what);
    return path;
  } catch (const BusError& error) {
    if (error.is_absent_service()) return {};
    throw;
  }
}

void destroy_checkpoint(const std::string& name) {
  if (!has_system_bus()) return;
  const std::string what = "let NetworkManager keep the network as it is";
  const auto bus = Bus::open_system(what);
  const auto request = bus.new_call(manager, "CheckpointDestroy", what);
  check_bus(sd_bus_message_append(request.get(), "o", name.c_str()), what);
  try {
    bus.call(request, deadline, what);
  } catch (const BusError& error) {
    if (!error.is_absent_service() && error.name() != unknown_checkpoint) throw;
  }
}

}  // namespace timectl::system::os
