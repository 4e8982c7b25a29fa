// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "interruption.hpp"
#include "plan/started.hpp"
#include "plan_view.hpp"
#include "state_lock.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::cli {

namespace {

using apply::Outcome;
using apply::OutcomeKind;
using namespace std::chrono_literals;

constexpr auto health_deadline = 10s;
constexpr auto health_pause = 500ms;
// What dies of its configuration does so in its first seconds.
constexpr auto first_seconds = 2s;

/// The units that provision writes call timectl: without it they would fail at every boot.
void require_timectl(const Site& site) {
  if (site.facts.timectl_path) return;
  throw Error{ErrorKind::refused,
              fmt::format("cannot provision '{}': timectl is not installed there, and its units "
                          "would call it",
                          site.host->name),
              "install it first: cmake --install build --prefix /usr, or apt install timectl"};
}

class ProvisionCommand : public Command {
 public:
  std::string name() const override { return "provision"; }
  std::string summary() const override {
    return "Make this host what its profile says, or leave it as it was";
  }
  void add_options(CLI::App& app) override {
    add_site_options(app, site_options_);
    app.add_flag("-y,--yes", yes_, "Do not ask before changing anything");
    app.add_flag("--no-packages", no_packages_, "Install no packages: fail when one is missing");
    app.add_flag("--dry-run", dry_run_, "Only show what would change, as plan does");
  }

  ExitStatus run(Context& context) override {
    if (!dry_run_) require_root(context, "provision");
    Site site = context.load_site(site_options_);
    if (!dry_run_) require_timectl(site);
    auto plan = make_site_plan(context, site);
    const auto interrupted = apply::find_interrupted(context.files());
    if (plan.empty() && !interrupted) return say_nothing_to_do(context, plan);
    report_interrupted(context.report(), interrupted);
    forecast_packages(context, plan);
    show(context, plan);
    if (dry_run_) return plan.empty() ? ExitStatus::done : ExitStatus::answer_is_no;
    require_packages(context, plan);
    if (!is_confirmed(context, plan)) return say_unchanged(context);
    return provision(context, plan);
  }

 private:
  bool may_install(const Context& context) const { return !no_packages_ && !context.is_offline(); }

  static ExitStatus say_nothing_to_do(Context& context, const plan::Plan& plan) {
    if (context.options().json) {
      context.report().json(plan_document(plan));
    } else {
      context.report().line(nothing_to_do(plan));
    }
    return ExitStatus::done;
  }

  static ExitStatus say_unchanged(Context& context) {
    context.report().note("nothing was changed");
    return ExitStatus::not_done;
  }

  /// With --json the one document is the verdict at the end, of a dry run the plan.
  void show(Context& context, const plan::Plan& plan) const {
    if (!context.options().json) return show_plan(context.report(), plan);
    if (dry_run_) context.report().json(plan_document(plan));
  }

  bool is_confirmed(Context& context, const plan::Plan& plan) const {
    return yes_ || plan.empty() ||
           context.report().confirm(fmt::format("Change {} like this?", plan.host));
  }

  void require_packages(Context& context, const plan::Plan& plan) const {
    for (const auto& change : plan.changes) {
      const auto* const packages = std::get_if<plan::PackageChange>(&change);
      if (packages == nullptr) continue;
      const auto names = join(packages->install, " ");
      if (!may_install(context)) {
        throw Error{
            ErrorKind::missing,
            fmt::format("cannot provision '{}': package '{}' is not installed", plan.host, names),
            (context.is_offline() ? "in the root: " : "") + ("apt-get install " + names)};
      }
      // Throws while nothing has been changed when there is no network to get them from.
      static_cast<void>(context.packages().simulate_install(packages->install));
    }
  }

  ExitStatus provision(Context& context, const plan::Plan& shown) {
    const auto lock = take_state_lock(context, "provision");
    auto machine = context.machine(may_install(context));
    const apply::Progress progress = [&](const std::string& step) { context.report().note(step); };
    const auto recovered = recover_first(context, machine, progress);
    // The machine may have changed while somebody read the plan, or been put back just now.
    Site site = context.load_site(site_options_);
    auto plan = make_site_plan(context, site);
    if (plan.empty()) return say_nothing_to_do(context, plan);
    forecast_packages(context, plan);
    if (plan_document(plan) != plan_document(shown)) {
      context.report().note(recovered ? "the plan is another one after the recovery"
                                      : "the machine has changed since the plan was shown");
      show(context, plan);
      require_packages(context, plan);
      if (!is_confirmed(context, plan)) return say_unchanged(context);
    }
    return conclude(context, plan, apply(context, site, plan, machine));
  }

