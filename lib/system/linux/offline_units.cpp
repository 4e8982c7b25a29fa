// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/offline_units.hpp"

#include "system/resolve.hpp"
#include "system/unit_files.hpp"
#include "system/unit_name.hpp"

namespace timectl::system::os {

namespace {

constexpr int most_aliases = 64;  // UNIT_FILE_FOLLOW_SYMLINK_MAX of src/shared/install.c

std::string last_component(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

std::optional<FoundUnit> OfflineUnits::find(const std::string& unit) const {
  std::string name = unit;
  for (int i = 0; i < most_aliases && is_unit_name(name); ++i) {
    auto fragment = find_fragment(name);
    if (!fragment) return std::nullopt;
    if (fragment->alias_of.empty()) return FoundUnit{name, std::move(*fragment)};
    const bool names_template = is_template(fragment->alias_of) && !instance_of(name).empty();
    name = names_template ? instantiate(fragment->alias_of, instance_of(name)) : fragment->alias_of;
  }
  return std::nullopt;
}

std::optional<UnitFragment> OfflineUnits::find_fragment(const std::string& unit) const {
  for (const auto& name : {unit, template_of(unit)}) {
    if (name.empty()) continue;
    for (const auto& directory : unit_directories(RunDirectory::ignored)) {
      if (auto found = fragment_at(directory / name)) return found;
    }
  }
  return std::nullopt;
}

std::optional<UnitFragment> OfflineUnits::fragment_at(const RootedPath& path) const {
  const auto link = files_.read_link(path);
  // "/dev/null" is a device and an unpacked image may lack it: the link's word is enough.
  if (link && resolved(path, files_) == RootedPath{"/dev/null"}) {
    return UnitFragment{path, {}, true, {}};
  }
  if (link) {
    const auto target = last_component(*link);
    const bool is_instance = template_of(path.name()) == target;
    if (!target.empty() && target != path.name() && !is_instance) {
      return UnitFragment{path, {}, false, target};
    }
  }
  const auto file = files_.read(path);
  if (!file) return std::nullopt;
  return UnitFragment{path, file->content, file->content.empty(), {}};
}

InstallSection OfflineUnits::install_section_of(const FoundUnit& unit) const {
  return read_install_section(files_, unit.name, unit.fragment.content, RunDirectory::ignored);
}

UnitState OfflineUnits::state(const std::string& unit) const {
  UnitState state;
  state.load_state = "not-found";
  const auto found = find(unit);
  if (!found) return state;
  state.load_state = found->fragment.is_masked ? "masked" : "loaded";
  state.fragment_path = found->fragment.path.text();
  state.unit_file_state = unit_file_state_of(*found);
  if (!found->fragment.is_masked) {
    state.drop_in_paths = drop_ins_of(files_, found->name, RunDirectory::ignored);
  }
  return state;
}

std::string OfflineUnits::unit_file_state_of(const FoundUnit& unit) const {
  if (unit.fragment.is_masked) return "masked";
  if (is_linked(unit.name)) return "enabled";
  const auto install = install_section_of(unit);
  if (install.makes_links()) return "disabled";
  return install.also.empty() ? "static" : "indirect";
}

/// Whether enabling has left its marks: a link in a .wants, .requires or .upholds directory, or an
/// alias. A file or a directory of the unit's name there is none; systemd passes it over.
bool OfflineUnits::is_linked(const std::string& unit) const {
  const RootedPath base{link_places.front()};
  for (const auto& name : files_.list(base)) {
    if (holds_links(name)) {
      if (files_.read_link(base / name / unit)) return true;
    } else if (name != unit) {
      const auto target = files_.read_link(base / name);
      if (target && last_component(*target) == unit) return true;
    }
  }
  return false;
}

}  // namespace timectl::system::os
