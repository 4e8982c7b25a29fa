// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/rtc/probes.hpp"

#include "base/text.hpp"
#include "features/rtc/findings.hpp"
#include "features/rtc/rows.hpp"
#include "history/learn.hpp"
#include "history/learned.hpp"
#include "history/ring.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"
#include "probe/misnamed_rtc.hpp"
#include "probe/rows.hpp"
#include "profile/limits.hpp"
#include "rtc/battery.hpp"
#include "rtc/boot_state.hpp"
#include "rtc/chips.hpp"
#include "rtc/rtc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

/// rtc.device and rtc.time.
namespace timectl::features {

using namespace probe;

namespace {

using profile::RtcFeature;
using rtc::Trust;

/// An RTC that was set from the system clock stays within this for a month at 2 ppm.
constexpr Seconds tolerated_offset{2};

rtc::Identity identity_of(const RtcFeature& feature) {
  return {feature.chip, feature.bus, feature.address};
}

Evidence place(const RtcFeature& feature) {
  if (!rtc::chip_named(feature.chip).is_on_bus()) return {{"chip", feature.chip}};
  return {{"chip", feature.chip},
          {"bus", std::int64_t{feature.bus}},
          {"address", fmt::format("{:#04x}", feature.address)}};
}

Finding wrong_name(const RtcFeature& wanted, const std::string& found) {
  auto evidence = place(wanted);
  evidence.emplace_back("registered_as", found);
  const auto& chip = rtc::chip_named(wanted.chip);
  const auto* other = rtc::find_chip(found);
  auto remedy = fmt::format(
      "echo {:#04x} > /sys/bus/i2c/devices/i2c-{}/delete_device && "
      "systemctl restart {}; then look for the old registration at boot",
      wanted.address, wanted.bus, boot_unit);
  if (other && other->address == wanted.address) {
    remedy += fmt::format(". If {} is printed on the chip: \"chip\": \"{}\" in the profile",
                          other->part, other->name);
  }
  return failed({fmt::format("the chip at {:#04x} is registered as {}, not {}", wanted.address,
                             found, wanted.chip),
                 rtc::consequence_of(found, chip), std::move(remedy)},
                evidence);
}

Finding not_answering(const RtcFeature& wanted) {
  return failed({fmt::format("the {} is registered, but its driver did not bind", wanted.chip),
                 fmt::format("the chip does not answer at its address, or the module {} is missing",
                             rtc::chip_named(wanted.chip).driver),
                 "check wiring and power of the module (3.3 V, SDA, SCL, ground), then reboot; "
                 "dmesg | grep rtc has the kernel's word"},
                place(wanted));
}

/// Only timectl's own block counts: another overlay may be of another chip, of another model's
/// section, or as old as the boot that ignored it.
bool overlay_is_in(const system::RootedPath& path, const Subject& subject, const Ports& ports) {
  const auto config = ports.files.read(path);
  bool is_ours = false;
  for (const auto& line : lines_of(config ? config->content : "")) {
    if (line.starts_with("# BEGIN timectl")) is_ours = true;
    if (line.starts_with("# END timectl")) is_ours = false;
    const auto words = split(trim(line), ',');
    const bool is_overlay = is_ours && words.front() == "dtoverlay=i2c-rtc";
    if (!is_overlay) continue;
    if (std::find(words.begin(), words.end(), subject.host.rtc->chip) != words.end()) return true;
  }
  return false;
}

bool overlay_is_configured(const Subject& subject, const Ports& ports) {
  const auto& config = subject.facts.boot_config;
  return config && overlay_is_in(*config, subject, ports);
}

/// Debian's own image: a hook makes config.txt, and has not run since the overlay was written.
bool waits_for_hook(const Subject& subject, const Ports& ports) {
  const auto& source = subject.facts.boot.source;
  return source && overlay_is_in(*source, subject, ports);
}

Finding hook_not_run(const Subject& subject, Evidence evidence) {
  return failed({fmt::format("the kernel has no {}, because {} does not have its overlay yet",
                             subject.host.rtc->chip, subject.facts.boot_config->text()),
                 fmt::format("raspi-firmware writes that file from {}, and did not since the "
                             "overlay is there",
                             subject.facts.boot.source->text()),
                 "update-initramfs -u && systemctl reboot"},
                std::move(evidence));
}

/// Had the firmware read the overlay, the kernel would know a client there, answering or not.
Finding overlay_not_read(const Subject& subject, const Ports& ports, Evidence evidence) {
  const auto& chip = subject.host.rtc->chip;
  const auto config = subject.facts.boot_config->text();
  if (auto wait = awaited_reboot(ports)) {
    return pending({fmt::format("the {} waits for a reboot", chip),
                    fmt::format("{} has the overlay since this boot", config), ""},
                   std::move(*wait), std::move(evidence));
  }
  return failed(
      {fmt::format("the kernel has no {}, though {} has its overlay", chip, config),
       fmt::format("the overlay was written after this boot began, or the firmware ignored it: "
                   "after a reboot, dtoverlay -l and grep -n i2c {} tell which",
                   config),
       "systemctl reboot"},
      std::move(evidence));
}

Finding absent(const Subject& subject, const Ports& ports) {
  const auto& wanted = *subject.host.rtc;
  auto evidence = place(wanted);
  evidence.emplace_back("bus_exists", ports.rtcs.has_i2c_bus(wanted.bus));
  if (overlay_is_configured(subject, ports)) return overlay_not_read(subject, ports, evidence);
  if (waits_for_hook(subject, ports)) return hook_not_run(subject, std::move(evidence));
  const bool is_pi = subject.facts.boot_config.has_value();
  if (!ports.rtcs.has_i2c_bus(wanted.bus)) {
    return failed({fmt::format("there is no I2C bus {} for the {}", wanted.bus, wanted.chip),
                   is_pi ? "I2C is not switched on in the boot configuration"
                         : "this machine has no such bus",
                   is_pi ? "timectl provision, then reboot"
                         : "correct /hosts/…/rtc/bus in the profile, or run this on the Pi"},
                  evidence);
  }
  return failed({fmt::format("the {} at {:#04x} on bus {} is not registered", wanted.chip,
                             wanted.address, wanted.bus),
                 "no overlay in the boot configuration, and no registration at run time",
                 fmt::format("check the wiring (i2cdetect -y {} shows {:02x} when the chip "
                             "answers), then timectl provision and reboot",
                             wanted.bus, wanted.address)},
                evidence);
}

Finding ask_board_clock(const RtcFeature& wanted, const Ports& ports) {
  const auto& chip = rtc::chip_named(wanted.chip);
  const auto device = rtc::find_device(ports.rtcs.list(), identity_of(wanted));
  auto evidence = place(wanted);
  if (!device) {
    return failed({fmt::format("there is no {} here", wanted.chip),
                   fmt::format("dtparam=rtc=off in config.txt switches it off, the module {} is "
                               "missing, or this is no Pi 5",
                               chip.driver),
                   "take dtparam=rtc=off out of config.txt, then reboot; or name the chip that is "
                   "there in the profile"},
                  evidence);
  }
  evidence.emplace_back("device", device->name);
  evidence.emplace_back("driver", device->driver);
  return good(fmt::format("the {} is {}", wanted.chip, device->name), std::move(evidence));
}

Finding unreadable(const rtc::Assessment& assessment, Evidence evidence) {
  if (assessment.trust == Trust::oscillator_stopped) {
    return failed({"the RTC lost power: its oscillator had stopped",
                   "the battery is empty or missing, or the clock was never set",
                   "check the battery; timectl rtc set --from-system once the clock is right"},
                  std::move(evidence));
  }
  const auto health = assessment.reading.health;
  if (health == system::RtcHealth::no_permission) {
    return {{},
            Verdict::unknown,
            "only root may read the RTC",
            std::move(evidence),
            assessment.reason,
            probe::as_root};
  }
  if (health == system::RtcHealth::busy) {
    return {{},
            Verdict::unknown,
            "another program holds the RTC",
            std::move(evidence),
            assessment.reason,
            "stop the program that holds /dev/rtc: fuser -v /dev/rtc*"};
  }
  return failed({"the RTC cannot be read", assessment.reason,
                 "check wiring and power of the module, then reboot"},
                std::move(evidence));
}

Evidence measured(const rtc::Assessment& assessment) {
  const auto& reading = assessment.reading;
  Evidence evidence{{"device", assessment.device->name},
                    {"driver", assessment.device->driver},
                    {"set_system_clock_at_boot", assessment.device->set_system_clock}};
  if (reading.temperature_c) evidence.emplace_back("temperature_c", *reading.temperature_c);
  if (reading.voltage_low) evidence.emplace_back("voltage_low", *reading.voltage_low);
  evidence.emplace_back("earliest_plausible_time", format_utc(assessment.earliest.time));
  evidence.emplace_back("earliest_plausible_time_source", assessment.earliest.source);
  if (reading.health != system::RtcHealth::readable) return evidence;
  evidence.emplace_back("rtc_time", format_utc(reading.time));
  evidence.emplace_back("offset_s", Seconds{reading.time - reading.system_time}.count());
  if (!assessment.doubts.empty()) evidence.emplace_back("doubts", join(assessment.doubts, "; "));
  return evidence;
}

/// Whether the driver found the flag of a stopped oscillator. That alone proves nothing: rtc-ds1307
/// of Linux 6.17 to 7.1 never clears it in a DS3231 (commits 48458654659c, a091e1ba3b68).
bool lost_power_before_boot(const rtc::Chip& chip, const Ports& ports) {
  if (rtc::read_boot_state(ports.files, ports.clock.boot_id()).rtc_kept_time) return false;
  if (chip.loss_message.empty() || !ports.processes.find("journalctl")) return false;
  const auto result =
      ports.processes.run({.program = "journalctl",
                           .arguments = {"-b", "-k", "-q", "-o", "cat", "--no-pager", "--grep",
                                         fmt::format("rtc.*({})", chip.loss_message)},
                           .input = {},
                           .environment = {}});
  return result.succeeded() && !trim(result.output).empty();
}

/// Learned by the monitor in island mode, when neither clock was corrected. The same number as the
/// monitor's, from the same window.
std::optional<history::Drift> learned_drift(const rtc::Chip& chip, const profile::Limits& limits,
                                            const Ports& ports) {
  const auto known = history::read_learned(ports.files, chip.name);
  // The monitor has not run since the chip was exchanged.
  if (known.is_of_other_chip) return std::nullopt;
  const auto since = history::drift_since(known, limits.drift_window, ports.clock.now());
  return history::learn_drift(history::read_samples(ports.files, since));
}

std::optional<Problem> too_fast_or_slow(const rtc::Chip& chip,
                                        const std::optional<history::Drift>& drift,
                                        const profile::Limits& limits) {
  if (!drift || std::abs(drift->ppm) - drift->margin_ppm < limits.drift_warn_ppm) {
    return std::nullopt;
  }
  return Problem{
      fmt::format("the RTC {} {:.1f} ppm against the system clock",
                  drift->ppm > 0 ? "gains" : "loses", std::abs(drift->ppm)),
      fmt::format("the {} stays within {:.2g} ppm: the chip is another one, or the system clock's "
                  "frequency was never learned (seen over {})",
                  chip.part, chip.wander * 1e6, format_span(drift->span)),
      "timectl history; connect the host to its sources for a day"};
}

/// A trusted RTC, or one that is not validated yet.
Finding judge_plausible_time(const rtc::Chip& chip, const rtc::Assessment& assessment,
                             const profile::Limits& limits, const Ports& ports, Evidence evidence) {
  const bool lost_power = lost_power_before_boot(chip, ports);
  if (lost_power) evidence.emplace_back("lost_power_before_boot", true);
  const auto drift = learned_drift(chip, limits, ports);
  if (drift) {
    evidence.emplace_back("drift_ppm", drift->ppm);
    evidence.emplace_back("drift_margin_ppm", drift->margin_ppm);
  }
  const Seconds offset = assessment.reading.time - assessment.reading.system_time;
  if (std::abs(offset.count()) > tolerated_offset.count()) {
    return warning({fmt::format("RTC and system clock are {} apart", format_span(offset)),
                    "one of them is wrong; chronyd writes the RTC only while it is synchronized",
                    "timectl rtc set --from-system once the system clock is right"},
                   std::move(evidence));
  }
  if (assessment.trust == Trust::never_set) {
    return warning({"the RTC runs, and its time is not validated yet", assessment.reason,
                    "wait for the first synchronization, or: timectl rtc set --time TIME"},
                   std::move(evidence));
  }
  if (lost_power) {
    return warning(
        {"the RTC had lost its time when this host booted, and was set since",
         "the kernel found its oscillator stopped: the battery is empty, missing or was new",
         rtc::battery_remedy},
        std::move(evidence));
  }
  if (auto problem = too_fast_or_slow(chip, drift, limits)) {
    return warning(std::move(*problem), std::move(evidence));
  }
  return good(fmt::format("the RTC says {}, {} from the system clock",
                          format_utc(assessment.reading.time), format_span(offset)),
              std::move(evidence));
}

Finding ask_device(const Subject& subject, const Ports& ports) {
  const auto& wanted = *subject.host.rtc;
  if (!rtc::chip_named(wanted.chip).is_on_bus()) return ask_board_clock(wanted, ports);
  const auto client = ports.rtcs.i2c_client(wanted.bus, wanted.address);
  if (!client) return absent(subject, ports);
  if (client->name != wanted.chip) return wrong_name(wanted, client->name);
  const auto device = rtc::find_device(ports.rtcs.list(), identity_of(wanted));
  if (client->driver.empty() || !device) return not_answering(wanted);
  auto evidence = place(wanted);
  evidence.emplace_back("device", device->name);
  evidence.emplace_back("driver", client->driver);
  return good(fmt::format("the {} on bus {} is {}", wanted.chip, wanted.bus, device->name),
              std::move(evidence));
}

Finding ask_rtc_device(const Subject& subject, const Ports& ports) {
  auto finding = ask_device(subject, ports);
  // What is wrong with the device itself comes first.
  if (finding.verdict != Verdict::ok) return finding;
  auto misnamed = misnamed_rtc(subject.profile, subject.host);
  if (!misnamed) return finding;
  misnamed->evidence = std::move(finding.evidence);
  return *misnamed;
}

Finding ask_rtc_time(const Subject& subject, const Ports& ports) {
  const auto device = rtc::find_device(ports.rtcs.list(), identity_of(*subject.host.rtc));
  if (!device) return skipped("there is no RTC to read; rtc.device says why");
  // At the second's edge, so that the offset is good to a few milliseconds.
  const auto reading = ports.rtcs.read(*device, true);
  const auto assessment =
      rtc::assess(device, reading, rtc::read_record(ports.files, subject.host.rtc->chip),
                  rtc::build_date(), rtc::read_evidence(ports.files));
  auto evidence = measured(assessment);
  switch (assessment.trust) {
    case Trust::trusted:
    case Trust::never_set:
      return judge_plausible_time(rtc::chip_named(subject.host.rtc->chip), assessment,
                                  profile::limits_of(subject.profile, subject.host), ports,
                                  std::move(evidence));
    case Trust::before_build:
    case Trust::behind_last_reading:
    case Trust::far_ahead:
      return failed({"the RTC's time is not plausible", assessment.reason,
                     "check the battery; timectl rtc set --from-system once the clock is right"},
                    std::move(evidence));
    default:
      return unreadable(assessment, std::move(evidence));
  }
}

bool has_rtc(const profile::Host& host) { return host.rtc.has_value(); }

}  // namespace

constinit const probe::Probe rtc_probes[6] = {
    {probe::row::rtc_device, probe::Needs::running_host, has_rtc, ask_rtc_device},
    {row::rtc_time, probe::Needs::running_host, has_rtc, ask_rtc_time},
    {row::rtc_boot, probe::Needs::running_host, has_rtc, ask_rtc_boot},
    {row::rtc_kernel, probe::Needs::running_host, has_rtc, ask_rtc_kernel},
    {probe::row::rtc_battery, probe::Needs::running_host, has_rtc, ask_rtc_battery},
    {row::rtc_adjtime, probe::Needs::files_only, has_rtc, ask_rtc_adjtime},
};

}  // namespace timectl::features
