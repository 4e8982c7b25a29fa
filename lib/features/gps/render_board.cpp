// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "features/gps/render.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

/// Which serial port the pin header of a Raspberry Pi has. Sources:
/// raspberrypi.com/documentation/computers/configuration.html, "Configure UARTs", and the
/// firmware's overlays/README (disable-bt, uart0-pi5).
namespace timectl::features {

using target::Draft;

namespace {

struct Board {
  std::string_view model;  ///< how the device tree's model begins behind "Raspberry Pi "
  bool has_bluetooth;      ///< which has the better one of two ports
  bool has_rp1;            ///< whose ports have other names, and whose serial0 is the debug plug
};

// The first one that fits counts.
constexpr std::array boards{
    Board{"5", false, true},
    Board{"Compute Module 5", false, true},
    Board{"3", true, false},
    Board{"4", true, false},
    Board{"Zero W", true, false},
    Board{"Zero 2", true, false},
    Board{"Compute Module 4", true, false},
    // A Compute Module 3, a Zero and the first two Pis have no Bluetooth.
    Board{"", false, false},
};

const Board& board_named(std::string_view model) {
  constexpr std::string_view maker = "Raspberry Pi ";
  if (model.starts_with(maker)) model.remove_prefix(maker.size());
  return *std::find_if(boards.begin(), boards.end(),
                       [&](const Board& each) { return model.starts_with(each.model); });
}

std::string console_of(std::string_view device) {
  constexpr std::string_view directory = "/dev/";
  return std::string{device.substr(directory.size())};
}

[[noreturn]] void refuse_auto(const std::string& why) {
  throw Error{ErrorKind::refused,
              fmt::format("cannot tell which serial port the receiver is at: {}", why),
              "name it in the profile: \"gps\": { \"device\": \"/dev/ttyACM0\" } for one by USB"};
}

/// Raspberry Pi OS has a rule of udev's that names the header's port serial0; Debian has none, and
/// numbers the ports as its own device tree does.
std::string header_device(const Draft& draft, bool is_small) {
  if (draft.facts.os.is_raspberry_pi_os) return "/dev/serial0";
  return is_small ? "/dev/ttyS1" : "/dev/ttyAMA0";
}

SerialPort header_port(const Draft& draft, const profile::GpsFeature& gps, const Board& board) {
  SerialPort port;
  port.is_on_header = true;
  if (board.has_rp1) {
    // enable_uart=1 would send the firmware's own log to these pins.
    port.firmware = {"dtparam=uart0=on"};
    port.device = "/dev/ttyAMA0";
    port.consoles = {"ttyAMA0"};
    return port;
  }
  port.firmware = {"enable_uart=1"};
  const bool takes_bluetooth = board.has_bluetooth && gps.bluetooth == profile::Radio::off;
  if (takes_bluetooth) {
    port.firmware.emplace_back("dtoverlay=disable-bt");
    port.stops.assign(platform::bluetooth_units.begin(), platform::bluetooth_units.end());
  }
  port.device = header_device(draft, board.has_bluetooth && !takes_bluetooth);
  port.consoles = {"serial0", "ttyAMA0", "ttyS0", "ttyS1"};
  return port;
}

}  // namespace

SerialPort port_of(const Draft& draft, const profile::GpsFeature& gps) {
  const auto& facts = draft.facts;
  if (!gps.device.empty()) {
    return {.device = gps.device, .firmware = {}, .consoles = {console_of(gps.device)}};
  }
  if (!draft.has_firmware() && !draft.lacks_boot_partition()) {
    refuse_auto(fmt::format("\"auto\" is the pin header of a Raspberry Pi, and this is {}",
                            facts.board.value_or("another machine")));
  }
  if (!facts.board) refuse_auto("a card does not say which board it is for");
  return header_port(draft, gps, board_named(*facts.board));
}

}  // namespace timectl::features
