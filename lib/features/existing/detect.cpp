// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/detect.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/detector.hpp"
#include "facts/dnsmasq.hpp"
#include "facts/timesyncd.hpp"
#include "features/existing/detect_setters.hpp"
#include "features/existing/rows.hpp"
#include "platform/network_backends.hpp"
#include "platform/platform.hpp"

#include <algorithm>
#include <array>
#include <functional>

/// What earlier set-ups by hand or by script left.
namespace timectl::features {

using facts::ExistingKind;
using facts::ExistingSetting;
using system::RootedPath;

namespace {

using ExistingSettings = std::vector<ExistingSetting>;

std::string text_of(const system::FileReader& files, const std::string& path) {
  return facts::readable(files, RootedPath{path}).value_or("");
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Every run of the script added another one; the overlay loads the driver by itself.
void find_modules(const system::FileReader& files, ExistingSettings& found) {
  ExistingSetting setting{ExistingKind::rtc_modules, "/etc/modules", 0, {}, true};
  facts::for_each_setting(text_of(files, setting.file), [&](const auto& line, std::size_t number) {
    if (line != "rtc-ds1307") return;
    if (setting.line == 0) setting.line = number;
    setting.lines.push_back(line);
  });
  if (setting.lines.size() > 1) found.push_back(std::move(setting));
}

void find_rtc_service(const system::FileReader& files, ExistingSettings& found) {
  const std::string path = "/etc/systemd/system/rtc-ds3231.service";
  const auto text = facts::readable(files, RootedPath{path});
  if (!text) return;
  found.push_back(
      {ExistingKind::rtc_service, path, 0, {}, has(*text, "new_device") && has(*text, "hwclock")});
}

/// A line of chrony's files, wherever they are included from.
ExistingSetting setting_of(ExistingKind kind, const system::ChronyDirective& directive) {
  ExistingSetting setting{kind, directive.file, directive.line, {directive.text}, false};
  setting.is_fixed = !directive.may_be_edited;
  setting.is_closed = directive.is_closed;
  return setting;
}

/// rtcfile beside rtcsync, and each `local`. That of a file by the script, with which chronyd never
/// ran, goes with the file's fault.
void find_chrony(const system::FileReader& files,
                 const std::map<std::string, facts::Version>& packages, ExistingSettings& found) {
  const bool is_installed = packages.count(platform::chronyd.package) != 0;
  const auto chrony = facts::read_chrony(files, is_installed, false);
  if (!is_installed || !chrony) return;
  const auto& read = chrony->planned;
  const bool is_refused = chrony->is_refused();
  for (const auto* directive : read.named("rtcfile")) {
    if (!is_refused) continue;
    found.push_back(setting_of(ExistingKind::chrony_conf, *directive));
    found.back().may_go = directive->may_be_edited;
  }
  for (const auto* directive : read.named("local")) {
    found.push_back(setting_of(ExistingKind::chrony_local, *directive));
    found.back().may_go = directive->may_be_edited && chrony->is_of_script() &&
                          directive->file == platform::chrony::configuration;
  }
}

/// Sections with an address; a file that has nothing else was overwritten by the script, because
/// the distribution's own has options.
void find_dhcpcd(const system::FileReader& files, ExistingSettings& found) {
  ExistingSettings sections;
  bool has_others = false;
  facts::for_each_setting(
      text_of(files, platform::dhcpcd::configuration), [&](const auto& line, std::size_t number) {
        if (!facts::is_dhcpcd_address(line)) has_others = true;
        if (line.starts_with("interface ")) {
          sections.push_back(
              {ExistingKind::dhcpcd_section, platform::dhcpcd::configuration, number, {}, false});
        }
        if (!sections.empty() && facts::is_dhcpcd_address(line))
          sections.back().lines.push_back(line);
      });
  for (auto& section : sections) {
    const bool has_address =
        std::any_of(section.lines.begin(), section.lines.end(),
                    [](const auto& line) { return line.starts_with("static ip_address="); });
    if (!has_address) continue;
    section.may_go = !has_others;
    found.push_back(std::move(section));
  }
}

/// The only file that has the network's password: features/network changes it.
bool is_wifi(const std::string& text) {
  const auto lines = lines_of(text);
  return std::any_of(lines.begin(), lines.end(), [](const auto& line) {
    return trim(line) == "[wifi]" || trim(line) == "[802-11-wireless]";
  });
}

/// By name; whose address it is, render knows.
void find_connections(const system::FileReader& files, ExistingSettings& found) {
  const RootedPath directory{"/etc/NetworkManager/system-connections"};
  for (const auto& path : facts::readable_entries(files, directory, ".nmconnection")) {
    ExistingSetting setting{ExistingKind::network_connection, path.text(), 0, {}, false};
    std::string id, interface;
    const auto text = text_of(files, path.text());
    facts::for_each_setting(text, [&](const auto& line, std::size_t) {
      if (line.starts_with("id=")) id = line.substr(3);
      if (line.starts_with("interface-name=")) interface = line.substr(15);
      if (line.starts_with("address")) setting.lines.push_back(line);
    });
    const bool is_of_script = !interface.empty() && id == interface + "-static";
    if (is_of_script && !is_wifi(text)) found.push_back(std::move(setting));
  }
}

void find_lines(const system::FileReader& files, ExistingKind kind, const std::string& path,
                const std::function<bool(const std::string&)>& is_candidate,
                ExistingSettings& found) {
  facts::for_each_setting(text_of(files, path), [&](const auto& line, std::size_t number) {
    if (is_candidate(line)) found.push_back({kind, path, number, {line}, false});
  });
}

bool is_about_time_or_host(const std::string& line) {
  const auto option = facts::parse_dnsmasq_line(line);
  return option && (option->name == "dhcp-host" || facts::ntp_servers_option(*option));
}

/// dnsmasq.conf and the drop-ins, timectl's own aside.
void find_dnsmasq(const system::FileReader& files, ExistingSettings& found) {
  for (const auto& path : facts::dnsmasq_files(files)) {
    if (path == platform::dns::own_drop_in) continue;
    find_lines(files, ExistingKind::dnsmasq_line, path, is_about_time_or_host, found);
  }
}

/// The loopback's names are Debian's business.
bool is_of_network(const std::string& line) {
  return !line.starts_with("127.") && line.find(':') == std::string::npos;
}

void find_timesyncd(const system::FileReader& files, ExistingSettings& found) {
  ExistingSetting setting{
      ExistingKind::timesyncd_conf, platform::timesync::configuration, 0, {}, false};
  facts::for_each_setting(text_of(files, setting.file), [&](const auto& line, std::size_t number) {
    if (line.front() == '[') return;
    if (setting.line == 0) setting.line = number;
    setting.lines.push_back(line);
  });
  if (setting.line != 0) found.push_back(std::move(setting));
}

void find_timesyncd_overrides(const system::FileReader& files, ExistingSettings& found) {
  for (auto& each : facts::timesyncd_overrides(files)) {
    found.push_back({ExistingKind::timesyncd_override, std::move(each.file), each.line,
                     std::move(each.lines), false});
  }
}

/// The program of a unit; "" when it has none.
std::string program_of(const std::string& unit) {
  for (const auto& line : lines_of(unit)) {
    if (!line.starts_with("ExecStart=")) continue;
    const auto words = words_of(std::string_view{line}.substr(10));
    for (const auto& word : words) {
      if (word.starts_with('/') && word.ends_with("ntp-monitor.sh")) return word;
    }
  }
  return "";
}

void find_monitor(const system::FileReader& files, ExistingSettings& found) {
  const RootedPath units{"/etc/systemd/system"};
  const auto service = facts::readable(files, units / "ntp-monitor.service");
  const auto script = program_of(service.value_or(""));
  // The timer may go only with the service that it starts.
  const bool may_go = !script.empty();
  for (const auto* name : {"ntp-monitor.service", "ntp-monitor.timer"}) {
    if (!files.status(units / name)) continue;
    found.push_back({ExistingKind::monitor, (units / name).text(), 0, {}, may_go});
  }
  if (!may_go || !files.status(RootedPath{script})) return;
  const auto text = text_of(files, script);
  found.push_back({ExistingKind::monitor,
                   script,
                   0,
                   {},
                   has(text, "CONSERVE_POWER") || has(text, "timedatectl")});
}

/// As the old scripts named them, and timectl does.
bool is_alias(const std::string& line) {
  constexpr std::array names{"status",         "show",         "test",
                             "monitor.status", "monitor.logs", "monitor.run"};
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return line.starts_with("alias ntp." + name + "=");
  });
}

/// "" also for what is no plain file: a home may hold anything.
std::string plain_text_of(const system::FileReader& files, const RootedPath& path) {
  try {
    const auto status = files.status(path);
    if (!status || status->type != system::FileType::regular) return {};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::permission) throw;
    return {};
  }
  return facts::readable(files, path).value_or("");
}

