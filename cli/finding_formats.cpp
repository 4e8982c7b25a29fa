// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "finding_formats.hpp"

#include "base/text.hpp"
#include "base/visible.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace timectl::cli {

namespace {

using probe::Finding;
using probe::Verdict;

std::string replaced(std::string_view text, char from, std::string_view to) {
  std::string result;
  for (const char c : text) {
    if (c == from) {
      result += to;
    } else {
      result += c;
    }
  }
  return result;
}

/// A JSON string is a YAML one, whatever it holds.
std::string quoted(const std::string& text) {
  return nlohmann::ordered_json(text).dump(-1, ' ', true,
                                           nlohmann::ordered_json::error_handler_t::replace);
}

std::string text_of(const probe::EvidenceValue& value) {
  return std::visit(
      [](const auto& plain) -> std::string {
        using Plain = std::decay_t<decltype(plain)>;
        if constexpr (std::is_same_v<Plain, bool>) return plain ? "true" : "false";
        return fmt::format("{}", plain);
      },
      value);
}

// --- TAP ----------------------------------------------------------------------------------------

/// '#' begins a directive, unless a backslash stands before it that has none before itself.
std::string tap_text(std::string_view text) {
  return replaced(replaced(visible(text), '\\', "\\\\"), '#', "\\#");
}

std::string tap_details(const Finding& finding) {
  auto text = fmt::format("  ---\n  verdict: {}\n  message: {}\n", to_string(finding.verdict),
                          quoted(finding.summary));
  if (!finding.cause.empty()) text += fmt::format("  cause: {}\n", quoted(finding.cause));
  if (!finding.remedy.empty()) text += fmt::format("  remedy: {}\n", quoted(finding.remedy));
  return text + "  ...\n";
}

std::string tap_point(std::size_t number, const Finding& finding) {
  if (finding.verdict == Verdict::skipped) {
    return fmt::format("ok {} - {} # SKIP {}\n", number, finding.probe.text(),
                       tap_text(finding.summary));
  }
  if (finding.verdict == Verdict::pending) {
    return fmt::format("not ok {} - {} # TODO {}\n", number, finding.probe.text(),
                       tap_text(finding.summary)) +
           tap_details(finding);
  }
  const bool is_bad = finding.verdict >= Verdict::unknown;
  auto text = fmt::format("{} {} - {}: {}\n", is_bad ? "not ok" : "ok", number,
                          finding.probe.text(), tap_text(finding.summary));
  return finding.verdict == Verdict::ok ? text : text + tap_details(finding);
}

// --- JUnit --------------------------------------------------------------------------------------

/// XML 1.0 has no place for control characters, escaped or not.
std::string xml_text(std::string_view text) {
  std::string result;
  for (const char c : visible(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string xml_lines(const Finding& finding) {
  std::string text;
  if (!finding.cause.empty()) text += fmt::format("cause: {}\n", xml_text(finding.cause));
  if (!finding.remedy.empty()) text += fmt::format("remedy: {}\n", xml_text(finding.remedy));
  for (const auto& [key, value] : finding.evidence) {
    text += fmt::format("{}: {}\n", xml_text(key), xml_text(text_of(value)));
  }
  return text;
}

std::string junit_result(const Finding& finding) {
  const auto summary = xml_text(finding.summary);
  switch (finding.verdict) {
    case Verdict::failed:
      return fmt::format("<failure type=\"failed\" message=\"{}\">{}</failure>", summary,
                         xml_lines(finding));
    case Verdict::unknown:
      return fmt::format("<error type=\"unknown\" message=\"{}\">{}</error>", summary,
                         xml_lines(finding));
    case Verdict::skipped:
      return fmt::format("<skipped message=\"{}\"/>", summary);
    case Verdict::pending:
      return fmt::format("<skipped message=\"pending: {}\">{}</skipped>", summary,
                         xml_lines(finding));
    case Verdict::warning:
      return fmt::format("<system-out>warning: {}\n{}</system-out>", summary, xml_lines(finding));
    case Verdict::ok:
      break;
  }
  return fmt::format("<system-out>{}\n{}</system-out>", summary, xml_lines(finding));
}

std::ptrdiff_t count(const std::vector<Finding>& findings, Verdict verdict) {
  return std::count_if(findings.begin(), findings.end(),
                       [&](const Finding& finding) { return finding.verdict == verdict; });
}

// --- Nagios -------------------------------------------------------------------------------------

/// "'ntp.reply.offset_s'=0.000001200s": plugins' numbers have no exponent.
std::string performance_data(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) {
    for (const auto& [key, value] : finding.evidence) {
      const auto* number = std::get_if<double>(&value);
      if (number == nullptr) continue;
      text += fmt::format(" '{}.{}'={:.9f}{}", finding.probe.text(), key, *number,
                          key.ends_with("_s") ? "s" : "");
    }
  }
  return text;
}

/// A line of its own, in which '|' begins the performance data.
std::string nagios_plain(std::string_view text) {
  return visible(replaced(replaced(text, '|', "/"), '\n', " "));
}

struct NagiosWord {
  const char* word;
  int status;
};

NagiosWord nagios_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return {"OK", 0};
    case Verdict::pending:
    case Verdict::warning:
      return {"WARNING", 1};
    case Verdict::failed:
      return {"CRITICAL", 2};
    // Nothing is in order because nothing was checked.
    case Verdict::skipped:
    case Verdict::unknown:
      break;
  }
  return {"UNKNOWN", 3};
}

std::string nagios_text(const std::string& host, const std::vector<Finding>& findings) {
  const auto worst = probe::worst(findings);
  if (worst == Verdict::skipped) return fmt::format("no probe of {} was asked", host);
  if (worst == Verdict::ok) {
    return fmt::format("{} probes of {} ok", count(findings, Verdict::ok), host);
  }
  const auto is_worst = [&](const Finding& finding) { return finding.verdict == worst; };
  const auto speaks = std::find_if(findings.begin(), findings.end(), is_worst);
  return fmt::format("{}: {}", speaks->probe.text(), speaks->summary);
}

}  // namespace

