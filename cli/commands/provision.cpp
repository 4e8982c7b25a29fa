// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "command.hpp"
#include "commands/at_first_boot.hpp"
#include "commands/commands.hpp"
#include "commands/confirmation.hpp"
#include "commands/consent.hpp"
#include "commands/provision_document.hpp"
#include "commands/transaction.hpp"
#include "features/feature.hpp"
#include "finding_formats.hpp"
#include "first_boot.hpp"
#include "obstacles.hpp"
#include "plan_view.hpp"
#include "preflight.hpp"
#include "state_lock.hpp"
#include "waiting.hpp"

#include <fmt/format.h>

namespace timectl::cli {

namespace {

using apply::OutcomeKind;

class ProvisionCommand : public Command {
 public:
  std::string name() const override { return "provision"; }
  std::string summary() const override {
    return "Apply the profile to this host, or leave the host as it was";
  }
  void add_options(CLI::App& app) override {
    add_site_options(app, site_options_);
    add_take_over_option(app, site_options_);
    app.add_flag("-y,--yes", yes_,
                 "Do not ask before changing anything; where the host would be cut off, only with "
                 "--confirm");
    app.add_flag("--no-packages", no_packages_, "Install no packages: fail when one is missing");
    app.add_flag("--no-rehearsal", no_rehearsal_,
                 "Do not try the configuration in a sandbox before it is applied");
    app.add_flag("--dry-run", dry_run_, "Only show what would change, as plan does");
    app.add_option("--wait", wait_,
                   "Wait at the end while a finding is pending, for at most this long: 60s, 10m")
        ->type_name("TIME");
    add_confirm_option(app, confirm_);
    auto* const at_first_boot = app.add_flag(
        "--at-first-boot", at_first_boot_,
        "With --root: have the card's first boot provision it, with what is missing there");
    app.add_option("--package", packages_,
                   "With --at-first-boot: a Debian package that the card brings along")
        ->type_name("FILE")
        ->needs(at_first_boot);
    for (const auto* other : {"--no-packages", "--wait", "--confirm"}) {
      at_first_boot->excludes(app.get_option(other));
    }
    app.add_option("--order", order_)->group("")->excludes(at_first_boot);
  }

  ExitStatus run(Context& context) override {
    const bool is_json = context.options().json;
    try {
      const auto status = dispatch(context);
      if (is_json) context.report().json(document_.json());
      return status;
    } catch (const Error& error) {
      document_.set_error(error);
      if (is_json) context.report().json(document_.json());
      throw;
    }
  }

 private:
  ExitStatus dispatch(Context& context) {
    if (at_first_boot_) {
      return order_first_boot(context, site_options_, {packages_, yes_, dry_run_, no_rehearsal_},
                              document_);
    }
    return order_.empty() ? run_now(context) : carry_out_order(context);
  }

  /// At the card's first boot, by its unit.
  ExitStatus carry_out_order(Context& context) {
    require_root(context, "provision");
    require_order(context, order_);
    yes_ = true;
    run_now(context);
    try {
      remove_orders(context.files(), "");
    } catch (const Error& error) {
      context.report().warning(error);
    }
    // Once: the order is gone, and so is the unit.
    if (is_reboot_awaited(context)) {
      context.report().note("reboots this host to complete the change");
      context.services().enqueue("start", "reboot.target");
    }
    return ExitStatus::done;
  }

  ExitStatus run_now(Context& context) {
    if (!dry_run_) require_root(context, "provision");
    static_cast<void>(confirmation_window(context, confirm_));
    static_cast<void>(parse_wait(wait_));
    if (!dry_run_) apply::refuse_while_unconfirmed(context.files());
    Site site = context.load_site(site_options_);
    if (const auto missing = find_missing_timectl(site); missing && !dry_run_) throw *missing;
    auto plan = dry_run_ ? compare_site(context, site) : make_plan(context, site);
    require_no_conflicts(plan);
    const auto unfinished = report_unfinished(context);
    if (plan.empty() && unfinished == Unfinished::none) return say_nothing_to_do(context, plan);
    document_.set_plan(plan, {});
    const auto obstacle = find_obstacle_in(context, site, plan);
    if (obstacle && !dry_run_) throw *obstacle;
    warn_of_obstacle(context, obstacle);
    const auto cut_offs = find_cut_offs(context, plan);
    show(context, plan, cut_offs);
    if (dry_run_) return plan.empty() ? ExitStatus::done : ExitStatus::answer_is_no;
    if (!is_agreed(context, plan, cut_offs, consent(plan))) return say_unchanged(context);
    return provision(context, plan, cut_offs);
  }

  plan::Plan make_plan(Context& context, const Site& site) const {
    auto plan = make_site_plan(context, site);
    if (!order_.empty()) suit_to_order(context, order_, plan);
    return plan;
  }

  Consent consent(const plan::Plan& plan) const {
    return {.what = fmt::format("provision '{}'", plan.host),
            .question = fmt::format("Apply these changes to {}?", plan.host),
            .yes = yes_,
            .awaits_confirmation = !confirm_.empty(),
            .is_by_profile = true,
            .is_on_record = !order_.empty()};
  }

  bool may_install(const Context& context) const { return !no_packages_ && !context.is_offline(); }

  ExitStatus say_nothing_to_do(Context& context, const plan::Plan& plan) {
    document_.set_plan(plan, {});
    if (!context.is_offline()) document_.set_reboot_required(is_reboot_awaited(context));
    if (!context.options().json) context.report().line(nothing_to_do(plan));
    return ExitStatus::done;
  }

