// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/detect_files.hpp"

#include "base/error.hpp"
#include "system/limits.hpp"

#include <array>
#include <filesystem>

namespace timectl::features {

using system::FileType;
using system::RootedPath;

namespace {

constexpr system::ReadLimit script_limit{system::limits::mebibyte, "a script"};
constexpr std::uint64_t most_bytes = 4 * system::limits::mebibyte;
constexpr std::size_t most_files = 2000;

/// Of /lib/x also /usr/lib/x, and the other way round: dpkg has either, whatever /lib is.
std::array<std::string, 2> names_of_packaged(const std::string& path) {
  return path.starts_with("/usr/") ? std::array{path, path.substr(4)}
                                   : std::array{path, "/usr" + path};
}

bool has_line(std::string_view text, const std::string& line) {
  for (auto at = text.find(line); at != text.npos; at = text.find(line, at + 1)) {
    const bool begins = at == 0 || text[at - 1] == '\n';
    const auto end = at + line.size();
    if (begins && (end == text.size() || text[end] == '\n')) return true;
  }
  return false;
}

}  // namespace

std::vector<RootedPath> ScriptFiles::entries(const std::string& directory,
                                             std::string_view suffix) {
  std::vector<RootedPath> paths;
  try {
    for (const auto& name : files_.list(RootedPath{directory})) {
      if (!name.ends_with(suffix)) continue;
      if (paths.size() == most_files) {
        miss(directory + " has too many files");
        break;
      }
      paths.push_back(RootedPath{directory} / name);
    }
  } catch (const Error& error) {
    miss(error.what());
  }
  return paths;
}

/// Where the file is. A link counts where it leads to a file of the system's or of root's, not into
/// /proc.
std::optional<RootedPath> ScriptFiles::file_of_root(const RootedPath& path) const {
  auto end = path;
  auto status = files_.status(path);
  if (status && status->type == FileType::symlink) {
    const auto target = files_.read_link(path).value_or("");
    end = RootedPath{
        (std::filesystem::path{path.parent().text()} / target).lexically_normal().string()};
    constexpr std::array places{"/usr/", "/opt/", "/etc/", "/root/", "/lib/"};
    if (!begins_with_one_of(end.text(), places)) return std::nullopt;
    status = files_.status(end);
  }
  const bool is_fit = status && status->type == FileType::regular && status->ownership.uid == 0;
  return is_fit ? std::optional{end} : std::nullopt;
}

std::optional<ScriptFile> ScriptFiles::open(const RootedPath& path, bool must_be_executable) {
  if (++asked_ > most_files || bytes_ >= most_bytes) {
    miss("there are too many files to look at");
    return std::nullopt;
  }
  try {
    const auto end = file_of_root(path);
    if (!end || !seen_.insert(path.text()).second) return std::nullopt;
    auto file = files_.read(*end, script_limit);
    if (!file || file->status.ownership.uid != 0) return std::nullopt;
    bytes_ += file->content.size();
    const auto mode = file->status.ownership.mode;
    if (must_be_executable && (mode & 0111U) == 0) return std::nullopt;
    constexpr std::array closed{"/root/", "/var/spool/"};
    const bool is_public = (mode & 0004U) != 0 && !begins_with_one_of(end->text(), closed) &&
                           !begins_with_one_of(path.text(), closed);
    return ScriptFile{path, std::move(file->content), is_public, *end != path};
  } catch (const Error& error) {
    miss(error.what());
    return std::nullopt;
  }
}

bool ScriptFiles::is_packaged(const std::string& path) {
  const auto names = names_of_packaged(path);
  for (const auto& list : entries("/var/lib/dpkg/info", ".list")) {
    try {
      const auto file = files_.read(list, {8 * system::limits::mebibyte, "a list of dpkg's"});
      if (file && (has_line(file->content, names[0]) || has_line(file->content, names[1]))) {
        return true;
      }
    } catch (const Error& error) {
      miss(error.what());
    }
  }
  return false;
}

}  // namespace timectl::features
