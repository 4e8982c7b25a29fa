// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/details.hpp"

namespace timectl::facts {

namespace {

/// "dtoverlay=i2c-rtc,ds3231" or its long name; "" for other lines, and what ends an overlay.
std::string_view overlay_of(std::string_view line) {
  for (const std::string_view key : {"dtoverlay=", "device_tree_overlay="}) {
    if (line.starts_with(key)) return line.substr(key.size());
  }
  return "";
}

/// As the firmware does: "i2c-rtc,ds3231,i2c0", with a colon before the parameters in old files.
Overlay parse_overlay(std::string_view text, std::size_t line) {
  Overlay overlay;
  overlay.line = line;
  const auto end = text.find_first_of(",:");
  overlay.name = std::string{text.substr(0, end)};
  while (!text.empty()) {
    const auto comma = text.find_first_of(",:");
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
    if (!text.empty()) overlay.parameters.emplace_back(text.substr(0, text.find_first_of(",:")));
  }
  return overlay;
}

}  // namespace

std::vector<Overlay> read_overlays(const system::FileReader& files,
                                   const system::RootedPath& path) {
  std::vector<Overlay> overlays;
  bool is_ours = false;
  bool is_for_all = true;
  std::size_t number = 0;
  for (const auto& line : lines_of(readable(files, path).value_or(""))) {
    ++number;
    if (line.starts_with("# BEGIN timectl")) is_ours = true;
    if (line.starts_with("# END timectl")) is_ours = false;
    const auto bare = trim(line);
    if (bare.starts_with('[')) is_for_all = bare == "[all]";
    const auto overlay = overlay_of(bare);
    if (!overlay.empty() && !is_ours && is_for_all) {
      overlays.push_back(parse_overlay(overlay, number));
    }
  }
  return overlays;
}

}  // namespace timectl::facts
