// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/offline_units.hpp"

#include "system/resolve.hpp"
#include "system/unit_name.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace timectl::system::os {

namespace {

/// Where unit files lie, the strongest first (systemd.unit(5)).
constexpr std::array<const char*, 4> unit_directories{
    own_unit_directory, "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system"};

constexpr int most_aliases = 64;  // UNIT_FILE_FOLLOW_SYMLINK_MAX of src/shared/install.c

std::string last_component(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Of one name only the strongest.
using DropIns = std::map<std::string, std::string>;

void add_drop_ins(const RootedPath& directory, const FileReader& files, DropIns& strongest) {
  for (const auto& file : files.list(directory)) {
    if (file.ends_with(".conf")) strongest.emplace(file, (directory / file).text());
  }
}

}  // namespace

bool holds_links(std::string_view directory) {
  return directory.ends_with(".wants") || directory.ends_with(".requires") ||
         directory.ends_with(".upholds");
}

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
    for (const auto* directory : unit_directories) {
      if (auto found = fragment_at(RootedPath{directory} / name)) return found;
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

std::vector<std::string> OfflineUnits::drop_ins_of(const std::string& unit) const {
  DropIns strongest;
  for (const auto* directory : unit_directories) {
    for (const auto& name : {unit, template_of(unit)}) {
      if (!name.empty()) add_drop_ins(RootedPath{directory} / (name + ".d"), files_, strongest);
    }
  }
  std::vector<std::string> paths;
  for (const auto& [name, path] : strongest) {
    if (files_.read_link(RootedPath{path}) != "/dev/null") paths.push_back(path);
  }
  return paths;
}

InstallSection OfflineUnits::install_section_of(const FoundUnit& unit) const {
  std::vector<std::string> texts{unit.fragment.content};
  for (const auto& path : drop_ins_of(unit.name)) {
    const auto file = files_.read(RootedPath{path});
    if (file) texts.push_back(file->content);
  }
  return parse_install_section(texts);
}

UnitState OfflineUnits::state(const std::string& unit) const {
  UnitState state;
  state.load_state = "not-found";
  const auto found = find(unit);
  if (!found) return state;
  state.load_state = found->fragment.is_masked ? "masked" : "loaded";
  state.fragment_path = found->fragment.path.text();
  state.unit_file_state = unit_file_state_of(*found);
  if (!found->fragment.is_masked) state.drop_in_paths = drop_ins_of(found->name);
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
  const RootedPath base{own_unit_directory};
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