std::string count_of(const std::vector<Finding>& findings) {
  std::vector<std::string> counted;
  for (const auto verdict : {Verdict::ok, Verdict::warning, Verdict::pending, Verdict::unknown,
                             Verdict::failed, Verdict::skipped}) {
    const auto number = count(findings, verdict);
    if (number == 0) continue;
    const auto* plural = verdict == Verdict::warning && number > 1 ? "s" : "";
    counted.push_back(fmt::format("{} {}{}", number, to_string(verdict), plural));
  }
  return counted.empty() ? "nothing was asked" : join(counted, ", ");
}

std::string tap_of(const std::vector<Finding>& findings) {
  auto text = fmt::format("TAP version 13\n1..{}\n", findings.size());
  for (std::size_t i = 0; i < findings.size(); ++i) text += tap_point(i + 1, findings[i]);
  return text;
}

std::string junit_of(const std::string& host, const std::vector<Finding>& findings) {
  const auto name = xml_text(host);
  auto text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"timectl "
      "verify\" hostname=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
      name, findings.size(), count(findings, Verdict::failed), count(findings, Verdict::unknown),
      count(findings, Verdict::skipped) + count(findings, Verdict::pending));
  for (const auto& finding : findings) {
    text += fmt::format("<testcase classname=\"timectl.{}\" name=\"{}\">{}</testcase>\n", name,
                        xml_text(finding.probe.text()), junit_result(finding));
  }
  return text + "</testsuite>\n</testsuites>\n";
}

std::string nagios_line(const std::string& host, const std::vector<Finding>& findings) {
  return fmt::format("TIMECTL {} - {} |{}", nagios_word(probe::worst(findings)).word,
                     nagios_plain(nagios_text(host, findings)), performance_data(findings));
}

std::string nagios_line(const std::string& problem) {
  return fmt::format("TIMECTL UNKNOWN - {}", nagios_plain(problem));
}

int nagios_status(const std::vector<Finding>& findings) {
  return nagios_word(probe::worst(findings)).status;
}

}  // namespace timectl::cli
