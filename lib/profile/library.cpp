// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/library.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "profile/embedded_files.hpp"
#include "profile/parse.hpp"
#include "system/closed.hpp"
#include "system/rooted_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace timectl::profile {

namespace {

using system::FileReader;
using system::RootedPath;

constexpr std::string_view suffix = ".json";
constexpr std::string_view default_name = "missing-link";
constexpr std::string_view site_profile = "/etc/timectl/profile.json";
/// The earlier hides the later.
constexpr std::array<std::string_view, 2> listed_directories{"/etc/timectl/profiles",
                                                             "/usr/share/timectl/profiles"};

/// "site" for "site.json"; empty for names that are no profiles, hidden files among them.
std::string profile_name(std::string_view file_name) {
  if (!file_name.ends_with(suffix) || file_name.starts_with('.')) return {};
  return std::string{file_name.substr(0, file_name.size() - suffix.size())};
}

bool is_path(std::string_view wanted) {
  return wanted.find('/') != std::string_view::npos || wanted.ends_with(suffix);
}

std::optional<ProfileSource> read_source(const FileReader& files, const RootedPath& path) {
  auto file = files.read(path, system::limits::profile);
  if (!file) return std::nullopt;
  return ProfileSource{profile_name(path.name()), path.text(), std::move(file->content),
                       system::is_closed_to_others(file->status.ownership)};
}

std::optional<ProfileSource> find_built_in(std::string_view name) {
  for (const EmbeddedFile& file : embedded::files()) {
    if (profile_name(file.path) != name) continue;
    return ProfileSource{std::string{name}, "built-in", std::string{file.content}};
  }
  return std::nullopt;
}

/// Names of listed profiles and where each is: a directory, or empty for a built-in one.
std::map<std::string, std::string> names_and_places(const FileReader& files) {
  std::map<std::string, std::string> places;
  for (const auto directory : listed_directories) {
    for (const auto& file : files.list(RootedPath{directory})) {
      const auto name = profile_name(file);
      if (!name.empty()) places.emplace(name, directory);
    }
  }
  for (const EmbeddedFile& file : embedded::files()) {
    places.emplace(profile_name(file.path), "");
  }
  return places;
}

std::optional<ProfileSource> find_listed(const std::string& name, const FileReader& files) {
  const auto places = names_and_places(files);
  const auto found = places.find(name);
  if (found == places.end()) return std::nullopt;
  if (found->second.empty()) return find_built_in(name);
  return read_source(files, RootedPath{found->second} / (name + std::string{suffix}));
}

std::vector<std::string> known_names(const FileReader& files) {
  std::vector<std::string> names;
  for (const auto& [name, place] : names_and_places(files)) names.push_back(name);
  return names;
}

[[noreturn]] void fail_unknown(const std::string& name, const FileReader& files) {
  const auto names = known_names(files);
  const auto near = closest(name, names);
  throw Error{ErrorKind::profile,
              fmt::format("cannot find profile '{}': there are {}", name, join(names, ", ")),
              near ? fmt::format("did you mean '{}'?", *near)
                   : "a file is named by its path, with a '/' or .json at the end"};
}

ProfileSource required(const std::string& name, const FileReader& files) {
  if (auto source = find_listed(name, files)) return *std::move(source);
  fail_unknown(name, files);
}

ProfileSource read_given(const std::string& path, const FileReader& host_files) {
  if (auto source = read_source(host_files, RootedPath{path})) return *std::move(source);
  throw Error{ErrorKind::profile, fmt::format("cannot read profile '{}': no such file", path),
              "timectl profile init --output FILE writes a first one, timectl profile list names "
              "those that there are"};
}

Profile parsed(const ProfileSource& source, const FileReader& files, Outdated outdated) {
  const auto extends = [&files](const std::string& name) { return required(name, files).text; };
  return parse_profile(source.text, source.origin == "built-in" ? source.name : source.origin,
                       extends, outdated);
}

}  // namespace

std::vector<ProfileSource> list_profiles(const FileReader& files) {
  std::vector<ProfileSource> sources;
  for (const auto& name : known_names(files)) {
    if (auto source = find_listed(name, files)) sources.push_back(*std::move(source));
  }
  return sources;
}

ProfileSource find_profile(const std::optional<std::string>& wanted, const FileReader& files,
                           const FileReader& host_files) {
  if (wanted) return is_path(*wanted) ? read_given(*wanted, host_files) : required(*wanted, files);
  if (auto own = read_source(files, RootedPath{site_profile})) return *std::move(own);
  return required(std::string{default_name}, files);
}

Profile load_profile(const ProfileSource& source, const FileReader& files) {
  return parsed(source, files, Outdated::refused);
}

Profile load_kept_profile(const ProfileSource& source, const FileReader& files) {
  return parsed(source, files,
                source.origin == site_profile ? Outdated::tolerated : Outdated::refused);
}

}  // namespace timectl::profile
