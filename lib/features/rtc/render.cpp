// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/rtc/render.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "features/rtc/rows.hpp"
#include "platform/platform.hpp"
#include "rtc/chips.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <string>

namespace timectl::features {

using system::RootedPath;
using target::Activity;
using target::Draft;
using target::Enablement;
using target::Model;
using target::ReactionKind;

namespace {

/// A Pi 5, 500 or Compute Module 5, whose buses are those of its RP1: 10 is another one there.
bool has_rp1(const facts::Facts& facts) {
  return facts.board && (facts.board->starts_with("Raspberry Pi 5") ||
                         facts.board->starts_with("Raspberry Pi Compute Module 5"));
}

/// What switches the bus on, and the i2c-rtc overlay's parameter for it.
struct BusWords {
  std::string enable;
  std::string parameter;  ///< with its leading comma; "" for the bus of the overlay's default
};

/// The firmware's i2c-rtc overlay knows the buses by these names (i2c-buses.dtsi of it).
BusWords bus_words(int bus, const facts::Facts& facts) {
  if (bus == 1) return {"dtparam=i2c_arm=on", ""};
  if (bus == 0) return {"dtparam=i2c_vc=on", ",i2c0"};
  // The second half of bus 0, on GPIO 44 and 45: a Compute Module 4's IO board has its RTC there.
  if (bus == 10 && !has_rp1(facts)) return {"dtparam=i2c_vc=on", ",i2c_csi_dsi"};
  if (bus >= 3 && bus <= 6) {
    return {fmt::format("dtoverlay=i2c{}", bus), fmt::format(",i2c{}", bus)};
  }
  throw Error{ErrorKind::refused,
              fmt::format("cannot switch on I2C bus '{}': the firmware's i2c-rtc overlay has the "
                          "buses 0, 1, 3 to 6 and, before the Pi 5, 10 (i2c_csi_dsi)",
                          bus)};
}

/// A host that was provisioned by an older version may have one: only a new plan is refused.
void require_in_overlay(const rtc::Chip& chip) {
  if (chip.in_overlay) return;
  throw Error{
      ErrorKind::refused,
      fmt::format("cannot have the firmware tell the kernel of the '{}': its i2c-rtc overlay "
                  "does not know that chip",
                  chip.name),
      "name the chip that is there in the profile: man 5 timectl-profile has those that the "
      "overlay knows"};
}

void add_boot_config(Draft& draft, const profile::RtcFeature& rtc) {
  const auto& chip = rtc::chip_named(rtc.chip);
  require_in_overlay(chip);
  const auto bus = bus_words(rtc.bus, draft.facts);
  const std::string parameters{chip.overlay_parameters};
  draft.firmware().overlay(
      {{bus.enable, fmt::format("dtoverlay=i2c-rtc{},{}{}", bus.parameter, rtc.chip, parameters)},
       "rtc",
       fmt::format("registers the {} with the kernel", rtc.chip)});
  // A site's own copy of the template may still ask for these.
  Model model;
  model.set("enable_bus", bus.enable);
  model.set("chip", rtc.chip);
  model.set("bus_parameter", bus.parameter);
  model.set("chip_parameters", parameters);
  model.set("address_parameter", "");  // the overlay knows the address
  draft.firmware().variables("rtc", model);
}

Model unit_model(const Draft& draft, const profile::RtcFeature& rtc) {
  const bool is_on_bus = rtc::chip_named(rtc.chip).is_on_bus();
  const auto client = fmt::format("{}-{:04x}", rtc.bus, rtc.address);
  Model model;
  model.set("timectl", draft.timectl());
  model.set("chip", rtc.chip);
  model.set("bus", std::to_string(rtc.bus));
  model.set("address", fmt::format("{:#04x}", rtc.address));
  model.set("client", client);
  model.set("match", is_on_bus ? fmt::format("KERNELS==\"{}\"", client)
                               : fmt::format("DRIVERS==\"{}\"", rtc.chip));
  model.set("on_board", Model{!is_on_bus});
  model.set("on_bus", Model{is_on_bus});
  model.set("overlay", Model{is_on_bus && draft.has_firmware()});
  // systemd-timesyncd.service is ordered before sysinit.target.
  model.set("whole_boot", Model{profile::runs_timesyncd(draft.host)});
  return model;
}

void add_device_wait(Draft& draft, const Model& model) {
  draft.add({.path = RootedPath{"/etc/udev/rules.d/85-timectl-rtc.rules"},
             .why = "lets units wait for the RTC, whatever its number",
             .reactions = {{ReactionKind::udev_reload, ""}}},
            model);
  draft.add({.path = RootedPath{"/etc/systemd/system/dev-timectl-rtc.device.d/50-timectl.conf"},
             .why = "keeps a missing RTC from holding up the boot",
             .reactions = {{ReactionKind::daemon_reload, ""}}},
            model);
}

/// The clock of a Pi 5 needs no overlay: its node is in the board's own device tree.
void add_board_clock(Draft& draft, const rtc::Chip& chip, const Model& model) {
  const auto& facts = draft.facts;
  // An unpacked image does not say which board it is for.
  const bool fits = facts.is_offline_root ? facts.is_raspberry_pi() : has_rp1(facts);
  if (!fits) {
    throw Error{ErrorKind::refused,
                fmt::format("cannot use the RTC '{}': it is part of a Raspberry Pi 5, and this is "
                            "{}",
                            chip.name, facts.board.value_or("another machine")),
                "name the chip that is there in the profile, or \"rtc\": false"};
  }
  add_device_wait(draft, model);
  draft.note(
      "the RTC of a Pi 5 has its battery on J5, and charges none: dtparam=rtc_bbat_vchg in "
      "config.txt would, for a battery that bears it");
}

/// Where the kernel's device of the chip is, for a shell: the udev rule names it where it is
/// installed, elsewhere it is in the directory of the I2C client.
std::string device_of(const Draft& draft, const profile::RtcFeature& rtc) {
  if (draft.has_firmware()) return "/dev/timectl/rtc";
  return fmt::format("/dev/$(ls /sys/bus/i2c/devices/{}-{:04x}/rtc)", rtc.bus, rtc.address);
}

/// The overlay's words for the battery do not last (rtc/chips.cpp), so they do not count here.
void note_battery(Draft& draft, const profile::RtcFeature& rtc, const rtc::Chip& chip) {
  std::string remark{chip.battery};
  constexpr std::string_view bus = "{bus}";
  if (const auto at = remark.find(bus); at != std::string::npos) {
    remark.replace(at, bus.size(), std::to_string(rtc.bus));
  }
  draft.note(
      fmt::format("the {} is delivered with its battery switched off; once, when the kernel has "
                  "it: hwclock --rtc {} --param-set bsm=2 ({})",
                  chip.part, device_of(draft, rtc), remark));
}

/// What the chip cannot do by itself, said in the plan.
void note_limits(Draft& draft, const profile::RtcFeature& rtc, const rtc::Chip& chip) {
  if (chip.power_loss == rtc::PowerLoss::unnoticed) {
    draft.note(
        fmt::format("the {} does not tell that it lost power: its time is compared with the "
                    "build date of timectl and its own last reading alone",
                    chip.part));
  }
  if (!chip.battery.empty()) note_battery(draft, rtc, chip);
}

/// timectl's earliest plausible time replaces fake-hwclock, and does not lower a good RTC's time.
void forbid_fake_hwclock(Draft& draft) {
  for (const auto* unit : platform::fake_hwclock_units) {
    draft.forbid_unit(unit, "sets the clock back to the last shutdown, beside a real RTC");
  }
}

/// The command's options that differ from its defaults.
std::string options_of_register(const profile::RtcFeature& rtc) {
  if (rtc.chip == profile::RtcFeature{}.chip && rtc.bus == profile::RtcFeature{}.bus) return "";
  return fmt::format(" --chip {} --bus {} --address {:#04x}", rtc.chip, rtc.bus, rtc.address);
}

void add_rtc(Draft& draft) {
  if (!draft.host.rtc) return;
  const auto& rtc = *draft.host.rtc;
  forbid_fake_hwclock(draft);
  const auto model = unit_model(draft, rtc);
  const auto& chip = rtc::chip_named(rtc.chip);
  if (!chip.is_on_bus()) {
    add_board_clock(draft, chip, model);
  } else if (draft.has_firmware() || draft.lacks_boot_partition()) {
    add_boot_config(draft, rtc);
    add_device_wait(draft, model);
    draft.note(fmt::format("the {} appears with the overlay, at the next boot", rtc.chip));
  } else {
    draft.note(
        fmt::format("no Raspberry Pi firmware here: timectl-rtc.service registers the {} "
                    "at the next boot, 'timectl rtc register{}' does it now",
                    rtc.chip, options_of_register(rtc)));
  }
  note_limits(draft, rtc, chip);
  compare_overlays(draft, rtc);
  draft.add({.path = RootedPath{"/etc/systemd/system/timectl-rtc.service"},
             .why = "sets the clock from the RTC at boot, if the RTC is plausible",
             .reactions = {{ReactionKind::daemon_reload, ""}}},
            model);
  // Not started now: the clock of a running host is in better hands than the RTC's.
  draft.add_unit("timectl-rtc.service", Enablement::enabled, Activity::unchanged,
                 "reads the RTC at each boot");
}

}  // namespace

constinit const target::Contribution rtc_contributions[1] = {{target::Phase::hardware, add_rtc}};

}  // namespace timectl::features
