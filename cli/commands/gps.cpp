// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/gps.hpp"

#include "commands/commands.hpp"
#include "duration.hpp"
#include "gps/refclocks.hpp"
#include "platform/platform.hpp"
#include "profile/networks.hpp"
#include "system/replace_file.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace timectl::cli {

namespace {

const system::RootedPath pulse{"/dev/pps0"};

gps::Situation situation_of(Context& context, const OwnSite& site) {
  const auto& receiver = receiver_of(site);
  gps::Situation now;
  now.wants_pulse = receiver.pps_gpio.has_value();
  now.has_pulse = context.files().status(pulse).has_value();
  now.has_other_sources = site.host->sources.has_value() || site.profile.servers().size() > 1;
  now.offset = receiver.nmea_offset;
  const auto calibration = calibration_or_warning(context);
  if (now.offset || !calibration) return now;
  (calibration->is_final() ? now.offset : now.estimate) = calibration->offset();
  return now;
}

std::string text_of(const gps::Refclocks& refclocks) {
  std::string text = "# timectl gps enable wrote this when chronyd started.\n";
  for (const auto& line : refclocks.lines) text += line + "\n";
  return text;
}

class GpsCommand : public Command {
 public:
  std::string name() const override { return "gps"; }
  std::string summary() const override { return "Show and calibrate the GNSS receiver"; }

  void add_options(CLI::App& app) override {
    app.require_subcommand(1);
    show_ = add(app, "show", "Fix, satellites, pulse, and what chronyd makes of them");
    add_span(*show_, "How long to listen; default: 5s");
    calibrate_ =
        add(app, "calibrate", "Measure how late the receiver's sentences come, for the pulse");
    add_span(*calibrate_, "How long to measure; default: 11m, enough for the pulse");
    calibrate_->add_flag("--apply", calibrate_options_.apply,
                         "Restart chronyd afterwards, so that it uses the result");
    calibrate_->add_flag("-y,--yes", calibrate_options_.yes, "Ask nothing");
    enable_ = add(app, "enable",
                  "Write the receiver's lines for chronyd, which its unit does at each start");
  }

  ExitStatus run(Context& context) override {
    if (context.is_offline()) {
      throw Error{ErrorKind::usage, "cannot use a receiver below '--root': nothing runs there"};
    }
    if (enable_->parsed()) return enable_receiver(context);
    if (show_->parsed()) return show_receiver(context, span_or(std::chrono::seconds{5}));
    calibrate_options_.span = span_or(calibrate_options_.span);
    return calibrate_receiver(context, calibrate_options_);
  }

 private:
  static CLI::App* add(CLI::App& app, const char* name, const char* summary) {
    auto* subcommand = app.add_subcommand(name, summary);
    subcommand->fallthrough();
    return subcommand;
  }

  void add_span(CLI::App& subcommand, const char* description) {
    subcommand.add_option("--for", span_, description)->type_name("TIME");
  }

  std::chrono::seconds span_or(std::chrono::seconds usual) const {
    if (span_.empty()) return usual;
    const auto span = parse_duration(span_);
    if (span) return *span;
    throw Error{ErrorKind::usage,
                fmt::format("--for: '{}' is no time: expected one like 90s, 20m or 1h", span_)};
  }

  CLI::App* show_ = nullptr;
  CLI::App* calibrate_ = nullptr;
  CLI::App* enable_ = nullptr;
  std::string span_;
  CalibrateOptions calibrate_options_;
};

}  // namespace

const profile::GpsFeature& receiver_of(const OwnSite& site) {
  if (site.host->gps) return *site.host->gps;
  throw Error{
      ErrorKind::usage,
      fmt::format("host '{}' of profile '{}' has no receiver", site.host->name, site.profile.name),
      "add \"gps\": {} to the host, then timectl provision"};
}

std::optional<gps::Calibration> calibration_or_warning(Context& context) {
  try {
    return gps::read_calibration(context.files());
  } catch (const Error& error) {
    context.report().warning(error);
    return std::nullopt;
  }
}

ExitStatus enable_receiver(Context& context) {
  const auto site = find_own_site(context, {});
  const auto refclocks = gps::refclocks_for(situation_of(context, site));
  system::replace_file(context.files(), system::RootedPath{platform::gps::refclocks},
                       text_of(refclocks));
  context.report().line(refclocks.why_no_pulse.empty()
                            ? "the receiver is a source of chronyd's"
                            : fmt::format("the receiver is a source of chronyd's, without its "
                                          "pulse: {}",
                                          refclocks.why_no_pulse));
  return ExitStatus::done;
}

std::unique_ptr<Command> make_gps_command() { return std::make_unique<GpsCommand>(); }

}  // namespace timectl::cli
