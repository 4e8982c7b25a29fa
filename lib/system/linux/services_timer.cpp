// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/services_timer.hpp"

namespace timectl::system::os {

namespace {

constexpr std::chrono::seconds deadline{30};

const BusObject manager{"org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                        "org.freedesktop.systemd1.Manager"};

void append_timer(sd_bus_message* message, const TransientTimer& timer, const std::string& what) {
  const auto span = static_cast<std::uint64_t>(std::chrono::microseconds{timer.span}.count());
  constexpr std::uint64_t second = 1'000'000;
  // Not kept once it has rung: its name is free for the next one.
  check_bus(
      sd_bus_message_append(message, "a(sv)", 4, "Description", "s", timer.description.c_str(),
                            "TimersMonotonic", "a(st)", 1, "OnActiveSec", span, "AccuracyUSec", "t",
                            second, "RemainAfterElapse", "b", 0),
      what);
}

void append_exec(sd_bus_message* message, const std::vector<std::string>& command,
                 const std::string& what) {
  const auto open = [&](char type, const char* contents) {
    check_bus(sd_bus_message_open_container(message, type, contents), what);
  };
  const auto close = [&] { check_bus(sd_bus_message_close_container(message), what); };
  open(SD_BUS_TYPE_STRUCT, "sv");
  check_bus(sd_bus_message_append(message, "s", "ExecStart"), what);
  open(SD_BUS_TYPE_VARIANT, "a(sasb)");
  open(SD_BUS_TYPE_ARRAY, "(sasb)");
  open(SD_BUS_TYPE_STRUCT, "sasb");
  check_bus(sd_bus_message_append(message, "s", command.front().c_str()), what);
  open(SD_BUS_TYPE_ARRAY, "s");
  for (const auto& word : command) {
    check_bus(sd_bus_message_append(message, "s", word.c_str()), what);
  }
  close();
  check_bus(sd_bus_message_append(message, "b", 0), what);
  close();
  close();
  close();
  close();
}

/// The service that the timer starts, as the one auxiliary unit of the call.
void append_service(sd_bus_message* message, const TransientTimer& timer, const std::string& what) {
  const auto open = [&](char type, const char* contents) {
    check_bus(sd_bus_message_open_container(message, type, contents), what);
  };
  const auto close = [&] { check_bus(sd_bus_message_close_container(message), what); };
  open(SD_BUS_TYPE_ARRAY, "(sa(sv))");
  open(SD_BUS_TYPE_STRUCT, "sa(sv)");
  check_bus(sd_bus_message_append(message, "s", (timer.name + ".service").c_str()), what);
  open(SD_BUS_TYPE_ARRAY, "(sv)");
  // Collected when it failed too: else its name would be in use until the next boot.
  check_bus(
      sd_bus_message_append(message, "(sv)(sv)(sv)", "Description", "s", timer.description.c_str(),
                            "Type", "s", "oneshot", "CollectMode", "s", "inactive-or-failed"),
      what);
  append_exec(message, timer.command, what);
  close();
  close();
  close();
}

}  // namespace

void start_transient_timer(const Bus& bus, const TransientTimer& timer, const std::string& what) {
  const auto request = bus.new_call(manager, "StartTransientUnit", what);
  const auto unit = timer.name + ".timer";
  check_bus(sd_bus_message_append(request.get(), "ss", unit.c_str(), "replace"), what);
  append_timer(request.get(), timer, what);
  append_service(request.get(), timer, what);
  bus.call(request, deadline, what);
}

}  // namespace timectl::system::os
