// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/detect_setters.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/visible.hpp"
#include "features/existing/detect_commands.hpp"
#include "features/existing/detect_flow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

namespace timectl::features {

using facts::ClockSetter;
using facts::ClockSetters;
using system::FileType;
using system::RootedPath;

namespace {

constexpr system::ReadLimit script_limit{system::limits::mebibyte, "a script"};
constexpr std::uint64_t most_bytes = 4 * system::limits::mebibyte;
constexpr std::size_t most_files = 2000;
constexpr std::size_t most_of_a_file = 5;
constexpr std::size_t most_found = 50;

struct Source {
  RootedPath path;
  std::string text;
  bool is_public = false;  ///< everybody may read it
  bool is_link = false;    ///< an edit would have to go elsewhere
};

/// Who runs what is looked at.
enum class Hooks { everything, run_parts, sources };

struct HookDirectory {
  const char* path;
  Hooks runner;
};
/// run-parts(8) runs executables whose names have no dot; shells source what is there.
constexpr std::array hook_directories{
    HookDirectory{"/etc/cron.hourly", Hooks::run_parts},
    HookDirectory{"/etc/cron.daily", Hooks::run_parts},
    HookDirectory{"/etc/cron.weekly", Hooks::run_parts},
    HookDirectory{"/etc/cron.monthly", Hooks::run_parts},
    HookDirectory{"/etc/network/if-up.d", Hooks::run_parts},
    HookDirectory{"/etc/network/if-pre-up.d", Hooks::run_parts},
    HookDirectory{"/etc/ppp/ip-up.d", Hooks::run_parts},
    HookDirectory{"/etc/NetworkManager/dispatcher.d", Hooks::everything},
    HookDirectory{"/etc/networkd-dispatcher/routable.d", Hooks::everything},
    HookDirectory{"/etc/networkd-dispatcher/configured.d", Hooks::everything},
    HookDirectory{"/usr/lib/systemd/system-sleep", Hooks::everything},
    HookDirectory{"/etc/dhcp/dhclient-enter-hooks.d", Hooks::sources},
    HookDirectory{"/etc/dhcp/dhclient-exit-hooks.d", Hooks::sources},
    HookDirectory{"/lib/dhcpcd/dhcpcd-hooks", Hooks::sources}};
constexpr std::array sourced_files{"/etc/dhcp/dhclient-exit-hooks",
                                   "/etc/dhcp/dhclient-enter-hooks", "/etc/dhcpcd.exit-hook",
                                   "/etc/dhcpcd.enter-hook"};
constexpr std::array unit_directories{"/etc/systemd/system", "/usr/local/lib/systemd/system",
                                      "/run/systemd/system"};

template <typename List>
bool begins_with_one_of(std::string_view text, const List& list) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view each) { return text.starts_with(each); });
}

bool has_plain_name(const std::string& name) {
  return name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
         std::string::npos;
}

bool is_shell_script(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;
  const auto first = text.substr(0, text.find('\n'));
  if (!first.starts_with("#!")) return true;
  const auto words = words_of(first.substr(2));
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    const auto name = word.substr(word.rfind('/') + 1);
    return name == "sh" || name == "bash" || name == "dash" || name == "ash" || name == "ksh";
  });
}

std::string line_at(std::string_view text, std::size_t number) {
  for (std::size_t line = 1; line < number; ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return "";
    text.remove_prefix(end + 1);
  }
  return std::string{trim(text.substr(0, text.find('\n')))};
}

class SetterSearch {
 public:
  SetterSearch(const system::FileReader& files, const system::ServiceReader& services)
      : files_(files), services_(services) {}

  ClockSetters search() {
    scan_file("/etc/rc.local", true);
    scan_file(files_.status(RootedPath{"/lib/udev/hwclock-set"}) ? "/lib/udev/hwclock-set"
                                                                 : "/usr/lib/udev/hwclock-set",
              true);
    scan_cron();
    for (const auto& directory : hook_directories) scan_hooks(directory);
    for (const auto* path : sourced_files) scan_file(path, false);
    for (const auto& path : entries("/etc/udev/rules.d", ".rules")) scan_rules(path);
    for (const auto* directory : unit_directories) scan_units(directory);
    return std::move(result_);
  }

 private:
  void miss(const std::string& why) {
    if (result_.not_known.empty()) result_.not_known = why;
  }

