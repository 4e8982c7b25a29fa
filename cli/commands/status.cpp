// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/past.hpp"
#include "base/error.hpp"
#include "command.hpp"
#include "commands.hpp"
#include "commands/confirmation.hpp"
#include "duration.hpp"
#include "features/controller/findings.hpp"
#include "features/feature.hpp"
#include "features/monitoring/findings.hpp"
#include "features/rtc/findings.hpp"
#include "history/drawing.hpp"
#include "history/ring.hpp"
#include "probe/rows.hpp"
#include "publish/document.hpp"
#include "publish/measures.hpp"
#include "served_clients.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <thread>

#include <unistd.h>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;
using probe::Finding;
using probe::Verdict;

/// What status shows, in this order; of "rtc" the first that is not skipped.
struct Row {
  const char* label;
  probe::FindingName probe;
};
constexpr std::array rows{Row{"time", probe::row::time_quality},
                          Row{"leap", probe::row::time_leap},
                          Row{"rtc", features::row::rtc_time},
                          Row{"rtc", probe::row::rtc_device},
                          Row{"battery", probe::row::rtc_battery},
                          Row{"controller", features::row::controller_environment},
                          Row{"monitor", features::row::monitor_timer}};
constexpr std::size_t width = 11;

/// How many were served; nullopt with the reason when that cannot be known.
struct Served {
  std::optional<std::size_t> known;
  std::size_t last_hour = 0;
  std::string problem;
};

Served count_clients(const system::ProcessRunner& processes) {
  Served served;
  try {
    const auto clients = served_clients(processes);
    served.known = clients.size();
    served.last_hour = static_cast<std::size_t>(
        std::count_if(clients.begin(), clients.end(), [](const system::ChronyClient& client) {
          return client.since_last && *client.since_last < std::chrono::hours{1};
        }));
  } catch (const Error& error) {
    served.problem = error.what();
    if (geteuid() != 0) served.problem += " (sudo timectl status can tell)";
  }
  return served;
}

std::optional<apply::Generation> last_change(const system::FileReader& files) {
  auto all = apply::list_generations(files);
  if (all.empty()) return std::nullopt;
  return std::move(all.back());
}

const Finding* find(const std::vector<Finding>& findings, probe::FindingName name) {
  const auto found = std::find_if(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.probe == name && finding.verdict != Verdict::skipped;
  });
  return found == findings.end() ? nullptr : &*found;
}

std::string text_of(const Finding& finding) {
  if (finding.verdict == Verdict::ok) return finding.summary;
  const auto* const more = probe::is_for_root(finding) ? " (sudo timectl status can tell)" : "";
  return fmt::format("{}: {}{}", to_string(finding.verdict), finding.summary, more);
}

/// Everything that status shows.
struct StatusView {
  std::vector<Finding> findings;
  std::optional<Served> served;  ///< of a server
  std::optional<apply::Generation> change;
  std::optional<history::Summary> day;  ///< of what the monitor saw, if it saw anything
  ordered_json measures;                ///< of the monitor's last check
};

/// The last day in half hours.
std::optional<history::Summary> last_day(Context& context) {
  constexpr std::size_t half_hours = 48;
  const auto now = context.clock().now();
  const auto from = now - std::chrono::hours{24};
  const auto seen = history::read_samples(context.files(), from);
  if (seen.empty()) return std::nullopt;
  return history::summarize(seen, from, now, half_hours);
}

/// A dot stands for half an hour in which nothing was seen.
std::string text_of(const history::Summary& day) {
  auto states = history::state_letters(day);
  std::replace(states.begin(), states.end(), ' ', '.');
  return states;
}

std::string text_of(const Served& served) {
  if (!served.known) return served.problem;
  return fmt::format("{} served, {} of them in the last hour", *served.known, served.last_hour);
}

std::string text_of(const apply::Generation& change) {
  return fmt::format("{} by {}: {}", change.name, change.who.user, change.who.command);
}

ordered_json document_of(const history::Summary& day) {
  ordered_json document;
  document["since"] = format_utc(day.from);
  document["slot_s"] = day.slot_span.count();
  document["states"] = text_of(day);
  return document;
}

ordered_json document_of(const apply::Generation& change) {
  ordered_json document;
  document["generation"] = change.name;
  document["started"] = change.started;
  document["user"] = change.who.user;
  document["command"] = change.who.command;
  return document;
}

ordered_json document_of(const Site& site, const StatusView& view) {
  auto document = findings_document(site.host->name, site.host->role, view.findings);
  document["clients"] = nullptr;
  if (view.served && view.served->known) {
    document["clients"]["known"] = *view.served->known;
    document["clients"]["last_hour"] = view.served->last_hour;
  }
  document["last_day"] = nullptr;
  if (view.day) document["last_day"] = document_of(*view.day);
  document["last_change"] = nullptr;
  if (view.change) document["last_change"] = document_of(*view.change);
  document["measures"] = view.measures;
  return document;
}

