// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/detect_setters.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/visible.hpp"
#include "features/existing/detect_commands.hpp"
#include "features/existing/detect_files.hpp"
#include "features/existing/detect_flow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timectl::features {

using facts::ClockSetter;
using facts::ClockSetters;
using system::RootedPath;

namespace {

constexpr std::size_t most_of_a_file = 5;
constexpr std::size_t most_found = 50;

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
      : files_(files), services_(services), script_files_(files) {}

  ClockSetters search() {
    scan_file("/etc/rc.local", true);
    scan_file(files_.status(RootedPath{"/lib/udev/hwclock-set"}) ? "/lib/udev/hwclock-set"
                                                                 : "/usr/lib/udev/hwclock-set",
              true);
    scan_cron();
    for (const auto& directory : hook_directories) scan_hooks(directory);
    for (const auto* path : sourced_files) scan_file(path, false);
    for (const auto& path : script_files_.entries("/etc/udev/rules.d", ".rules")) scan_rules(path);
    scan_interfaces("/etc/network/interfaces");
    for (const auto& path : script_files_.entries("/etc/network/interfaces.d", "")) {
      if (has_plain_name(path.name())) scan_interfaces(path.text());
    }
    for (const auto* directory : unit_directories) scan_units(directory);
    scan_wanted_units();
    result_.not_known = script_files_.not_known();
    return std::move(result_);
  }

 private:
  void miss(const std::string& why) { script_files_.miss(why); }

  void scan_file(const std::string& path, bool must_be_executable) {
    const auto source = script_files_.open(RootedPath{path}, must_be_executable);
    if (source && is_shell_script(source->text)) scan_script(*source, true);
  }

  void scan_script(const ScriptFile& source, bool follows) {
    ScriptFlow flow;
    std::size_t count = 0;
    for_each_command(source.text, [&](const ShellCommand& command) {
      if (!flow.reaches(command)) return !flow.is_over();
      const bool is_alone = command.is_whole_line && flow.is_at_top() && !source.is_link;
      return take(source, command, command.line, is_alone, follows, count);
    });
  }

  /// False when enough of this file was found.
  bool take(const ScriptFile& source, const ShellCommand& command, std::size_t line, bool is_alone,
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
  bool is_stock(const ScriptFile& source, const ShellCommand& command) const {
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
    const auto source = script_files_.open(RootedPath{path}, false);
    if (source && is_shell_script(source->text)) scan_script(*source, false);
  }

  void scan_hooks(const HookDirectory& directory) {
    for (const auto& path : script_files_.entries(directory.path, "")) {
      if (directory.runner == Hooks::run_parts && !has_plain_name(path.name())) continue;
      scan_file(path.text(), directory.runner != Hooks::sources);
    }
  }

  /// interfaces(5): "up COMMAND" of a stanza.
  void scan_interfaces(const std::string& path) {
    const auto source = script_files_.open(RootedPath{path}, false);
    if (!source) return;
    std::size_t number = 0, count = 0;
    for (const auto& line : lines_of(source->text)) {
      ++number;
      const auto bare = trim(line);
      const auto option = bare.substr(0, bare.find_first_of(" \t"));
      if (option != "up" && option != "pre-up" && option != "post-up") continue;
      for_each_command(bare.substr(option.size()), [&](const ShellCommand& command) {
        return take(*source, command, number, !source->is_link, true, count);
      });
    }
  }

  void scan_cron() {
    if (const auto source = script_files_.open(RootedPath{"/etc/crontab"}, false))
      scan_table(*source, true);
    for (const auto& path : script_files_.entries("/etc/cron.d", "")) {
      if (!has_plain_name(path.name())) continue;
      if (const auto source = script_files_.open(path, false)) scan_table(*source, true);
    }
    if (const auto source =
            script_files_.open(RootedPath{"/var/spool/cron/crontabs/root"}, false)) {
      scan_table(*source, false);
    }
  }

  /// crontab(5): five fields or "@daily", a user in the system's tables, and the command.
  void scan_table(const ScriptFile& source, bool has_user) {
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
    const auto source = script_files_.open(path, false);
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
    for (const auto& path : script_files_.entries(directory, ".service"))
      scan_unit(path, path.name());
    for (const auto& drop_ins : script_files_.entries(directory, ".service.d")) {
      const auto unit = drop_ins.name().substr(0, drop_ins.name().size() - 2);
      for (const auto& path : script_files_.entries(drop_ins.text(), ".conf"))
        scan_unit(path, unit);
    }
  }

  /// Guides have units put where packages keep theirs. Those that no boot starts are not read.
  void scan_wanted_units() {
    constexpr std::array places{"/lib/systemd/system/", "/usr/lib/systemd/system/"};
    for (const auto& wants : script_files_.entries("/etc/systemd/system", ".wants")) {
      for (const auto& link : script_files_.entries(wants.text(), "")) {
        auto target = files_.read_link(link).value_or("");
        if (target.ends_with(".timer")) target.replace(target.rfind('.'), 6, ".service");
        if (!begins_with_one_of(target, places) || !target.ends_with(".service")) continue;
        const auto before = result_.found.size();
        const RootedPath path{target};
        scan_unit(path, path.name());
        if (result_.found.size() > before && script_files_.is_packaged(target)) {
          result_.found.resize(before);
        }
      }
    }
  }

  /// What a unit would do that does not run counts for nothing.
  void scan_unit(const RootedPath& path, const std::string& unit) {
    const auto source = script_files_.open(path, false);
    if (!source) return;
    const auto before = result_.found.size();
    const auto seen_before = script_files_.seen();
    const bool is_drop_in = path.name() != unit;
    if (!is_drop_in) unit_ = unit;
    const auto commands = scan_unit_text(*source);
    unit_.clear();
    if (result_.found.size() == before) return;
    const auto runs = unit_that_runs(unit);
    if (!runs) {
      // A unit that runs may start the same script.
      script_files_.forget_since(seen_before);
      result_.found.resize(before);
      return;
    }
    const bool does_more = is_drop_in || commands > result_.found.size() - before;
    for (auto i = before; i < result_.found.size(); ++i) {
      result_.found[i].unit = does_more ? "" : *runs;
    }
  }

  /// How many commands it has.
  std::size_t scan_unit_text(const ScriptFile& source) {
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
  ScriptFiles script_files_;
  ClockSetters result_;
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
