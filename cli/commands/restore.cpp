// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/restore.hpp"

#include "base/text.hpp"
#include "commands/confirmation.hpp"
#include "commands/consent.hpp"
#include "commands/transaction.hpp"
#include "features/feature.hpp"
#include "first_boot.hpp"
#include "plan_view.hpp"
#include "probe/rows.hpp"
#include "state_lock.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace timectl::cli {

using plan::Plan;
using plan::RestorePlan;

namespace {

const char* verb_of(const Plan& plan) {
  return plan.purpose == plan::Purpose::uninstall ? "uninstall" : "roll back";
}

bool ends_before_timectl(const Plan& plan) { return plan.host.empty(); }

/// The probes of the state that was gone back to. Its files may be of another timectl's taste, so
/// that they differ from the profile is no reason; a profile that is gone answers nothing.
std::vector<apply::Reason> probe_failures(Context& context, const Plan& plan) {
  auto names = answering_probes(plan);
  std::erase(names, probe::row::files_drift.name);
  SiteOptions options;
  options.host = plan.host;
  try {
    const auto site = context.load_kept_site(options);
    const probe::Subject subject{site.profile, *site.host, site.facts, {}};
    return reasons_among(
        probe::run_probes(subject, context.probe_ports(), features::probes(), {.only = names}));
  } catch (const Error& error) {
    context.report().note(error);
    return {};
  }
}

void require_packages(const Context& context, const RestoreOptions& options, const Plan& plan) {
  const auto* const packages = plan::packages_of(plan);
  if (packages == nullptr || !(options.no_packages || context.is_offline())) return;
  throw Error{ErrorKind::missing,
              fmt::format("cannot restore the package '{}': packages are not to be changed here",
                          join(packages->install, " ")),
              context.is_offline() ? "install it below the root by dpkg --root, then try again"
                                   : "leave out --no-packages"};
}

/// The unit that ends power saving when no check runs names the controller: while it stays as it
/// is, the controller stays the same.
bool changes_controller(const Plan& plan) {
  const system::RootedPath names_it{"/etc/systemd/system/timectl-monitor-stale.service"};
  return std::any_of(plan.changes.begin(), plan.changes.end(), [&](const plan::Change& change) {
    const auto* const file = std::get_if<plan::FileChange>(&change);
    return file != nullptr && file->path == names_it;
  });
}

Result carry_out(Context& context, const Plan& plan, apply::Machine& machine,
                 const std::function<Plan()>& replan,
                 std::optional<std::chrono::seconds> confirm_within) {
  const bool has_no_controller = ends_before_timectl(plan) || leads_to_order(plan);
  if (has_no_controller || changes_controller(plan)) withdraw_from_controller(context, "");
  const Reachability reachability{context};
  const TransactionOptions transaction{[&] {
                                         auto reasons = reachability.lost();
                                         if (ends_before_timectl(plan) || leads_to_order(plan)) {
                                           return reasons;
                                         }
                                         const auto more = probe_failures(context, plan);
                                         reasons.insert(reasons.end(), more.begin(), more.end());
                                         return reasons;
                                       },
                                       replan, confirm_within};
  return run_transaction(context, plan, machine, transaction);
}

class RestoreRun {
 public:
  RestoreRun(Context& context, const RestoreOptions& options, const MakeRestorePlan& make)
      : context_(context), options_(options), make_(make) {}

  RestoreOutcome go() {
    auto plan = make();
    const auto unfinished = report_unfinished(context_);
    const auto cut_offs = find_cut_offs(context_, plan);
    if (options_.dry_run) return {show_only(plan, cut_offs), {}, {}};
    if (plan.empty() && unfinished == Unfinished::none) return {{}, {}, lost_};
    if (!agrees(plan, cut_offs)) return {unchanged(), {}, {}};
    return travel(plan, cut_offs);
  }

 private:
  ExitStatus show_only(const Plan& plan, const CutOffs& cut_offs) {
    if (context_.options().json) {
      context_.report().json(plan_document(plan, cut_offs));
    } else {
      show_plan(context_.report(), plan);
    }
    warn_of(context_.report(), cut_offs);
    return plan.empty() ? ExitStatus::done : ExitStatus::answer_is_no;
  }

