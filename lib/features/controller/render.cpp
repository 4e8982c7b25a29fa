// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "controller/contract.hpp"
#include "features/controller/rows.hpp"
#include "target/draft.hpp"

namespace timectl::features {

using target::Draft;
using target::FileKind;
using target::ReactionKind;

namespace {

/// What earlier scripts left behind that would hide monitor's word to the controller.
void add_controller(Draft& draft) {
  if (!draft.host.controller) return;
  draft.target.files.push_back({.path = controller::old_drop_in_path(draft.host.controller->unit),
                                .kind = FileKind::absent,
                                .content = {},
                                .why = "the old script's drop-in hides timectl's",
                                .reactions = {{ReactionKind::daemon_reload, ""}}});
}

}  // namespace

constinit const target::Contribution controller_contributions[1] = {
    {target::Phase::services, add_controller}};

}  // namespace timectl::features
