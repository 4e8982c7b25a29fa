// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "command.hpp"
#include "commands.hpp"
#include "commands/confirmation.hpp"
#include "plan_view.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace timectl::cli {

namespace {

using probe::Finding;
using probe::Verdict;

enum class Format { text, json, nagios };

/// What the plan says of the managed files, or why it could not be made.
struct Drift {
  std::vector<std::string> files;
  std::optional<Error> problem;
};

Drift look_for_drift(Context& context, const Site& site) {
  Drift drift;
  try {
    drift.files = changed_files(make_site_plan(context, site));
  } catch (const Error& error) {
    drift.problem = error;
  }
  return drift;
}

/// A plan that cannot be made leaves one question open; the others were answered all the same.
void add_problem(const std::optional<Error>& problem, std::vector<Finding>& findings) {
  if (!problem) return;
  for (auto& finding : findings) {
    if (finding.probe != "files.drift") continue;
    finding = {finding.probe, Verdict::unknown, problem->what(), {}, "", problem->hint()};
    finding.cause = "what the files should be could not be worked out";
  }
}

/// "'ntp.reply.offset_s'=0.000001200s": plugins' numbers have no exponent.
std::string performance_data(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) {
    for (const auto& [key, value] : finding.evidence) {
      const auto* number = std::get_if<double>(&value);
      if (number == nullptr) continue;
      text += fmt::format(" '{}.{}'={:.9f}{}", finding.probe, key, *number,
                          key.ends_with("_s") ? "s" : "");
    }
  }
  return text;
}

struct NagiosWord {
  const char* word;
  int status;
};

NagiosWord nagios_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::skipped:
    case Verdict::ok:
      return {"OK", 0};
    case Verdict::warning:
      return {"WARNING", 1};
    case Verdict::failed:
      return {"CRITICAL", 2};
    case Verdict::unknown:
      break;
  }
  return {"UNKNOWN", 3};
}

std::string nagios_line(const std::string& host, const std::vector<Finding>& findings) {
  const auto worst = probe::worst(findings);
  const auto is_worst = [&](const Finding& finding) { return finding.verdict == worst; };
  const auto speaks = std::find_if(findings.begin(), findings.end(), is_worst);
  const bool is_fine = worst == Verdict::ok || worst == Verdict::skipped;
  auto text = is_fine || speaks == findings.end()
                  ? fmt::format("{} probes of {} ok", findings.size(), host)
                  : fmt::format("{}: {}", speaks->probe, speaks->summary);
  std::replace(text.begin(), text.end(), '|', '/');
  return fmt::format("TIMECTL {} - {} |{}", nagios_word(worst).word, text,
                     performance_data(findings));
}

class VerifyCommand : public Command {
 public:
  std::string name() const override { return "verify"; }
  std::string summary() const override {
    return "Ask this host whether its time service is in order; says what to do";
  }

  void add_options(CLI::App& app) override {
    add_site_options(app, site_);
    app.add_option("--only", only_, "Ask only these probes (ntp.reply, rtc.time, …)")
        ->type_name("PROBE")
        ->delimiter(',');
    app.add_option("--format", format_, "text, json, or nagios (exit status 0, 1, 2 or 3)")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json", "nagios"}));
  }

  ExitStatus run(Context& context) override {
    report_open_changes(context);
    const auto site = context.load_site(site_);
    auto findings = ask(context, site);
    const auto format = chosen_format(context);
    auto& report = context.report();
    if (format == Format::json) {
      report.json(findings_document(site.host->name, site.host->role, findings));
    } else if (format == Format::nagios) {
      report.line(nagios_line(site.host->name, findings));
      return static_cast<ExitStatus>(nagios_word(probe::worst(findings)).status);
    } else {
      report.findings(findings);
    }
    return status_of(findings);
  }

 private:
  Format chosen_format(const Context& context) const {
    if (format_ == "nagios") return Format::nagios;
    return format_ == "json" || context.options().json ? Format::json : Format::text;
  }

  std::vector<Finding> ask(Context& context, const Site& site) const {
    const bool drift_is_asked =
        only_.empty() || std::find(only_.begin(), only_.end(), "files.drift") != only_.end();
    const auto drift = drift_is_asked ? look_for_drift(context, site) : Drift{};
    const probe::Subject subject{site.profile, *site.host, site.facts, drift.files};
    auto findings = probe::run_probes(subject, context.probe_ports(), only_);
    add_problem(drift.problem, findings);
    return findings;
  }

  SiteOptions site_;
  std::vector<std::string> only_;
  std::string format_ = "text";
};

}  // namespace

std::unique_ptr<Command> make_verify_command() { return std::make_unique<VerifyCommand>(); }

}  // namespace timectl::cli
