// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/services_properties.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

namespace timectl::system::os {

namespace {

constexpr std::chrono::seconds deadline{5};
constexpr const char* unit_interface = "org.freedesktop.systemd1.Unit";
constexpr const char* service_interface = "org.freedesktop.systemd1.Service";
constexpr const char* timer_interface = "org.freedesktop.systemd1.Timer";

/// The bus object of a unit; it need not be loaded, systemd does that when it is asked.
BusObject object_of(const std::string& unit) {
  char* encoded = nullptr;
  sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit.c_str(), &encoded);
  const std::unique_ptr<char, decltype(&std::free)> owned{encoded, std::free};
  return {"org.freedesktop.systemd1", encoded != nullptr ? encoded : "",
          "org.freedesktop.DBus.Properties"};
}

/// One value out of a variant whose content has the one-letter type `type`.
template <typename Value>
Value read_variant(sd_bus_message* message, char type, const std::string& what) {
  const std::array<char, 2> contents{type, '\0'};
  check_bus(sd_bus_message_enter_container(message, SD_BUS_TYPE_VARIANT, contents.data()), what);
  Value value{};
  check_bus(sd_bus_message_read_basic(message, type, &value), what);
  check_bus(sd_bus_message_exit_container(message), what);
  return value;
}

std::vector<std::string> read_texts_variant(sd_bus_message* message, const std::string& what) {
  check_bus(sd_bus_message_enter_container(message, SD_BUS_TYPE_VARIANT, "as"), what);
  auto texts = read_texts(message, what);
  check_bus(sd_bus_message_exit_container(message), what);
  return texts;
}

/// 32 hex digits, or "" for a unit that never started (no bytes, or zeroes in old versions).
std::string read_id_variant(sd_bus_message* message, const std::string& what) {
  check_bus(sd_bus_message_enter_container(message, SD_BUS_TYPE_VARIANT, "ay"), what);
  const void* bytes = nullptr;
  std::size_t size = 0;
  check_bus(sd_bus_message_read_array(message, SD_BUS_TYPE_BYTE, &bytes, &size), what);
  check_bus(sd_bus_message_exit_container(message), what);
  std::string digits;
  bool is_null = true;
  for (const auto byte : std::span{static_cast<const std::uint8_t*>(bytes), size}) {
    digits += fmt::format("{:02x}", byte);
    is_null = is_null && byte == 0;
  }
  return is_null ? "" : digits;
}

/// "infinity" is the largest number of microseconds there is.
std::chrono::microseconds span_of(std::uint64_t microseconds) {
  constexpr auto most = static_cast<std::uint64_t>(std::chrono::microseconds::max().count());
  return std::chrono::microseconds{static_cast<std::int64_t>(std::min(microseconds, most))};
}

struct TextProperty {
  std::string_view name;
  std::string UnitState::*field;
};
constexpr std::array<TextProperty, 5> text_properties{
    {{"LoadState", &UnitState::load_state},
     {"ActiveState", &UnitState::active_state},
     {"SubState", &UnitState::sub_state},
     {"UnitFileState", &UnitState::unit_file_state},
     {"FragmentPath", &UnitState::fragment_path}}};

void read_property(sd_bus_message* message, std::string_view name, UnitState& state,
                   const std::string& what) {
  for (const auto& property : text_properties) {
    if (property.name != name) continue;
    state.*property.field = read_variant<const char*>(message, SD_BUS_TYPE_STRING, what);
    return;
  }
  if (name == "DropInPaths") {
    state.drop_in_paths = read_texts_variant(message, what);
  } else if (name == "InvocationID") {
    state.invocation_id = read_id_variant(message, what);
  } else if (name == "NeedDaemonReload") {
    state.needs_daemon_reload = read_variant<int>(message, SD_BUS_TYPE_BOOLEAN, what) != 0;
  } else if (name == "StartLimitIntervalUSec") {
    state.start_limit_interval =
        span_of(read_variant<std::uint64_t>(message, SD_BUS_TYPE_UINT64, what));
  } else if (name == "StateChangeTimestampMonotonic") {
    state.changed_at = span_of(read_variant<std::uint64_t>(message, SD_BUS_TYPE_UINT64, what));
  } else if (name == "StartLimitBurst") {
    state.start_limit_burst = read_variant<std::uint32_t>(message, SD_BUS_TYPE_UINT32, what);
  } else {
    check_bus(sd_bus_message_skip(message, "v"), what);
  }
}

/// All properties of a unit in one reply: cheaper than asking for the eight that count here.
void read_unit_properties(const Bus& bus, const BusObject& object, UnitState& state,
                          const std::string& what) {
  const auto question = bus.new_call(object, "GetAll", what);
  check_bus(sd_bus_message_append(question.get(), "s", unit_interface), what);
  const auto reply = bus.call(question, deadline, what);
  auto* message = reply.get();
  check_bus(sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "{sv}"), what);
  while (check_bus(sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, "sv"), what) >
         0) {
    const char* name = nullptr;
    check_bus(sd_bus_message_read_basic(message, SD_BUS_TYPE_STRING, &name), what);
    read_property(message, name, state, what);
    check_bus(sd_bus_message_exit_container(message), what);
  }
}

