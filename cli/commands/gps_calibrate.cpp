// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/gps.hpp"
#include "gps/measurement.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;

gps::Reference require_reference(Context& context, bool calibrated) {
  auto reference =
      gps::reference_of(context.daemons().chrony_report(system::ChronyCounters::no), calibrated);
  if (!reference.by.empty()) return reference;
  throw Error{ErrorKind::refused, fmt::format("cannot calibrate: {}", reference.why_not),
              "wait until chronyd follows another source: chronyc sources; without one, give the "
              "offset in the profile: nmea_offset_s"};
}

std::string progress_of(const gps::Measurement& measured) {
  if (measured.mode() == gps::FixMode::none) return "waiting for a fix";
  const auto spread = measured.spread();
  return fmt::format("{} samples, {} late, spread {}", spread.count, format_span(spread.median),
                     format_span(spread.width()));
}

gps::Measurement measure(Context& context, std::chrono::seconds span) {
  gps::Measurement measured;
  const auto begin = context.clock().since_boot();
  auto said_at = begin;
  context.gpsd().watch(span, [&](std::string_view line) {
    if (const auto report = gps::parse_report(line)) measured.take(*report);
    const auto now = context.clock().since_boot();
    if (now - said_at >= std::chrono::seconds{1}) {
      said_at = now;
      const auto percent = static_cast<int>(100 * Seconds{now - begin} / Seconds{span});
      context.report().progress(progress_of(measured), std::min(percent, 100));
    }
    return true;
  });
  return measured;
}

void require_samples(const gps::Measurement& measured) {
  if (measured.count() >= gps::provisional_samples) return;
  const bool has_fix = measured.mode() != gps::FixMode::none;
  throw Error{ErrorKind::external,
              fmt::format("cannot calibrate: the receiver gave {} of {} samples", measured.count(),
                          gps::provisional_samples),
              has_fix ? "measure longer: timectl gps calibrate --for 11m"
                      : "it has no fix: give the antenna a view of the sky, then see timectl gps "
                        "show"};
}

/// A Pi 5 hands on what its serial port gets when it has time, up to two seconds late.
std::string hint_for(Context& context, const gps::Spread& spread) {
  const auto board = context.detect_facts().board.value_or("");
  const bool is_late_board = board.starts_with("Raspberry Pi 5") && spread.width() > Seconds{1};
  if (is_late_board) {
    return "a Raspberry Pi 5's serial port can be seconds late: use the receiver's USB, and the "
           "pin for the pulse alone";
  }
  return "have the receiver send fewer sentences, or raise its speed (\"baud\")";
}

ordered_json document_of(const gps::Calibration& calibration) {
  ordered_json document;
  document["schema"] = 1;
  document["samples"] = calibration.spread.count;
  document["offset_s"] = calibration.offset().count();
  document["low_s"] = calibration.spread.low.count();
  document["high_s"] = calibration.spread.high.count();
  document["final"] = calibration.is_final();
  document["device"] = calibration.device;
  document["receiver"] = calibration.receiver;
  document["reference"] = calibration.reference;
  document["measured_at"] = format_utc(calibration.measured_at);
  return document;
}

void show(Context& context, const gps::Calibration& calibration,
          const std::vector<Seconds>& values) {
  if (context.options().json) return context.report().json(document_of(calibration));
  auto& report = context.report();
  constexpr std::size_t width = 10;
  report.row("offset", width,
             fmt::format("{:.4f} s, by {} samples against {}", calibration.offset().count(),
                         calibration.spread.count, calibration.reference));
  report.row("spread", width,
             fmt::format("nine of ten are from {:.4f} to {:.4f} s late",
                         calibration.spread.low.count(), calibration.spread.high.count()));
  for (const auto& line : distribution(values)) report.line(line);
  if (calibration.is_final()) return;
  report.note(fmt::format("the pulse needs {} samples: timectl gps calibrate --for 11m",
                          gps::final_samples));
}

void use(Context& context, const CalibrateOptions& options) {
  if (!options.apply) {
    context.report().note(fmt::format(
        "chronyd uses it from its next start on: systemctl restart {}", platform::chronyd.unit));
    return;
  }
  const bool may = options.yes ||
                   context.report().confirm("Restart chronyd? It serves no time for some seconds.",
                                            "systemctl restart chronyd yourself, or use --yes");
  if (may) context.services().restart(platform::chronyd.unit);
}

}  // namespace

std::vector<std::string> distribution(const std::vector<Seconds>& values) {
  if (values.empty()) return {};
  constexpr int parts = 12;
  constexpr int longest_bar = 40;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const auto step = std::max((*most - *least) / parts, Seconds{1e-4});
  std::vector<int> counts(parts, 0);
  for (const auto& value : values) {
    const auto part = static_cast<int>((value - *least) / step);
    ++counts[static_cast<std::size_t>(std::clamp(part, 0, parts - 1))];
  }
  const auto largest = *std::max_element(counts.begin(), counts.end());
  std::vector<std::string> lines;
  for (int part = 0; part < parts; ++part) {
    const auto count = counts[static_cast<std::size_t>(part)];
    const auto bar = static_cast<std::size_t>(std::lround(double{longest_bar} * count / largest));
    lines.push_back(fmt::format("{:8.4f} s {:>5}  {}", (*least + step * part).count(), count,
                                std::string(count > 0 ? std::max<std::size_t>(bar, 1) : 0, '#')));
  }
  while (!lines.empty() && counts[lines.size() - 1] == 0) lines.pop_back();
  return lines;
}

ExitStatus calibrate_receiver(Context& context, const CalibrateOptions& options) {
  const auto site = find_own_site(context, {});
  static_cast<void>(receiver_of(site));
  const auto before = calibration_or_warning(context);
  const bool calibrated = before && before->is_final();
  static_cast<void>(require_reference(context, calibrated));
  const auto measured = measure(context, options.span);
  require_samples(measured);
  // What it was measured with has to be there at the end, too.
  const auto reference = require_reference(context, calibrated);
  const gps::Calibration calibration{
      measured.spread(), context.clock().now(), measured.device().path,
      fmt::format("{} {}", measured.device().driver, measured.device().subtype), reference.by};
  if (const auto objection = gps::objection_to(calibration.spread); !objection.empty()) {
    throw Error{ErrorKind::refused, "cannot calibrate: " + objection,
                hint_for(context, calibration.spread)};
  }
  gps::write_calibration(context.files(), calibration);
  show(context, calibration, measured.values());
  use(context, options);
  return ExitStatus::done;
}

}  // namespace timectl::cli
