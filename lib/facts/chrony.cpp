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

/// The value of the last line that sets DAEMON_OPTS, and its number (systemd.exec(5),
/// EnvironmentFile=).
std::pair<std::string, std::size_t> daemon_options(const std::string& text) {
  std::pair<std::string, std::size_t> last;
  std::size_t number = 0;
  for (const auto& line : lines_of(text)) {
    ++number;
    const auto bare = trim(line);
    constexpr std::string_view name = "DAEMON_OPTS=";
    if (!bare.starts_with(name)) continue;
    auto value = std::string{trim(bare.substr(name.size()))};
    value.erase(
        std::remove_if(value.begin(), value.end(), [](char c) { return c == '"' || c == '\''; }),
        value.end());
    last = {value, number};
  }
  return last;
}

/// As getopt(3) reads chronyd's options. nullopt: chronyd reads the file that timectl expects.
std::optional<std::string> other_file(const std::string& options) {
  constexpr std::string_view with_argument = "fFlLPtu";
  const auto words = words_of(options);
  std::optional<std::string> file;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    if (!word.starts_with('-') || word.size() < 2) return "directives of the command line";
    const auto at = word.find_first_of(with_argument, 1);
    if (at == std::string::npos) continue;
    const bool is_inside = at + 1 < word.size();
    const auto argument =
        is_inside ? word.substr(at + 1) : (i + 1 < words.size() ? words[i + 1] : std::string{});
    if (!is_inside) ++i;
    if (word[at] == 'f') file = argument;
  }
  return file == platform::chrony::configuration ? std::nullopt : file;
}

std::string find_elsewhere(const system::FileReader& files) {
  const auto text = readable(files, RootedPath{platform::chrony::options});
  const auto [options, line] = daemon_options(text.value_or(""));
  const auto other = other_file(options);
  if (!other) return "";
  return fmt::format("{} line {}: chronyd reads {} instead of {}", platform::chrony::options, line,
                     *other, platform::chrony::configuration);
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
  const auto has = [&](std::string_view name) {
    const auto& all = planned.directives;
    return std::any_of(all.begin(), all.end(),
                       [&](const auto& each) { return each.words.front() == name; });
  };
  return has("rtcfile") && has("rtcsync");
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
    chrony.block = lines_needed(read_chrony_files(files, paths(), ""));
    chrony.planned = read_chrony_files(files, paths(), chrony.block);
  }
  chrony.elsewhere = find_elsewhere(files);
  if (!is_running) return chrony;
  for (const auto* refclock : chrony.planned.named("refclock")) {
    if (lacks_device(files, *refclock)) chrony.without_device.push_back(*refclock);
  }
  return chrony;
}

}  // namespace timectl::facts
