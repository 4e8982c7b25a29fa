// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "plan/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace timectl::plan {

using target::Reaction;
using target::ReactionKind;

namespace {

std::string because(const std::vector<std::string>& paths) {
  return fmt::format("{} {}", join(paths, ", "), paths.size() == 1 ? "changes" : "change");
}

bool contains(const std::vector<UnitChange>& changes, UnitAction action, const std::string& unit) {
  return std::any_of(changes.begin(), changes.end(), [&](const UnitChange& change) {
    return change.action == action && change.unit == unit;
  });
}

/// Decides which of the collected reactions are still worth their while.
class Sieve {
 public:
  Sieve(const std::map<Reaction, std::vector<std::string>>& all, const FilePart& files,
        const UnitPart& units, const system::ServiceReader& services, Packages packages)
      : all_(all), files_(files), units_(units), services_(services), packages_(packages) {}

  bool keeps(const Reaction& reaction) const {
    const auto unit = target::unit_of(reaction);
    switch (reaction.kind) {
      case ReactionKind::restart:
        return !starts_or_stops(unit) && can_run(unit);
      case ReactionKind::try_restart:
        return !starts_or_stops(unit) && !restarts(unit) && runs(unit);
      case ReactionKind::reload_sources:
        return !starts_or_stops(unit) && !restarts(unit) &&
               all_.count({ReactionKind::try_restart, unit}) == 0 && runs(unit);
      default:
        return true;
    }
  }

 private:
  bool starts_or_stops(const std::string& unit) const {
    return contains(units_.starts, UnitAction::start, unit) ||
           contains(units_.enablement, UnitAction::stop, unit) ||
           contains(units_.retired, UnitAction::stop, unit);
  }
  bool restarts(const std::string& unit) const {
    return all_.count({ReactionKind::restart, unit}) != 0;
  }
  /// A file can outlive its daemon (apt removed systemd-timesyncd, its drop-in goes now):
  /// restarting what is not there would fail, and undo everything.
  bool can_run(const std::string& unit) const {
    const auto state = services_.state(unit);
    if (stays_masked(unit, state) || contains(units_.enablement, UnitAction::mask, unit))
      return false;
    if (goes(unit) && !is_unmasked(unit)) return false;
    return state.exists() || packages_ == Packages::pending || brings(unit);
  }
  bool is_unmasked(const std::string& unit) const {
    return contains(units_.enablement, UnitAction::unmask, unit);
  }
  /// systemd lets a masked unit that runs go on, and neither starts nor restarts it.
  bool stays_masked(const std::string& unit, const system::UnitState& state) const {
    return (state.is_masked() && !is_unmasked(unit)) || brings_mask(files_, unit);
  }
  bool goes(const std::string& unit) const {
    return std::any_of(files_.changes.begin(), files_.changes.end(), [&](const FileChange& change) {
      return change.action == FileAction::remove && unit_of(change.path) == unit;
    });
  }
  bool brings(const std::string& unit) const {
    return std::any_of(files_.changes.begin(), files_.changes.end(), [&](const FileChange& change) {
      return change.action != FileAction::remove && unit_of(change.path) == unit;
    });
  }
  /// A package's daemon may be started by its installation, which is not known yet.
  bool runs(const std::string& unit) const {
    if (packages_ == Packages::pending) return true;
    const auto state = services_.state(unit);
    return state.is_active() && !stays_masked(unit, state);
  }

  const std::map<Reaction, std::vector<std::string>>& all_;
  const FilePart& files_;
  const UnitPart& units_;
  const system::ServiceReader& services_;
  Packages packages_;
};

}  // namespace

std::vector<ReactionChange> plan_reactions(const FilePart& files, const UnitPart& units,
                                           const system::ServiceReader& services,
                                           Packages packages) {
  std::map<Reaction, std::vector<std::string>> all;  // in the order of their kinds
  for (std::size_t i = 0; i < files.reactions.size(); ++i) {
    auto& paths = all[files.reactions[i]];
    const bool is_new = std::find(paths.begin(), paths.end(), files.reasons[i]) == paths.end();
    if (is_new) paths.push_back(files.reasons[i]);
  }
  const bool is_running = services.is_running();
  const Sieve sieve{all, files, units, services, packages};
  std::vector<ReactionChange> kept;
  for (const auto& [reaction, paths] : all) {
    if (reaction.kind != ReactionKind::reboot && !(is_running && sieve.keeps(reaction))) continue;
    kept.push_back({reaction, because(paths)});
  }
  return kept;
}

}  // namespace timectl::plan
