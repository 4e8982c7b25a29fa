// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "profile/kinds.hpp"
#include "profile/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace timectl::profile {

namespace kind {

namespace {

constexpr std::array bauds{4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800};
constexpr double largest_offset = 0.45;
constexpr std::string_view device_pattern = "^(auto|/dev/[A-Za-z0-9][A-Za-z0-9._-]{0,63})$";

/// gpsd's chrony socket and SHM are named after it, and a unit's command line holds it.
bool is_serial_device(std::string_view text) {
  constexpr std::string_view directory = "/dev/";
  if (!text.starts_with(directory)) return false;
  const auto name = text.substr(directory.size());
  constexpr std::string_view letters_and_digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const auto first_strange = name.find_first_not_of(std::string{letters_and_digits} + "._-");
  return !name.empty() && name.size() <= 64 && first_strange == std::string_view::npos &&
         letters_and_digits.find(name.front()) != std::string_view::npos;
}

}  // namespace

std::optional<std::string> SerialDevice::read(const Spot& spot) {
  auto text = Text::read(spot);
  if (!text) return std::nullopt;
  if (*text == "auto") return std::string{};
  if (is_serial_device(*text)) return text;
  spot.reject("\"auto\" or a serial device such as \"/dev/ttyACM0\"");
  return std::nullopt;
}

Value SerialDevice::rule() {
  return object_value(
      {{"type", text_value("string")}, {"pattern", text_value(std::string{device_pattern})}});
}

std::optional<int> Baud::read(const Spot& spot) {
  const bool is_known = spot.value.kind == Value::Kind::integer &&
                        std::find(bauds.begin(), bauds.end(), spot.value.number) != bauds.end();
  if (is_known) return static_cast<int>(spot.value.number);
  spot.reject(fmt::format("one of {}", fmt::join(bauds, ", ")));
  return std::nullopt;
}

Value Baud::rule() {
  std::vector<Value> known;
  for (const int each : bauds) known.push_back(number_value(each));
  return object_value({{"enum", list_value(std::move(known))}});
}

std::optional<timectl::Seconds> NmeaOffset::read(const Spot& spot) {
  const bool is_number =
      spot.value.kind == Value::Kind::integer || spot.value.kind == Value::Kind::real;
  const auto number = is_number ? to_number(spot.value.text) : std::nullopt;
  if (number && std::abs(*number) <= largest_offset) return timectl::Seconds{*number};
  spot.reject(fmt::format("a number of seconds from -{0} to {0}", largest_offset));
  return std::nullopt;
}

Value NmeaOffset::rule() {
  return object_value({{"type", text_value("number")},
                       {"minimum", real_value(-largest_offset)},
                       {"maximum", real_value(largest_offset)}});
}

}  // namespace kind

namespace {

using PinNumber = kind::Number<0, 27>;

/// false: the receiver has no pulse. null is the default, for a profile that extends another one.
struct PinAccess {
  static void read(const Spot& spot, GpsFeature& gps) {
    if (spot.value.kind == Value::Kind::null) return;
    if (spot.value.kind == Value::Kind::boolean && !spot.value.truth) {
      gps.pps_gpio.reset();
    } else if (spot.value.kind == Value::Kind::integer) {
      if (const auto pin = PinNumber::read(spot)) gps.pps_gpio = *pin;
    } else {
      spot.reject("a whole number from 0 to 27, or false for a receiver without a pulse");
    }
  }
  static std::optional<Value> write(const GpsFeature& gps) {
    return gps.pps_gpio ? PinNumber::write(*gps.pps_gpio) : truth_value(false);
  }
  static Shape shape() {
    std::vector<Value> known{truth_value(false)};
    for (int pin = 0; pin <= 27; ++pin) known.push_back(number_value(pin));
    return {Form::value, or_null(object_value({{"enum", list_value(std::move(known))}})), {}};
  }
};

constexpr Field<GpsFeature> gps_fields[] = {
    {.key = "device",
     .access = holds<&GpsFeature::device, kind::SerialDevice>,
     .description = "The receiver's serial port, \"/dev/ttyACM0\" for one by USB. auto: the one of "
                    "the board's pin header",
     .manual = "The receiver's serial port.\n"
               "*auto*, the default, is that of the pin header of a Raspberry Pi (GPIO 14 and 15), "
               "whose configuration timectl writes."},
    {.key = "pps_gpio",
     .access = access_by<PinAccess, GpsFeature>,
     .description = "GPIO (BCM number) of the pin with the receiver's pulse. false: it has none, "
                    "and the time is good to some milliseconds. null restores the default",
     .manual =
         "GPIO (BCM number) of the pin with the receiver's pulse: 18, the default, on many "
         "boards, 4 on Adafruit's.\n"
         "*false*: there is no pulse, as by USB; the time is good to some milliseconds then.\n"
         "*null* restores the default in a profile that extends one with another pin."},
    {.key = "baud",
     .access = may_hold<&GpsFeature::baud, kind::Baud>,
     .description = "Speed of the serial port. Default: gpsd finds it",
     .default_from = Default::derived},
    {.key = "nmea_offset_s",
     .access = may_hold<&GpsFeature::nmea_offset, kind::NmeaOffset>,
     .description = "How many seconds after their second the receiver's sentences arrive. Default: "
                    "what timectl gps calibrate measured",
     .manual =
         "How many seconds after their second the receiver's sentences arrive, from -0.45 to "
         "0.45.\n"
         "Default: what `timectl gps calibrate` measured; without that the pulse is not used, "
         "because a wrong offset makes the time wrong by a whole second.",
     .default_from = Default::derived},
    {.key = "bluetooth",
     .access = holds<&GpsFeature::bluetooth, kind::Radio>,
     .description =
         "A Pi's Bluetooth: keep leaves it the better one of two serial ports, off gives "
         "that to the receiver",
     .manual = "*keep* or *off*: which serial port of a Pi 3, 4 or Zero W the receiver gets.\n"
               "With *keep*, the default, it is the small one, which is good enough where there is "
               "a pulse."},
    {.key = "wifi",
     .access = holds<&GpsFeature::wifi, kind::Radio>,
     .description = "A Pi's Wi-Fi: off switches it off, where the site is not reached by it",
     .manual = "*keep*, the default, or *off*: its Wi-Fi is switched off, which is refused where "
               "the host's address in the site is on it."},
    {.key = "stationary",
     .access = holds<&GpsFeature::is_stationary, kind::Truth>,
     .description = "Whether the antenna stays where it is: a position that moves is then a sign "
                    "of jamming or spoofing",
     .manual = "Whether the antenna stays where it is.\n"
               "A position that moves by more than 100 m is a sign of jamming or spoofing then."},
};

}  // namespace

constinit const Table<GpsFeature> gps_table{.fields = gps_fields, .title = "gps"};

}  // namespace timectl::profile
