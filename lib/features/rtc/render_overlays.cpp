// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/rtc/render.hpp"
#include "rtc/chips.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace timectl::features {

using facts::Overlay;
using target::Draft;

namespace {

/// The firmware's i2c-rtc overlay knows the buses by these names (i2c-buses.dtsi of it).
std::optional<int> bus_named(std::string_view parameter) {
  const auto name = parameter.substr(0, parameter.find('='));
  if (name == "i2c_csi_dsi") return 10;
  if (name == "i2c_csi_dsi0") return 11;  // no bus of a profile
  const bool is_numbered = name.size() == 4 && name.starts_with("i2c");
  if (!is_numbered || name[3] < '0' || name[3] > '6') return std::nullopt;
  return name[3] - '0';
}

/// "0x68", or decimal; nullopt for what is no number.
std::optional<int> address_in(std::string_view text) {
  const int base = text.starts_with("0x") || text.starts_with("0X") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  int address = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), address, base);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return address;
}

/// What the parameters of an i2c-rtc overlay ask for: "ds3231", "i2c0", "addr=0x50". Each chip that
/// it names becomes a device.
struct OverlayWords {
  std::vector<const rtc::Chip*> chips;
  int bus = 1;
  std::optional<int> address;
  std::vector<std::string> others;  ///< parameters of the line about neither of them

  void read(const std::string& parameter, bool is_of_line) {
    const auto name = parameter.substr(0, parameter.find('='));
    if (const auto* chip = rtc::find_chip(name); chip != nullptr && chip->in_overlay) {
      chips.push_back(chip);
    } else if (const auto named = bus_named(parameter)) {
      bus = *named;
    } else if (name == "addr") {
      address = address_in(
          std::string_view{parameter}.substr(std::min<std::size_t>(5, parameter.size())));
    } else if (is_of_line) {
      others.push_back(parameter);
    }
  }
  int address_of(const rtc::Chip& chip) const { return address.value_or(chip.address); }
};

OverlayWords words_of_overlay(const Overlay& overlay) {
  OverlayWords words;
  for (const auto& each : overlay.parameters) words.read(each, true);
  for (const auto& each : overlay.later) words.read(each, false);
  return words;
}

std::string place_of(const Draft& draft, const Overlay& overlay) {
  return fmt::format("{} line {}",
                     overlay.file.empty() ? draft.facts.boot_config->text() : overlay.file,
                     overlay.line);
}

std::string condition_of(const Overlay& overlay) {
  return overlay.is_certain ? "" : ", if its filter holds for this board,";
}

/// Whether the line says nothing but what timectl's block says: then the block can take its place.
bool is_same_overlay(const Draft& draft, const Overlay& overlay, const OverlayWords& words,
                     const rtc::Chip& chip) {
  const bool is_beside_block = overlay.file == draft.facts.firmware_file().text();
  if (!is_beside_block || words.chips.size() != 1) return false;
  const auto own = split(chip.overlay_parameters, ',');
  const bool has_own_words =
      std::all_of(words.others.begin(), words.others.end(), [&](const std::string& other) {
        return std::find(own.begin(), own.end(), other) != own.end();
      });
  // A parameter on a line of its own would stay behind, and become the block's or the board's.
  const bool is_one_line =
      std::none_of(overlay.later.begin(), overlay.later.end(), [](const std::string& each) {
        return rtc::find_chip(each) != nullptr || bus_named(each) || each.starts_with("addr=");
      });
  return has_own_words && is_one_line;
}

void replace_line(Draft& draft, const Overlay& overlay) {
  draft.firmware().supersede(overlay.text);
  draft.note(
      fmt::format("{}: '{}' goes, timectl's block has it; twice it would register the chip "
                  "twice",
                  place_of(draft, overlay), overlay.text));
}

void refuse_second_node(Draft& draft, const Overlay& overlay, const rtc::Chip& chip) {
  draft.target.conflicts.push_back(
      {fmt::format("{}{} registers the {} too: with timectl's block the kernel would get two "
                   "devices at one I2C address",
                   place_of(draft, overlay), condition_of(overlay), chip.name),
       fmt::format("take the overlay out of {}; timectl's block registers the chip",
                   place_of(draft, overlay))});
}