/// Where bash finds aliases. A file in a user's home belongs to that user.
void find_aliases(const system::FileReader& files, ExistingSettings& found) {
  auto paths = facts::readable_entries(files, RootedPath{"/etc/profile.d"}, ".sh");
  paths.insert(paths.begin(), {RootedPath{"/etc/bash.bashrc"}, RootedPath{"/etc/profile"}});
  auto homes = facts::readable_entries(files, RootedPath{"/home"}, "");
  homes.emplace_back("/root");
  for (const auto& home : homes) {
    for (const auto* name : {".bashrc", ".bash_aliases"}) paths.push_back(home / name);
  }
  for (const auto& path : paths) {
    const bool is_of_system = path.text().starts_with("/etc/");
    ExistingSetting setting{ExistingKind::shell_alias, path.text(), 0, {}, is_of_system};
    facts::for_each_setting(plain_text_of(files, path), [&](const auto& line, std::size_t number) {
      if (!is_alias(line)) return;
      if (setting.line == 0) setting.line = number;
      setting.lines.push_back(line);
    });
    if (setting.line != 0) found.push_back(std::move(setting));
  }
}

void add_existing(const facts::Ports& ports, facts::Facts& facts) {
  facts.existing = find_existing(ports.files, facts.packages);
}

}  // namespace

ExistingSettings find_existing(const system::FileReader& files,
                               const std::map<std::string, facts::Version>& packages) {
  ExistingSettings found;
  find_modules(files, found);
  find_rtc_service(files, found);
  find_chrony(files, packages, found);
  find_dhcpcd(files, found);
  find_connections(files, found);
  find_dnsmasq(files, found);
  find_lines(files, ExistingKind::hosts_line, "/etc/hosts", is_of_network, found);
  find_timesyncd(files, found);
  find_timesyncd_overrides(files, found);
  find_monitor(files, found);
  find_aliases(files, found);
  return found;
}

constinit const facts::Detector existing_detectors[2] = {{add_existing}, {add_clock_setters}};

}  // namespace timectl::features
