// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"
#include "plan/plan.hpp"
#include "reach/reach.hpp"
#include "reach/sentences.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

/// What has to be said before a plan is carried out, and by whom.
namespace timectl::cli {

using CutOffs = std::vector<reach::CutOff>;

/// Of this host as it is; none below --root, where nothing runs.
CutOffs find_cut_offs(Context& context, const plan::Plan& plan);

/// The plan with "cut_offs".
nlohmann::ordered_json plan_document(const plan::Plan& plan, const CutOffs& cut_offs);

/// Whether the second is what was shown as the first.
bool is_same_plan(const plan::Plan& shown, const CutOffs& cut_offs_shown, const plan::Plan& plan,
                  const CutOffs& cut_offs);

/// Says on stderr what would be cut off.
void warn_of(Report& report, const CutOffs& cut_offs);

/// What the user's command line says.
struct Consent {
  std::string what;                  ///< completes "cannot …"
  std::string question;              ///< of the prompt
  bool yes = false;                  ///< --yes
  bool awaits_confirmation = false;  ///< --confirm
  bool is_by_profile = false;        ///< what comes is the profile's, not an earlier state
  bool is_on_record = false;         ///< given when the card was written (first_boot.hpp)
  reach::Detour detour = {};         ///< of a command that takes no --confirm
};

/// Whether the user wants that, by --yes or at the prompt. Throws Error{refused} where --yes is all
/// that was said and the host would be cut off, unless the user sits at its console; Error{usage}
/// where there is no terminal to ask on.
bool is_agreed(Context& context, const plan::Plan& plan, const CutOffs& cut_offs,
               const Consent& consent);

/// For a plan that was made again in the middle of the change. Throws Error{refused} where it would
/// cut the host off in a way that was not shown, unless the change awaits its confirmation or the
/// user sits at the console.
void require_shown(Context& context, const plan::Plan& again, const CutOffs& shown,
                   const Consent& consent);

}  // namespace timectl::cli
