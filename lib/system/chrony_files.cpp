// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/chrony_files.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/closed.hpp"
#include "system/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace timectl::system {

namespace {

constexpr int deepest = 10;                   // MAX_INCLUDE_LEVEL
constexpr std::size_t longest_line = 2047;    // MAX_LINE_LENGTH
constexpr std::size_t most_directories = 10;  // MAX_CONF_DIRS
constexpr std::size_t most_files = 200;
constexpr std::size_t most_bytes = limits::mebibyte;
constexpr std::size_t most_matches = 4096;
constexpr std::size_t most_doubts = 5;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

bool is_comment(std::string_view line) {
  return line.empty() || std::string_view{"!;#%"}.find(line.front()) != std::string_view::npos;
}

bool has_wildcards(std::string_view text) {
  return text.find_first_of("*?[\\") != std::string_view::npos;
}

/// chronyd's unit has "/" as its working directory. nullopt: only a program knows where it leads.
std::optional<RootedPath> plain_path(const std::string& text) {
  const auto parts = split(text, '/');
  if (std::find(parts.begin(), parts.end(), "..") != parts.end()) return std::nullopt;
  if (text.empty() || text.find('\0') != std::string::npos) return std::nullopt;
  return RootedPath{text.front() == '/' ? text : "/" + text};
}

/// A file, or one that is not there yet.
struct Candidate {
  RootedPath path;
  bool is_there = true;
};

class Reader {
 public:
  Reader(const FileReader& files, const ChronyPaths& paths, const std::optional<std::string>& block)
      : files_(files), paths_(paths), block_(block) {
    own_drop_in_ = place_of(RootedPath{paths.own_drop_in});
    own_sources_ = place_of(RootedPath{paths.own_sources});
  }

  ChronyFiles read() {
    const RootedPath main{paths_.main};
    found_.has_main = is_there(main);
    if (!found_.has_main) return std::move(found_);
    found_.may_edit_main = may_be_edited(main);
    read_file({main}, 1);
    return std::move(found_);
  }

 private:
  RootedPath followed(const RootedPath& path) const {
    try {
      return resolved(path, files_).value_or(path);
    } catch (const Error&) {
      return path;
    }
  }

  /// In one spelling, whatever is there: a link to /dev/null keeps its place.
  std::string place_of(const RootedPath& path) const {
    return (followed(path.parent()) / path.name()).text();
  }

  bool is_own(const RootedPath& path) const { return place_of(path) == own_drop_in_; }

  void doubt(const std::string& what) {
    const auto& known = found_.doubts;
    const bool is_known = std::find(known.begin(), known.end(), what) != known.end();
    if (!is_known && known.size() < most_doubts) found_.doubts.push_back(what);
  }

  bool may_be_edited(const RootedPath& path) const {
    if (!path.text().starts_with("/etc/") || followed(path) != path) return false;
    try {
      const auto status = files_.status(path);
      const auto root = files_.status(RootedPath{"/"});
      return status && status->type == FileType::regular && root &&
             status->ownership.uid == root->ownership.uid;
    } catch (const Error&) {
      return false;
    }
  }

  /// As a file of a lower directory is masked.
  bool is_nothing(const RootedPath& path) const { return followed(path).text() == "/dev/null"; }

  std::optional<File> content_of(const RootedPath& path, bool is_main) {
    if (is_nothing(path)) return std::nullopt;
    if (count_ == most_files || bytes_ >= most_bytes) {
      doubt(fmt::format("there are more than {} files or {} MiB", most_files,
                        most_bytes / limits::mebibyte));
      return std::nullopt;
    }
    ++count_;
    const ReadLimit rest{most_bytes - bytes_, "chrony's configuration"};
    try {
      auto file = files_.read(RootedPath{place_of(path)}, is_main ? limits::configuration : rest);
      if (!file) doubt(fmt::format("'{}' is not there", path.text()));
      if (file) bytes_ += file->content.size();
      return file;
    } catch (const Error& error) {
      if (is_main && error.kind() != ErrorKind::permission) throw;
      not_read(path, error);
      return std::nullopt;
    }
  }

