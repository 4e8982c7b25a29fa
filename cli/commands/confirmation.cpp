// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/confirmation.hpp"

#include "base/text.hpp"
#include "duration.hpp"
#include "first_boot.hpp"
#include "plan_view.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <filesystem>

namespace timectl::cli {

using std::chrono::seconds;
using namespace std::chrono_literals;

namespace {

constexpr seconds shortest = 10s;
// Longer than most changes take. One that takes longer is waited for.
constexpr seconds watch_span = 5min;

/// A timer whose name is in use cannot be started again: each generation has its own, and its time
/// is in it, because numbers begin anew after a purge.
std::string alarm_name(const std::string& generation) { return "timectl-expire-" + generation; }
std::string watch_name(const std::string& generation) { return "timectl-watch-" + generation; }

}  // namespace

seconds parse_span(const std::string& text) {
  const auto span = parse_duration(text);
  if (span && *span >= shortest) return *span;
  throw Error{ErrorKind::usage, fmt::format("'{}' is not a valid confirmation window", text),
              "use 90s, 10m or 1h: ten seconds to a day"};
}

void add_confirm_option(CLI::App& app, std::string& text) {
  app.add_option("--confirm", text,
                 "Roll back after TIME (90s, 10m, 1h) or at the next boot unless you run "
                 "'timectl confirm'")
      ->type_name("TIME");
}

std::optional<seconds> confirmation_window(const Context& context, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto span = parse_span(text);
  if (context.is_offline()) {
    throw Error{ErrorKind::usage, "cannot wait for a confirmation below '--root'",
                "nothing runs there that could roll it back"};
  }
  return span;
}

void stop_timer(Context& context, const std::string& name) {
  try {
    const auto timer = name + ".timer";
    if (context.services().state(timer).is_active()) context.services().stop(timer);
  } catch (const Error& error) {
    context.report().note(error);
  }
}

void recover_later(Context& context, const std::string& name, seconds span, const std::string& why,
                   int retries) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").string();
  context.services().run_later(
      name, span, {program, "recover", "--wait", "--retries", std::to_string(retries)}, why);
}

apply::PlanUndo set_alarm(Context& context) {
  return [&context](const std::string& generation, const apply::Confirmation& confirmation) {
    // A second late: an early alarm would find that there is still time, and ring no more.
    recover_later(context, alarm_name(generation), confirmation.span + 1s,
                  fmt::format("timectl rolls back {} unless 'timectl confirm' is run before {}",
                              generation, confirmation.until_utc));
  };
}

apply::Watch watch_over(Context& context) {
  return [&context](const std::string& generation) {
    if (!context.services().is_running()) return;
    recover_later(context, watch_name(generation), watch_span,
                  fmt::format("timectl rolls back {} if it was interrupted", generation));
  };
}

void cancel_alarm(Context& context, const std::string& generation) {
  stop_timer(context, alarm_name(generation));
}

void end_watch(Context& context, const std::string& generation) {
  if (!generation.empty() && context.services().is_running()) {
    stop_timer(context, watch_name(generation));
  }
}

void report_open_changes(Context& context) {
  report_unfinished(context);
  report_unconfirmed(context, apply::LastWritten{context.files()}.unconfirmed());
  report_first_boot(context);
}

void report_unconfirmed(Context& context, const std::optional<apply::Unconfirmed>& waiting) {
  if (!waiting) return;
  context.report().warning(fmt::format("{} ({} as {}) awaits 'timectl confirm' until {}",
                                       waiting->generation, waiting->host, waiting->role,
                                       waiting->confirmation.until_utc));
}

}  // namespace timectl::cli
