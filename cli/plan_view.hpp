// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/generations.hpp"
#include "context.hpp"
#include "plan/plan.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

/// How the plan for a site is made for, and shown to, a person.
namespace timectl::cli {

/// The plan for this machine as it is now, as far as this user may read it (Plan::unread).
plan::Plan compare_site(Context& context, const Site& site);
/// The whole plan, to be carried out. Throws Error{permission} where a file may not be read.
plan::Plan make_site_plan(Context& context, const Site& site);
/// Throws Error{refused} that names each conflict and its remedy, if there is any.
void require_no_conflicts(const plan::Plan& plan);

/// Fills in what apt would remove. Returns why apt cannot install them, which becomes a note of the
/// plan, too.
std::optional<Error> forecast_packages(Context& context, plan::Plan& plan);

/// The changes in groups, the diffs of files, and the notes.
/// The diffs of the files first, so that the summary and its totals are what stands above a prompt.
struct PlanParts {
  bool diffs = true;
  bool summary = true;
  std::optional<std::size_t> most_rows = {};  ///< of the summary; what is too much is counted
};
void show_plan(Report& report, const plan::Plan& plan, const PlanParts& parts = {});

/// {"schema":1,"host","role","profile","changes":[…],"needs_reboot","notes"}. Stable.
nlohmann::ordered_json plan_document(const plan::Plan& plan);

/// A change that was begun and has not ended. A held lock means "in progress", never "broken".
enum class Unfinished { none, in_progress, interrupted };

/// Says on stderr that the commit record was lost, and how it comes back.
void report_loss(Context& context, const apply::LastWritten& last);

/// Says on stderr who is at work, or what was interrupted and what undoes it.
Unfinished report_unfinished(Context& context);

/// "nothing to do: pi-ntp is as profile 'missing-link' says"
std::string nothing_to_do(const plan::Plan& plan);

/// Managed files by their paths.
struct FileComparison {
  std::vector<std::string> drifted;  ///< they differ from the profile now
  std::vector<std::string> unread;   ///< this user may not read them
};

/// A MAC address that is not recorded yet is no difference.
FileComparison compare_files(Context& context, Site site);

}  // namespace timectl::cli
