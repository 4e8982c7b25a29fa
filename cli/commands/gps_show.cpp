// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "commands/gps.hpp"
#include "gps/measurement.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t width = 11;
/// The strongest signals that receivers see.
constexpr double full_signal_db = 50;

/// The newest of each.
struct Heard {
  gps::Version version;
  gps::Device device;
  std::optional<gps::Fix> fix;
  std::vector<gps::Satellite> satellites;
  std::vector<Seconds> late;
  std::optional<Seconds> pulse;
  int pulses = 0;

  void take(const gps::Report& report) {
    std::visit([&](const auto& each) { note(each); }, report);
  }

  bool is_complete() const { return fix && !satellites.empty() && late.size() > 1; }

 private:
  void note(const gps::Version& each) { version = each; }
  void note(const gps::Devices& each) {
    if (!each.devices.empty()) device = each.devices.front();
  }
  void note(const gps::Fix& each) { fix = each; }
  // gpsd sends some with the dilution alone.
  void note(const gps::Sky& each) {
    if (!each.satellites.empty()) satellites = each.satellites;
  }
  void note(const gps::Lateness& each) { late.push_back(each.late); }
  void note(const gps::Pulse& each) {
    pulse = each.late;
    ++pulses;
  }
};

std::string_view word_of(gps::FixMode mode) {
  switch (mode) {
    case gps::FixMode::none:
      return "none";
    case gps::FixMode::two_dimensional:
      return "2D";
    case gps::FixMode::three_dimensional:
      return "3D";
  }
  return "none";
}

std::string in_words(const gps::Fix& fix) {
  if (fix.mode == gps::FixMode::none) return "none: the antenna needs a view of the sky";
  auto text = std::string{word_of(fix.mode)};
  if (fix.time) text += ", " + format_utc(*fix.time);
  if (fix.latitude && fix.longitude) {
    text += fmt::format(", {:.4f} {:.4f}", *fix.latitude, *fix.longitude);
  }
  return text;
}

long used_of(const std::vector<gps::Satellite>& satellites) {
  return std::count_if(satellites.begin(), satellites.end(),
                       [](const auto& each) { return each.is_used; });
}

std::string bar_of(double signal_db) {
  constexpr double longest = 25;
  const auto part = std::clamp(signal_db / full_signal_db, 0.0, 1.0);
  return std::string(static_cast<std::size_t>(std::lround(part * longest)), '#');
}

void show_satellites(Report& report, std::vector<gps::Satellite> satellites) {
  std::stable_sort(satellites.begin(), satellites.end(), [](const auto& a, const auto& b) {
    return std::pair{a.is_used, a.signal_db} > std::pair{b.is_used, b.signal_db};
  });
  for (const auto& each : satellites) {
    report.line(fmt::format("  {:>7} {:>3}  {:>2.0f} dB {} {}",
                            gps::constellation_name(each.constellation), each.id, each.signal_db,
                            each.is_used ? '*' : ' ', bar_of(each.signal_db)));
  }
}

std::string in_words(const std::optional<gps::Calibration>& calibration) {
  if (!calibration) return "not yet: timectl gps calibrate";
  return fmt::format("{:.4f} s by {} samples, {}{}", calibration->offset().count(),
                     calibration->spread.count, format_utc(calibration->measured_at),
                     calibration->is_final() ? "" : "; too few for the pulse");
}

std::string late_in_words(const std::vector<Seconds>& late) {
  if (late.empty()) return "no sentence with the time came";
  const auto spread = gps::spread_of(late);
  return fmt::format("sentences come {} after their second", format_span(spread.median));
}

/// What chronyd says of its reference clocks: the receiver's are NMEA and PPS.
void show_chronyd(Report& report, const std::optional<std::vector<system::ChronySource>>& sources) {
  if (!sources) return report.row("chronyd", width, "does not answer");
  bool is_there = false;
  for (const auto& source : *sources) {
    if (source.mode != '#') continue;
    is_there = true;
    report.row("chronyd", width,
               fmt::format("#{} {}: reach {:o}, {}", source.state, source.name, source.reach,
                           source.reach == 0 ? "no sample" : format_span(source.offset)));
  }
  if (!is_there) report.row("chronyd", width, "has no receiver: systemctl restart chrony");
}

void show(Context& context, const Heard& heard, const profile::GpsFeature& receiver,
          const std::optional<gps::Calibration>& calibration) {
  auto& report = context.report();
  report.row("receiver", width,
             fmt::format("{} {} at {}", heard.device.driver, heard.device.subtype,
                         heard.device.path.empty() ? "no device" : heard.device.path));
  report.row("fix", width, heard.fix ? in_words(*heard.fix) : "nothing was heard of it");
  report.row("satellites", width,
             fmt::format("{} of {} used", used_of(heard.satellites), heard.satellites.size()));
  show_satellites(report, heard.satellites);
  report.row("second", width, late_in_words(heard.late));
  if (receiver.pps_gpio) {
    report.row("pulse", width,
               heard.pulse
                   ? fmt::format("{} edges, {} late", heard.pulses, format_span(*heard.pulse))
                   : "gpsd sees none; chronyd's row PPS tells whether it does");
    report.row("calibrated", width, in_words(calibration));
  }
  show_chronyd(report, context.daemons().chrony_sources());
}

ordered_json document_of(const Heard& heard, const std::optional<gps::Calibration>& calibration) {
  ordered_json document;
  document["schema"] = 1;
  document["gpsd"] = heard.version.release;
  document["device"] = heard.device.path;
  document["driver"] = heard.device.driver;
  document["subtype"] = heard.device.subtype;
  document["fix"] = heard.fix ? ordered_json(word_of(heard.fix->mode)) : ordered_json();
  const bool has_time = heard.fix && heard.fix->time;
  document["time"] = has_time ? ordered_json(format_utc(*heard.fix->time)) : ordered_json();
  document["satellites"] = heard.satellites.size();
  document["satellites_used"] = used_of(heard.satellites);
  document["late_s"] = nullptr;
  if (!heard.late.empty()) document["late_s"] = gps::spread_of(heard.late).median.count();
  document["offset_s"] = nullptr;
  if (calibration) document["offset_s"] = calibration->offset().count();
  document["samples"] = calibration ? calibration->spread.count : 0;
  return document;
}

}  // namespace

ExitStatus show_receiver(Context& context, std::chrono::seconds span) {
  const auto site = find_own_site(context, {});
  const auto& receiver = receiver_of(site);
  Heard heard;
  context.gpsd().watch(span, [&](std::string_view line) {
    if (const auto report = gps::parse_report(line)) heard.take(*report);
    return !heard.is_complete();
  });
  const auto calibration = calibration_or_warning(context);
  if (context.options().json) {
    context.report().json(document_of(heard, calibration));
  } else {
    show(context, heard, receiver, calibration);
  }
  const bool has_fix = heard.fix && heard.fix->mode != gps::FixMode::none;
  return has_fix ? ExitStatus::done : ExitStatus::answer_is_no;
}

}  // namespace timectl::cli
