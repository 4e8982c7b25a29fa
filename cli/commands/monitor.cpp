// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/monitor.hpp"

#include "apply/apply.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "commands/confirmation.hpp"
#include "features/feature.hpp"
#include "own_site.hpp"
#include "plan_view.hpp"
#include "state_lock.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;

monitor::Ports monitor_ports(Context& context, const probe::Ports& readers) {
  return {readers,           context.files(),      context.services(),
          context.daemons(), context.rtc_writer(), context.events()};
}

/// For a tick that ends before it could judge. False when that failed too, which is second to why
/// the tick ended.
bool withdraw_power_saving(Context& context, monitor::DryRun dry_run) {
  try {
    const auto readers = context.probe_ports();
    const auto tick =
        monitor::withdraw_all(monitor_ports(context, readers), features::steps(), dry_run);
    for (const auto& action : tick.actions) {
      context.report().note((dry_run == monitor::DryRun::yes ? "would " : "") + action);
    }
    for (const auto& finding : tick.findings) context.report().warning(finding.summary);
    return tick.could_update_power_saving;
  } catch (const Error& error) {
    context.report().warning(error);
    return false;
  }
}

std::string bound_text(Seconds bound) {
  return std::isfinite(bound.count()) ? "bound " + format_span(bound) : "bound unknown";
}

ordered_json document(const OwnSite& site, const monitor::Tick& tick, monitor::DryRun dry_run) {
  auto findings = findings_document(site.host->name, site.host->role, tick.findings);
  ordered_json json;
  const auto put = [&](const char* key, double value) {
    json[key] = std::isfinite(value) ? ordered_json(value) : ordered_json();
  };
  json["schema"] = 1;
  json["host"] = site.host->name;
  json["role"] = site.host->role;
  json["dry_run"] = dry_run == monitor::DryRun::yes;
  json["state"] = quality::to_string(tick.judgement.state);
  put("bound_s", tick.judgement.bound.count());
  json["reason"] = tick.judgement.reason;
  json["saving"] = tick.saving;
  if (tick.power_level) json["power_level"] = *tick.power_level;
  json["changed"] = tick.changed;
  json["restarted"] = tick.restarted;
  json["delayed"] = tick.delayed;
  json["seen"] = tick.seen;
  json["actions"] = tick.actions;
  json["findings"] = std::move(findings["findings"]);
  put("offset_s", tick.offset_s);
  put("rtc_ahead_s", tick.rtc_ahead_s);
  put("rtc_drift_ppm", tick.drift_ppm.value_or(monitor::unseen));
  put("until_limit_s", tick.until_limit.value_or(Seconds{monitor::unseen}).count());
  return json;
}

void print(Report& report, const OwnSite& site, const monitor::Tick& tick,
           monitor::DryRun dry_run) {
  report.line(fmt::format("{}: {}, {}: {}", site.host->name,
                          quality::to_string(tick.judgement.state),
                          bound_text(tick.judgement.bound), tick.judgement.reason));
  if (site.host->controller) {
    report.line(fmt::format("{} {}", site.host->controller->unit, monitor::saving_in_words(tick)));
  }
  for (const auto& line : tick.seen) report.line("  " + line);
  for (const auto& action : tick.actions) {
    report.note((dry_run == monitor::DryRun::yes ? "would " : "") + action);
  }
  for (const auto& finding : tick.findings) {
    report.warning(finding.cause.empty() ? finding.summary
                                         : finding.summary + ": " + finding.cause);
  }
}

class MonitorCommand : public Command {
 public:
  std::string name() const override { return "monitor"; }
  std::string summary() const override {
    return "Check the time once; update power saving and island mode";
  }

  void add_options(CLI::App& app) override {
    app.add_flag("--dry-run", dry_run_, "Show what would be done, and do nothing");
    add_site_options(app, site_options_);
  }

