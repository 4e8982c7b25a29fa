// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/fixture_root.hpp"

#include "base/text.hpp"

#include <fstream>
#include <sstream>

namespace timectl::test {

using system::RootedPath;

namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool is_wanted_by_something(const system::FileReader& files, std::string_view unit) {
  const RootedPath directory{"/etc/systemd/system"};
  for (const auto& name : files.list(directory)) {
    if (name.ends_with(".wants") && files.read_link(directory / name / unit)) return true;
  }
  return false;
}

}  // namespace

FakeFiles load_tree(const std::filesystem::path& directory) {
  FakeFiles files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    const auto path = "/" + entry.path().lexically_relative(directory).string();
    if (entry.is_symlink()) {
      files.put_link(path, std::filesystem::read_symlink(entry.path()).string());
    } else if (entry.is_regular_file()) {
      files.put(path, content_of(entry.path()));
    }
  }
  return files;
}

system::UnitState LinkedServices::state(std::string_view unit) const {
  system::UnitState state;
  state.load_state = "not-found";
  if (files_.read_link(RootedPath{"/etc/systemd/system"} / unit) == "/dev/null") {
    state.load_state = state.unit_file_state = "masked";
    state.fragment_path = (RootedPath{"/etc/systemd/system"} / unit).text();
    return state;
  }
  for (const auto* directory :
       {"/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"}) {
    const auto path = RootedPath{directory} / unit;
    if (!files_.status(path)) continue;
    state.load_state = "loaded";
    state.fragment_path = path.text();
    state.unit_file_state = is_wanted_by_something(files_, unit) ? "enabled" : "disabled";
    break;
  }
  return state;
}

std::map<std::string, std::string> StatusPackages::installed() const {
  std::map<std::string, std::string> versions;
  const auto status = files_.read(RootedPath{"/var/lib/dpkg/status"});
  if (!status) return versions;
  std::string package;
  bool is_installed = false;
  for (const auto& line : lines_of(status->content)) {
    if (line.starts_with("Package: ")) package = line.substr(9);
    if (line.starts_with("Status: ")) is_installed = line == "Status: install ok installed";
    if (line.starts_with("Version: ") && is_installed) versions[package] = line.substr(9);
  }
  return versions;
}

}  // namespace timectl::test
