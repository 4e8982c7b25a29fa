// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "plan/parts.hpp"
#include "plan/unit_files.hpp"
#include "system/unit_files.hpp"
#include "system/unit_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timectl::plan {

using system::RootedPath;
using system::UnitState;
using target::Activity;
using target::DesiredUnit;
using target::Enablement;

namespace {

std::vector<RootedPath> all_unit_directories() {
  return system::unit_directories(system::RunDirectory::read);
}

/// Units that have no [Install] section, or are enabled under another name, cannot become more
/// enabled than they are; asking again at each run would never end.
bool counts_as_enabled(const UnitState& state) {
  constexpr std::array<std::string_view, 5> words{"static", "alias", "indirect", "generated",
                                                  "transient"};
  return state.is_enabled() ||
         std::find(words.begin(), words.end(), state.unit_file_state) != words.end();
}

/// What a file of the target brings with it; "timectl@.service" brings every instance.
std::set<std::string> units_of(const std::vector<target::DesiredFile>& files) {
  std::set<std::string> units;
  for (const auto& file : files) {
    const auto unit = unit_of(file.path);
    if (!unit.empty() && file.kind == target::FileKind::owned) units.insert(unit);
  }
  return units;
}

class UnitPlanner {
 public:
  UnitPlanner(const target::Target& target, FilePart& changes, const Machine& machine,
              Packages packages)
      : services_(machine.services),
        files_(machine.files),
        changes_(changes),
        packages_(packages),
        brought_(units_of(target.files)),
        is_running_(machine.services.is_running()) {}

  void handle(const DesiredUnit& desired) {
    const auto state = services_.state(desired.name);
    if (!state.exists() && !will_exist(desired)) return handle_missing(desired);
    plan_enablement(desired, state);
    if (!is_running_) return;
    if (desired.activity == Activity::stopped && state.is_active()) {
      part_.enablement.push_back({desired.name, UnitAction::stop, desired.why});
    }
    if (desired.activity == Activity::running && !state.is_active()) {
      part_.starts.push_back({desired.name, UnitAction::start, desired.why});
    }
  }

  void retire(const std::string& unit) {
    const auto state = services_.state(unit);
    const std::string why = "the profile has no use for it any more";
    if (is_running_ && state.is_active()) part_.retired.push_back({unit, UnitAction::stop, why});
    if (state.is_enabled()) part_.retired.push_back({unit, UnitAction::disable, why});
  }

  UnitPart take() { return std::move(part_); }

 private:
  bool will_exist(const DesiredUnit& desired) const {
    if (brought_.count(desired.name) != 0 ||
        brought_.count(system::template_of(desired.name)) != 0) {
      return true;
    }
    return packages_ == Packages::pending && !desired.optional;
  }

  void handle_missing(const DesiredUnit& desired) {
    if (desired.optional) return;
    if (desired.enablement == Enablement::masked) {
      part_.enablement.push_back({desired.name, UnitAction::mask, desired.why});
    }
    if (desired.enablement == Enablement::enabled || desired.activity == Activity::running) {
      throw Error{ErrorKind::missing,
                  fmt::format("cannot enable '{}': there is no such unit", desired.name)};
    }
  }

  void plan_enablement(const DesiredUnit& desired, const UnitState& state) {
    const auto add = [&](UnitAction action) {
      part_.enablement.push_back({desired.name, action, desired.why});
    };
    const bool must_run = desired.enablement == Enablement::enabled ||
                          (desired.activity == Activity::running && is_running_);
    if (state.is_masked() && must_run) {
      refuse_if_fixed(desired, state);
      unmask(desired.name, desired.why);
    }
    if (desired.enablement == Enablement::enabled) unmask_aliases(desired, state);
    switch (desired.enablement) {
      case Enablement::enabled:
        if (!counts_as_enabled(state)) {
          add(UnitAction::enable);
          note_unusable(desired.name, state);
        }
        break;
      case Enablement::disabled:
        if (state.is_enabled()) add(UnitAction::disable);
        break;
      case Enablement::masked:
        if (!state.is_masked()) add(UnitAction::mask);
        break;
      case Enablement::unchanged:
        break;
    }
  }

  /// Where systemd runs it says so itself, and fails.
  void note_unusable(const std::string& unit, const UnitState& state) {
    if (is_running_) return;
    for (const auto& reason : install_links_of(files_, unit, state.fragment_path).unusable) {
      changes_.notes.push_back(
          fmt::format("{} is enabled without a link that it asks for: {}", unit, reason));
    }
  }