void note_second_rtc(Draft& draft, const Overlay& overlay, const std::string& chip) {
  draft.note(fmt::format(
      "{}{} registers another RTC{}: which of them is /dev/rtc0 is decided at "
      "boot; timectl uses the one of the profile, whatever its number",
      place_of(draft, overlay), condition_of(overlay), chip.empty() ? "" : ", the " + chip));
}

target::Claim address_claim(std::string_view chip, int bus, int address, std::string where) {
  return {target::ClaimKind::i2c_address, fmt::format("{}:{:#04x}", bus, address),
          fmt::format("the RTC {}", chip), true, std::move(where)};
}

void compare(Draft& draft, const profile::RtcFeature& rtc, const Overlay& overlay) {
  const auto words = words_of_overlay(overlay);
  for (const auto* chip : words.chips) {
    const int address = words.address_of(*chip);
    if (words.bus != rtc.bus || address != rtc.address) {
      note_second_rtc(draft, overlay, std::string{chip->name});
    } else if (chip->name != rtc.chip && overlay.is_certain) {
      draft.claim(address_claim(chip->name, words.bus, address, place_of(draft, overlay)));
    } else if (chip->name != rtc.chip) {
      draft.note(
          fmt::format("{} registers the {} at the address of the {}, if its filter holds "
                      "for this board: then the kernel drives the chip as the first of them",
                      place_of(draft, overlay), chip->name, rtc.chip));
    } else if (is_same_overlay(draft, overlay, words, *chip)) {
      replace_line(draft, overlay);
    } else {
      refuse_second_node(draft, overlay, *chip);
    }
  }
}

/// A bus of its own, made of two GPIOs; those of bus 1 are GPIO 2 and 3.
void compare_gpio(Draft& draft, const profile::RtcFeature& rtc, const Overlay& overlay) {
  bool takes_pins = false;
  std::string chip;
  const auto read = [&](const std::string& each) {
    takes_pins = takes_pins || each == "i2c_gpio_sda=2" || each == "i2c_gpio_scl=3";
    if (rtc::find_chip(each) != nullptr) chip = each;
  };
  for (const auto& each : overlay.parameters) read(each);
  for (const auto& each : overlay.later) read(each);
  if (takes_pins && overlay.is_certain && rtc.bus == 1 && rtc.address != 0) {
    draft.target.conflicts.push_back(
        {fmt::format("{}: i2c-rtc-gpio takes the pins of I2C bus 1, which the {} of the profile is "
                     "on",
                     place_of(draft, overlay), rtc.chip),
         fmt::format("take the overlay out of {}; timectl's block registers the chip",
                     place_of(draft, overlay))});
    return;
  }
  note_second_rtc(draft, overlay, chip);
}

/// Those of the header that its usual bus has.
std::vector<int> pins_of_bus(const profile::RtcFeature& rtc) {
  const bool is_on_header = rtc.bus == 1 && rtc::chip_named(rtc.chip).is_on_bus();
  return is_on_header ? std::vector{2, 3} : std::vector<int>{};
}

}  // namespace

void compare_overlays(Draft& draft, const profile::RtcFeature& rtc) {
  if (rtc::chip_named(rtc.chip).is_on_bus()) {
    draft.claim(
        address_claim(rtc.chip, rtc.bus, rtc.address, "\"rtc\" of the host in the profile"));
  }
  if (!draft.has_firmware()) return;
  for (const int pin : pins_of_bus(rtc)) {
    draft.claim({target::ClaimKind::gpio_pin, std::to_string(pin), "the RTC's I2C bus", true,
                 "\"rtc\" of the host in the profile"});
  }
  for (const auto& overlay : draft.facts.overlays) {
    if (overlay.name == "i2c-rtc") compare(draft, rtc, overlay);
    if (overlay.name == "i2c-rtc-gpio") compare_gpio(draft, rtc, overlay);
  }
}

}  // namespace timectl::features
