// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "publish/schema.hpp"

namespace timectl::publish {

namespace {

using nlohmann::ordered_json;

ordered_json schema_of_value(Kind kind) {
  ordered_json schema;
  if (kind != Kind::state) {
    schema["type"] = {kind == Kind::flag ? "boolean" : "number", "null"};
    return schema;
  }
  for (const auto state : quality::all_states) schema["enum"].push_back(quality::to_string(state));
  schema["enum"].push_back(nullptr);
  return schema;
}

ordered_json schema_of(const Measure& measure) {
  ordered_json schema;
  schema["description"] = measure.help;
  schema["type"] = "object";
  schema["additionalProperties"] = false;
  schema["required"] = {"value", "unit"};
  schema["properties"]["value"] = schema_of_value(measure.kind);
  schema["properties"]["unit"]["const"] = measure.unit;
  return schema;
}

}  // namespace

ordered_json schema_of(std::span<const Measure> measures) {
  ordered_json schema;
  schema["description"] =
      "what the monitor's last check measured (checked_at_s); a value is null where it was not";
  schema["type"] = "object";
  schema["additionalProperties"] = false;
  schema["required"] = ordered_json::array();
  for (const auto& measure : measures) {
    schema["required"].push_back(measure.key);
    schema["properties"][measure.key] = schema_of(measure);
  }
  return schema;
}

}  // namespace timectl::publish