  /// A signal is a reason to undo like any other, looked for between the steps.
  Outcome apply(Context& context, const Site& site, const plan::Plan& plan,
                apply::Machine& machine) const {
    const Interruption interruption;
    const apply::Progress progress = [&](const std::string& step) {
      context.report().note(step);
      interruption.check();
    };
    auto started = plan::started_units(plan);
    const apply::Replan replan = [&] {
      auto again = make_site_plan(context, context.load_site(site_options_));
      started = plan::started_units(again);
      return again;
    };
    const apply::Health health = [&] {
      return reasons_to_undo(context, site, started, interruption);
    };
    return apply::apply_plan(plan, machine, health, progress, replan);
  }

  static bool recover_first(Context& context, apply::Machine& machine,
                            const apply::Progress& progress) {
    if (!apply::find_interrupted(context.files())) return false;
    const Interruption held_back;
    const auto outcome = apply::recover(machine, progress);
    throw_unless_whole(context, outcome, "recover");
    context.report().note(fmt::format("{} is undone", outcome.generation));
    return true;
  }

  static void throw_unless_whole(Context& context, const Outcome& outcome,
                                 const std::string& what) {
    for (const auto& note : outcome.notes) context.report().note(note);
    for (const auto& problem : outcome.problems) context.report().warning(problem);
    if (outcome.kind != OutcomeKind::incomplete) return;
    throw Error{ErrorKind::incomplete,
                fmt::format("cannot {}: {}; not everything of '{}' could be put back", what,
                            outcome.reason, outcome.generation),
                "timectl recover tries again"};
  }

  static std::vector<probe::Finding> ask(Context& context, const Site& site,
                                         const std::vector<std::string>& only) {
    // Versions, owners and devices may be others than before.
    const auto facts = context.look();
    const probe::Subject subject{site.profile, *site.host, facts,
                                 changed_files(make_site_plan(context, site))};
    return probe::run_probes(subject, context.probe_ports(), only);
  }

  static std::vector<std::string> failures(const std::vector<probe::Finding>& findings) {
    std::vector<std::string> reasons;
    for (const auto& finding : findings) {
      const bool counts =
          finding.verdict == probe::Verdict::failed && probe::answers_for_change(finding.probe);
      if (counts) reasons.push_back(fmt::format("{}: {}", finding.probe, finding.summary));
    }
    return reasons;
  }

  /// Daemons need a moment to open their ports; what still fails after that is a reason.
  static std::vector<std::string> reasons_to_undo(Context& context, const Site& site,
                                                  const std::vector<std::string>& started,
                                                  const Interruption& interruption) {
    if (context.is_offline()) return {};
    context.report().note("checks the daemons");
    std::vector<std::string> names;
    for (const auto& candidate : probe::all_probes()) {
      if (probe::answers_for_change(candidate.name)) names.push_back(candidate.name);
    }
    if (!started.empty()) context.clock().sleep(first_seconds);
    const auto start = context.clock().since_boot();
    for (;;) {
      auto reasons = failures(ask(context, site, names));
      for (const auto& unit : started) {
        if (const auto reason = plan::why_down(unit, context.services().state(unit))) {
          reasons.push_back(*reason);
        }
      }
      interruption.check();
      if (reasons.empty() || context.clock().since_boot() - start > health_deadline) return reasons;
      context.clock().sleep(health_pause);
    }
  }

  ExitStatus conclude(Context& context, const plan::Plan& plan, const Outcome& outcome) const {
    throw_unless_whole(context, outcome, "provision '" + plan.host + "'");
    if (outcome.kind == OutcomeKind::restored) {
      throw Error{ErrorKind::restored,
                  fmt::format("cannot provision '{}': {}; everything is as it was before",
                              plan.host, outcome.reason)};
    }
    if (!context.options().json) {
      context.report().line(fmt::format("{} is now as profile '{}' says ({})", plan.host,
                                        plan.profile, outcome.generation));
    }
    return context.is_offline() ? conclude_offline(context, plan) : verify(context, plan);
  }

  /// Nothing runs there: what a reboot would do, the first boot does.
  static ExitStatus conclude_offline(Context& context, const plan::Plan& plan) {
    if (context.options().json) context.report().json(findings_document(plan.host, plan.role, {}));
    context.report().note(fmt::format("takes effect when {} boots", plan.host));
    return ExitStatus::done;
  }

  ExitStatus verify(Context& context, const plan::Plan& plan) const {
    const auto findings = ask(context, context.load_site(site_options_), {});
    if (context.options().json) {
      context.report().json(findings_document(plan.host, plan.role, findings));
    } else {
      context.report().findings(findings);
    }
    if (plan.needs_reboot) context.report().note("reboot this host to complete the change");
    return plan.needs_reboot ? ExitStatus::answer_is_no : status_of(findings);
  }

  SiteOptions site_options_;
  bool yes_ = false;
  bool no_packages_ = false;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> make_provision_command() { return std::make_unique<ProvisionCommand>(); }

}  // namespace timectl::cli