  static ExitStatus say_unchanged(Context& context) {
    context.report().note("nothing was changed");
    return ExitStatus::not_done;
  }

  void show(Context& context, const plan::Plan& plan, const CutOffs& cut_offs) {
    document_.set_plan(plan, cut_offs);
    // A screen has the summary and the prompt.
    constexpr std::size_t screen_rows = 24;
    const bool asks = !yes_ && !dry_run_ && Report::can_ask();
    PlanParts parts;
    if (asks) parts.most_rows = screen_rows;
    if (!context.options().json) show_plan(context.report(), plan, parts);
    if (dry_run_) warn_of(context.report(), cut_offs);
  }

  /// Known while nothing has been changed, also when there is no network to get packages from.
  std::optional<Error> find_obstacle_in(Context& context, const Site& site,
                                        plan::Plan& plan) const {
    const auto refusal = forecast_packages(context, plan);
    return find_obstacle(context, site, plan,
                         no_packages_ ? Packages::not_installed : Packages::installed, refusal);
  }

  ExitStatus provision(Context& context, const plan::Plan& shown, const CutOffs& cut_offs_shown) {
    auto lock = take_state_lock(context);
    auto machine = context.machine(may_install(context));
    const auto recovered = recover_first(context, machine);
    // The machine may have changed while the user read the plan, or by recover_first().
    Site site = context.load_site(site_options_);
    auto plan = make_plan(context, site);
    require_no_conflicts(plan);
    if (plan.empty()) return say_nothing_to_do(context, plan);
    if (const auto obstacle = find_obstacle_in(context, site, plan)) throw *obstacle;
    const auto cut_offs = find_cut_offs(context, plan);
    if (!is_same_plan(shown, cut_offs_shown, plan, cut_offs)) {
      context.report().note(recovered ? "the plan has changed after the recovery"
                                      : "the machine has changed since the plan was shown");
      show(context, plan, cut_offs);
      if (!is_agreed(context, plan, cut_offs, consent(plan))) return say_unchanged(context);
    }
    std::vector<std::string> notes;
    if (!no_rehearsal_) notes = require_accepted_by_daemons(context, site, plan);
    document_.set_notes(notes);
    const auto& controller = site.host->controller;
    withdraw_from_controller(context, controller ? controller->unit : "");
    const auto names = answering_probes(plan);
    const TransactionOptions transaction{[&] { return reasons_among(ask(context, site, names)); },
                                         [&] {
                                           auto again =
                                               make_plan(context, context.load_site(site_options_));
                                           require_no_conflicts(again);
                                           require_shown(context, again, cut_offs, consent(again));
                                           return again;
                                         },
                                         confirmation_window(context, confirm_)};
    const auto result = run_transaction(context, plan, machine, transaction);
    // Nothing is changed any more: the monitor and `timectl confirm` need not wait for --wait.
    lock.reset();
    return conclude(context, plan, result, notes);
  }

  static std::vector<probe::Finding> ask(Context& context, const Site& site,
                                         const std::vector<std::string>& only) {
    // Versions, owners and devices may be others than before.
    const auto facts = context.detect_facts();
    auto now = site;
    now.facts.cards = facts.cards;  // what was only in sight before is recorded by now
    const auto compared = compare_files(context, now);
    const probe::Subject subject{site.profile, *site.host, facts, compared.drifted,
                                 compared.unread};
    return probe::run_probes(subject, context.probe_ports(), features::probes(), {.only = only});
  }

  ExitStatus conclude(Context& context, const plan::Plan& plan, const Result& result,
                      const std::vector<std::string>& notes) {
    throw_unless_applied(context, result, "provision '" + plan.host + "'");
    const auto& outcome = result.outcome;
    document_.set_changed(outcome.generation);
    if (!context.options().json) {
      context.report().line(fmt::format("{} now matches profile '{}' ({})", plan.host, plan.profile,
                                        outcome.generation));
    }
    for (const auto& note : notes) context.report().note(note);
    if (outcome.kind == OutcomeKind::waiting) report_open_changes(context);
    return context.is_offline() ? conclude_offline(context, plan) : verify(context, plan);
  }

  /// Nothing runs there: what a reboot would do, the first boot does.
  static ExitStatus conclude_offline(Context& context, const plan::Plan& plan) {
    context.report().note(fmt::format("takes effect when {} boots", plan.host));
    return ExitStatus::done;
  }

  ExitStatus verify(Context& context, const plan::Plan& plan) {
    if (plan.needs_reboot) note_reboot(context);
    const bool awaits_reboot = plan.needs_reboot || is_reboot_awaited(context);
    const auto ask_all = [&] { return ask(context, context.load_site(site_options_), {}); };
    const auto findings = wait_for_pending(context, ask_all(), parse_wait(wait_), ask_all);
    document_.set_findings(findings);
    document_.set_reboot_required(awaits_reboot);
    if (!context.options().json) {
      context.report().findings(findings);
      context.report().line(count_of(findings));
    }
    if (awaits_reboot) context.report().note("reboot this host to complete the change");
    return status_after_change(findings);
  }

  SiteOptions site_options_;
  bool yes_ = false;
  bool no_packages_ = false;
  bool no_rehearsal_ = false;
  bool dry_run_ = false;
  bool at_first_boot_ = false;
  std::vector<std::string> packages_;
  std::string order_;
  std::string confirm_;
  std::string wait_;
  ProvisionDocument document_;
};

}  // namespace

std::unique_ptr<Command> make_provision_command() { return std::make_unique<ProvisionCommand>(); }

}  // namespace timectl::cli
