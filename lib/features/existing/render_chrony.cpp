// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/render_chrony.hpp"

#include "base/text.hpp"
#include "features/existing/render_edits.hpp"
#include "platform/platform.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace timectl::features {

using facts::Chrony;
using facts::ExistingSetting;
using system::ChronyDirective;
using target::Draft;
using target::FileKind;
using target::ReactionKind;

namespace {

constexpr auto configuration = platform::chrony::configuration;

constexpr auto refused = "chronyd refuses 'rtcfile' beside 'rtcsync'";

void conflict(Draft& draft, const std::string& reason, const std::string& remedy) {
  draft.target.conflicts.push_back({reason, remedy});
}

void take_directive(Draft& draft, const std::string& path, const std::string& line,
                    const std::string& why) {
  auto& file = file_of(draft, path);
  file.superseded.insert(line);
  if (file.why.find(why) == std::string::npos) file.why += (file.why.empty() ? "" : "; ") + why;
  file.reactions = {{ReactionKind::restart, platform::chronyd.unit}};
}

facts::ChronyDuty duty_of(const Draft& draft) {
  facts::ChronyDuty duty;
  if (draft.host.client) duty.max_distance = Seconds{draft.host.client->root_distance_max};
  duty.add_own(draft.facts.interfaces);
  if (!draft.host.serve) return duty;
  duty.allowed = draft.host.serve->allow;
  for (const auto* address : profile::served_addresses(draft.host)) {
    const bool is_only = draft.host.addresses.size() == 1;
    // Where timectl is about to configure it.
    const auto interface =
        address->interface || !is_only ? address->interface : draft.facts.default_interface;
    duty.add(address->address, interface, draft.facts);
  }
  return duty;
}

std::string lines_in_words(const std::string& block) {
  std::vector<std::string> quoted;
  for (const auto& line : lines_of(block)) quoted.push_back("'" + line + "'");
  return join(quoted, " and ");
}

void add_directories(Draft& draft, const Chrony& chrony) {
  if (chrony.block.empty()) return;
  // chronyd does not run by a configuration that it refuses: nothing relies on what it reads.
  const bool may_add = chrony.may_go || chrony.now.has_block || chrony.is_refused();
  if (may_add && chrony.now.may_edit_main) {
    draft.target.files.push_back(
        {.path = system::RootedPath{configuration},
         .kind = FileKind::block,
         .content = chrony.block,
         .why = chrony.is_refused()
                    ? std::string{refused} + "; timectl's lines have it read timectl's files"
                    : "has chronyd read timectl's files",
         .reactions = {{ReactionKind::restart, platform::chronyd.unit}}});
    return;
  }
  const auto doubts = chrony.now.doubts.empty() ? std::string{}
                                                : fmt::format(" (as far as timectl can tell: {})",
                                                              join(chrony.now.doubts, ", "));
  const auto by_hand = fmt::format("add {} to it", lines_in_words(chrony.block));
  conflict(draft,
           fmt::format("{} has no {}: chronyd does not read timectl's files{}", configuration,
                       lines_in_words(chrony.block), doubts),
           chrony.now.may_edit_main
               ? fmt::format("{}, or let '{}' do it", by_hand,
                             draft.facts.command("provision --take-over"))
               : by_hand + "; timectl changes only regular files of root's below /etc");
}

void refuse_hidden(Draft& draft, const system::ChronyFiles& read) {
  const auto refuse = [&](const std::string& hides, const char* own) {
    conflict(draft, fmt::format("chronyd reads {} in the place of {}", hides, own),
             fmt::format("give {} another name, or remove it", hides));
  };
  if (read.own_at.empty() && !read.hides_own.empty()) {
    refuse(read.hides_own, platform::chrony::own_drop_in);
  }
  if (!read.reads_own_sources && !read.hides_own_sources.empty()) {
    refuse(read.hides_own_sources, platform::chrony::own_sources);
  }
}

bool has_own(const system::ChronyFiles& read, std::string_view name) {
  return std::any_of(read.directives.begin(), read.directives.end(), [&](const auto& directive) {
    return directive.is_own && directive.words.front() == name;
  });
}

/// What timectl's drop-in leaves to the distribution's file, where no file has it. A user who may
/// not read all of them relies on what root found.
void add_missing(Draft& draft, const system::ChronyFiles& read) {
  auto& chronyd = draft.time_daemon();
  const auto add = [&](const char* name, const std::string& line, const char* reason) {
    const bool is_known = !read.lacks_permission || has_own(read, name);
    if (!read.has(name) && is_known) chronyd.directive(line, "chrony", reason);
  };
  add("driftfile", fmt::format("driftfile {}", platform::chrony::drift_file),
      "the clock's frequency error is known again after a restart");
  add("makestep", "makestep 1 3", "a clock that is far off is set at the start");
  if (!read.has("rtcfile")) add("rtcsync", "rtcsync", "the kernel keeps the RTC right");
}

/// Any user may ask for a plan.
void keep_what_is_there(Draft& draft, const Chrony& chrony) {
  draft.note(fmt::format("whether chronyd reads timectl's files is not known to this user: {}",
                         chrony.now.doubts.front()));
  if (chrony.now.has_block) add_directories(draft, chrony);
  add_missing(draft, chrony.planned);
}

void refuse_obstacle(Draft& draft, const facts::ChronyObstacle& obstacle, bool can_go) {
  const std::string by_hand = "take it out";
  conflict(draft, fmt::format("{}: {}", obstacle.place, obstacle.reason),
           can_go ? fmt::format("{}, or let '{}' do it; what it changes is kept in the generation",
                                by_hand, draft.facts.command("provision --take-over"))
                  : by_hand);
}

/// False: it is refused.
bool take_obstacle(Draft& draft, const facts::ChronyObstacle& obstacle, bool may_go) {
  const bool can_go = std::all_of(obstacle.lines.begin(), obstacle.lines.end(),
                                  [](const ChronyDirective& line) { return line.may_be_edited; });
  if (!may_go || !can_go) {
    refuse_obstacle(draft, obstacle, can_go);
    return false;
  }
  for (const auto& line : obstacle.lines) {
    take_directive(draft, line.file, line.text,
                   fmt::format("'{}' goes: {}", line.words.front(), obstacle.reason));
  }
  return true;
}

/// As if timectl had taken the lines out: its own are not judged.
void leave_out(system::ChronyFiles& read, const std::vector<ChronyDirective>& lines) {
  std::set<std::pair<std::string, std::string>> taken;
  for (const auto& line : lines) taken.emplace(line.file, line.text);
  for (auto& each : read.directives) {
    each.is_own = each.is_own || taken.contains({each.file, each.text});
  }
}

/// Behind a line that goes another one may be in the way.
void take_obstacles(Draft& draft, const Chrony& chrony) {
  auto read = chrony.planned;
  const auto duty = duty_of(draft);
  bool goes_on = true;
  while (goes_on) {
    const auto obstacles = facts::obstacles_in(read, duty);
    goes_on = !obstacles.empty();
    for (const auto& obstacle : obstacles) {
      goes_on = take_obstacle(draft, obstacle, chrony.may_go) && goes_on;
      leave_out(read, obstacle.lines);
    }
  }
}

}  // namespace

