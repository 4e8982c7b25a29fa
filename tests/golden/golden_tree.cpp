// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "golden_tree.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <sstream>

namespace timectl::test {

namespace fs = std::filesystem;

namespace {

// In the order of the enumerators of target/target.hpp.
constexpr std::array kinds{"owned", "block", "link", "absent", "edited"};
constexpr std::array reactions{"daemon_reload", "udev_reload", "set_host_name",  "network_reload",
                               "restart",       "try_restart", "reload_sources", "reboot"};
constexpr std::array enablements{"enabled", "disabled", "masked", "unchanged"};
constexpr std::array activities{"running", "stopped", "unchanged"};

std::string line_of(const target::DesiredFile& file) {
  auto line = fmt::format("file {:04o} {} {} {}{}", file.mode, file.group,
                          kinds.at(static_cast<std::size_t>(file.kind)), file.path.text(),
                          file.in_place ? " in place" : "");
  for (const auto& reaction : file.reactions) {
    line += fmt::format(" -> {} {}", reactions.at(static_cast<std::size_t>(reaction.kind)),
                        reaction.subject);
  }
  line = std::string{trim(line)};
  for (const auto& gone : file.superseded) line += fmt::format("\n  without '{}'", gone);
  return line;
}

std::string line_of(const target::DesiredUnit& unit) {
  return fmt::format(
      "unit {} {} {}{}", unit.name, enablements.at(static_cast<std::size_t>(unit.enablement)),
      activities.at(static_cast<std::size_t>(unit.activity)), unit.optional ? " if present" : "");
}

std::string manifest(const target::Target& target) {
  std::string text =
      fmt::format("profile {}\nhost {}\nrole {}\n", target.profile, target.host, target.role);
  for (const auto& name : target.packages) text += "package " + name + "\n";
  for (const auto& name : target.excluded_packages) text += "without " + name + "\n";
  for (const auto& file : target.files) text += line_of(file) + "\n";
  for (const auto& unit : target.units) text += line_of(unit) + "\n";
  for (const auto& note : target.notes) text += "note " + note + "\n";
  for (const auto& each : target.conflicts) {
    text += fmt::format("conflict {} ({})\n", each.reason, each.remedy);
  }
  return text;
}

std::string first_difference(const std::string& expected, const std::string& actual) {
  const auto old_lines = split(expected, '\n');
  const auto new_lines = split(actual, '\n');
  std::size_t line = 0;
  while (line < old_lines.size() && line < new_lines.size() && old_lines[line] == new_lines[line]) {
    ++line;
  }
  const auto at = [&](const auto& lines) {
    return line < lines.size() ? lines[line] : std::string{"(end)"};
  };
  return fmt::format("line {}: '{}' became '{}'", line + 1, at(old_lines), at(new_lines));
}

}  // namespace

Tree to_tree(const target::Target& target) {
  Tree tree{{"MANIFEST", manifest(target)}};
  for (const auto& file : target.files) {
    const bool has_content = file.kind != target::FileKind::absent && !file.content.empty();
    if (has_content) tree[file.path.text().substr(1)] = file.content;
  }
  return tree;
}

Tree refusal(const std::string& message, const std::string& hint) {
  return {{"REFUSED", message + "\nhint: " + hint + "\n"}};
}

Tree read_tree(const fs::path& directory) {
  Tree tree;
  if (!fs::exists(directory)) return tree;
  for (const auto& entry : fs::recursive_directory_iterator{directory}) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in{entry.path(), std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    tree[entry.path().lexically_relative(directory).string()] = text.str();
  }
  return tree;
}

void write_tree(const fs::path& directory, const Tree& tree) {
  fs::remove_all(directory);
  for (const auto& [path, content] : tree) {
    fs::create_directories((directory / path).parent_path());
    std::ofstream{directory / path, std::ios::binary} << content;
  }
}

std::vector<std::string> differences(const Tree& expected, const Tree& actual) {
  std::vector<std::string> found;
  for (const auto& [path, content] : expected) {
    const auto now = actual.find(path);
    if (now == actual.end()) {
      found.push_back(path + ": is not rendered any more");
    } else if (now->second != content) {
      found.push_back(path + ": " + first_difference(content, now->second));
    }
  }
  for (const auto& [path, content] : actual) {
    if (expected.count(path) == 0) found.push_back(path + ": is new");
  }
  return found;
}

}  // namespace timectl::test
