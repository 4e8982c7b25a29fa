// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rtc/rtc.hpp"

#include "base/text.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "commands/island.hpp"
#include "commands/rtc_battery.hpp"
#include "commands/rtc_place.hpp"
#include "commands/rtc_trust.hpp"
#include "observe/judge.hpp"
#include "platform/platform.hpp"
#include "rtc/boot_state.hpp"
#include "rtc/chips.hpp"
#include "rtc/island.hpp"
#include "rtc/registration.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace timectl::cli {

namespace {

using rtc::Assessment;
using system::RtcHealth;

// --- hctosys ------------------------------------------------------------------------------------

void set_clock(Context& context, WallTime time) {
  context.clock_setter().set(time);
  // At boot it does not run yet (Before=chrony.service): what it will say is of this clock.
  const auto chronyd = context.services().state(platform::chronyd.unit).is_active()
                           ? rtc::Chronyd::running
                           : rtc::Chronyd::stopped;
  rtc::forget_synchronization(context.files(), context.clock().boot_id(), chronyd);
}

/// The RTC's time now: read again at the change of its second, and carried on to this instant.
void set_clock_from(Context& context, const system::RtcDevice& device) {
  const auto reading = context.rtcs().read(device, true);
  if (reading.health != RtcHealth::readable) {
    throw Error{ErrorKind::io, fmt::format("cannot read '{}' a second time", device.name)};
  }
  const auto since = context.clock().now() - reading.system_time;
  set_clock(context, reading.time + since);
}

/// At boot, before anything sets it: afterwards an RTC that lost its time reads like any other.
void note_rtc(Context& context, const Assessment& assessment) {
  constexpr std::chrono::minutes longest_boot{5};
  if (!assessment.is_trusted() || context.clock().since_boot() > longest_boot) return;
  try {
    rtc::note_rtc_kept_time(context.files(), context.clock().boot_id());
  } catch (const Error& error) {
    context.report().warning(error);
  }
}

/// An RTC that lost its time is not valid any more, before it is written again. The card may
/// not be writable yet; then monitor sees to it.
void keep_record(Context& context, const observe::Observation& seen) {
  const rtc::SystemClockView clock{context.clock().now(), context.clock().since_boot()};
  const auto record =
      rtc::next_record(seen.record, seen.rtc, rtc::ClockTrust::untraceable, {}, clock);
  if (!record) return;
  try {
    rtc::write_record(context.files(), *record, seen.chip);
  } catch (const Error& error) {
    context.report().warning(error);
  }
}

ExitStatus set_clock_at_boot(Context& context) {
  using Action = rtc::ClockSetting::Action;
  const auto seen = observe_clocks(context, find_place(context));
  const auto& assessment = seen.rtc;
  const auto setting = rtc::set_clock_at_boot(assessment, context.clock().now());
  auto& report = context.report();
  for (const auto& doubt : assessment.doubts) report.note(doubt);
  switch (setting.action) {
    case Action::leave:
      report.note("the system clock stays as it is: " + setting.reason);
      break;
    case Action::from_rtc:
      set_clock_from(context, *assessment.device);
      report.note("set the system clock from the RTC: " + setting.reason);
      break;
    case Action::to_earliest:
      set_clock(context, assessment.earliest.time);
      report.warning(fmt::format("set the system clock to {}, it is not to be trusted: {}",
                                 format_utc(assessment.earliest.time), setting.reason));
      break;
  }
  keep_record(context, seen);
  note_rtc(context, assessment);
  return setting.rtc_refused ? ExitStatus::answer_is_no : ExitStatus::done;
}

// --- set ----------------------------------------------------------------------------------------

struct SetOptions {
  std::string time;
  bool from_system = false;
  bool force = false;
};

WallTime wanted_time(Context& context, const SetOptions& options) {
  if (options.time.empty()) return context.clock().now();
  const auto time = parse_utc(options.time);
  if (time) return *time;
  throw Error{ErrorKind::usage,
              fmt::format("cannot read '{}' as a time: expected UTC like 2026-11-20T13:28:46Z or "
                          "@seconds",
                          options.time)};
}

void check_is_plausible(WallTime time, const Assessment& assessment, bool force) {
  if (time >= assessment.earliest.time) return;
  const bool is_build_date = time < rtc::build_date();
  if (force && !is_build_date) return;
  throw Error{ErrorKind::refused,
              fmt::format("cannot set the RTC to '{}': it is before {} ({})", format_utc(time),
                          is_build_date ? "the build date of timectl" : assessment.earliest.source,
                          format_utc(is_build_date ? rtc::build_date() : assessment.earliest.time)),
              is_build_date ? "" : "--force overrides that and discards the earlier record"};
}

bool is_synchronized_now(Context& context, const Place& place) {
  return observe::is_synchronized(observe_time(context, place), place.limits);
}

void check_sources(Context& context, const Place& place, const SetOptions& options, WallTime time) {
  if (options.time.empty() || options.force) return;
  const Seconds away{std::abs(Seconds{time - context.clock().now()}.count())};
  if (away <= Seconds{2} || !is_synchronized_now(context, place)) return;
  throw Error{ErrorKind::refused,
              fmt::format("cannot set the time to '{}': chronyd follows real sources, which are {} "
                          "away from it",
                          format_utc(time), format_span(away)),
              "rtc set --from-system takes their time; --force insists"};
}

system::RtcDevice need_device(const Assessment& assessment, const profile::RtcFeature& rtc) {
  if (assessment.device) return *assessment.device;
  const auto* chip = rtc::find_chip(rtc.chip);
  const auto hint =
      chip && !chip->is_on_bus()
          ? std::string{"timectl verify --only rtc.device says why"}
          : fmt::format(
                "timectl rtc register --chip {} --bus {} --address {:#04x} makes the kernel "
                "look for it",
                rtc.chip, rtc.bus, rtc.address);
  throw Error{ErrorKind::missing, "cannot set the RTC: " + assessment.reason, hint};
}

void write_and_validate(Context& context, const Place& place, const system::RtcDevice& device,
                        const SetOptions& options) {
  context.rtc_writer().write_system_time(device);
  const auto reading = context.rtcs().read(device);
  if (reading.health != RtcHealth::readable || !rtc::agrees_with_system(reading)) {
    throw Error{ErrorKind::io,
                fmt::format("cannot set the RTC '{}': it was written, and reads "
                            "otherwise",
                            device.name),
                "check its battery and wiring"};
  }
  // chronyd calls a clock synchronized for a while after another program set it.
  const bool is_sources_time = options.time.empty() && is_synchronized_now(context, place);
  const auto trust = is_sources_time ? rtc::ClockTrust::traceable : rtc::ClockTrust::untraceable;
  const auto& chip = place.host.rtc->chip;
  const auto before = options.force ? std::nullopt : rtc::read_record(context.files(), chip);
  rtc::write_record(context.files(), rtc::validated_record(before, reading.time, trust, "operator"),
                    chip);
  auto boot = rtc::read_boot_state(context.files(), context.clock().boot_id());
  boot.reading.reset();  // readings from before say nothing of how it runs now
  rtc::write_boot_state(context.files(), boot);
}

void enable_if_serving(Context& context, const Place& place) {
  if (place.host.serve && !observe_time(context, place).daemon.answered) {
    context.report().note("chronyd is not running: island mode is enabled when it starts");
    return;
  }
  const auto decision = may_enable_island(context, place);
  if (decision.yes) have_chronyd_serve(context, place);
  context.report().note((decision.yes ? "island mode enabled: " : "island mode not enabled: ") +
                        decision.reason);
}

ExitStatus set(Context& context, const SetOptions& options) {
  const auto time = wanted_time(context, options);
  const auto place = find_place(context);
  const auto assessment = observe_clocks(context, place).rtc;
  const auto device = need_device(assessment, *place.host.rtc);
  check_is_plausible(time, assessment, options.force);
  check_sources(context, place, options, time);
  if (!options.time.empty()) set_clock(context, time);
  write_and_validate(context, place, device, options);
  context.report().line(fmt::format("set {} to {}, validated by the operator", device.name,
                                    format_utc(context.clock().now())));
  enable_if_serving(context, place);
  return ExitStatus::done;
}

// --- register -----------------------------------------------------------------------------------

constexpr std::chrono::seconds driver_deadline{5};

struct RegisterOptions {
  std::string chip = rtc::Identity{}.chip;
  int bus = rtc::Identity{}.bus;
  std::optional<int> address;  ///< the chip's own where none is given
  int wait_s = 0;
};

[[noreturn]] void refuse_other_chip(const rtc::Identity& wanted, const std::string& found) {
  auto hint = fmt::format(
      "correct the dtoverlay in config.txt, or now: echo 0x{:02x} > "
      "/sys/bus/i2c/devices/i2c-{}/delete_device",
      wanted.address, wanted.bus);
  const auto* other = rtc::find_chip(found);
  if (other && other->address == wanted.address) {
    hint += fmt::format("; if {} is printed on the chip: \"chip\": \"{}\" in the profile",
                        other->part, other->name);
  }
  throw Error{ErrorKind::refused,
              fmt::format("cannot register '{}' at {}: it is bound as '{}'", wanted.chip,
                          wanted.i2c_client(), found),
              std::move(hint)};
}

rtc::Identity wanted_chip(const RegisterOptions& options) {
  const auto& chip = rtc::chip_named(options.chip);
  if (!chip.is_on_bus()) {
    throw Error{ErrorKind::refused,
                fmt::format("cannot register '{}': it is on no I2C bus, and the kernel finds it by "
                            "itself",
                            chip.name)};
  }
  const auto address = options.address.value_or(chip.address);
  if (address != chip.address) {
    throw Error{ErrorKind::usage,
                fmt::format("the {} cannot have the address '{:#04x}', only {:#04x}", chip.part,
                            address, chip.address)};
  }
  return {options.chip, options.bus, address};
}

ExitStatus register_chip(Context& context, const RegisterOptions& options) {
  const auto wanted = wanted_chip(options);
  auto client = context.rtcs().i2c_client(wanted.bus, wanted.address);
  if (client && client->name != wanted.chip) refuse_other_chip(wanted, client->name);
  if (!client) {
    const auto patience = rtc::patience(context.files(), std::chrono::seconds{options.wait_s});
    if (!rtc::wait_for_bus(context.rtcs(), context.clock(), wanted.bus, patience)) {
      throw Error{
          ErrorKind::missing,
          fmt::format("cannot register '{}': there is no I2C bus {}", wanted.chip, wanted.bus),
          "on a Raspberry Pi: dtparam=i2c_arm=on in config.txt, and modprobe i2c-dev"};
    }
    context.rtc_writer().register_chip(wanted.bus, wanted.address, wanted.chip);
    rtc::wait_until_usable(context.rtcs(), context.clock(), wanted,
                           std::max(patience, driver_deadline));
    client = context.rtcs().i2c_client(wanted.bus, wanted.address);
  }
  const bool bound = client && !client->driver.empty();
  context.report().line(
      bound
          ? fmt::format("{} at {} is bound to {}", wanted.chip, wanted.i2c_client(), client->driver)
          : fmt::format("{} at {} is registered, but no driver took it: the chip does not "
                        "answer, or the kernel module is missing",
                        wanted.chip, wanted.i2c_client()));
  return bound ? ExitStatus::done : ExitStatus::answer_is_no;
}

class RtcCommand : public Command {
 public:
  std::string name() const override { return "rtc"; }
  std::string summary() const override {
    return "Show, set and validate the real-time clock (RTC)";
  }

