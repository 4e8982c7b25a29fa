// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "base/visible.hpp"
#include "commands/commands.hpp"
#include "commands/confirmation.hpp"
#include "context.hpp"
#include "facts_document.hpp"
#include "page.hpp"

#include <fmt/format.h>

namespace timectl::cli {

namespace {

constexpr std::size_t label_width = 14;

/// "label         words words…", broken between the words where the line would grow too long.
std::vector<std::string> labelled(const std::string& label, const std::vector<std::string>& words) {
  std::vector<std::string> lines{fmt::format("{:<{}}", label, label_width)};
  for (const auto& each : words) {
    const auto word = visible(each);
    const bool is_first = lines.back().size() == label_width;
    if (!is_first && width_of(lines.back()) + 1 + width_of(word) > page_width()) {
      lines.emplace_back(label_width, ' ');
    } else if (!is_first) {
      lines.back() += ' ';
    }
    lines.back() += word;
  }
  return lines;
}

void show(Report& report, const std::string& label, const std::string& text) {
  for (const auto& line : labelled(label, words_of(text.empty() ? "-" : visible(text))))
    report.line(line);
}

/// Items that stay in one piece, with commas between them.
void show_list(Report& report, const std::string& label, std::vector<std::string> items) {
  for (std::size_t i = 0; i + 1 < items.size(); ++i) items[i] += ',';
  if (items.empty()) items.emplace_back("-");
  for (const auto& line : labelled(label, items)) report.line(line);
}

std::string system_name(const facts::OperatingSystem& os) {
  if (os.pretty_name.empty()) return "unknown";
  return os.pretty_name + (os.is_raspberry_pi_os ? ", Raspberry Pi OS" : "");
}

std::string describe(const system::RtcDevice& rtc) {
  const auto chip = rtc.chip.empty() ? rtc.driver : rtc.chip + " at " + rtc.i2c_client;
  return fmt::format("{} ({}{})", rtc.name, chip,
                     rtc.set_system_clock ? "; the kernel set the clock from it" : "");
}

std::string describe(const facts::TimeDaemon& daemon) {
  if (!daemon.not_known.empty()) {
    return fmt::format("{} (state unknown: {})", daemon.package, daemon.not_known);
  }
  return fmt::format("{} ({}{})", daemon.package, daemon.enabled ? "enabled" : "disabled",
                     daemon.active ? ", active" : "");
}

std::string describe(const system::Interface& interface) {
  std::vector<std::string> addresses;
  for (const auto& address : interface.addresses) addresses.push_back(address.text());
  return fmt::format("{} ({}{}{}{})", interface.name, interface.is_up ? "up" : "down",
                     interface.is_wireless ? ", Wi-Fi" : "", addresses.empty() ? "" : ": ",
                     join(addresses, " "));
}

/// A candidate: whether it is in the way, the plan of a role says.
std::string describe(const facts::ExistingSetting& setting) {
  if (setting.line == 0) return setting.file;
  return fmt::format("{} line {}", setting.file, setting.line);
}

template <typename List>
std::vector<std::string> describe_all(const List& list) {
  std::vector<std::string> texts;
  for (const auto& each : list) texts.push_back(describe(each));
  return texts;
}

std::vector<std::string> package_versions(const facts::Facts& facts) {
  std::vector<std::string> texts;
  for (const auto& [name, version] : facts.packages) texts.push_back(name + " " + version.text);
  return texts;
}

void show_all(Report& report, const facts::Facts& facts) {
  show(report, "host", facts.host_name + (facts.is_offline_root ? " (not running)" : ""));
  show(report, "system", system_name(facts.os));
  show(report, "architecture", facts.architecture);
  show(report, "board", facts.board.value_or(""));
  show(report, "boot config", facts.boot_config ? facts.boot_config->text() : "");
  show(report, "network",
       fmt::format("{}: {}", to_string(facts.network.backend), join(facts.network.evidence, "; ")));
  show_list(report, "interfaces", describe_all(facts.interfaces));
  show(report, "default", facts.default_interface.value_or(""));
  show_list(report, "RTCs", describe_all(facts.rtcs));
  show_list(report, "time daemons", describe_all(facts.time_daemons));
  show(report, "fake-hwclock", facts.has_fake_hwclock ? "installed" : "");
  show_list(report, "existing", describe_all(facts.existing));
  show(report, "timectl", facts.timectl_path.value_or(""));
  show_list(report, "packages", package_versions(facts));
}

class FactsCommand : public Command {
 public:
  std::string name() const override { return "facts"; }
  std::string summary() const override { return "Show what kind of host this is"; }
  void add_options(CLI::App&) override {}

  ExitStatus run(Context& context) override {
    report_open_changes(context);
    const auto facts = context.detect_facts();
    if (context.options().json) {
      context.report().json(facts_document(facts));
    } else {
      show_all(context.report(), facts);
    }
    return ExitStatus::done;
  }
};

}  // namespace

std::unique_ptr<Command> make_facts_command() { return std::make_unique<FactsCommand>(); }

}  // namespace timectl::cli
