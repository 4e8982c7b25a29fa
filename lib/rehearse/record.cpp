// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/record.hpp"

#include "base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace timectl::rehearse {

namespace {

using json = nlohmann::ordered_json;
using probe::EvidenceValue;
using probe::Finding;

json value_to_json(const EvidenceValue& value) {
  // JSON has no word for an infinite or undefined number.
  if (const auto* number = std::get_if<double>(&value);
      number != nullptr && !std::isfinite(*number)) {
    return fmt::format("{}", *number);
  }
  return std::visit([](const auto& each) { return json(each); }, value);
}

EvidenceValue value_from_json(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  return value.get<std::string>();
}

json to_json(const Finding& finding) {
  json evidence = json::array();
  for (const auto& [name, value] : finding.evidence) {
    evidence.push_back({name, value_to_json(value)});
  }
  json document;
  document["probe"] = finding.probe.text();
  document["verdict"] = static_cast<int>(finding.verdict);
  document["summary"] = finding.summary;
  document["evidence"] = std::move(evidence);
  document["cause"] = finding.cause;
  document["remedy"] = finding.remedy;
  return document;
}

/// The sandbox runs this same program, so every name has a row.
probe::FindingName name_of(const std::string& text, std::span<const Rehearsal> rehearsals) {
  if (const auto* row = find_row(rehearsals, text)) return *row;
  throw Error{ErrorKind::external,
              fmt::format("cannot read what the rehearsal found: there is no finding '{}'", text)};
}

Finding from_json(const json& value, std::span<const Rehearsal> rehearsals) {
  Finding finding;
  finding.probe = name_of(value.at("probe").get<std::string>(), rehearsals);
  finding.verdict = static_cast<probe::Verdict>(value.at("verdict").get<int>());
  value.at("summary").get_to(finding.summary);
  for (const auto& pair : value.at("evidence")) {
    finding.evidence.emplace_back(pair.at(0).get<std::string>(), value_from_json(pair.at(1)));
  }
  value.at("cause").get_to(finding.cause);
  value.at("remedy").get_to(finding.remedy);
  return finding;
}

}  // namespace

std::string to_text(const std::vector<Finding>& findings) {
  json document = json::array();
  for (const auto& finding : findings) document.push_back(to_json(finding));
  // Daemons quote whatever bytes they were given; those that are not UTF-8 are replaced.
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<Finding> from_text(const std::string& text, std::span<const Rehearsal> rehearsals) {
  try {
    std::vector<Finding> findings;
    for (const auto& value : json::parse(text)) findings.push_back(from_json(value, rehearsals));
    return findings;
  } catch (const json::exception& error) {
    throw Error{ErrorKind::external,
                fmt::format("cannot read what the rehearsal found: {}", error.what())};
  }
}

}  // namespace timectl::rehearse