void add_chrony_in_force(Draft& draft) {
  if (!profile::runs_chrony(draft.host) || !draft.facts.chrony) return;
  const auto& chrony = *draft.facts.chrony;
  if (!chrony.elsewhere.empty()) {
    conflict(draft, chrony.elsewhere, "take the option out there");
  }
  if (!chrony.now.has_main) {
    return draft.note(fmt::format(
        "{} is missing, and chronyd does not start without it: apt-get install --reinstall -o "
        "Dpkg::Options::=--force-confmiss {}",
        configuration, platform::chronyd.package));
  }
  if (chrony.now.lacks_permission) return keep_what_is_there(draft, chrony);
  add_directories(draft, chrony);
  refuse_hidden(draft, chrony.planned);
  add_missing(draft, chrony.planned);
  take_obstacles(draft, chrony);
  for (const auto& refclock : chrony.without_device) {
    conflict(
        draft,
        fmt::format("{}: chronyd does not start without that device", facts::place_of(refclock)),
        "connect the device or load its driver, or take the line out");
  }
}

void handle_chrony_conf(Draft& draft, const ExistingSetting& setting) {
  if (!profile::runs_chrony(draft.host)) return;
  if (!setting.may_go) return add_conflict(draft, setting, refused);
  take_directive(draft, setting.file, setting.lines.front(), refused);
}

void handle_chrony_local(Draft& draft, const ExistingSetting& setting) {
  if (!profile::runs_chrony(draft.host)) return;
  const std::string why = "it serves any time from the first second of a boot, looking perfect";
  if (!setting.may_go) return add_conflict(draft, setting, why);
  take_directive(draft, setting.file, setting.lines.front(),
                 "'local' goes: timectl enables island mode once the time is validated");
}

}  // namespace timectl::features