  void add_options(CLI::App& app) override {
    app.require_subcommand(1);
    show_ = add(app, "show", "Show the RTC's time and whether it is plausible and validated");
    set_ = add(app, "set", "Set and validate the RTC, and enable island mode");
    auto* time = set_->add_option("--time", set_options_.time,
                                  "Set RTC and system clock to TIME, such as 2026-11-20T13:28:46Z")
                     ->type_name("TIME");
    set_->add_flag("--from-system", set_options_.from_system,
                   "Use the system clock's time (default)")
        ->excludes(time);
    set_->add_flag(
        "--force", set_options_.force,
        "Also before the last traceable time (not before the build date) and against sources");
    // Units that timectl rendered before 0.2 call it so.
    arm_ = add(app, "arm", "timectl island enable");
    arm_->group("");
    hctosys_ = add(app, "hctosys", "Set the system clock from the RTC at boot, if it is plausible");
    battery_ = add(app, "battery", "Show when the RTC's battery was put in, and when it is due");
    replaced_ = battery_->add_option(
        "--replaced", replaced_date_,
        "Record that it was replaced on DATE (default: today), such as 2026-11-20");
    replaced_->type_name("DATE")->expected(0, 1);
    register_ = add(app, "register", "Register an RTC chip on an I2C bus with the kernel");
    register_->add_option("--chip", register_options_.chip,
                          "The kernel's name of the chip (ds3231)");
    register_->add_option("--bus", register_options_.bus, "The I2C bus")->check(CLI::Range(0, 255));
    register_
        ->add_option("--address", register_options_.address,
                     "The address, such as 0x68 (default: the chip's own)")
        ->check(CLI::Range(0x03, 0x77));
    register_
        ->add_option("--wait", register_options_.wait_s,
                     "Where udev runs, wait this long for the bus, then for the driver")
        ->type_name("SECONDS")
        ->check(CLI::Range(0, 60));
  }

