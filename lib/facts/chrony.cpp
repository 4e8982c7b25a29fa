// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/chrony.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/detector.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace timectl::facts {

using system::ChronyDirective;
using system::RootedPath;

namespace {

const system::ChronyPaths& paths() {
  static const system::ChronyPaths all{platform::chrony::configuration,
                                       platform::chrony::own_drop_in,
                                       platform::chrony::own_sources};
  return all;
}

/// What the last line of a file gives to `name` ("ExecStart="), and where; without quotes.
struct Assignment {
  std::string value;
  std::string file;
  std::size_t line = 0;
};

bool is_quote(char c) { return c == '"' || c == '\''; }

/// A line that ends in a backslash goes on in the next one (systemd.syntax(7), sh(1)); empty lines
/// take the place of those that were joined, so that numbers stay.
std::vector<std::string> joined_lines(const std::string& text) {
  auto lines = lines_of(text);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (line == lines.rbegin() || !line->ends_with('\\')) continue;
    auto& next = *std::prev(line);
    line->back() = ' ';
    *line += next;
    next.clear();
  }
  return lines;
}

void find_assignment(const system::FileReader& files, const RootedPath& path, std::string_view name,
                     Assignment& last) {
  std::size_t number = 0;
  for (const auto& line : joined_lines(readable(files, path).value_or(""))) {
    ++number;
    const auto bare = trim(line);
    if (!bare.starts_with(name)) continue;
    std::string value{trim(bare.substr(name.size()))};
    value.erase(std::remove_if(value.begin(), value.end(), is_quote), value.end());
    last = {value, path.text(), number};
  }
}

/// The operator's own command line of chronyd: a unit file, then its drop-ins.
Assignment find_command(const system::FileReader& files) {
  const auto drop_ins = RootedPath{platform::chrony::own_unit_drop_in}.parent();
  auto paths = readable_entries(files, drop_ins, ".conf");
  paths.insert(paths.begin(), drop_ins.parent() / platform::chronyd.unit);
  Assignment command;
  for (const auto& path : paths) {
    const auto status = files.status(path);
    const bool is_file = status && status->type == system::FileType::regular;
    if (is_file) find_assignment(files, path, "ExecStart=", command);
  }
  return command;
}

/// As getopt(3) reads chronyd's options. nullopt: chronyd reads the file that timectl expects.
std::optional<std::string> other_file(const std::string& options) {
  constexpr std::string_view with_argument = "fFlLPtu";
  auto words = words_of(options);
  words.emplace_back();  // of an option that lacks its argument
  std::optional<std::string> file;
  for (auto word = words.begin(); !word->empty(); ++word) {
    if (!word->starts_with('-')) return "directives of the command line";
    const auto at = word->find_first_of(with_argument, 1);
    if (at == std::string::npos) continue;
    const bool is_file = (*word)[at] == 'f';
    auto argument = word->substr(at + 1);
    if (argument.empty()) argument = *++word;
    if (is_file) file = argument;
    if (word->empty()) break;
  }
  return file == platform::chrony::configuration ? std::nullopt : file;
}

std::string elsewhere_of(const Assignment& options) {
  const auto other = other_file(options.value);
  if (!other) return "";
  return fmt::format("{} line {}: chronyd reads {} instead of {}", options.file, options.line,
                     *other, platform::chrony::configuration);
}

/// Past chronyd's own name: before it may stand a program that starts it, with options of its own
/// (env, nice, chronyd-starter.sh). nullopt: another program is started, that may do anything.
std::optional<std::vector<std::string>> options_of(const std::string& command) {
  auto words = words_of(command);
  const auto chronyd = std::find_if(words.begin(), words.end(), [](const std::string& word) {
    const auto name = word.substr(word.find_last_of("/-@:+!") + 1);
    return name == platform::chronyd.process || word.find("/chronyd-starter") != word.npos;
  });
  if (chronyd == words.end()) return std::nullopt;
  words.erase(words.begin(), std::next(chronyd));
  return words;
}

std::string find_elsewhere(const system::FileReader& files) {
  Assignment options;
  find_assignment(files, RootedPath{platform::chrony::options}, "DAEMON_OPTS=", options);
  auto command = find_command(files);
  if (command.value.empty()) return elsewhere_of(options);
  auto words = options_of(command.value);
  if (!words) return elsewhere_of(options);
  const bool has_options =
      std::erase_if(*words, [](const auto& word) { return word.front() == '$'; }) != 0;
  command.value = join(*words, " ");
  auto found = elsewhere_of(command);
  return found.empty() && has_options ? elsewhere_of(options) : found;
}

/// PPS and PHC name a device, with options behind a colon.
bool lacks_device(const system::FileReader& files, const ChronyDirective& directive) {
  if (directive.words.size() < 3) return false;
  const auto device = directive.words[2].substr(0, directive.words[2].find(':'));
  const bool is_plain = device.starts_with("/dev/") && device.find("..") == std::string::npos;
  if (!is_plain) return false;
  auto driver = directive.words[1];
  for (auto& c : driver) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (driver != "PPS" && driver != "PHC") return false;
  try {
    return !files.status(RootedPath{device}).has_value();
  } catch (const Error&) {
    return false;
  }
}

/// A file of the same name that hides timectl's would be read all the same.
std::string lines_needed(const system::ChronyFiles& without_block) {
  std::string lines;
  const auto add = [&](const char* directive, const char* own) {
    lines += fmt::format("{} {}\n", directive, RootedPath{own}.parent().text());
  };
  if (without_block.own_at.empty() && without_block.hides_own.empty()) {
    add("confdir", platform::chrony::own_drop_in);
  }
  if (!without_block.reads_own_sources && without_block.hides_own_sources.empty()) {
    add("sourcedir", platform::chrony::own_sources);
  }
  return lines;
}

}  // namespace

bool Chrony::is_refused() const {
  // timectl's own rtcsync gives way to an rtcfile line by itself.
  return planned.has("rtcfile") && planned.has("rtcsync");
}

bool Chrony::is_of_script() const {
  constexpr std::array<std::string_view, 7> written{"rtcfile", "rtcsync", "rtcautotrim", "allow",
                                                    "local",   "pool",    "log"};
  const auto is_in_main = [](const ChronyDirective& each) {
    return each.file == platform::chrony::configuration && !each.is_own;
  };
  bool has_file = false;
  bool has_sync = false;
  for (const auto& directive : now.directives) {
    if (!is_in_main(directive)) continue;
    const auto& name = directive.words.front();
    if (std::find(written.begin(), written.end(), name) == written.end()) return false;
    has_file = has_file || name == "rtcfile";
    has_sync = has_sync || name == "rtcsync";
  }
  return has_file && has_sync;
}

std::optional<Chrony> read_chrony(const system::FileReader& files, bool is_installed,
                                  bool is_running) {
  Chrony chrony;
  chrony.now = read_chrony_files(files, paths());
  if (!is_installed && !chrony.now.has_main) return std::nullopt;
  if (chrony.now.has_main) {
    const bool has_block = chrony.now.has_block;
    chrony.block = lines_needed(has_block ? read_chrony_files(files, paths(), "") : chrony.now);
    const bool is_same = !has_block && chrony.block.empty();
    chrony.planned = is_same ? chrony.now : read_chrony_files(files, paths(), chrony.block);
  }
  chrony.elsewhere = find_elsewhere(files);
  if (!is_running) return chrony;
  for (const auto* refclock : chrony.planned.named("refclock")) {
    if (lacks_device(files, *refclock)) chrony.without_device.push_back(*refclock);
  }
  return chrony;
}

}  // namespace timectl::facts
