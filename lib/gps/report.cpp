// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "gps/report.hpp"

#include "base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace timectl::gps {

namespace {

using nlohmann::json;

/// More than any receiver tracks.
constexpr std::size_t most_satellites = 256;
constexpr std::size_t most_devices = 16;
constexpr std::size_t longest_text = 128;

std::optional<double> number_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const auto number = found->get<double>();
  return std::isfinite(number) ? std::optional{number} : std::nullopt;
}

std::optional<int> whole_at(const json& object, const char* key, int least, int most) {
  const auto number = number_at(object, key);
  if (!number || *number < least || *number > most) return std::nullopt;
  return static_cast<int>(*number);
}

/// On one line, without what a terminal would obey.
std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return "";
  std::string text;
  for (const char each : found->get_ref<const std::string&>()) {
    if (text.size() == longest_text) break;
    text += each >= ' ' && each <= '~' ? each : '?';
  }
  return text;
}

std::optional<double> within(std::optional<double> number, double most) {
  return number && std::abs(*number) <= most ? number : std::nullopt;
}

/// "2026-12-03T16:00:00.000Z"
std::optional<WallTime> time_at(const json& object) {
  auto text = text_at(object, "time");
  const auto point = text.find('.');
  if (point == std::string::npos) return parse_utc(text);
  const auto fraction = to_number("0" + text.substr(point, text.find('Z') - point));
  const auto whole = parse_utc(text.substr(0, point) + "Z");
  if (!fraction || !whole) return std::nullopt;
  return *whole + std::chrono::round<std::chrono::nanoseconds>(Seconds{*fraction});
}

Fix fix_in(const json& object) {
  Fix fix;
  const auto mode = whole_at(object, "mode", 0, 3).value_or(0);
  if (mode == 2) fix.mode = FixMode::two_dimensional;
  if (mode == 3) fix.mode = FixMode::three_dimensional;
  fix.time = time_at(object);
  fix.latitude = within(number_at(object, "lat"), 90);
  fix.longitude = within(number_at(object, "lon"), 180);
  fix.altitude_m = within(number_at(object, "alt"), 1e5);
  fix.leap_seconds = whole_at(object, "leapseconds", -255, 255);
  return fix;
}

Sky sky_in(const json& object) {
  Sky sky;
  const auto found = object.find("satellites");
  if (found == object.end() || !found->is_array()) return sky;
  for (const auto& each : *found) {
    if (!each.is_object() || sky.satellites.size() == most_satellites) continue;
    const auto id = whole_at(each, "PRN", 0, 65535);
    if (!id) continue;
    const auto used = each.find("used");
    sky.satellites.push_back({*id, whole_at(each, "gnssid", 0, 255).value_or(-1),
                              within(number_at(each, "ss"), 200).value_or(0),
                              used != each.end() && used->is_boolean() && used->get<bool>()});
  }
  return sky;
}

Device device_in(const json& object) {
  return {text_at(object, "path"), text_at(object, "driver"), text_at(object, "subtype"),
          whole_at(object, "bps", 0, 10'000'000).value_or(0)};
}

Devices devices_in(const json& object) {
  Devices all;
  const auto found = object.find("devices");
  if (found == object.end() || !found->is_array()) return all;
  for (const auto& each : *found) {
    if (each.is_object() && all.devices.size() < most_devices) {
      all.devices.push_back(device_in(each));
    }
  }
  return all;
}

/// clock - real, each as whole seconds and nanoseconds: a double alone has no nanoseconds of today.
std::optional<Seconds> lateness_in(const json& object) {
  constexpr double far = 1e11;
  const auto real = within(number_at(object, "real_sec"), far);
  const auto clock = within(number_at(object, "clock_sec"), far);
  const auto real_nano = whole_at(object, "real_nsec", 0, 999'999'999);
  const auto clock_nano = whole_at(object, "clock_nsec", 0, 999'999'999);
  if (!real || !clock || !real_nano || !clock_nano) return std::nullopt;
  return Seconds{(*clock - *real) + (*clock_nano - *real_nano) * 1e-9};
}

std::optional<Report> report_in(const json& object) {
  const auto kind = text_at(object, "class");
  if (kind == "TPV") return fix_in(object);
  if (kind == "SKY") return sky_in(object);
  if (kind == "DEVICES") return devices_in(object);
  if (kind == "DEVICE") return Devices{{device_in(object)}};
  if (kind == "VERSION") return Version{text_at(object, "release")};
  if (kind != "TOFF" && kind != "PPS") return std::nullopt;
  const auto late = lateness_in(object);
  if (!late) return std::nullopt;
  if (kind == "TOFF") return Lateness{*late};
  return Pulse{*late};
}

}  // namespace

std::optional<Report> parse_report(std::string_view line) {
  const auto object = json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  return report_in(object);
}

std::string_view constellation_name(int constellation) {
  constexpr std::array<std::string_view, 8> names{"GPS",  "SBAS", "Galileo", "BeiDou",
                                                  "IMES", "QZSS", "GLONASS", "NavIC"};
  if (constellation < 0 || constellation >= static_cast<int>(names.size())) return "";
  return names[static_cast<std::size_t>(constellation)];
}

}  // namespace timectl::gps
