// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/island.hpp"

#include "commands/commands.hpp"
#include "commands/rtc_place.hpp"
#include "platform/platform.hpp"
#include "rtc/boot_state.hpp"
#include "rtc/island.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <csignal>

#include <unistd.h>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;

/// Runs as ExecStartPost= of chrony.service: a bus that hangs must not hold chronyd's start up.
/// Only calls that are safe in a signal handler.
void give_up(int /*signal*/) {
  constexpr char message[] = "timectl: island enable: gave up after 2 s, not enabled\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message, sizeof message - 1);
  ::_exit(static_cast<int>(ExitStatus::answer_is_no));
}

void limit_to_two_seconds() {
  std::signal(SIGALRM, give_up);
  ::alarm(2);
}

/// Of chronyd's run, where systemd keeps it for journald (src/core/unit.c,
/// unit_export_invocation_id): to ask systemd itself may take longer than chronyd's start may. ""
/// when it does not run.
std::string chronyd_run(const system::FileReader& files) {
  const auto link = system::RootedPath{"/run/systemd/units"} /
                    fmt::format("invocation:{}", platform::chronyd.unit);
  return files.read_link(link).value_or("");
}

/// That it is enabled the monitor notes at its next check: while chronyd starts there is no time
/// to.
void forget_disabling(Context& context) {
  auto boot = rtc::read_boot_state(context.files(), context.clock().boot_id());
  if (boot.disabled_invocation.empty()) return;
  boot.disabled_invocation.clear();
  try {
    rtc::write_boot_state(context.files(), boot);
  } catch (const Error& error) {
    context.report().warning(error);
  }
}

/// What was noted is taken back when chronyd refuses.
ExitStatus disable(Context& context) {
  const auto run = chronyd_run(context.files());
  if (run.empty()) {
    throw Error{ErrorKind::missing, "cannot disable island mode: chronyd is not running",
                fmt::format("systemctl status {}", platform::chronyd.unit)};
  }
  const auto before = rtc::read_boot_state(context.files(), context.clock().boot_id());
  auto boot = before;
  boot.enabled_invocation.clear();
  boot.disabled_invocation = run;
  rtc::write_boot_state(context.files(), boot);
  try {
    context.daemons().disable_local();
  } catch (const Error&) {
    rtc::write_boot_state(context.files(), before);
    throw;
  }
  context.report().line(
      "island mode disabled until chronyd or the host starts again, or: timectl island enable");
  return ExitStatus::done;
}

struct Status {
  bool is_enabled = false;
  bool is_in_use = false;
  bool is_disabled_by_operator = false;
  rtc::Decision may_be_enabled;
};

Status read_status(Context& context, const Place& place) {
  const auto boot = rtc::read_boot_state(context.files(), context.clock().boot_id());
  const auto run = chronyd_run(context.files());
  const auto seen = observe_time(context, place);
  Status status;
  status.is_in_use = rtc::serves_own_clock(seen.daemon.tracking);
  status.is_disabled_by_operator = !run.empty() && boot.disabled_invocation == run;
  status.may_be_enabled = may_enable_island(context, place);
  // Where it may be, chronyd's unit has enabled it, or the monitor does at its next check.
  const bool is_noted = boot.enabled_invocation == run || status.may_be_enabled.yes;
  status.is_enabled =
      status.is_in_use || (!run.empty() && is_noted && !status.is_disabled_by_operator);
  return status;
}

std::string in_words(const Status& status) {
  if (status.is_in_use) return "in use: chronyd serves this host's own clock";
  if (status.is_enabled) return "enabled: chronyd goes on serving when its sources are gone";
  if (status.is_disabled_by_operator) return "disabled by the operator; timectl island enable";
  return "not enabled";
}

ExitStatus show_status(Context& context) {
  const auto place = find_place(context);
  const auto status = read_status(context, place);
  if (context.options().json) {
    ordered_json json;
    json["schema"] = 1;
    json["enabled"] = status.is_enabled;
    json["in_use"] = status.is_in_use;
    json["disabled_by_operator"] = status.is_disabled_by_operator;
    json["may_be_enabled"] = status.may_be_enabled.yes;
    json["reason"] = status.may_be_enabled.reason;
    context.report().json(json);
  } else {
    context.report().line("island mode  " + in_words(status));
    context.report().line(fmt::format(
        "this clock   {}: {}", status.may_be_enabled.yes ? "may be served" : "may not be served",
        status.may_be_enabled.reason));
  }
  return status.is_enabled ? ExitStatus::done : ExitStatus::answer_is_no;
}

class IslandCommand : public Command {
 public:
  std::string name() const override { return "island"; }
  std::string summary() const override {
    return "Enable and disable island mode: chronyd serves this host's own clock";
  }

  void add_options(CLI::App& app) override {
    app.require_subcommand(1);
    enable_ = add(app, "enable", "Let chronyd serve its own clock, if that clock is validated");
    disable_ = add(app, "disable", "Have chronyd serve its sources' time only, until it restarts");
    add(app, "status", "Whether island mode is enabled and in use, and whether it may be");
  }

  ExitStatus run(Context& context) override {
    if (context.is_offline()) {
      throw Error{ErrorKind::usage,
                  "cannot use island mode below '--root': chronyd does not run there"};
    }
    if (enable_->parsed()) return enable_island(context);
    return disable_->parsed() ? disable(context) : show_status(context);
  }

 private:
  static CLI::App* add(CLI::App& app, const char* name, const char* summary) {
    auto* subcommand = app.add_subcommand(name, summary);
    subcommand->fallthrough();
    return subcommand;
  }

  CLI::App* enable_ = nullptr;
  CLI::App* disable_ = nullptr;
};

}  // namespace

ExitStatus enable_island(Context& context) {
  limit_to_two_seconds();
  const auto place = find_place(context);
  const auto decision = may_enable_island(context, place);
  if (decision.yes) have_chronyd_serve(context, place);
  if (decision.yes) forget_disabling(context);
  ::alarm(0);
  if (context.options().json) {
    ordered_json json;
    json["schema"] = 1;
    json["enabled"] = decision.yes;
    json["reason"] = decision.reason;
    context.report().json(json);
  } else {
    context.report().line(
        fmt::format("{}: {}", decision.yes ? "enabled" : "not enabled", decision.reason));
  }
  return decision.yes ? ExitStatus::done : ExitStatus::answer_is_no;
}

std::unique_ptr<Command> make_island_command() { return std::make_unique<IslandCommand>(); }

}  // namespace timectl::cli
