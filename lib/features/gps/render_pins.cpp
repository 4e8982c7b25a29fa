// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/gps/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

/// Who uses which pin of a Raspberry Pi's header, by the overlays of config.txt (the firmware's
/// overlays/README).
namespace timectl::features {

using facts::Overlay;
using target::Draft;

namespace {

/// An overlay's parameter that names a pin, and the pin without it. Those of sound have no
/// parameter: their pins are the I2S ones.
struct PinOf {
  std::string_view overlay;  ///< as it begins
  std::string_view parameter;
  int pin;
};

constexpr std::array pins_of_overlays{
    PinOf{"w1-gpio", "gpiopin", 4},
    PinOf{"dht11", "gpiopin", 4},
    PinOf{"pps-gpio", "gpiopin", 18},
    PinOf{"gpio-ir-tx", "gpio_pin", 18},
    PinOf{"gpio-ir", "gpio_pin", 18},
    PinOf{"pwm-ir-tx", "gpio_pin", 18},
    PinOf{"pwm-2chan", "pin", 18},
    PinOf{"pwm-2chan", "pin2", 19},
    PinOf{"pwm", "pin", 18},
    PinOf{"gpio-shutdown", "gpio_pin", 3},
    PinOf{"gpio-fan", "gpiopin", 12},
    PinOf{"gpio-poweroff", "gpiopin", 26},
    PinOf{"gpio-key", "gpio", 3},
    PinOf{"gpio-led", "gpio", -1},
    PinOf{"rotary-encoder", "pin_a", 4},
    PinOf{"rotary-encoder", "pin_b", 17},
    PinOf{"i2c-gpio", "i2c_gpio_sda", 23},
    PinOf{"i2c-gpio", "i2c_gpio_scl", 24},
    PinOf{"uart2", "", 0},
    PinOf{"uart2", "", 1},
    PinOf{"uart3", "", 4},
    PinOf{"uart3", "", 5},
    PinOf{"uart4", "", 8},
    PinOf{"uart4", "", 9},
    PinOf{"uart5", "", 12},
    PinOf{"uart5", "", 13},
    PinOf{"hifiberry", "", 18},
    PinOf{"hifiberry", "", 19},
    PinOf{"hifiberry", "", 20},
    PinOf{"hifiberry", "", 21},
    PinOf{"iqaudio", "", 18},
    PinOf{"iqaudio", "", 19},
    PinOf{"iqaudio", "", 20},
    PinOf{"iqaudio", "", 21},
    PinOf{"i2s-", "", 18},
    PinOf{"i2s-", "", 19},
    PinOf{"i2s-", "", 20},
    PinOf{"i2s-", "", 21},
    PinOf{"audremap", "", 12},
    PinOf{"audremap", "", 13},
};

std::optional<int> number_behind(std::string_view parameter, std::string_view name) {
  if (name.empty() || !parameter.starts_with(name)) return std::nullopt;
  parameter.remove_prefix(name.size());
  if (!parameter.starts_with('=')) return std::nullopt;
  parameter.remove_prefix(1);
  int pin = 0;
  const auto result = std::from_chars(parameter.data(), parameter.data() + parameter.size(), pin);
  return result.ec == std::errc{} ? std::optional{pin} : std::nullopt;
}

int pin_by(const Overlay& overlay, const PinOf& row) {
  int pin = row.pin;
  for (const auto* words : {&overlay.parameters, &overlay.later}) {
    for (const auto& word : *words) pin = number_behind(word, row.parameter).value_or(pin);
  }
  return pin;
}

/// The first row that fits names the overlay; further rows of the same name are more of its pins.
std::vector<int> pins_of(const Overlay& overlay) {
  const auto first =
      std::find_if(pins_of_overlays.begin(), pins_of_overlays.end(),
                   [&](const PinOf& row) { return overlay.name.starts_with(row.overlay); });
  std::vector<int> pins;
  for (auto row = first; row != pins_of_overlays.end() && row->overlay == first->overlay; ++row) {
    if (const int pin = pin_by(overlay, *row); pin >= 0) pins.push_back(pin);
  }
  return pins;
}

std::string place_of(const Draft& draft, const Overlay& overlay) {
  return fmt::format("{} line {}",
                     overlay.file.empty() ? draft.facts.boot_config->text() : overlay.file,
                     overlay.line);
}

target::Claim pin_claim(int pin, std::string owner, std::string where) {
  return {target::ClaimKind::gpio_pin, std::to_string(pin), std::move(owner), true,
          std::move(where)};
}

constexpr auto in_profile = "\"gps\" of the host in the profile";

/// Whether the line says nothing but what timectl's block says: then the block can take its place.
bool is_same_pulse(const Draft& draft, const Overlay& overlay, int pin) {
  if (overlay.name != "pps-gpio" || overlay.file != draft.facts.firmware_file().text())
    return false;
  const bool is_plain = std::all_of(overlay.parameters.begin(), overlay.parameters.end(),
                                    [](const auto& word) { return word.starts_with("gpiopin="); });
  const bool is_one_line =
      std::none_of(overlay.later.begin(), overlay.later.end(),
                   [](const auto& word) { return word.starts_with("gpiopin="); });
  return is_plain && is_one_line && pins_of(overlay) == std::vector{pin};
}

/// The last line of two becomes pps0, which chronyd is to have.
void refuse_second_pulse(Draft& draft, const Overlay& overlay) {
  draft.target.conflicts.push_back(
      {fmt::format("{} has a pulse at another pin: of two, which is /dev/pps0 is a matter of their "
                   "order",
                   place_of(draft, overlay)),
       fmt::format("take the overlay out of {}, or name its pin in the profile: pps_gpio",
                   place_of(draft, overlay))});
}

void compare(Draft& draft, const Overlay& overlay, const std::optional<int>& pin) {
  if (pin && is_same_pulse(draft, overlay, *pin)) {
    draft.firmware().supersede(overlay.text);
    draft.note(fmt::format("{}: '{}' goes, timectl's block has it", place_of(draft, overlay),
                           overlay.text));
    return;
  }
  const auto used = pins_of(overlay);
  const bool is_at_pin = pin && std::find(used.begin(), used.end(), *pin) != used.end();
  if (pin && overlay.name == "pps-gpio" && !is_at_pin) return refuse_second_pulse(draft, overlay);
  if (!overlay.is_certain) {
    if (is_at_pin) {
      draft.note(fmt::format("{}, if its filter holds for this board, uses the pulse's GPIO {}",
                             place_of(draft, overlay), *pin));
    }
    return;
  }
  for (const int each : used) {
    draft.claim(pin_claim(each, "the overlay " + overlay.name, place_of(draft, overlay)));
  }
}

}  // namespace

void claim_pins(Draft& draft, const profile::GpsFeature& gps, const SerialPort& port) {
  if (!draft.has_firmware()) return;
  if (gps.pps_gpio) draft.claim(pin_claim(*gps.pps_gpio, "the receiver's pulse", in_profile));
  if (port.is_on_header) {
    for (const int pin : {14, 15}) {
      draft.claim(pin_claim(pin, "the receiver's serial port", in_profile));
    }
  }
  for (const int pin : {0, 1}) {
    draft.claim(pin_claim(pin, "the board, for a HAT's EEPROM", "the board"));
  }
  for (const auto& overlay : draft.facts.overlays) compare(draft, overlay, gps.pps_gpio);
}

}  // namespace timectl::features