  ExitStatus run(Context& context) override {
    if (context.is_offline() && !battery_->parsed()) {
      throw Error{ErrorKind::usage, "cannot use an RTC below '--root': clocks belong to hosts"};
    }
    if (set_->parsed()) return set(context, set_options_);
    if (arm_->parsed()) return enable_island(context);
    if (hctosys_->parsed()) return set_clock_at_boot(context);
    if (register_->parsed()) return register_chip(context, register_options_);
    if (battery_->parsed()) {
      return show_battery(context,
                          replaced_->count() > 0 ? std::optional{replaced_date_} : std::nullopt);
    }
    return show_rtc(context);
  }

 private:
  static CLI::App* add(CLI::App& app, const char* name, const char* summary) {
    auto* subcommand = app.add_subcommand(name, summary);
    subcommand->fallthrough();
    return subcommand;
  }

  CLI::App* show_ = nullptr;
  CLI::App* set_ = nullptr;
  CLI::App* arm_ = nullptr;
  CLI::App* hctosys_ = nullptr;
  CLI::App* register_ = nullptr;
  CLI::App* battery_ = nullptr;
  CLI::Option* replaced_ = nullptr;
  std::string replaced_date_;
  SetOptions set_options_;
  RegisterOptions register_options_;
};

}  // namespace

std::unique_ptr<Command> make_rtc_command() { return std::make_unique<RtcCommand>(); }

}  // namespace timectl::cli
