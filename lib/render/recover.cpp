// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "render/draft.hpp"

namespace timectl::render {

using system::RootedPath;

void add_recovery(Draft& draft) {
  draft.add({.path = RootedPath{"/etc/systemd/system/timectl-recover.service"},
             .why = "undoes at boot what a power cut left half done",
             .reactions = {{ReactionKind::daemon_reload, ""}}},
            Model{"timectl", draft.timectl()});
  draft.add_unit("timectl-recover.service", Enablement::enabled, Activity::unchanged,
                 "undoes at boot what a power cut left half done");
}

}  // namespace timectl::render