  void not_read(const RootedPath& path, const Error& error) {
    if (error.kind() == ErrorKind::permission) found_.lacks_permission = true;
    doubt(fmt::format("'{}' cannot be read", path.text()));
  }

  void read_file(const Candidate& candidate, int level) {
    const auto& path = candidate.path;
    if (is_own(path)) found_.own_at.push_back(found_.directives.size());
    if (!candidate.is_there) return;
    if (level > deepest) return doubt(fmt::format("'{}' is included too deep", path.text()));
    const auto file = content_of(path, level == 1);
    if (!file) return;
    ChronyDirective stem;
    stem.file = path.text();
    stem.may_be_edited = may_be_edited(path);
    stem.is_closed = is_closed_to_others(file->status.ownership);
    stem.is_own = is_own(path);
    const auto lines = lines_of(file->content);
    return level == 1 ? read_main(lines, stem) : read_lines(lines, stem, level);
  }

  void read_lines(const std::vector<std::string>& lines, ChronyDirective stem, int level) {
    for (const auto& line : lines) {
      ++stem.line;
      read_line(line, stem, level);
    }
  }

  /// With timectl's block, in the words of plan's markers, or what is to stand in its place.
  void read_main(const std::vector<std::string>& lines, ChronyDirective stem) {
    for (const auto& line : lines) {
      ++stem.line;
      if (line.starts_with("# BEGIN timectl")) {
        found_.has_block = stem.is_own = true;
        read_block(stem);
      }
      if (line.starts_with("# END timectl")) stem.is_own = false;
      if (!stem.is_own || !block_) read_line(line, stem, 1);
    }
    stem.is_own = true;
    if (!found_.has_block) read_block(stem);
  }

  void read_block(const ChronyDirective& stem) {
    for (const auto& line : lines_of(block_.value_or(""))) read_line(line, stem, 1);
  }

  void read_line(const std::string& line, const ChronyDirective& stem, int level) {
    if (is_comment(trim(line)) || line.size() > longest_line) return;
    ChronyDirective directive = stem;
    directive.text = std::string{trim(line)};
    directive.words = words_of(line);
    directive.words.front() = lower(directive.words.front());
    const auto words = directive.words;
    found_.directives.push_back(std::move(directive));
    const std::vector<std::string> arguments{words.begin() + 1, words.end()};
    if (words.front() == "include" && arguments.size() == 1) read_include(arguments[0], level);
    if (words.front() == "confdir") read_directories(arguments, level);
    if (words.front() == "sourcedir") look_for_sources(arguments);
  }

  void read_include(const std::string& pattern, int level) {
    const auto path = plain_path(pattern);
    if (!path) return doubt(fmt::format("'include {}' is not followed", pattern));
    if (!has_wildcards(pattern)) return read_file({*path, is_there(*path)}, level + 1);
    const bool is_simple = pattern.find_first_of("[\\") == std::string::npos;
    if (!is_simple) doubt(fmt::format("'include {}' is not followed", pattern));
    std::vector<RootedPath> matching{RootedPath{"/"}};
    for (const auto& part : split(path->text().substr(1), '/')) {
      if (part.empty()) continue;
      matching = is_simple ? children_of(matching, part) : std::vector<RootedPath>{};
    }
    for (const auto& each : matching) read_file({each, is_there(each)}, level + 1);
  }

