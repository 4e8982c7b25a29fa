// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "package_files.hpp"

#include "base/text.hpp"
#include "system/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

namespace timectl::cli {

namespace {

using namespace std::chrono_literals;
using system::RootedPath;

constexpr auto deadline = 2min;

[[noreturn]] void refuse_package(const std::string& path, const std::string& reason,
                                 const std::string& hint) {
  throw Error{ErrorKind::refused, fmt::format("cannot use the package '{}': {}", path, reason),
              hint};
}

std::string output_of(const system::ProcessRunner& processes, std::vector<std::string> arguments,
                      const PackageFile& package) {
  const auto result =
      processes.run({"dpkg-deb", std::move(arguments), package.content, deadline, {}});
  if (result.succeeded() || result.is_cut) return result.output;
  const auto lines = lines_of(result.errors);
  refuse_package(package.path,
                 fmt::format("it is not a whole Debian package (dpkg-deb: {})",
                             lines.empty() ? "it failed" : trim(lines.front())),
                 "download it again, and compare its checksum");
}

/// Names and versions become parts of paths and of lines of a unit: Debian policy 5.6.1, 5.6.12.
bool is_made_of(std::string_view text, std::string_view others) {
  const bool starts = !text.empty() && std::isalnum(static_cast<unsigned char>(text[0])) != 0;
  return starts && text.size() < 128 && std::all_of(text.begin(), text.end(), [&](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                  others.find(c) != std::string_view::npos;
         });
}

constexpr std::string_view version_marks = "+-.:~";

/// Debian policy 7.1.
bool is_relation(std::string_view word) {
  constexpr std::array<std::string_view, 5> relations{"<<", "<=", "=", ">=", ">>"};
  return std::find(relations.begin(), relations.end(), word) != relations.end();
}

/// The fields of deb-control(5) that dpkg-deb printed; a line that begins with a space goes on.
std::map<std::string, std::string> fields_of(std::string_view text) {
  std::map<std::string, std::string> fields;
  std::string name;
  for (const auto& line : lines_of(text)) {
    const auto colon = line.find(':');
    if (line.starts_with(' ')) {
      fields[name] += line;
    } else if (colon != std::string::npos) {
      name = line.substr(0, colon);
      fields[name] = std::string{trim(std::string_view{line}.substr(colon + 1))};
    }
  }
  return fields;
}

PackageFile read_package_file(Context& context, const std::string& path) {
  PackageFile package;
  package.path = path;
  const auto absolute = std::filesystem::absolute(path).lexically_normal().string();
  auto file = context.host_files().read(RootedPath{absolute}, system::limits::package);
  if (!file) refuse_package(path, "there is no such file", "");
  package.content = std::move(file->content);
  const auto processes = system::os::make_processes({});
  auto fields = fields_of(output_of(
      *processes, {"--field", "-", "Package", "Version", "Architecture", "Pre-Depends", "Depends"},
      package));
  // The fields are at its beginning: this reads it to the end.
  output_of(*processes, {"--contents", "-"}, package);
  package.name = fields["Package"];
  package.version = fields["Version"];
  package.architecture = fields["Architecture"];
  package.depends = fields["Pre-Depends"] + "," + fields["Depends"];
  if (!is_made_of(package.name, "+-.") || !is_made_of(package.version, version_marks) ||
      !is_made_of(package.architecture, "-")) {
    refuse_package(path, "its name, version or architecture is none that Debian allows", "");
  }
  return package;
}

void require_architecture(const PackageFile& package, const std::string& architecture) {
  if (architecture.empty() || package.architecture == "all" ||
      package.architecture == architecture) {
    return;
  }
  refuse_package(package.path,
                 fmt::format("it is made for {}, and the card's system is {}", package.architecture,
                             architecture),
                 fmt::format("give the {} package for {}", package.name, architecture));
}

/// Names of what is installed below the root, with versions, and of what that provides.
struct Present {
  std::map<std::string, std::string> versions;
  std::set<std::string> provided;
};

std::string plain_name(std::string_view text) {
  const auto end = text.find_first_of(" (:[<");
  return std::string{trim(text.substr(0, end))};
}

Present present_on(Context& context, const std::vector<PackageFile>& given) {
  Present present{context.packages().installed(), {}};
  for (const auto& each : given) present.versions[each.name] = each.version;
  const auto status =
      context.files().read(RootedPath{"/var/lib/dpkg/status"}, system::limits::package_status);
  for (const auto& line : lines_of(status ? status->content : std::string{})) {
    constexpr std::string_view field = "Provides: ";
    if (!line.starts_with(field)) continue;
    for (const auto& each : split(std::string_view{line}.substr(field.size()), ',')) {
      present.provided.insert(plain_name(trim(each)));
    }
  }
  return present;
}

/// "libc6 (>= 2.38)" of one alternative.
bool is_met(const Present& present, std::string_view alternative,
            const system::ProcessRunner& processes) {
  const auto name = plain_name(alternative);
  const auto found = present.versions.find(name);
  if (found == present.versions.end()) return present.provided.count(name) != 0;
  const auto open = alternative.find('(');
  if (open == std::string_view::npos) return true;
  const auto words = words_of(alternative.substr(open + 1, alternative.find(')') - open - 1));
  // The card's words, too, become arguments.
  const bool can_be_compared = words.size() == 2 && is_relation(words[0]) &&
                               is_made_of(words[1], version_marks) &&
                               is_made_of(found->second, version_marks);
  if (!can_be_compared) return true;
  return processes
      .run({"dpkg", {"--compare-versions", found->second, words[0], words[1]}, {}, 10s, {}})
      .succeeded();
}

}  // namespace

std::string PackageFile::file_name() const {
  std::string escaped;
  for (const char c : version) escaped += c == ':' ? std::string{"%3a"} : std::string{c};
  return fmt::format("{}_{}_{}.deb", name, escaped, architecture);
}

std::vector<PackageFile> read_package_files(Context& context, const std::vector<std::string>& paths,
                                            const std::string& architecture) {
  std::vector<PackageFile> packages;
  for (const auto& path : paths) {
    auto package = read_package_file(context, path);
    require_architecture(package, architecture);
    const auto same = std::find_if(packages.begin(), packages.end(),
                                   [&](const auto& other) { return other.name == package.name; });
    if (same != packages.end()) {
      refuse_package(path, fmt::format("'{}' is of {}, too", same->path, package.name),
                     "give one of them");
    }
    packages.push_back(std::move(package));
  }
  return packages;
}

std::vector<std::string> unmet_dependencies(Context& context, const PackageFile& package,
                                            const std::vector<PackageFile>& given) {
  const auto present = present_on(context, given);
  const auto processes = system::os::make_processes({});
  std::vector<std::string> unmet;
  for (const auto& dependency : split(package.depends, ',')) {
    const auto text = trim(dependency);
    if (text.empty()) continue;
    const auto alternatives = split(text, '|');
    const bool is_any_met = std::any_of(
        alternatives.begin(), alternatives.end(),
        [&](const std::string& each) { return is_met(present, trim(each), *processes); });
    if (!is_any_met) unmet.emplace_back(text);
  }
  return unmet;
}

}  // namespace timectl::cli
