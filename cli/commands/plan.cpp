// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "command.hpp"
#include "commands/commands.hpp"
#include "commands/confirmation.hpp"
#include "commands/consent.hpp"
#include "obstacles.hpp"
#include "other_host.hpp"
#include "pager.hpp"
#include "plan_view.hpp"

namespace timectl::cli {

namespace {

class PlanCommand : public Command {
 public:
  std::string name() const override { return "plan"; }
  std::string summary() const override {
    return "Show what provision would change, and change nothing";
  }
  void add_options(CLI::App& app) override {
    add_site_options(app, site_);
    add_take_over_option(app, site_);
    add_facts_option(app, site_);
    auto* summary = app.add_flag("--summary", summary_, "Only the summary, no diffs");
    app.add_flag("--diff", diff_, "Only the diffs of the files")->excludes(summary);
  }

  ExitStatus run(Context& context) override {
    const Site site = context.load_site(site_);
    auto plan = site_.facts ? compare_other_host(context, site) : compare_site(context, site);
    require_no_conflicts(plan);
    const auto refusal = forecast_packages(context, plan);
    const auto cut_offs = find_cut_offs(context, plan);
    const bool is_finished = report_unfinished(context) == Unfinished::none;
    report_unconfirmed(context, apply::LastWritten{context.files()}.unconfirmed());
    warn_of_obstacle(context, find_obstacle(context, site, plan, Packages::installed, refusal));
    if (context.options().json) {
      context.report().json(plan_document(plan, cut_offs));
    } else if (plan.empty() && is_finished) {
      context.report().line(nothing_to_do(plan));
      for (const auto& note : plan.notes) context.report().note(note);
    } else if (!plan.empty()) {
      const Pager pager{context.report(), context.options().no_pager};
      show_plan(context.report(), plan, {.diffs = !summary_, .summary = !diff_});
    }
    warn_of(context.report(), cut_offs);
    // Files that are as they should be are no good news when the next boot takes them back.
    return plan.empty() && is_finished ? ExitStatus::done : ExitStatus::answer_is_no;
  }

 private:
  SiteOptions site_;
  bool summary_ = false;
  bool diff_ = false;
};

}  // namespace

std::unique_ptr<Command> make_plan_command() { return std::make_unique<PlanCommand>(); }

}  // namespace timectl::cli