  /// glob(7): names that begin with a dot need one in the pattern.
  std::vector<RootedPath> children_of(const std::vector<RootedPath>& parents,
                                      const std::string& pattern) {
    std::vector<RootedPath> children;
    for (const auto& parent : parents) {
      if (!has_wildcards(pattern)) {
        const auto child = parent / pattern;
        if (is_there(child) || place_of(child) == own_drop_in_) children.push_back(child);
        continue;
      }
      for (const auto& name : names_in(parent)) {
        const bool is_hidden = name.front() == '.' && pattern.front() != '.';
        if (!is_hidden && fits_pattern(name, pattern)) children.push_back(parent / name);
      }
    }
    if (children.size() > most_matches) {
      doubt(fmt::format("'{}' fits more than {} names", pattern, most_matches));
      children.erase(children.begin() + most_matches, children.end());
    }
    return children;
  }

  /// With those that timectl will put there.
  std::vector<std::string> names_in(const RootedPath& directory) {
    std::vector<std::string> names;
    try {
      names = files_.list(directory);
    } catch (const Error& error) {
      // Where a file is, glob(3) finds nothing.
      if (error.kind() == ErrorKind::permission) not_read(directory, error);
    }
    const auto place = followed(directory).text();
    for (const auto& own : {own_drop_in_, own_sources_}) {
      const RootedPath path{own};
      if (path.parent().text() == place) names.push_back(path.name());
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  bool is_there(const RootedPath& path) const {
    try {
      return files_.status(RootedPath{place_of(path)}).has_value();
    } catch (const Error&) {
      return true;
    }
  }

  /// By name, each the first of its name in the order of the directories.
  std::map<std::string, RootedPath> names_of(const std::vector<std::string>& directories,
                                             std::string_view suffix, const std::string& own,
                                             std::string& hides) {
    std::map<std::string, RootedPath> chosen;
    const auto own_name = RootedPath{own}.name();
    const auto is_own_one = [&](const RootedPath& path) { return place_of(path) == own; };
    bool is_hidden = false;
    for (const auto& directory : directories) {
      const auto path = plain_path(directory);
      if (!path) doubt(fmt::format("the directory '{}' is not followed", directory));
      // chronyd reads nothing below a pattern.
      if (!path || has_wildcards(directory)) continue;
      for (const auto& name : names_in(*path)) {
        if (name.front() == '.' || !name.ends_with(suffix)) continue;
        const bool is_first = chosen.emplace(name, *path / name).second;
        is_hidden = is_hidden || (name == own_name && !is_first && is_own_one(*path / name) &&
                                  !is_own_one(chosen.at(name)));
      }
    }
    if (is_hidden) hides = chosen.at(own_name).text();
    return chosen;
  }

  /// More of them chronyd refuses.
  static bool can_be_read(const std::vector<std::string>& directories) {
    return !directories.empty() && directories.size() <= most_directories;
  }

  void read_directories(const std::vector<std::string>& directories, int level) {
    if (!can_be_read(directories)) return;
    const auto chosen = names_of(directories, ".conf", own_drop_in_, found_.hides_own);
    for (const auto& [name, path] : chosen) read_file({path, is_there(path)}, level + 1);
  }

  void look_for_sources(const std::vector<std::string>& directories) {
    if (!can_be_read(directories)) return;
    const auto chosen = names_of(directories, ".sources", own_sources_, found_.hides_own_sources);
    for (const auto& [name, path] : chosen) {
      found_.reads_own_sources = found_.reads_own_sources || place_of(path) == own_sources_;
    }
  }

  const FileReader& files_;
  const ChronyPaths& paths_;
  const std::optional<std::string>& block_;
  std::string own_drop_in_;
  std::string own_sources_;
  ChronyFiles found_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

std::vector<const ChronyDirective*> ChronyFiles::named(std::string_view name) const {
  std::vector<const ChronyDirective*> found;
  for (const auto& directive : directives) {
    if (!directive.is_own && directive.words.front() == name) found.push_back(&directive);
  }
  return found;
}

ChronyFiles read_chrony_files(const FileReader& files, const ChronyPaths& paths,
                              const std::optional<std::string>& block) {
  return Reader{files, paths, block}.read();
}

}  // namespace timectl::system
