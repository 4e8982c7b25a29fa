// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/gps/render.hpp"

#include "base/error.hpp"
#include "features/gps/rows.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::features {

using system::RootedPath;
using target::Activity;
using target::Draft;
using target::Enablement;
using target::Model;
using target::Reaction;
using target::ReactionKind;

namespace {

const Reaction reload{ReactionKind::daemon_reload, ""};

/// gpsd's conffile /etc/default/gpsd stays as it is: the drop-in's command does not use it.
void add_gpsd(Draft& draft, const profile::GpsFeature& gps, const SerialPort& port) {
  draft.need_package(platform::gpsd.package);
  Model model;
  model.set("device", port.device);
  model.set("baud", gps.baud ? fmt::format("-s {} ", *gps.baud) : "");
  draft.add({.path = RootedPath{platform::gps::own_unit_drop_in},
             .why = fmt::format("has gpsd read the receiver at {}", port.device),
             .reactions = {reload, {ReactionKind::restart, platform::gpsd.unit}}},
            model);
  draft.add_unit(platform::gpsd.unit, Enablement::enabled, Activity::running,
                 "reads the receiver for chronyd");
}

void add_refclocks(Draft& draft, const profile::GpsFeature& gps) {
  auto& chronyd = draft.time_daemon();
  // It is made at each start of chronyd: with a device that is missing chronyd would not start.
  chronyd.directive(fmt::format("confdir {}", platform::gps::refclock_directory), "gps",
                    "The receiver, as 'timectl gps enable' found it when chronyd started.");
  chronyd.variable("gps", Model{true});
  chronyd.variable("pps", Model{gps.pps_gpio.has_value()});
}

void add_pulse(Draft& draft, int pin) {
  const Model model;
  draft.add({.path = RootedPath{"/etc/udev/rules.d/85-timectl-pps.rules"},
             .why = "lets chronyd wait for the pulse",
             .reactions = {{ReactionKind::udev_reload, ""}}},
            model);
  draft.add({.path = RootedPath{"/etc/systemd/system/dev-pps0.device.d/50-timectl.conf"},
             .why = "keeps a missing pulse from holding up the boot",
             .reactions = {reload}},
            model);
  if (draft.has_firmware() || draft.lacks_boot_partition()) {
    draft.firmware().overlay({{fmt::format("dtoverlay=pps-gpio,gpiopin={}", pin)},
                              "gps",
                              "makes the receiver's pulse /dev/pps0"});
  } else {
    draft.note(
        fmt::format("no Raspberry Pi firmware here that could watch GPIO {}: the pulse is used "
                    "where something else makes it /dev/pps0",
                    pin));
  }
}

/// pps-gpio is a module of Debian's kernels for a Pi from 13 on, and of Raspberry Pi OS's.
void note_missing_driver(Draft& draft) {
  const auto& os = draft.facts.os;
  if (os.is_raspberry_pi_os || os.id != "debian" || os.version_id != "12") return;
  draft.note(
      "Debian 12's kernel has no pps-gpio: until a kernel has it, the time is good to some "
      "milliseconds");
}

void free_port(Draft& draft, const SerialPort& port) {
  for (const auto& console : port.consoles) {
    draft.forbid_unit(fmt::format("{}{}.service", platform::serial_login, console),
                      "a login at the receiver's port would answer the receiver");
  }
  for (const auto& unit : port.stops) {
    draft.forbid_unit(unit, "Bluetooth is switched off for the receiver's serial port");
  }
  release_console(draft, port);
}

void switch_wifi_off(Draft& draft, const profile::GpsFeature& gps) {
  if (gps.wifi != profile::Radio::off) return;
  const auto& interfaces = draft.facts.interfaces;
  const auto used = std::find_if(interfaces.begin(), interfaces.end(), [](const auto& each) {
    return each.is_wireless && each.is_up && !each.addresses.empty();
  });
  if (used != interfaces.end()) {
    throw Error{ErrorKind::refused,
                fmt::format("cannot switch off the Wi-Fi: {} has the address {}", used->name,
                            used->addresses.front().address.text()),
                "connect the host by cable first, or leave \"wifi\" out of gps"};
  }
  draft.firmware().overlay(
      {{"dtoverlay=disable-wifi"}, "gps", "switches the Wi-Fi off, whose bursts disturb"});
}

void note_calibration(Draft& draft, const profile::GpsFeature& gps) {
  if (!gps.pps_gpio || gps.nmea_offset) return;
  draft.note(
      "the pulse is not used before the receiver is calibrated: timectl gps calibrate, once it "
      "has a fix and another source shows the time");
}

void note_lone_receiver(Draft& draft) {
  if (draft.host.sources) return;
  draft.note(
      "no other source shows whether the receiver is right: one that is a second or 1,024 weeks "
      "off looks perfect; \"sources\" would tell");
}

void add_gps(Draft& draft) {
  if (!draft.host.gps) return;
  const auto& gps = *draft.host.gps;
  const auto port = port_of(draft, gps);
  if (!port.firmware.empty()) {
    draft.firmware().overlay(
        {port.firmware, "gps", fmt::format("gives the receiver {}", port.device)});
  }
  claim_pins(draft, gps, port);
  add_gpsd(draft, gps, port);
  add_refclocks(draft, gps);
  if (gps.pps_gpio) add_pulse(draft, *gps.pps_gpio);
  if (gps.pps_gpio) note_missing_driver(draft);
  free_port(draft, port);
  switch_wifi_off(draft, gps);
  note_calibration(draft, gps);
  note_lone_receiver(draft);
}

}  // namespace

constinit const target::Contribution gps_contributions[1] = {{target::Phase::hardware, add_gps}};

}  // namespace timectl::features