/// What everybody may know of the time that only root can ask for now; "" when the monitor has not
/// said. How old it is the row of the monitor says.
std::string text_of_last_check(const ordered_json& measures) {
  const auto& state = measures["state"]["value"];
  const auto& bound = measures["bound_s"]["value"];
  if (!state.is_string()) return "";
  return fmt::format(
      "{}{} at the monitor's last check (sudo timectl status asks now)", state.get<std::string>(),
      bound.is_number()
          ? fmt::format(", error bound {},", format_span(Seconds{bound.get<double>()}))
          : "");
}

std::string text_of(const Finding& finding, const StatusView& view) {
  const bool is_time = finding.probe == probe::row::time_quality;
  const auto known =
      is_time && probe::is_for_root(finding) ? text_of_last_check(view.measures) : "";
  return known.empty() ? text_of(finding) : known;
}

void show(const Site& site, const StatusView& view, Report& report) {
  report.row(site.host->name, width, fmt::format("{} of '{}'", site.host->role, site.profile.name));
  std::string shown;
  for (const auto& row : rows) {
    const auto* finding = find(view.findings, row.probe);
    if (finding == nullptr || shown == row.label) continue;
    shown = row.label;
    report.row(row.label, width, text_of(*finding, view));
  }
  if (view.served) report.row("clients", width, text_of(*view.served));
  if (view.day) report.row("last day", width, text_of(*view.day));
  report.row("last change", width,
             view.change ? text_of(*view.change)
                         : "none by timectl: this host is not provisioned; see timectl plan");
}

/// ntpstat(8): 0 synchronized, 1 not, 2 not known.
ExitStatus as_ntpstat(const Finding* time) {
  if (time == nullptr || time->verdict == Verdict::unknown) return ExitStatus::usage;
  const bool is_good = time->verdict == Verdict::ok || time->verdict == Verdict::warning;
  return is_good ? ExitStatus::done : ExitStatus::not_done;
}

class StatusCommand : public Command {
 public:
  std::string name() const override { return "status"; }
  std::string summary() const override { return "Show this host's time service at a glance"; }
  void add_options(CLI::App& app) override {
    add_site_options(app, site_);
    auto* is_short =
        app.add_flag("--short", short_,
                     "One line about the time; exit status as ntpstat: 0 synchronized, "
                     "1 not synchronized, 2 not known");
    app.add_option("--watch", watch_, "Show it again each TIME (5s, 1m) until interrupted")
        ->type_name("TIME")
        ->excludes(is_short);
  }

  ExitStatus run(Context& context) override {
    std::optional<std::chrono::seconds> pause;
    if (watch_) pause = watch_pause(context);
    report_open_changes(context);
    const auto site = context.load_kept_site(site_);
    if (short_) return show_short(context, site);
    while (pause) {
      context.report().clear_screen();
      show(site, collect(context, site), context.report());
      context.report().flush();
      std::this_thread::sleep_for(*pause);
    }
    const auto view = collect(context, site);
    if (context.options().json) {
      context.report().json(document_of(site, view));
    } else {
      show(site, view, context.report());
    }
    return status_of(view.findings);
  }

 private:
  std::chrono::seconds watch_pause(Context& context) const {
    const auto pause = parse_duration(*watch_);
    if (!pause) {
      throw Error{ErrorKind::usage, fmt::format("--watch: '{}' is no time", *watch_),
                  "5s or 1m, for example"};
    }
    if (context.options().json) {
      throw Error{ErrorKind::usage, "--watch shows a screen, and --json one document",
                  "leave one of them out"};
    }
    return *pause;
  }

  static ExitStatus show_short(Context& context, const Site& site) {
    const probe::Subject subject{site.profile, *site.host, site.facts, {}};
    const auto findings = probe::run_probes(subject, context.probe_ports(), features::probes(),
                                            {.only = {std::string{probe::row::time_quality.name}}});
    const auto* time = find(findings, probe::row::time_quality);
    if (context.options().json) {
      context.report().json(findings_document(site.host->name, site.host->role, findings));
    } else {
      context.report().line(
          fmt::format("{}: {}", site.host->name, time == nullptr ? "not known" : text_of(*time)));
    }
    return as_ntpstat(time);
  }

  static StatusView collect(Context& context, const Site& site) {
    probe::Asking asking;
    for (const auto& row : rows) asking.only.emplace_back(row.probe.text());
    const probe::Subject subject{site.profile, *site.host, site.facts, {}};
    StatusView view;
    view.findings = probe::run_probes(subject, context.probe_ports(), features::probes(), asking);
    if (site.host->serve && !context.is_offline()) {
      view.served = count_clients(context.processes());
    }
    view.change = last_change(context.files());
    view.day = last_day(context);
    view.measures = publish::read_document(context.files(), publish::measures);
    return view;
  }

  SiteOptions site_;
  bool short_ = false;
  std::optional<std::string> watch_;
};

}  // namespace

std::unique_ptr<Command> make_status_command() { return std::make_unique<StatusCommand>(); }

}  // namespace timectl::cli
