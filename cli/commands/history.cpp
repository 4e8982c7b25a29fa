// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "history/drawing.hpp"
#include "history/learn.hpp"
#include "history/learned.hpp"
#include "history/ring.hpp"
#include "observe/judge.hpp"
#include "own_site.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <fstream>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t rows = 24;     // what fits a screen
constexpr std::size_t columns = 46;  // of the page's 80, beside the names and the scale
constexpr std::size_t pixels = 900;  // of a drawing

/// "90min", "36h", "7d", "52w", or a time that parse_utc reads.
WallTime parse_since(const std::string& text, WallTime now) {
  constexpr std::array<std::pair<const char*, int>, 5> units{
      {{"min", 60}, {"w", 7 * 86400}, {"d", 86400}, {"h", 3600}, {"s", 1}}};
  if (const auto time = parse_utc(text)) return *time;
  for (const auto& [unit, seconds] : units) {
    if (!text.ends_with(unit)) continue;
    const auto count = to_integer(text.substr(0, text.size() - std::string{unit}.size()));
    constexpr long long most = 100LL * 366 * 86400;
    if (!count || *count <= 0 || *count > most / seconds) break;
    return now - std::chrono::seconds{*count * seconds};
  }
  throw Error{ErrorKind::usage, fmt::format("cannot read '{}' as a time since when", text),
              "use 90min, 36h, 7d, 52w or 2026-11-20T13:00:00Z"};
}

/// There is nothing to show of the time to come, nor from before there were clocks of this kind.
void require_past(const std::string& text, WallTime since, WallTime now) {
  if (since < now && since >= WallTime{}) return;
  throw Error{ErrorKind::usage, fmt::format("cannot show the history since '{}'", text),
              fmt::format("give a time between 1970 and now ({})", format_utc(now))};
}

