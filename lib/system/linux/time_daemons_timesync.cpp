// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/time_daemons_timesync.hpp"

#include "system/linux/bus.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <arpa/inet.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

constexpr std::chrono::seconds deadline{5};
constexpr const char* service = "org.freedesktop.timesync1";
constexpr const char* path = "/org/freedesktop/timesync1";
constexpr const char* manager = "org.freedesktop.timesync1.Manager";
constexpr const char* what = "ask systemd-timesyncd";

Seconds span_of(std::uint64_t microseconds) {
  return Seconds{static_cast<double>(microseconds) * 1e-6};
}

WallTime time_of(std::uint64_t microseconds) {
  return WallTime{std::chrono::microseconds{microseconds}};
}

std::string hex_of(const void* bytes, std::size_t size) {
  std::string digits;
  for (const auto byte : std::span{static_cast<const std::uint8_t*>(bytes), size}) {
    digits += fmt::format("{:02X}", byte);
  }
  return digits;
}

/// NTPMessage: leap, version, mode, stratum, precision, root delay and dispersion; the reference
/// id's bytes; origin, receive, transmit, destination, ignored, packet count, jitter.
std::optional<TimesyncMessage> read_message(sd_bus_message* from) {
  TimesyncMessage message;
  std::uint32_t leap = 0, version = 0, mode = 0, stratum = 0;
  std::int32_t precision = 0;
  std::uint64_t delay = 0, dispersion = 0, jitter = 0;
  std::array<std::uint64_t, 4> stamps{};
  int ignored = 0;
  const void* reference = nullptr;
  std::size_t size = 0;
  check_bus(sd_bus_message_enter_container(from, SD_BUS_TYPE_STRUCT, "uuuuittayttttbtt"), what);
  check_bus(sd_bus_message_read(from, "uuuuitt", &leap, &version, &mode, &stratum, &precision,
                                &delay, &dispersion),
            what);
  check_bus(sd_bus_message_read_array(from, SD_BUS_TYPE_BYTE, &reference, &size), what);
  check_bus(sd_bus_message_read(from, "ttttbtt", &stamps[0], &stamps[1], &stamps[2], &stamps[3],
                                &ignored, &message.packet_count, &jitter),
            what);
  check_bus(sd_bus_message_exit_container(from), what);
  // Before the first reply some versions send the structure, full of zeroes.
  if (message.packet_count == 0) return std::nullopt;
  message.leap = static_cast<int>(leap);
  message.stratum = static_cast<int>(stratum);
  message.root_delay = span_of(delay);
  message.root_dispersion = span_of(dispersion);
  message.reference_id = hex_of(reference, size);
  message.origin = time_of(stamps[0]);
  message.receive = time_of(stamps[1]);
  message.transmit = time_of(stamps[2]);
  message.destination = time_of(stamps[3]);
  message.ignored = ignored != 0;
  message.jitter = span_of(jitter);
  return message;
}

/// A family and the bytes of an address; "" while there is no server.
std::string read_address(sd_bus_message* from) {
  std::int32_t family = 0;
  const void* bytes = nullptr;
  std::size_t size = 0;
  check_bus(sd_bus_message_enter_container(from, SD_BUS_TYPE_STRUCT, "iay"), what);
  check_bus(sd_bus_message_read_basic(from, SD_BUS_TYPE_INT32, &family), what);
  check_bus(sd_bus_message_read_array(from, SD_BUS_TYPE_BYTE, &bytes, &size), what);
  check_bus(sd_bus_message_exit_container(from), what);
  const bool whole = (family == AF_INET && size == 4) || (family == AF_INET6 && size == 16);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!whole || inet_ntop(family, bytes, text.data(), text.size()) == nullptr) return {};
  return text.data();
}

std::uint64_t read_number(sd_bus_message* from) {
  std::uint64_t number = 0;
  check_bus(sd_bus_message_read_basic(from, SD_BUS_TYPE_UINT64, &number), what);
  return number;
}

std::string read_text(sd_bus_message* from) {
  const char* text = nullptr;
  check_bus(sd_bus_message_read_basic(from, SD_BUS_TYPE_STRING, &text), what);
  return text;
}

/// One row a property we want: its type, and where its value goes.
struct Property {
  std::string_view name;
  const char* type;
  void (*read)(sd_bus_message* from, TimesyncState& state);
};

constexpr std::array<Property, 8> properties{{
    {"ServerName", "s", [](auto* from, auto& state) { state.server_name = read_text(from); }},
    {"ServerAddress", "(iay)",
     [](auto* from, auto& state) { state.server_address = read_address(from); }},
    {"NTPMessage", "(uuuuittayttttbtt)",
     [](auto* from, auto& state) { state.message = read_message(from); }},
    {"SystemNTPServers", "as",
     [](auto* from, auto& state) { state.system_servers = read_texts(from, what); }},
    {"RuntimeNTPServers", "as",
     [](auto* from, auto& state) { state.runtime_servers = read_texts(from, what); }},
    {"FallbackNTPServers", "as",
     [](auto* from, auto& state) { state.fallback_servers = read_texts(from, what); }},
    {"PollIntervalUSec", "t",
     [](auto* from, auto& state) { state.poll_interval = span_of(read_number(from)); }},
    {"RootDistanceMaxUSec", "t",
     [](auto* from, auto& state) { state.root_distance_max = span_of(read_number(from)); }},
}};

void read_property(sd_bus_message* from, std::string_view name, TimesyncState& state) {
  for (const auto& property : properties) {
    if (property.name != name) continue;
    check_bus(sd_bus_message_enter_container(from, SD_BUS_TYPE_VARIANT, property.type), what);
    property.read(from, state);
    check_bus(sd_bus_message_exit_container(from), what);
    return;
  }
  check_bus(sd_bus_message_skip(from, "v"), what);
}

TimesyncState read_properties(sd_bus_message* from) {
  TimesyncState state;
  check_bus(sd_bus_message_enter_container(from, SD_BUS_TYPE_ARRAY, "{sv}"), what);
  while (check_bus(sd_bus_message_enter_container(from, SD_BUS_TYPE_DICT_ENTRY, "sv"), what) > 0) {
    const auto name = read_text(from);
    read_property(from, name, state);
    check_bus(sd_bus_message_exit_container(from), what);
  }
  return state;
}

/// A host without a system bus has no timesyncd on it.
bool has_system_bus() { return access("/run/dbus/system_bus_socket", F_OK) == 0; }

}  // namespace

std::optional<TimesyncState> read_timesync() {
  if (!has_system_bus()) return std::nullopt;
  const auto bus = Bus::open_system(what);
  const auto question =
      bus.new_call({service, path, "org.freedesktop.DBus.Properties"}, "GetAll", what);
  check_bus(sd_bus_message_append(question.get(), "s", manager), what);
  try {
    return read_properties(bus.call(question, deadline, what).get());
  } catch (const BusError& error) {
    if (error.is_absent_service()) return std::nullopt;
    throw;
  }
}

void set_timesync_servers(const std::vector<std::string>& servers) {
  const std::string task = "give systemd-timesyncd its servers";
  const auto bus = Bus::open_system(task);
  const auto request = bus.new_call({service, path, manager}, "SetRuntimeNTPServers", task);
  append(request, servers, task);
  try {
    bus.call(request, deadline, task);
  } catch (const BusError& error) {
    if (!error.is_absent_service()) throw;
    throw Error{ErrorKind::missing, fmt::format("cannot {}: it does not run", task)};
  }
}

}  // namespace timectl::system::os