/// A single property: a service has three hundred, and for some PID 1 reads the cgroups.
BusMessage get(const Bus& bus, const BusObject& object, const char* interface, const char* property,
               const std::string& what) {
  const auto question = bus.new_call(object, "Get", what);
  check_bus(sd_bus_message_append(question.get(), "ss", interface, property), what);
  return bus.call(question, deadline, what);
}

std::string read_text(const Bus& bus, const BusObject& object, const char* property,
                      const std::string& what) {
  return read_variant<const char*>(get(bus, object, unit_interface, property, what).get(),
                                   SD_BUS_TYPE_STRING, what);
}

void read_service_properties(const Bus& bus, const BusObject& object, UnitState& state,
                             const std::string& what) {
  state.main_pid = read_variant<std::uint32_t>(
      get(bus, object, service_interface, "MainPID", what).get(), SD_BUS_TYPE_UINT32, what);
  state.environment =
      read_texts_variant(get(bus, object, service_interface, "Environment", what).get(), what);
  if (state.active_state != "deactivating") return;
  state.stop_timeout = span_of(read_variant<std::uint64_t>(
      get(bus, object, service_interface, "TimeoutStopUSec", what).get(), SD_BUS_TYPE_UINT64,
      what));
}

/// Null for a unit that is not loaded. PID 1 does not load one for this question, and it forgets a
/// unit that is stopped and that nothing refers to; one with processes it keeps.
BusMessage ask_for_processes(const Bus& bus, const std::string& unit, const std::string& what) {
  const BusObject manager{"org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                          "org.freedesktop.systemd1.Manager"};
  const auto question = bus.new_call(manager, "GetUnitProcesses", what);
  check_bus(sd_bus_message_append(question.get(), "s", unit.c_str()), what);
  try {
    return bus.call(question, deadline, what);
  } catch (const BusError& error) {
    if (error.name() != "org.freedesktop.systemd1.NoSuchUnit") throw;
    return nullptr;
  }
}

}  // namespace

UnitState read_unit_state(const Bus& bus, const std::string& unit) {
  const auto what = fmt::format("ask systemd for the state of '{}'", unit);
  const auto object = object_of(unit);
  UnitState state;
  // No host has most of these units, and PID 1 searches its directories again for nearly every
  // property of a unit that has no file.
  state.load_state = read_text(bus, object, "LoadState", what);
  if (state.load_state == "not-found") return state;
  read_unit_properties(bus, object, state, what);
  if (state.load_state != "loaded") return state;
  const bool is_service = unit.ends_with(".service");
  if (is_service) read_service_properties(bus, object, state, what);
  if (is_service || unit.ends_with(".timer")) {
    const auto* interface = is_service ? service_interface : timer_interface;
    state.result = read_variant<const char*>(get(bus, object, interface, "Result", what).get(),
                                             SD_BUS_TYPE_STRING, what);
  }
  return state;
}

std::vector<UnitProcess> read_processes(const Bus& bus, const std::string& unit) {
  const auto what = fmt::format("ask systemd for the processes of '{}'", unit);
  const auto reply = ask_for_processes(bus, unit, what);
  std::vector<UnitProcess> processes;
  if (!reply) return processes;
  auto* message = reply.get();
  check_bus(sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "(sus)"), what);
  const char* group = nullptr;
  const char* command = nullptr;
  std::uint32_t pid = 0;
  while (check_bus(sd_bus_message_read(message, "(sus)", &group, &pid, &command), what) > 0) {
    processes.push_back({pid, command});
  }
  return processes;
}

}  // namespace timectl::system::os
