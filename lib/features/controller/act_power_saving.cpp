// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/controller/act_power_saving.hpp"

#include "base/error.hpp"
#include "controller/contract.hpp"
#include "controller/processes.hpp"
#include "features/controller/act_hold_off.hpp"
#include "features/controller/act_processes.hpp"
#include "features/controller/findings.hpp"
#include "system/replace_file.hpp"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>

namespace timectl::features {

using monitor::State;

namespace {

using controller::drop_in_path;
using controller::old_drop_in_path;
using controller::our_part;
using controller::variables_of;
using monitor::DryRun;
using monitor::Ports;
using monitor::Tick;
using probe::Finding;
using probe::Verdict;
using system::RootedPath;

void mark_given(const std::string& unit, system::FileStore& files) {
  const auto file = files.read(given_path());
  if (!file || file->content != unit + "\n") system::replace_file(files, given_path(), unit + "\n");
}

void unmark_given(system::FileStore& files) {
  if (files.status(given_path())) files.remove(given_path());
}

/// One check of a controller.
class PowerSaving {
 public:
  explicit PowerSaving(const PowerSavingCheck& check)
      : controller_(check.controller),
        ports_(check.ports),
        state_(check.state),
        tick_(check.tick),
        now_(ports_.readers.clock.since_boot()) {
    observe();
    rules_ = hold_off_rules(controller_, observed_.state);
    objection_ = objection_to(observed_);
  }

  void run(const Allowance& allowance, DryRun dry_run);

 private:
  void observe();
  void adopt_run();
  void notice_taken_away();
  PowerDecision decide(const Allowance& allowance);
  void report_objection();
  void report_old_drop_in();
  void report_delay(const PowerDecision& decision);
  void report_override(const DropInDecision& decision);
  void note_saving(int step);
  bool restart_failed() const;
  void report_aftermath(const DropInDecision& decision);
  void report(Verdict verdict, const std::string& summary, const std::string& cause,
              const std::string& remedy);
  void note_actions(const DropInDecision& decision);
  void change_file(const DropInDecision& decision);
  bool follow_up(const DropInDecision& decision);
  void restart(const DropInDecision& decision);
  bool attempt(const std::string& summary, const std::function<void()>& step,
               const std::string& remedy = {});
  const std::string& unit() const { return controller_.unit; }

