// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "command.hpp"
#include "commands.hpp"
#include "findings.hpp"
#include "roff.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;
using probe::FindingRow;
using probe::Verdict;

constexpr std::array given{Verdict::ok, Verdict::pending, Verdict::warning, Verdict::failed,
                           Verdict::unknown};
constexpr auto rolls_back = "If it fails right after a change, timectl rolls the change back.";

/// The commands that print it.
std::vector<std::string> printers_of(const FindingRow& row) {
  std::vector<std::string> commands;
  if (row.printed_by.verify) commands.emplace_back("verify");
  if (row.printed_by.rehearsal) commands.emplace_back("rehearse");
  if (row.printed_by.monitor) commands.emplace_back("monitor");
  return commands;
}

bool may_roll_back(const FindingRow& row) { return row.undo == probe::Undo::when_failed; }

ordered_json document_of(const FindingRow& row) {
  ordered_json document;
  document["probe"] = row.name;
  document["question"] = row.question;
  document["asks"] = row.asks;
  document["why"] = row.why;
  document["verdicts"] = ordered_json::object();
  document["manual"] = manual_of(row);
  for (const auto verdict : given) {
    const auto meaning = probe::meaning_of(row, verdict);
    if (!meaning.empty()) document["verdicts"][to_string(verdict)] = meaning;
  }
  document["remedy"] = row.remedy;
  document["printed_by"] = printers_of(row);
  document["may_roll_back"] = may_roll_back(row);
  return document;
}

void show(const FindingRow& row, Report& report) {
  report.line(row.name);
  report.item(row.question);
  report.line("");
  report.item(fmt::format("asks: {}", row.asks));
  report.item(fmt::format("why: {}", row.why));
  report.line("");
  for (const auto verdict : given) {
    const auto meaning = probe::meaning_of(row, verdict);
    if (!meaning.empty()) report.item(fmt::format("{}: {}", to_string(verdict), meaning));
  }
  if (may_roll_back(row)) report.item(rolls_back);
  report.line("");
  report.item(fmt::format("remedy: {}", row.remedy));
  report.item("printed by: " + join(printers_of(row), ", "));
  report.item("manual: " + manual_of(row));
}

void list(Report& report) {
  const auto all = all_findings();
  std::size_t width = 0;
  for (const auto* each : all) width = std::max(width, each->name.size());
  for (const auto* each : all) report.row(each->name, width, each->question);
}

// --- the manual page ----------------------------------------------------------------------------

constexpr auto manual_begins =
    ".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
    ".\\\" Made by 'timectl explain --man': change the rows instead (lib/*/rows*.hpp).\n"
    ".TH TIMECTL\\-PROBES 7 \"\" \"timectl\" \"Miscellaneous\"\n"
    ".SH NAME\n"
    "timectl\\-probes \\- the findings of timectl, and what their verdicts mean\n"
    ".SH DESCRIPTION\n"
    "A finding is the answer to one question: a verdict, a summary, evidence with units, and,\n"
    "when it is not ok, the cause and a remedy.\n"
    ".B unknown\n"
    "means that the question could not be answered, and says why; it never counts as ok.\n"
    ".B skipped\n"
    "means that the host does not have what the question is about.\n";

std::string section_of(const FindingRow& row) {
  auto text = fmt::format(".SS {}\n{}\n.PP\n{}\n.PP\n{}\n", roff(row.name), roff(row.question),
                          roff(row.asks), roff(row.why));
  for (const auto verdict : given) {
    const auto meaning = probe::meaning_of(row, verdict);
    if (!meaning.empty())
      text += fmt::format(".TP\n.B {}\n{}\n", to_string(verdict), roff(meaning));
  }
  text += fmt::format(".TP\n.B remedy\n{}\n", roff(row.remedy));
  const auto printers = fmt::format("Printed by {}.", join(printers_of(row), ", "));
  return text + fmt::format(".PP\n{}{}{}\n", printers, may_roll_back(row) ? "\n" : "",
                            may_roll_back(row) ? rolls_back : "");
}

/// packaging/man/timectl-probes.7 is made of the same words; a test compares them.
std::string manual_page() {
  std::string page = manual_begins;
  for (const auto& group : finding_groups()) {
    page += fmt::format(".SH {}\n{}\n", group.heading, roff(group.about));
    for (const auto* row : group.rows) page += section_of(*row);
  }
  return page +
         ".SH SEE ALSO\n.BR timectl (1),\n.BR timectl\\-explain (1),\n"
         ".BR timectl\\-profile (5)\n";
}

class ExplainCommand : public Command {
 public:
  std::string name() const override { return "explain"; }
  std::string summary() const override {
    return "Explain a finding: what is asked, why, what each verdict means";
  }

  void add_options(CLI::App& app) override {
    app.add_option("FINDING", finding_,
                   "Its name, as verify, rehearse and monitor print it; without one: list them");
    app.add_flag("--man", man_, "All of them as a manual page")->group("");
  }

  ExitStatus run(Context& context) override {
    auto& report = context.report();
    if (man_) {
      report.content(manual_page());
    } else if (context.options().json) {
      report.json(document());
    } else if (finding_.empty()) {
      list(report);
    } else {
      show(find_finding(finding_), report);
    }
    return ExitStatus::done;
  }

 private:
  ordered_json document() const {
    ordered_json all;
    all["schema"] = 1;
    all["probes"] = ordered_json::array();
    if (!finding_.empty()) {
      all["probes"].push_back(document_of(find_finding(finding_)));
      return all;
    }
    for (const auto* each : all_findings()) all["probes"].push_back(document_of(*each));
    return all;
  }

  std::string finding_;
  bool man_ = false;
};

}  // namespace

std::unique_ptr<Command> make_explain_command() { return std::make_unique<ExplainCommand>(); }

}  // namespace timectl::cli