  /// The operator may have masked it for a reason: the plan says where, and a rollback masks it
  /// again.
  void unmask(const std::string& unit, const std::string& why) {
    std::vector<std::string> places;
    for (const auto& mask : masks_of(files_, unit)) {
      places.push_back(mask.text());
      remove_if_file(mask, unit);
    }
    part_.enablement.push_back(
        {unit, UnitAction::unmask,
         places.empty() ? why : fmt::format("masked by {}; {}", join(places, " and "), why)});
  }

  void refuse_if_fixed(const DesiredUnit& desired, const UnitState& state) const {
    if (brought_.count(desired.name) != 0) return;
    for (const auto place : system::link_places) {
      const auto path = RootedPath{place} / desired.name;
      const auto status = files_.status(path);
      if (status && status->type == system::FileType::other) {
        refuse_mask(desired.name, path, "which is neither a file nor a symlink");
      }
    }
    const auto fixed = fixed_mask_of(files_, desired.name, state.fragment_path);
    if (fixed) refuse_mask(desired.name, *fixed, "which systemctl unmask leaves in place");
  }

  [[noreturn]] void refuse_mask(const std::string& unit, const RootedPath& mask,
                                const char* remark) const {
    const auto remedy = fmt::format("rm {}", shell_quoted(files_.host_path(mask)));
    throw Error{
        ErrorKind::refused,
        fmt::format("cannot unmask '{}': it is masked by '{}', {}", unit, mask.text(), remark),
        is_running_ ? remedy + " && systemctl daemon-reload" : remedy};
  }

  /// systemd would remove an empty file that masks a unit, and only a file that is a change of the
  /// plan comes back with its owner and times.
  void remove_if_file(const RootedPath& mask, const std::string& unit) {
    const auto current = read_current(files_, mask);
    const bool is_planned =
        std::any_of(changes_.changes.begin(), changes_.changes.end(),
                    [&](const FileChange& change) { return change.path == mask; });
    if (!current.is(system::FileType::regular) || is_planned) return;
    auto change = begin_change(mask, current, fmt::format("an empty file masks {}", unit));
    change.action = FileAction::remove;
    change.cause = Cause::foreign;
    change.kind = target::FileKind::absent;
    add_change(changes_, std::move(change));
  }

  /// Enabling makes a link of each alias, and fails where a mask has that name: as after
  /// `systemctl mask chronyd`.
  void unmask_aliases(const DesiredUnit& desired, const UnitState& state) {
    const auto links = install_links_of(files_, desired.name, state.fragment_path);
    for (const auto& alias : links.aliases) {
      const bool is_masked = system::is_unit_name(alias) && !masks_of(files_, alias).empty();
      if (alias == desired.name || !is_masked) continue;
      unmask(alias, fmt::format("it is an alias of {}", desired.name));
    }
  }

  const system::ServiceReader& services_;
  const system::FileReader& files_;
  FilePart& changes_;
  Packages packages_;
  std::set<std::string> brought_;
  bool is_running_;
  UnitPart part_;
};

}  // namespace

bool is_unit_path(const RootedPath& path) {
  const auto directories = all_unit_directories();
  return std::any_of(directories.begin(), directories.end(), [&](const RootedPath& directory) {
    return path.text().starts_with(directory.text() + "/");
  });
}

std::string unit_of(const RootedPath& path) {
  const auto directories = all_unit_directories();
  const bool is_in_place =
      std::find(directories.begin(), directories.end(), path.parent()) != directories.end();
  return is_in_place && system::is_unit_name(path.name()) ? path.name() : "";
}

bool brings_mask(const FilePart& files, const std::string& unit) {
  return std::any_of(files.changes.begin(), files.changes.end(), [&](const FileChange& change) {
    const bool hides = change.type_after == system::FileType::symlink
                           ? change.content_after == "/dev/null"
                           : change.content_after.empty();
    return change.action != FileAction::remove && hides && unit_of(change.path) == unit;
  });
}

UnitPart plan_units(const target::Target& target, FilePart& files, const Machine& machine,
                    Packages packages) {
  UnitPlanner planner{target, files, machine, packages};
  std::set<std::string> wanted;
  for (const auto& desired : target.units) {
    wanted.insert(desired.name);
    planner.handle(desired);
  }
  for (const auto& change : files.changes) {
    const auto unit = unit_of(change.path);
    const bool goes = change.action == FileAction::remove && !unit.empty();
    if (goes && wanted.count(unit) == 0) planner.retire(unit);
  }
  return planner.take();
}

}  // namespace timectl::plan