ordered_json number(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

ordered_json to_json(const history::Slot& slot) {
  ordered_json json;
  json["from"] = format_utc(slot.from);
  json["observations"] = slot.seen;
  json["worst_state"] = quality::to_string(slot.worst);
  const auto boot = history::to_string(slot.boot);
  json["boot_id"] = boot.empty() ? ordered_json() : ordered_json(boot);
  json["least_offset_s"] = number(slot.least_offset_s);
  json["most_offset_s"] = number(slot.most_offset_s);
  for (std::size_t i = 0; i < history::channels.size(); ++i) {
    if (i == history::place_of("state")) continue;  // said above, by its name
    json[history::channels[i].name] = number(slot.values[i]);
  }
  return json;
}

ordered_json document(const history::Summary& summary, const std::optional<history::Drift>& drift,
                      const history::Learned& learned, const quality::Wander& wander) {
  ordered_json json;
  json["schema"] = 1;
  json["since"] = format_utc(summary.from);
  json["until"] = format_utc(summary.until);
  json["slot_s"] = summary.slot_span.count();
  json["rtc_drift_ppm"] = drift ? ordered_json(drift->ppm) : ordered_json();
  json["rtc_drift_margin_ppm"] = drift ? ordered_json(drift->margin_ppm) : ordered_json();
  json["clock_wander_ppm"] = wander.clock * 1e6;
  json["rtc_wander_ppm"] = wander.rtc * 1e6;
  json["frequency_recorded_s"] =
      learned.clock ? ordered_json(learned.clock->recorded.count()) : ordered_json();
  json["slots"] = ordered_json::array();
  for (const auto& slot : summary.slots) {
    if (slot.seen > 0) json["slots"].push_back(to_json(slot));
  }
  return json;
}

void write_drawing(const std::string& path, const history::Summary& summary) {
  const auto title = fmt::format("Time since {}", format_utc(summary.from));
  std::string drawn;
  if (path.ends_with(".svg")) {
    drawn = history::svg(summary, title);
  } else if (path.ends_with(".html")) {
    drawn = history::html(summary, title);
  } else {
    throw Error{ErrorKind::usage, fmt::format("cannot tell the format of '{}'", path),
                "name a file that ends in .svg or .html"};
  }
  std::ofstream file{path, std::ios::binary};
  file << drawn << std::flush;
  if (!file) throw Error{ErrorKind::io, fmt::format("cannot write '{}'", path)};
}

/// RFC 4180, but for the line ends, which are this system's.
void print_csv(Context& context, WallTime since) {
  std::string heading = "time,boot_id";
  for (const auto& channel : history::channels) heading += fmt::format(",{}", channel.name);
  context.report().line(heading);
  history::visit_samples(context.files(), since, history::all_channels, [&](const auto& seen) {
    auto line = fmt::format("{},{}", format_utc(seen.at), history::to_string(seen.boot));
    for (const auto& channel : history::channels) line += "," + text_of(channel, seen);
    context.report().line(line);
  });
}

/// This host, or one that the profile says nothing of: the history is shown without a profile too,
/// for the usual chip then.
profile::Host own_host(Context& context) {
  try {
    return *find_own_site(context, {}).host;
  } catch (const Error&) {
    return {};
  }
}

class HistoryCommand : public Command {
 public:
  std::string name() const override { return "history"; }
  std::string summary() const override { return "Show how good the time has been"; }

  void add_options(CLI::App& app) override {
    app.add_option("--since", since_, "How far back: 90min, 36h, 7d, 52w, or a time in UTC (7d)")
        ->type_name("TIME");
    auto* output = app.add_option("--output", output_, "Draw it into FILE.svg or FILE.html");
    output->type_name("FILE");
    app.add_flag("--csv", csv_, "Print all measured values, a line for each check")
        ->excludes(output);
  }

  ExitStatus run(Context& context) override {
    const auto now = context.clock().now();
    const auto since = parse_since(since_, now);
    require_past(since_, since, now);
    if (csv_ && context.options().json) {
      throw Error{ErrorKind::usage, "cannot print '--csv' and '--json' at once"};
    }
    if (csv_) {
      print_csv(context, since);
    } else if (!output_.empty()) {
      const auto wanted = history::drawn_channels();
      history::Summarizer drawn{since, now, pixels, wanted};
      history::visit_samples(context.files(), since, wanted,
                             [&](const auto& seen) { drawn.add(seen); });
      write_drawing(output_, drawn.summary());
    } else {
      show(context, since, now);
    }
    return ExitStatus::done;
  }

 private:
  static void show(Context& context, WallTime since, WallTime now) {
    const bool json = context.options().json;
    const auto wanted = json ? history::all_channels : history::drawn_channels();
    history::Summarizer tabled{since, now, rows, wanted};
    history::Summarizer plotted{since, now, json ? 0 : columns, wanted};
    history::DriftLearner learner;
    bool is_empty = true;
    history::visit_samples(context.files(), since, wanted, [&](const history::Sample& seen) {
      is_empty = false;
      tabled.add(seen);
      plotted.add(seen);
      learner.add(seen);
    });
    const auto host = own_host(context);
    const auto learned = history::read_learned(context.files(), host.rtc ? host.rtc->chip : "");
    const auto wander = history::wander_of(learned, observe::usual_wander(host));
    if (json) {
      context.report().json(document(tabled.summary(), learner.drift(), learned, wander));
      return;
    }
    if (is_empty) {
      context.report().line(fmt::format("nothing was recorded since {}", format_utc(since)));
      context.report().note("timectl verify --only monitor.timer says whether the monitor runs");
      return;
    }
    print(context.report(), tabled.summary(), plotted.summary(), learner.drift());
    if (!learned.clock && !learned.rtc) return;
    context.report().line(fmt::format(
        "without sources bounds grow by {:.1f} ppm, that of the RTC's time by {:.1f} ppm",
        wander.clock * 1e6, wander.rtc * 1e6));
  }

  static void print(Report& report, const history::Summary& summary,
                    const history::Summary& plotted, const std::optional<history::Drift>& drift) {
    for (const auto& line : history::table(summary)) report.line(line);
    report.line("");
    for (const auto& line : history::plot(plotted)) report.line(line);
    if (drift) {
      report.line(
          fmt::format("the RTC gains {:.2f} ppm (+- {:.2f}) on the system clock, {:.2f} s a day",
                      drift->ppm, drift->margin_ppm, drift->ppm * 0.0864));
    }
  }

  bool csv_ = false;
  std::string since_ = "7d";
  std::string output_;
};

}  // namespace

std::unique_ptr<Command> make_history_command() { return std::make_unique<HistoryCommand>(); }

}  // namespace timectl::cli
