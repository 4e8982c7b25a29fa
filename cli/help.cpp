// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "help.hpp"

#include "base/text.hpp"
#include "definitions.hpp"
#include "page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timectl::cli {

namespace {

struct Group {
  const char* heading;
  std::array<std::string_view, 9> commands;
};
constexpr std::array groups{
    Group{"Set up",
          {"provision", "plan", "rehearse", "profile", "render", "rtc", "island", "gps",
           "uninstall"}},
    Group{"Inspect", {"status", "verify", "explain", "history", "clients", "probe", "facts"}},
    Group{"Roll back", {"generations", "diff", "rollback", "confirm"}},
    Group{"Run by systemd", {"monitor", "recover"}}};

struct Examples {
  std::string_view command;
  std::array<Example, 3> examples;
};
constexpr Examples examples[] = {
    Examples{"provision",
             {{{"provision --role server", "Show the plan, ask, and set up a time server"},
               {"provision --role client --yes --confirm 10m",
                "Over ssh: roll back unless 'timectl confirm' follows in time"},
               {"--root /mnt/card provision --role server --yes",
                "Set up a card that is mounted below /mnt/card"}}}},
    Examples{"plan",
             {{{"plan --role server", "What a provision would change, with the reasons"},
               {"plan --profile site.json --host pi-ntp", "By a profile of the site's own"}}}},
    Examples{"rehearse", {{{"rehearse --role server", "On any machine: nothing is changed"}}}},
    Examples{"verify",
             {{{"verify", "All questions, with remedies"},
               {"verify --only ntp,rtc.time", "Some of them"},
               {"verify --wait 2m", "After a boot: wait for what is pending"}}}},
    Examples{"explain",
             {{{"explain", "List all findings"}, {"explain ntp.reply", "What one of them means"}}}},
    Examples{"status",
             {{{"status", "The time service of this host at a glance"},
               {"status --short", "One line, and an exit status for scripts"},
               {"status --watch 5s", "Again every five seconds"}}}},
    Examples{"clients", {{{"clients", "Who asks this server for the time"}}}},
    Examples{"monitor", {{{"monitor --dry-run", "What the next check would do"}}}},
    Examples{"history",
             {{{"history --since 24h", "The last day"},
               {"history --since 52w --output year.html", "A year as a page with plots"}}}},
    Examples{"rtc",
             {{{"rtc", "Show the real-time clock"},
               {"rtc set --time 2026-11-20T13:28:46Z", "You know the time: set and validate it"},
               {"rtc battery --replaced", "A new battery was put in today"}}}},
    Examples{"island",
             {{{"island status", "Does chronyd serve this host's own clock?"},
               {"island disable", "Never without sources, until chronyd starts again"}}}},
    Examples{"gps",
             {{{"gps show", "What the receiver sees, and what chronyd makes of it"},
               {"gps calibrate --apply", "Measure it, so that the pulse can be used"}}}},
    Examples{"probe",
             {{{"probe ntp 192.168.4.2", "Ask a server for its time"},
               {"probe ntp 192.168.4.2 0.debian.pool.ntp.org", "Compare two"}}}},
    Examples{"profile",
             {{{"profile init --output site.json", "Write a first profile by an interview"},
               {"profile validate site.json", "Mistakes, with line and column"}}}},
    Examples{"facts", {{{"facts", "What timectl detects on this host"}}}},
    Examples{"render",
             {{{"render --role server --output tree", "The files of a server, below tree/"}}}},
    Examples{"generations", {{{"generations", "What timectl changed on this host, and when"}}}},
    Examples{"diff",
             {{{"diff", "What was edited since timectl wrote it"},
               {"diff 1 2", "From one generation to the other"}}}},
    Examples{"rollback",
             {{{"rollback", "Undo the last change"},
               {"rollback 1 --confirm 10m", "Back to generation 1, unless it cuts you off"}}}},
    Examples{"confirm", {{{"confirm", "Keep the change that was made with --confirm"}}}},
    Examples{"uninstall",
             {{{"uninstall", "Restore what was there before timectl"},
               {"uninstall --purge", "And delete its records"}}}},
    Examples{"recover",
             {{{"recover", "Roll back what was interrupted; a boot does it by itself"}}}},
};

constexpr auto exit_status =
    "Exit status: 0 done, 1 not done and nothing changed, 2 wrong command line or\nprofile, 3 not "
    "in order, 4 failed and restored, 5 failed and not restored.";

/// "INT" and the like are C++'s words.
std::string value_name(const CLI::Option& option) {
  const auto name = metavariable(option);
  return name == "INT" || name == "UINT" || name == "FLOAT" ? "N" : name;
}

}  // namespace

std::string_view group_of(std::string_view command) {
  for (const auto& group : groups) {
    const auto& all = group.commands;
    if (std::find(all.begin(), all.end(), command) != all.end()) return group.heading;
  }
  return "";  // hidden
}

std::span<const Example> examples_of(std::string_view command) {
  for (const auto& each : examples) {
    if (each.command != command) continue;
    const auto end = std::find_if(each.examples.begin(), each.examples.end(),
                                  [](const Example& one) { return one.command == nullptr; });
    return {each.examples.begin(), end};
  }
  return {};
}

std::string footer_of(std::string_view command) {
  std::string text;
  for (const auto& each : examples_of(command)) {
    if (text.empty()) text = "Examples:\n";
    text += fmt::format("  timectl {}\n      {}\n", each.command, each.meaning);
  }
  if (!text.empty()) text += "\n";
  if (!command.empty()) {
    text += "Options of every command: --root DIR, --json, --tools DIR ('timectl --help')\n\n";
  }
  return text + exit_status;
}

std::string PageFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode mode) const {
  return broken_to_page(CLI::Formatter::make_help(app, std::move(name), mode), get_column_width());
}

std::string PageFormatter::make_option_name(const CLI::Option* option, bool is_positional) const {
  if (is_positional) return positional_name(*option);
  std::vector<std::string> names;
  for (const auto& name : option->get_snames()) names.push_back("-" + name);
  for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return join(names, ", ");
}

std::string PageFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_positional() || !takes_value(*option)) return "";
  return needs_value(*option) ? " " + value_name(*option) : " [" + value_name(*option) + "]";
}

std::string PageFormatter::make_option_desc(const CLI::Option* option) const {
  auto text = option->get_description();
  if (!option->get_default_str().empty() && takes_value(*option)) {
    text += fmt::format(" (default: {})", option->get_default_str());
  }
  return text;
}

std::string PageFormatter::make_option_usage(const CLI::Option* option) const {
  auto name = positional_name(*option);
  if (takes_several(*option)) name += "...";
  return option->get_required() ? name : "[" + name + "]";
}

std::string PageFormatter::make_usage(const CLI::App* app, std::string name) const {
  std::string text = "Usage: " + name;
  const auto is_shown = [](const CLI::Option* each) { return !each->get_group().empty(); };
  const auto options = app->get_options(
      [&](const CLI::Option* each) { return each->nonpositional() && is_shown(each); });
  if (!options.empty()) text += " [OPTION...]";
  if (!shown_subcommands(*app).empty()) {
    text += app->get_require_subcommand_min() > 0 ? " COMMAND" : " [COMMAND]";
  }
  for (const auto* each : app->get_options()) {
    if (each->get_positional() && is_shown(each)) text += " " + make_option_usage(each);
  }
  return text + "\n";
}

}  // namespace timectl::cli
