// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan/unit_files.hpp"

#include "base/error.hpp"
#include "system/resolve.hpp"
#include "system/unit_files.hpp"
#include "system/unit_name.hpp"

namespace timectl::plan {

using system::FileReader;
using system::FileType;
using system::link_places;
using system::package_places;
using system::RootedPath;
using system::RunDirectory;

namespace {

const RootedPath null_device{"/dev/null"};

bool is_empty_file(const FileReader& files, const RootedPath& path) {
  const auto status = files.status(path);
  return status && status->type == FileType::regular && status->size == 0;
}

/// nullopt for what is no regular file and cannot be read.
std::optional<std::string> text_at(const FileReader& files, const RootedPath& path) {
  try {
    const auto file = files.read(path);
    return file ? std::optional{file->content} : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

struct UnitFile {
  RootedPath path;
  std::string text;
};

/// The file that systemd reads, or would if the masks before it were not there.
std::optional<UnitFile> unit_file(const FileReader& files, const std::string& unit,
                                  const std::string& fragment_path) {
  std::vector<RootedPath> places;
  if (fragment_path.starts_with('/')) places.emplace_back(fragment_path);
  for (const auto& name : {unit, system::template_of(unit)}) {
    if (name.empty()) continue;
    for (const auto& directory : system::unit_directories(RunDirectory::read)) {
      places.push_back(directory / name);
    }
  }
  for (const auto& place : places) {
    if (is_mask(files, place)) continue;
    auto text = text_at(files, place);
    if (text && !text->empty()) return UnitFile{place, std::move(*text)};
  }
  return std::nullopt;
}

/// The name that the unit has besides all aliases: that of the file which the links lead to.
std::string name_of(const FileReader& files, const std::string& unit, const RootedPath& path) {
  const auto end = system::resolved(path, files);
  const auto name = end ? end->name() : std::string{};
  if (!system::is_unit_name(name)) return unit;
  const auto instance = system::instance_of(unit);
  const bool is_instance = system::is_template(name) && !instance.empty();
  return is_instance ? system::instantiate(name, instance) : name;
}

}  // namespace

bool is_mask(const FileReader& files, const RootedPath& path) {
  const auto end = system::resolved(path, files);
  // An unpacked image may lack the device: the link's word is enough.
  return end && (*end == null_device || is_empty_file(files, *end));
}

std::vector<RootedPath> masks_of(const FileReader& files, const std::string& unit) {
  std::vector<RootedPath> masks;
  for (const auto place : link_places) {
    const auto path = RootedPath{place} / unit;
    if (is_mask(files, path)) masks.push_back(path);
  }
  return masks;
}

std::optional<RootedPath> fixed_mask_of(const FileReader& files, const std::string& unit,
                                        const std::string& fragment_path) {
  for (const auto place : link_places) {
    const auto path = RootedPath{place} / unit;
    if (files.status(path) && !is_mask(files, path)) return std::nullopt;
  }
  for (const auto place : package_places) {
    const auto path = RootedPath{place} / unit;
    if (!files.status(path)) continue;
    return is_mask(files, path) ? std::optional{path} : std::nullopt;
  }
  // A generator's, or one of /etc/systemd/system.control.
  const bool is_elsewhere = fragment_path.starts_with('/') && fragment_path != "/dev/null" &&
                            masks_of(files, unit).empty() &&
                            is_mask(files, RootedPath{fragment_path});
  return is_elsewhere ? std::optional{RootedPath{fragment_path}} : std::nullopt;
}

system::InstallLinks install_links_of(const FileReader& files, const std::string& unit,
                                      const std::string& fragment_path) {
  const auto file = unit_file(files, unit, fragment_path);
  if (!file) return {};
  return install_links_of_text(files, name_of(files, unit, file->path), file->text);
}

system::InstallLinks install_links_of_text(const FileReader& files, const std::string& unit,
                                           const std::string& text) {
  return system::install_links(unit,
                               system::read_install_section(files, unit, text, RunDirectory::read));
}

std::set<std::string> enabled_together(
    const std::string& unit,
    const std::function<system::InstallLinks(const std::string&)>& links_of) {
  std::set<std::string> units;
  std::vector<std::string> ahead{unit};
  while (!ahead.empty()) {
    const auto name = std::move(ahead.back());
    ahead.pop_back();
    if (!units.insert(name).second) continue;
    for (auto& each : links_of(name).also) ahead.push_back(std::move(each));
  }
  return units;
}

}  // namespace timectl::plan
