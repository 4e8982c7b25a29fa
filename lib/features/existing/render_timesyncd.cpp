// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/render_timesyncd.hpp"

#include "base/text.hpp"
#include "features/existing/render_edits.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::features {

using facts::ExistingSetting;
using target::Draft;
using target::ReactionKind;

/// timesyncd's own file is read before the drop-in, which says all of it anew.
void handle_timesyncd(Draft& draft, const ExistingSetting& setting) {
  if (!profile::runs_timesyncd(draft.host)) return;
  const bool names_server =
      std::any_of(setting.lines.begin(), setting.lines.end(), [&](const std::string& line) {
        if (!line.starts_with("NTP=")) return false;
        const auto words = words_of(std::string_view{line}.substr(4));
        return std::any_of(words.begin(), words.end(),
                           [&](const auto& word) { return host_at(draft, word) != nullptr; });
      });
  if (!names_server && !setting.may_go) return;
  take_lines(draft, setting, "the drop-in says it, and FallbackNTP= is never used beside NTP=",
             {{ReactionKind::restart, platform::timesyncd.unit}});
}

/// A file of the system's is not edited: one in /etc of its name hides it.
void handle_timesyncd_override(Draft& draft, const ExistingSetting& setting) {
  if (!profile::runs_timesyncd(draft.host)) return;
  const auto reason = fmt::format("timesyncd reads it after {}, and it takes back what that says",
                                  platform::timesync::own_drop_in);
  if (!setting.file.starts_with("/etc/")) {
    const auto name = setting.file.substr(setting.file.rfind('/') + 1);
    return draft.target.conflicts.push_back(
        {fmt::format("{}: {}", place_of(setting), reason),
         fmt::format("hide it: mkdir -p {0}{1} && ln -s /dev/null {0}{1}/{2}", draft.facts.root,
                     platform::timesync::drop_ins, name)});
  }
  if (!setting.may_go) return add_conflict(draft, setting, reason);
  take_lines(draft, setting, fmt::format("{} says it", platform::timesync::own_drop_in),
             {{ReactionKind::restart, platform::timesyncd.unit}});
}

}  // namespace timectl::features
