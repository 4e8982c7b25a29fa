// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/explain.hpp"

#include "base/text.hpp"
#include "command.hpp"
#include "commands.hpp"
#include "probe/probe.hpp"
#include "roff.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;
using probe::Explanation;
using probe::Verdict;

constexpr std::array given{Verdict::ok, Verdict::warning, Verdict::failed, Verdict::unknown};

/// The table and the explanations are in the same order.
std::string_view question_of(std::string_view name) {
  const auto& probes = probe::all_probes();
  return std::find_if(probes.begin(), probes.end(),
                      [&](const probe::Probe& each) { return each.name.text() == name; })
      ->name.row()
      .question;
}

ordered_json document_of(const Explanation& explanation) {
  ordered_json document;
  document["probe"] = explanation.probe;
  document["question"] = question_of(explanation.probe);
  document["asks"] = explanation.asks;
  document["why"] = explanation.why;
  document["verdicts"] = ordered_json::object();
  document["manual"] = probe::manual_of(std::string{explanation.probe});
  for (const auto verdict : given) {
    const auto meaning = meaning_of(explanation, verdict);
    if (!meaning.empty()) document["verdicts"][to_string(verdict)] = meaning;
  }
  return document;
}

void show(const Explanation& explanation, Report& report) {
  report.line(explanation.probe);
  report.item(question_of(explanation.probe));
  report.line("");
  report.item(fmt::format("asks: {}", explanation.asks));
  report.item(fmt::format("why: {}", explanation.why));
  report.line("");
  for (const auto verdict : given) {
    const auto meaning = meaning_of(explanation, verdict);
    if (!meaning.empty()) report.item(fmt::format("{}: {}", to_string(verdict), meaning));
  }
  report.line("");
  report.item("manual: " + probe::manual_of(std::string{explanation.probe}));
}

void list(Report& report) {
  std::size_t width = 0;
  for (const auto& each : probe::all_probes()) width = std::max(width, each.name.text().size());
  for (const auto& each : probe::all_probes()) {
    report.row(each.name.text(), width, each.name.row().question);
  }
}

// --- the manual page ----------------------------------------------------------------------------

/// packaging/man/timectl-probes.7 is made of the same words; a test compares them.
std::string manual_page() {
  std::string page =
      ".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
      ".\\\" Made by 'timectl explain --man': change lib/probe/explanations.cpp instead.\n"
      ".TH TIMECTL\\-PROBES 7 \"\" \"timectl\" \"Miscellaneous\"\n"
      ".SH NAME\n"
      "timectl\\-probes \\- the questions of timectl verify, and what their answers mean\n"
      ".SH DESCRIPTION\n"
      ".B timectl verify\n"
      "asks all questions that apply to the host side by side.\n"
      "Each answer is a finding: a verdict, a summary, evidence with units, and, when it is not "
      "ok,\n"
      "the cause and a remedy.\n"
      ".B unknown\n"
      "is said of what could not be asked, with the reason; it is never taken for ok.\n"
      ".B skipped\n"
      "is said of what this host does not have.\n"
      ".SH PROBES\n";
  for (const auto& explanation : probe::all_explanations()) {
    page += fmt::format(".SS {}\n{}\n.PP\n{}\n.PP\n{}\n", roff(explanation.probe),
                        roff(question_of(explanation.probe)), roff(explanation.asks),
                        roff(explanation.why));
    for (const auto verdict : given) {
      const auto meaning = meaning_of(explanation, verdict);
      if (meaning.empty()) continue;
      page += fmt::format(".TP\n.B {}\n{}\n", to_string(verdict), roff(meaning));
    }
  }
  return page + ".SH SEE ALSO\n.BR timectl (1),\n.BR timectl\\-profile (5)\n";
}

class ExplainCommand : public Command {
 public:
  std::string name() const override { return "explain"; }
  std::string summary() const override {
    return "Say what a probe of verify asks, why, and what each verdict means";
  }

  void add_options(CLI::App& app) override {
    app.add_option("PROBE", probe_, "Its name, as verify prints it; without one: list them");
    app.add_flag("--man", man_, "All of them as a manual page")->group("");
  }

  ExitStatus run(Context& context) override {
    auto& report = context.report();
    if (man_) {
      report.content(manual_page());
    } else if (context.options().json) {
      report.json(document());
    } else if (probe_.empty()) {
      list(report);
    } else {
      show(probe::explain(probe_), report);
    }
    return ExitStatus::done;
  }

 private:
  ordered_json document() const {
    ordered_json all;
    all["schema"] = 1;
    all["probes"] = ordered_json::array();
    if (!probe_.empty()) {
      all["probes"].push_back(document_of(probe::explain(probe_)));
      return all;
    }
    for (const auto& each : probe::all_explanations()) all["probes"].push_back(document_of(each));
    return all;
  }

  std::string probe_;
  bool man_ = false;
};

}  // namespace

std::unique_ptr<Command> make_explain_command() { return std::make_unique<ExplainCommand>(); }

}  // namespace timectl::cli
