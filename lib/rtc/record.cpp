// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "kept/document.hpp"
#include "rtc/rtc.hpp"

#include <nlohmann/json.hpp>

namespace timectl::rtc {

namespace {

const system::RootedPath record_path{"/var/lib/timectl/rtc.json"};

std::optional<WallTime> time_at(const nlohmann::ordered_json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_string()) return std::nullopt;
  return parse_utc(found->get<std::string>());
}

Record record_from(const nlohmann::ordered_json& document) {
  const auto rtc_time = time_at(document, "rtc_time");
  const auto system_time = time_at(document, "system_time");
  if (!rtc_time || !system_time) kept::refuse_damaged(record_path);
  Record record;
  record.rtc_time = *rtc_time;
  record.system_time = *system_time;
  record.traceable = document.value("traceable", false);
  // Programs of before 0.2 called them so.
  const auto* const by = document.contains("vouched_by") ? "vouched_by" : "validated_by";
  const auto* const at = document.contains("vouched_by") ? "vouched_at" : "validated_at";
  record.validated_by = document.value(by, "");
  record.validated_at = time_at(document, at).value_or(WallTime{});
  record.last_traceable = time_at(document, "last_traceable");
  return record;
}

/// What stays of a record when another chip is asked: the time that sources gave.
void forget_chip(Record& record) {
  record.rtc_time = record.last_traceable.value_or(WallTime{});
  record.validated_by.clear();
}

std::optional<Record> load(const system::FileReader& files, std::string_view chip) {
  const auto document = kept::read_document(files, record_path);
  if (!document) return std::nullopt;
  try {
    auto record = record_from(*document);
    const auto recorded = document->value("chip", "");
    if (!recorded.empty() && !chip.empty() && recorded != chip) forget_chip(record);
    return record;
  } catch (const nlohmann::ordered_json::exception&) {
    kept::refuse_damaged(record_path);  // a key of another type than ours
  }
}

}  // namespace

std::optional<Record> read_record(const system::FileReader& files, std::string_view chip) {
  try {
    return load(files, chip);
  } catch (const Error& error) {
    Record nothing;
    nothing.damage = error.what();
    return nothing;
  }
}

void write_record(system::FileStore& files, const Record& record, std::string_view chip) {
  nlohmann::ordered_json document;
  document["schema"] = kept::document_schema;
  if (!chip.empty()) document["chip"] = chip;
  document["rtc_time"] = format_utc(record.rtc_time);
  document["system_time"] = format_utc(record.system_time);
  document["traceable"] = record.traceable;
  document["validated_by"] = record.validated_by;
  if (!record.validated_by.empty()) document["validated_at"] = format_utc(record.validated_at);
  if (record.last_traceable) document["last_traceable"] = format_utc(*record.last_traceable);
  kept::replace_document(files, record_path, document);
}

}  // namespace timectl::rtc
