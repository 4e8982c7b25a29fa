// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "rtc/rtc.hpp"
#include "rtc/store.hpp"

#include <nlohmann/json.hpp>

namespace timectl::rtc {

namespace {

const system::RootedPath record_path{"/var/lib/timectl/rtc.json"};

std::optional<WallTime> time_at(const nlohmann::ordered_json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_string()) return std::nullopt;
  return parse_utc(found->get<std::string>());
}

std::optional<Record> parse_record(const std::string& text) {
  const auto document = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  const auto rtc_time = time_at(document, "rtc_time");
  const auto system_time = time_at(document, "system_time");
  if (!rtc_time || !system_time) return std::nullopt;
  Record record;
  record.rtc_time = *rtc_time;
  record.system_time = *system_time;
  record.traceable = document.value("traceable", false);
  record.vouched_by = document.value("vouched_by", "");
  record.vouched_at = time_at(document, "vouched_at").value_or(WallTime{});
  record.last_traceable = time_at(document, "last_traceable");
  return record;
}

}  // namespace

std::optional<Record> read_record(const system::FileReader& files) {
  try {
    const auto file = files.read(record_path);
    return file ? parse_record(file->content) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  } catch (const nlohmann::ordered_json::exception&) {
    return std::nullopt;  // a key of another type than ours
  }
}

void write_record(system::FileStore& files, const Record& record) {
  nlohmann::ordered_json document;
  document["schema"] = 1;
  document["rtc_time"] = format_utc(record.rtc_time);
  document["system_time"] = format_utc(record.system_time);
  document["traceable"] = record.traceable;
  document["vouched_by"] = record.vouched_by;
  if (!record.vouched_by.empty()) document["vouched_at"] = format_utc(record.vouched_at);
  if (record.last_traceable) document["last_traceable"] = format_utc(*record.last_traceable);
  replace_file(files, record_path, document.dump(2) + "\n");
}

}  // namespace timectl::rtc
