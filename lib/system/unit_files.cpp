// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/unit_files.hpp"

#include "base/error.hpp"
#include "system/unit_name.hpp"

#include <map>

namespace timectl::system {

namespace {

/// Of one name only the strongest.
using DropIns = std::map<std::string, std::string>;

void add_drop_ins(const RootedPath& directory, const FileReader& files, DropIns& strongest) {
  for (const auto& file : files.list(directory)) {
    if (file.ends_with(".conf")) strongest.emplace(file, (directory / file).text());
  }
}

}  // namespace

std::vector<RootedPath> unit_directories(RunDirectory run) {
  std::vector<RootedPath> directories;
  for (const auto place : link_places) {
    const bool is_run = place.starts_with("/run/");
    if (!is_run || run == RunDirectory::read) directories.emplace_back(place);
  }
  for (const auto place : package_places) directories.emplace_back(place);
  return directories;
}

std::vector<std::string> drop_ins_of(const FileReader& files, const std::string& unit,
                                     RunDirectory run) {
  DropIns strongest;
  for (const auto& directory : unit_directories(run)) {
    for (const auto& name : {unit, template_of(unit)}) {
      if (!name.empty()) add_drop_ins(directory / (name + ".d"), files, strongest);
    }
  }
  std::vector<std::string> paths;
  for (const auto& [name, path] : strongest) {
    if (files.read_link(RootedPath{path}) != "/dev/null") paths.push_back(path);
  }
  return paths;
}

InstallSection read_install_section(const FileReader& files, const std::string& unit,
                                    const std::string& text, RunDirectory run) {
  std::vector<std::string> texts{text};
  for (const auto& path : drop_ins_of(files, unit, run)) {
    try {
      const auto file = files.read(RootedPath{path});
      if (file) texts.push_back(file->content);
    } catch (const Error&) {
      continue;
    }
  }
  return parse_install_section(texts);
}

}  // namespace timectl::system
