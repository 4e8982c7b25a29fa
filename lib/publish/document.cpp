// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "publish/document.hpp"

#include "base/error.hpp"
#include "system/replace_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace timectl::publish {

namespace {

using nlohmann::ordered_json;

const system::RootedPath document_path{"/run/timectl/measures.json"};
constexpr system::ReadLimit document_limit{64 * 1024, "the measures of a check"};

/// As JSON: what is finite is written by fmt as JSON has it.
std::string value_text(const Measure& measure, double value) {
  if (!std::isfinite(value)) return "null";
  switch (measure.kind) {
    case Kind::flag:
      return value == 1 ? "true" : "false";
    case Kind::state:
      return fmt::format("\"{}\"", quality::to_string(static_cast<quality::State>(value)));
    case Kind::number:
      break;
  }
  return fmt::format("{}", value);
}

bool is_value_of(const Measure& measure, const ordered_json& value) {
  switch (measure.kind) {
    case Kind::flag:
      return value.is_boolean();
    case Kind::state:
      return std::any_of(quality::all_states.begin(), quality::all_states.end(),
                         [&](auto state) { return value == quality::to_string(state); });
    case Kind::number:
      break;
  }
  return value.is_number();
}

ordered_json parse(const system::FileReader& files) {
  try {
    const auto file = files.read(document_path, document_limit);
    auto document = ordered_json::parse(file ? file->content : "", nullptr, false);
    if (document.is_object() && document.contains("measures")) return document["measures"];
  } catch (const Error&) {
    // As one that is not there: what it says is shown, and nothing is done by it.
  }
  return ordered_json::object();
}

ordered_json known_value(const Measure& measure, const ordered_json& known) {
  if (!known.is_object() || !known.contains(measure.key)) return nullptr;
  const auto& entry = known[measure.key];
  const bool is_of_it = entry.is_object() && entry.contains("value") && entry.contains("unit") &&
                        entry["unit"] == measure.unit && is_value_of(measure, entry["value"]);
  return is_of_it ? entry["value"] : ordered_json{};
}

}  // namespace

// Text by hand: each check writes it, and making a tree of JSON first took 0.1 ms.
void write_document(system::FileStore& files, const Check& check,
                    std::span<const Measure> measures) {
  std::string text = R"({"schema":1,"measures":{)";
  for (const auto& measure : measures) {
    const double value = measure.is_on(check.host) ? measure.read(check) : nothing;
    text += fmt::format(R"("{}":{{"value":{},"unit":"{}"}},)", measure.key,
                        value_text(measure, value), measure.unit);
  }
  if (text.back() == ',') text.pop_back();
  system::replace_file(files, document_path, text + "}}\n");
}

ordered_json read_document(const system::FileReader& files, std::span<const Measure> measures) {
  const auto known = parse(files);
  auto document = ordered_json::object();
  for (const auto& measure : measures) {
    auto& entry = document[measure.key];
    entry["value"] = known_value(measure, known);
    entry["unit"] = measure.unit;
  }
  return document;
}

}  // namespace timectl::publish