  std::vector<RootedPath> entries(const std::string& directory, std::string_view suffix) {
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

  /// Where the file is. A link counts where it leads to a file of the system's or of root's, not
  /// into /proc.
  std::optional<RootedPath> file_of_root(const RootedPath& path) const {
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

  std::optional<Source> open(const RootedPath& path, bool must_be_executable) {
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
      return Source{path, std::move(file->content), is_public, *end != path};
    } catch (const Error& error) {
      miss(error.what());
      return std::nullopt;
    }
  }

  void scan_file(const std::string& path, bool must_be_executable) {
    const auto source = open(RootedPath{path}, must_be_executable);
    if (source && is_shell_script(source->text)) scan_script(*source, true);
  }

  void scan_script(const Source& source, bool follows) {
    ScriptFlow flow;
    std::size_t count = 0;
    for_each_command(source.text, [&](const ShellCommand& command) {
      if (!flow.reaches(command)) return !flow.is_over();
      const bool is_alone = command.is_whole_line && flow.is_at_top() && !source.is_link;
      return take(source, command, command.line, is_alone, follows, count);
    });
  }

  /// False when enough of this file was found.
  bool take(const Source& source, const ShellCommand& command, std::size_t line, bool is_alone,
            bool follows, std::size_t& count) {
    auto effect = effect_on_clock(command);
    if (effect.empty()) {
      if (follows) follow(command);
      return true;
    }
    if (is_stock(source, command)) return true;
    if (count == most_of_a_file || result_.found.size() == most_found) {
      miss("there are more of them");
      return false;
    }
    ++count;
    ClockSetter setter{source.path.text(), line, std::move(effect), unit_};
    if (source.is_public) setter.text = visible(line_at(source.text, line).substr(0, 80));
    setter.can_be_commented_out = is_alone;
    result_.found.push_back(std::move(setter));
    return true;
  }

  /// Debian's hooks stay behind when the program that they call is gone.
  bool is_stock(const Source& source, const ShellCommand& command) const {
    const auto words = bare_words(command);
    constexpr std::string_view program = "/usr/sbin/ntpdate-debian";
    return !words.empty() && words.front() == program && source.path.text().starts_with("/etc/") &&
           !files_.status(RootedPath{program});
  }

  /// One level deep: what a user put where programs of one's own are.
  void follow(const ShellCommand& command) {
    const auto path = program_file(command);
    constexpr std::array places{"/usr/local/", "/opt/", "/root/", "/etc/"};
    if (!begins_with_one_of(path, places) || path.find("..") != std::string::npos) return;
    if (path.find('\0') != std::string::npos) return;
    const auto source = open(RootedPath{path}, false);
    if (source && is_shell_script(source->text)) scan_script(*source, false);
  }

  void scan_hooks(const HookDirectory& directory) {
    for (const auto& path : entries(directory.path, "")) {
      if (directory.runner == Hooks::run_parts && !has_plain_name(path.name())) continue;
      scan_file(path.text(), directory.runner != Hooks::sources);
    }
  }

  void scan_cron() {
    if (const auto source = open(RootedPath{"/etc/crontab"}, false)) scan_table(*source, true);
    for (const auto& path : entries("/etc/cron.d", "")) {
      if (!has_plain_name(path.name())) continue;
      if (const auto source = open(path, false)) scan_table(*source, true);
    }
    if (const auto source = open(RootedPath{"/var/spool/cron/crontabs/root"}, false)) {
      scan_table(*source, false);
    }
  }

  /// crontab(5): five fields or "@daily", a user in the system's tables, and the command.
  void scan_table(const Source& source, bool has_user) {
    std::size_t number = 0, count = 0;
    for (const auto& line : lines_of(source.text)) {
      ++number;
      auto rest = trim(line);
      if (rest.empty() || rest.front() == '#') continue;
      std::string user = "root";
      const int fields = (rest.front() == '@' ? 1 : 5) + (has_user ? 1 : 0);
      for (int i = 0; i < fields; ++i) {
        const auto end = std::min(rest.find_first_of(" \t"), rest.size());
        user = std::string{rest.substr(0, end)};
        rest = trim(rest.substr(end));
      }
      // Another user cannot set the clock, but with sudo.
      const bool is_root = !has_user || user == "root";
      if (!is_root && !rest.starts_with("sudo") && rest.find("/sudo ") == rest.npos) continue;
      for_each_command(rest.substr(0, rest.find('%')), [&](const ShellCommand& command) {
        return take(source, command, number, !source.is_link, true, count);
      });
    }
  }

  /// udev(7): RUN+="program arguments".
  void scan_rules(const RootedPath& path) {
    const auto source = open(path, false);
    if (!source) return;
    std::size_t number = 0, count = 0;
    for (const auto& line : lines_of(source->text)) {
      ++number;
      if (trim(line).starts_with('#')) continue;
      for (auto at = line.find("RUN"); at != std::string::npos; at = line.find("RUN", at)) {
        const auto begin = line.find('"', at);
        const auto end = begin == line.npos ? line.npos : line.find('"', begin + 1);
        if (end == line.npos) break;
        const auto program = std::string_view{line}.substr(begin + 1, end - begin - 1);
        for_each_command(program, [&](const ShellCommand& command) {
          return take(*source, command, number, false, true, count);
        });
        at = end + 1;
      }
    }
  }

  void scan_units(const std::string& directory) {
    for (const auto& path : entries(directory, ".service")) scan_unit(path, path.name());
    for (const auto& drop_ins : entries(directory, ".service.d")) {
      const auto unit = drop_ins.name().substr(0, drop_ins.name().size() - 2);
      for (const auto& path : entries(drop_ins.text(), ".conf")) scan_unit(path, unit);
    }
  }

  /// What a unit would do that does not run counts for nothing.
  void scan_unit(const RootedPath& path, const std::string& unit) {
    const auto source = open(path, false);
    if (!source) return;
    const auto before = result_.found.size();
    const auto seen_before = seen_;
    const bool is_drop_in = path.name() != unit;
    if (!is_drop_in) unit_ = unit;
    const auto commands = scan_unit_text(*source);
    unit_.clear();
    if (result_.found.size() == before) return;
    const auto runs = unit_that_runs(unit);
    if (!runs) {
      // A unit that runs may start the same script.
      seen_ = seen_before;
      result_.found.resize(before);
      return;
    }
    const bool does_more = is_drop_in || commands > result_.found.size() - before;
    for (auto i = before; i < result_.found.size(); ++i) {
      result_.found[i].unit = does_more ? "" : *runs;
    }
  }

  /// How many commands it has.
  std::size_t scan_unit_text(const Source& source) {
    std::size_t number = 0, count = 0, first = 0, commands = 0;
    std::string setting;
    for (const auto& line : lines_of(source.text)) {
      ++number;
      if (setting.empty()) first = number;
      setting += line;
      if (setting.ends_with('\\')) {
        setting.back() = ' ';
        continue;
      }
      const auto bare = trim(setting);
      const auto equals = bare.find('=');
      if (bare.starts_with("Exec") && equals != std::string_view::npos) {
        const auto value = command_of(bare.substr(equals + 1));
        ++commands;
        for_each_command(value, [&](const ShellCommand& command) {
          return take(source, command, first, false, true, count);
        });
      }
      setting.clear();
    }
    return commands;
  }

  /// The unit to disable: itself, or the timer that starts it; nullopt when neither is in use.
  std::optional<std::string> unit_that_runs(const std::string& unit) {
    const auto stem = unit.substr(0, unit.size() - std::string_view{".service"}.size());
    for (const auto& name : {unit, stem + ".timer", stem + ".path"}) {
      try {
        const auto state = services_.state(name);
        const bool runs = state.is_enabled() || state.is_active();
        if (state.exists() && !state.is_masked() && runs) return name;
      } catch (const Error& error) {
        miss(error.what());
      }
    }
    return std::nullopt;
  }

  const system::FileReader& files_;
  const system::ServiceReader& services_;
  ClockSetters result_;
  std::set<std::string> seen_;
  std::size_t asked_ = 0;
  std::uint64_t bytes_ = 0;
  std::string unit_;
};

}  // namespace

ClockSetters find_clock_setters(const system::FileReader& files,
                                const system::ServiceReader& services) {
  return SetterSearch{files, services}.search();
}

void add_clock_setters(const facts::Ports& ports, facts::Facts& facts) {
  facts.clock_setters = find_clock_setters(ports.files, ports.services);
}

}  // namespace timectl::features
