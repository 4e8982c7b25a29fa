// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/checksum.hpp"
#include "base/error.hpp"
#include "rtc/rtc.hpp"
#include "system/replace_file.hpp"
#include "system/trust.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace timectl::rtc {

namespace {

const system::RootedPath record_path{"/var/lib/timectl/rtc.json"};

std::optional<WallTime> time_at(const nlohmann::ordered_json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_string()) return std::nullopt;
  return parse_utc(found->get<std::string>());
}

constexpr int schema = 2;  // 1 had no checksum

[[noreturn]] void refuse(ErrorKind kind, const std::string& reason) {
  throw Error{kind, fmt::format("cannot use '{}': {}", record_path.text(), reason)};
}

/// Throws Error{refused} for the record of a newer timectl, Error{io} for a damaged one.
nlohmann::ordered_json document_from(const std::string& text) {
  const auto checksum = checksum_state(text);
  auto document = nlohmann::ordered_json::parse(text, nullptr, false);
  const bool is_damaged = checksum == ChecksumState::wrong || !document.is_object();
  const auto written_as = is_damaged ? 0 : document.value("schema", 0);
  if (written_as > schema) refuse(ErrorKind::refused, "a newer timectl wrote it");
  const bool lacks_checksum = written_as > 1 && checksum == ChecksumState::absent;
  if (is_damaged || written_as < 1 || lacks_checksum) refuse(ErrorKind::io, "it is damaged");
  return document;
}

Record record_from(const nlohmann::ordered_json& document) {
  const auto rtc_time = time_at(document, "rtc_time");
  const auto system_time = time_at(document, "system_time");
  if (!rtc_time || !system_time) refuse(ErrorKind::io, "it is damaged");
  Record record;
  record.rtc_time = *rtc_time;
  record.system_time = *system_time;
  record.traceable = document.value("traceable", false);
  record.vouched_by = document.value("vouched_by", "");
  record.vouched_at = time_at(document, "vouched_at").value_or(WallTime{});
  record.last_traceable = time_at(document, "last_traceable");
  return record;
}

std::optional<Record> load(const system::FileReader& files) {
  if (!files.status(record_path)) return std::nullopt;
  // Who vouches for the RTC decides whether it is served.
  system::require_roots_own(files, record_path);
  const auto file = files.read(record_path, system::limits::state);
  if (!file) return std::nullopt;
  try {
    return record_from(document_from(file->content));
  } catch (const nlohmann::ordered_json::exception&) {
    refuse(ErrorKind::io, "it is damaged");  // a key of another type than ours
  }
}

/// A damaged one is replaced. What this timectl does not know of a newer one's would be lost.
void require_replaceable(const system::FileReader& files) {
  try {
    load(files);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::refused) throw;
  }
}

}  // namespace

std::optional<Record> read_record(const system::FileReader& files) {
  try {
    return load(files);
  } catch (const Error& error) {
    Record nothing;
    nothing.damage = error.what();
    return nothing;
  }
}

void write_record(system::FileStore& files, const Record& record) {
  require_replaceable(files);
  nlohmann::ordered_json document;
  document["schema"] = schema;
  document["rtc_time"] = format_utc(record.rtc_time);
  document["system_time"] = format_utc(record.system_time);
  document["traceable"] = record.traceable;
  document["vouched_by"] = record.vouched_by;
  if (!record.vouched_by.empty()) document["vouched_at"] = format_utc(record.vouched_at);
  if (record.last_traceable) document["last_traceable"] = format_utc(*record.last_traceable);
  system::replace_file(files, record_path, with_checksum(document.dump(1) + "\n"));
}

}  // namespace timectl::rtc
