// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/message_of.hpp"
#include "base/text.hpp"
#include "command.hpp"
#include "commands.hpp"
#include "commands/confirmation.hpp"
#include "features/feature.hpp"
#include "finding_formats.hpp"
#include "plan_view.hpp"
#include "probe/rows.hpp"
#include "waiting.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace timectl::cli {

namespace {

using probe::Finding;
using probe::Verdict;

/// What the plan says of the managed files, or why it could not be made.
struct Drift {
  FileComparison files;
  std::optional<Error> problem;
};

Drift find_drift(Context& context, const Site& site) {
  Drift drift;
  try {
    drift.files = compare_files(context, site);
  } catch (const Error& error) {
    drift.problem = error;
  }
  return drift;
}

/// A plan that cannot be made leaves one question open; the others were answered all the same.
void add_problem(const std::optional<Error>& problem, std::vector<Finding>& findings) {
  if (!problem) return;
  for (auto& finding : findings) {
    if (finding.probe != probe::row::files_drift) continue;
    const auto reasons = join(problem->problems(), "; ");
    finding = {finding.probe, Verdict::unknown, reasons, {}, "", problem->hint()};
    finding.cause = "the target could not be rendered";
  }
}

const Finding* first_not_fine(const std::vector<Finding>& findings) {
  const auto is_not_fine = [](const Finding& finding) { return finding.verdict > Verdict::ok; };
  const auto found = std::find_if(findings.begin(), findings.end(), is_not_fine);
  return found == findings.end() ? nullptr : &*found;
}

/// The plugins' exit status for what could not be asked.
constexpr int nagios_unknown = 3;

class VerifyCommand : public Command {
 public:
  std::string name() const override { return "verify"; }
  std::string summary() const override {
    return "Check whether this host's time service is in order; say what to do";
  }

  void add_options(CLI::App& app) override {
    add_site_options(app, site_);
    app.add_option("--only", asking_.only,
                   "Run only these probes: ntp.reply, or ntp for all that begin so")
        ->type_name("PROBE")
        ->delimiter(',');
    app.add_option("--skip", asking_.skip, "Skip these probes")->type_name("PROBE")->delimiter(',');
    app.add_option("--wait", wait_,
                   "Repeat while a finding is pending, for at most this long: 60s, 10m")
        ->type_name("TIME");
    app.add_option("--format", format_,
                   "text, json, tap, junit, or nagios (exit status 0, 1, 2 or 3)")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json", "tap", "junit", "nagios"}));
  }

  ExitStatus run(Context& context) override {
    if (format_ != "nagios") return verify(context);
    // The reader of this shows one line, and takes 1 and 2 for answers of the probes.
    try {
      return verify(context);
    } catch (const std::exception& problem) {
      context.report().line(nagios_line(message_of(problem)));
      return static_cast<ExitStatus>(nagios_unknown);
    }
  }

 private:
  ExitStatus verify(Context& context) const {
    const auto wait = parse_wait(wait_);
    report_open_changes(context);
    const auto site = context.load_kept_site(site_);
    const auto findings =
        wait_for_pending(context, ask(context, site), wait, [&] { return ask(context, site); });
    show(context.report(), *site.host, findings, context.options().json);
    if (format_ == "nagios") return static_cast<ExitStatus>(nagios_status(findings));
    return status_of(findings);
  }

  void show(Report& report, const profile::Host& host, const std::vector<Finding>& findings,
            bool json) const {
    if (format_ == "tap") return report.text(tap_of(findings));
    if (format_ == "junit") return report.text(junit_of(host.name, findings));
    if (format_ == "nagios") return report.line(nagios_line(host.name, findings));
    if (format_ == "json" || json) {
      return report.json(findings_document(host.name, host.role, findings));
    }
    report.findings(findings);
    report.line(count_of(findings));
    if (const auto* doubtful = first_not_fine(findings)) {
      report.note(
          fmt::format("'timectl explain {}' explains its verdicts", doubtful->probe.text()));
    }
  }

  std::vector<Finding> ask(Context& context, const Site& site) const {
    const bool drift_is_asked = probe::is_asked(asking_, probe::row::files_drift);
    const auto drift = drift_is_asked ? find_drift(context, site) : Drift{};
    const probe::Subject subject{site.profile, *site.host, site.facts, drift.files.drifted,
                                 drift.files.unread};
    auto findings = probe::run_probes(subject, context.probe_ports(), features::probes(), asking_);
    add_problem(drift.problem, findings);
    return findings;
  }

  SiteOptions site_;
  probe::Asking asking_;
  std::string wait_;
  std::string format_ = "text";
};

}  // namespace

std::unique_ptr<Command> make_verify_command() { return std::make_unique<VerifyCommand>(); }

}  // namespace timectl::cli