  ExitStatus unchanged() {
    context_.report().note("nothing was changed");
    return ExitStatus::not_done;
  }

  bool agrees(const Plan& plan, const CutOffs& cut_offs) {
    if (!context_.options().json) show_plan(context_.report(), plan);
    require_packages(context_, options_, plan);
    return is_agreed(context_, plan, cut_offs, consent(plan));
  }

  Consent consent(const Plan& plan) const {
    return {.what = verb_of(plan),
            .question = "Apply these changes to this host?",
            .yes = options_.yes,
            .awaits_confirmation = !options_.confirm.empty(),
            .detour = options_.detour};
  }

  RestoreOutcome travel(const Plan& shown, const CutOffs& cut_offs_shown) {
    const auto lock = take_state_lock(context_);
    auto machine = context_.machine(!options_.no_packages && !context_.is_offline());
    recover_first(context_, machine);
    // The machine may have changed while the user read the plan, or by recover_first().
    const auto plan = make();
    if (plan.empty()) return {{}, {}, lost_};
    const auto cut_offs = find_cut_offs(context_, plan);
    if (!is_same_plan(shown, cut_offs_shown, plan, cut_offs)) {
      context_.report().note("the machine has changed since the plan was shown");
      if (!agrees(plan, cut_offs)) return {unchanged(), {}, {}};
    }
    const auto replan = [&] {
      auto again = make_().plan;
      leave_order_alone(again);
      require_shown(context_, again, cut_offs, consent(again));
      return again;
    };
    const auto result =
        carry_out(context_, plan, machine, replan, confirmation_window(context_, options_.confirm));
    throw_unless_applied(context_, result, verb_of(plan));
    if (confirmation_window(context_, options_.confirm) == std::nullopt) {
      remove_unused_orders(context_);
    }
    if (result.outcome.kind == apply::OutcomeKind::waiting) report_open_changes(context_);
    if (plan.needs_reboot) {
      if (!context_.is_offline()) note_reboot(context_);
      context_.report().note("reboot this host to complete the change");
    }
    return {std::nullopt, result.outcome.generation, lost_};
  }

  Plan make() {
    auto back = make_();
    lost_ = std::move(back.lost);
    leave_order_alone(back.plan);
    return std::move(back.plan);
  }

  Context& context_;
  const RestoreOptions& options_;
  const MakeRestorePlan& make_;
  std::vector<std::string> lost_;
};

}  // namespace

void add_restore_options(CLI::App& app, RestoreOptions& options) {
  app.add_flag("-y,--yes", options.yes,
               "Do not ask before changing anything; where the host would be cut off, only with "
               "--confirm");
  app.add_flag("--no-packages", options.no_packages,
               "Restore no packages: fail when one would have to be restored");
  app.add_flag("--dry-run", options.dry_run, "Only show what would change");
  add_confirm_option(app, options.confirm);
}

RestorePlan make_restore_plan(Context& context, const plan::RollbackState& state,
                              plan::Edits edits) {
  auto back =
      plan::plan_restore(state, {context.files(), context.services(), context.packages()}, edits);
  forecast_packages(context, back.plan);
  return back;
}

RestoreOutcome run_restore(Context& context, const std::string& name, const RestoreOptions& options,
                           const MakeRestorePlan& make) {
  if (!options.dry_run) require_root(context, name);
  static_cast<void>(confirmation_window(context, options.confirm));
  apply::refuse_while_unconfirmed(context.files());
  return RestoreRun{context, options, make}.go();
}

void throw_if_lost(Context& context, const std::vector<std::string>& lost,
                   const std::string& what) {
  if (lost.empty()) return;
  for (const auto& sentence : lost) context.report().warning(sentence);
  throw Error{
      ErrorKind::incomplete,
      fmt::format(
          "cannot {} completely: what is named above could not be restored, everything else is",
          what),
      fmt::format("repair it yourself, the copies are kept; then rm -r {} forgets the rest",
                  shell_quoted(context.files().host_path(apply::state_directory)))};
}

}  // namespace timectl::cli