  ExitStatus run(Context& context) override {
    if (context.is_offline()) {
      throw Error{ErrorKind::usage, "cannot monitor below '--root': nothing runs there"};
    }
    context.expect_few_questions();
    const auto dry_run = dry_run_ ? monitor::DryRun::yes : monitor::DryRun::no;
    try {
      // Another timectl changes the files and units that a tick reads: the next tick reads them.
      const auto lock = lock_state(context, dry_run);
      const bool may_check =
          lock.holder == system::LockHolder::none || lock.holder == system::LockHolder::not_known;
      return may_check ? check_once(context, dry_run) : skip(context, lock, dry_run);
    } catch (const std::exception&) {
      withdraw_power_saving(context, dry_run);
      throw;
    }
  }

 private:
  /// Why the files and units of this host may be half changed; "" when they are not.
  static std::string why_broken(const apply::LastWritten& last) {
    if (!last.damage().empty()) return last.damage();
    const auto& interrupted = last.interrupted();
    if (!interrupted) return {};
    return fmt::format("the change '{}' of {} was interrupted", interrupted->generation,
                       interrupted->started);
  }

  ExitStatus check_once(Context& context, monitor::DryRun dry_run) const {
    const apply::LastWritten last{context.files()};
    report_unconfirmed(context, last.unconfirmed());
    report_loss(context, last);
    const auto broken = why_broken(last);
    const auto site = find_own_site(context, site_options_, last.host());
    const auto readers = context.probe_ports();
    const auto tick = monitor::run_tick(
        site.profile, *site.host, monitor_ports(context, readers), features::steps(), dry_run,
        broken.empty() ? monitor::Scope::everything : monitor::Scope::only_take_away);
    if (context.options().json) {
      context.report().json(document(site, tick, dry_run));
    } else {
      print(context.report(), site, tick, dry_run);
    }
    if (!broken.empty()) {
      context.report().error({ErrorKind::refused,
                              fmt::format("cannot do more than withdraw power saving: {}", broken),
                              "timectl recover repairs that"});
    }
    // Time that is not trusted is an answer, and this check has acted on it: a unit that failed for
    // it would hide the checks that could not do their work. On a host with a controller, systemd
    // ends power saving when the unit fails: an RTC that cannot be written, or an interrupted
    // change, is no reason for that.
    const bool whole =
        site.host->controller ? tick.could_update_power_saving : tick.could_act && broken.empty();
    return whole ? ExitStatus::done : ExitStatus::not_done;
  }

  /// A lock file that other users can open keeps no tick from its work: taking the lock replaces
  /// it.
  static system::LockState lock_state(Context& context, monitor::DryRun dry_run) {
    const auto lock = context.locks().state(state_lock_path);
    if (lock.holder != system::LockHolder::other || dry_run == monitor::DryRun::yes) return lock;
    try {
      take_state_lock(context);
      return {};
    } catch (const Error&) {
      return lock;
    }
  }

  /// How long power saving outlives the last tick: where the profile cannot be read, as by default.
  std::chrono::seconds longest_without_tick(Context& context) const {
    try {
      const auto site = find_own_site(context, site_options_);
      if (site.host->monitor) return profile::longest_without_tick(*site.host->monitor);
    } catch (const Error&) {
      // That is for the next tick to say.
    }
    return profile::longest_without_tick({});
  }

  /// The holder may hold the lock for hours, and no tick judges meanwhile.
  ExitStatus skip(Context& context, const system::LockState& lock, monitor::DryRun dry_run) const {
    const auto longest = longest_without_tick(context);
    const bool is_too_long = monitor::skip_tick(context.files(), context.clock(), longest, dry_run);
    if (is_too_long) withdraw_power_saving(context, dry_run);
    if (context.options().json) {
      ordered_json json;
      json["schema"] = 1;
      json["skipped"] = lock.sentence;
      context.report().json(json);
    } else {
      context.report().line("skipped: " + lock.sentence);
    }
    if (!is_too_long) return ExitStatus::done;
    const auto remedy =
        lock.remedy.empty() ? "if it hangs, end it; then: timectl recover" : lock.remedy;
    context.report().error({ErrorKind::busy,
                            fmt::format("cannot check the time, and have not for more than {}: {}",
                                        format_span(longest), lock.sentence),
                            remedy});
    return ExitStatus::not_done;
  }

  bool dry_run_ = false;
  SiteOptions site_options_;
};

}  // namespace

std::unique_ptr<Command> make_monitor_command() { return std::make_unique<MonitorCommand>(); }

}  // namespace timectl::cli