  const profile::ControllerFeature& controller_;
  const Ports& ports_;
  State& state_;
  Tick& tick_;
  std::chrono::nanoseconds now_;  ///< since boot
  ControllerView observed_;
  HoldOffRules rules_;
  std::optional<Finding> objection_;
};

void PowerSaving::report(Verdict verdict, const std::string& summary, const std::string& cause,
                         const std::string& remedy) {
  tick_.findings.push_back({row::controller_environment, verdict, summary, {}, cause, remedy});
}

/// Runs one step on the controller; what systemd answers is a finding.
bool PowerSaving::attempt(const std::string& summary, const std::function<void()>& step,
                          const std::string& remedy) {
  try {
    step();
    return true;
  } catch (const Error& error) {
    report(Verdict::failed, summary, error.what(), error.hint().empty() ? remedy : error.hint());
    tick_.could_act = tick_.could_update_power_saving = false;
    return false;
  }
}

/// The controller as it is, and what of its environment is ours.
void PowerSaving::observe() {
  state_.controller = unit();
  observed_ = observe_controller(unit(), ports_.files, ports_.services);
  auto& names = state_.names;
  const auto levels = controller::names_of(controller_.levels);
  names.insert(names.end(), levels.begin(), levels.end());
  controller::add_names(variables_of(observed_.drop_in.value_or("")), names);
  observed_.names = names;
}

void PowerSaving::report_old_drop_in() {
  if (!observed_.is_hidden_by_old_drop_in) return;
  report(
      Verdict::failed,
      fmt::format("'{}' hides timectl's drop-in of the same name", old_drop_in_path(unit()).text()),
      "an older script left it; it applies in every state of the time",
      fmt::format("remove it, then: systemctl daemon-reload && systemctl try-restart {}", unit()));
}

void PowerSaving::report_objection() {
  if (const auto objection = objection_to(observed_)) tick_.findings.push_back(*objection);
  if (!observed_.problem.empty()) tick_.could_act = tick_.could_update_power_saving = false;
  if (observed_.unreadable.empty()) return;
  report(Verdict::unknown, fmt::format("the environment of {} is not known", unit()),
         observed_.unreadable, fmt::format("systemctl restart {}", unit()));
}

/// The run that a restart of ours began, also when the tick that asked for it was killed meanwhile.
void PowerSaving::adopt_run() {
  const auto& run = observed_.state.invocation_id;
  if (state_.restarting_from.empty() || run.empty() || run == state_.restarting_from) return;
  state_.restarted_invocation = run;
  state_.restarting_from.clear();
}

/// The fail-safe units, or a person, took power saving away since the last tick.
void PowerSaving::notice_taken_away() {
  if (state_.given.empty() || observed_.drop_in) return;
  state_.given.clear();
  // What runs now was started without it, by another program.
  state_.restarted_invocation.clear();
  state_.restarting_from.clear();
  note_loss(state_, now_);
  note_own_restart(state_, rules_, now_);
}

/// A step up that waits is no news: what was allowed before still is.
void PowerSaving::report_delay(const PowerDecision& decision) {
  const auto& delay = *decision.delay;
  const auto wait = format_span(delay.until - now_);
  if (decision.step > 0) {
    tick_.seen.push_back(fmt::format("{} stays at power level {} for another {}: {}", unit(),
                                     decision.step, wait, delay.reason));
    return;
  }
  const auto summary =
      fmt::format("{} saves no power for another {}: {}", unit(), wait, delay.reason);
  if (delay.is_boot_hold_off) {
    tick_.seen.push_back(summary);
    return;
  }
  tick_.delayed = true;
  tick_.alerts.emplace_back(row::controller_hold_off.name);
  tick_.findings.push_back({row::controller_hold_off,
                            Verdict::warning,
                            summary,
                            {},
                            "the site's server is lost repeatedly",
                            "journalctl -u timectl-monitor.service says what it was each minute"});
}

PowerDecision PowerSaving::decide(const Allowance& allowance) {
  auto allowed = allowance;
  if (objection_) allowed.highest = 0;
  auto decision = decide_power({observed_, allowed, rules_, state_, now_});
  if (decision.delay) report_delay(decision);
  return decision;
}

void PowerSaving::note_actions(const DropInDecision& decision) {
  const auto path = drop_in_path(unit()).text();
  if (decision.file == FileStep::write) tick_.actions.push_back("write " + path);
  if (decision.file == FileStep::remove) tick_.actions.push_back("remove " + path);
  if (decision.reload) tick_.actions.emplace_back("reload systemd's units");
}

void PowerSaving::change_file(const DropInDecision& decision) {
  const auto path = drop_in_path(unit());
  if (decision.file == FileStep::write) {
    system::replace_file(ports_.files, path, decision.text);
  } else if (decision.file == FileStep::remove) {
    ports_.files.remove(path);
    ports_.files.sync_directory(path.parent());
    ports_.files.remove_directory_if_empty(path.parent());
  }
}

void PowerSaving::report_override(const DropInDecision& decision) {
  const bool differs = observed_.state.is_active() && observed_.process_environment &&
                       our_part(*observed_.process_environment, observed_.names) !=
                           our_part(observed_.state.environment, observed_.names);
  if (!differs || needs_restart(observed_, decision, state_)) return;
  state_.overriding = our_part(*observed_.process_environment, observed_.names);
  report(Verdict::warning,
         fmt::format("{} runs with another environment than its unit says although it was "
                     "restarted",
                     unit()),
         "an EnvironmentFile= or the program itself overrides it",
         fmt::format("systemctl cat {}", unit()));
}

/// Of a controller that is down: whether it did not come up again after a restart of ours. A stop
/// and a start take a minute and a half each at most, as a rule: what ran for longer was up.
bool PowerSaving::restart_failed() const {
  constexpr std::chrono::minutes longest_restart{3};
  if (!state_.restarting_from.empty()) return true;
  const auto& run = observed_.state.invocation_id;
  const auto& restarts = state_.restarts;
  return !run.empty() && run == state_.restarted_invocation && !restarts.empty() &&
         now_ - restarts.back() <= longest_restart;
}

/// Both say the same: whether power is saved, and at which step.
void PowerSaving::note_saving(int step) {
  tick_.saving = step > 0;
  if (tick_.power_level) tick_.power_level = step;
}

/// What there is now, whatever was decided. While a restart or a stop is under way that may change
/// any time: only whether power is saved is noted then.
void PowerSaving::report_aftermath(const DropInDecision& decision) {
  const auto& state = observed_.state;
  if (objection_to(observed_) || tick_.restarted || observed_.is_hidden_by_old_drop_in) return;
  const bool is_restarting = !state_.restarting_from.empty();
  if (state.active_state == "failed") {
    tick_.findings.push_back(has_failed(observed_, restart_failed()));
    tick_.alerts.emplace_back(row::controller_environment.name);
    note_saving(0);
  }
  auto aftermath = compare_processes(observed_, decision, controller_.levels, ports_.services);
  if (!aftermath.finding) return;
  tick_.saves_unasked = aftermath.step > 0 && decision.text.empty();
  if (!tick_.saving) note_saving(aftermath.step);
  const bool is_stopping = controller::stop_goes_on(state, ports_.readers.clock).has_value();
  if (is_restarting || is_stopping) return;
  tick_.findings.push_back(*std::move(aftermath.finding));
}

void PowerSaving::restart(const DropInDecision& decision) {
  state_.restarting_from = observed_.state.invocation_id;
  state_.restarted_invocation.clear();
  state_.restarted_environment = decision.text;
  state_.overriding.reset();
  note_own_restart(state_, rules_, ports_.readers.clock.since_boot());
  attempt("the state of the controller could not be written",
          [&] { write_state(ports_.files, state_); });
  tick_.actions.push_back(fmt::format("restart {}", unit()));
  tick_.restarted = attempt(fmt::format("{} could not be restarted", unit()), [&] {
    // Whatever started it so often: it is not a restart of ours that systemd may refuse, which
    // would leave the unit failed.
    if (rules_.start_limit_burst > 0) ports_.services.reset_failed(unit());
    // Not waited for: a controller may take longer to stop than a tick may last.
    ports_.services.enqueue("try-restart", unit());
  });
}

/// Has systemd and the running controller follow the file. False when that is not over yet.
bool PowerSaving::follow_up(const DropInDecision& decision) {
  if (decision.reload) {
    observed_.is_unread = !attempt(
        "systemd did not reload its units", [&] { ports_.services.daemon_reload(); }, "df -h /run");
    if (observed_.is_unread) return false;
    const bool could_be_asked = observed_.problem.empty();
    observe();
    if (could_be_asked && !observed_.problem.empty()) report_objection();
  }
  if (objection_to(observed_)) return observed_.problem.empty();
  report_override(decision);
  if (!restart_is_due(observed_, decision, state_)) {
    // The run to come is not the one that was noted: it begins with what the drop-in says then.
    if (decision.text != state_.restarted_environment) state_.restarting_from.clear();
    return true;
  }
  restart(decision);
  return tick_.restarted;
}

void PowerSaving::run(const Allowance& allowance, DryRun dry_run) {
  report_objection();
  report_old_drop_in();
  adopt_run();
  notice_taken_away();
  const auto decision = decide(allowance);
  const auto& drop_in = decision.drop_in;
  tick_.saving = !drop_in.text.empty();
  tick_.changed = drop_in.file != FileStep::keep;
  if (controller::has_steps(controller_.levels)) tick_.power_level = decision.step;
  note_actions(drop_in);
  if (dry_run == DryRun::yes) {
    if (!objection_ && restart_is_due(predict(observed_, drop_in), drop_in, state_)) {
      tick_.actions.push_back(fmt::format("restart {}", unit()));
    }
    return;
  }
  if (!drop_in.text.empty()) mark_given(unit(), ports_.files);
  change_file(drop_in);
  note_given(observed_, decision, now_, state_);
  const bool over = follow_up(drop_in);
  report_aftermath(drop_in);
  if (over && drop_in.text.empty()) unmark_given(ports_.files);
}

}  // namespace

RootedPath given_path() { return RootedPath{"/run/timectl/given"}; }

void update_power_saving(const PowerSavingCheck& check, const Allowance& allowance) {
  PowerSaving{check}.run(allowance, check.dry_run);
}

}  // namespace timectl::features
