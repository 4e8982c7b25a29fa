// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "failure.hpp"

#include <nlohmann/json.hpp>

namespace timectl::cli {

ExitStatus status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
    case ErrorKind::profile:
      return ExitStatus::usage;
    case ErrorKind::restored:
      return ExitStatus::restored;
    case ErrorKind::incomplete:
      return ExitStatus::incomplete;
    default:
      return ExitStatus::not_done;
  }
}

nlohmann::ordered_json error_entry(const Error& error) {
  nlohmann::ordered_json entry;
  entry["kind"] = to_string(error.kind());
  entry["problems"] = error.problems();
  entry["hint"] = error.hint();
  entry["exit_status"] = static_cast<int>(status_of(error.kind()));
  return entry;
}

nlohmann::ordered_json error_document(const Error& error) {
  nlohmann::ordered_json document;
  document["schema"] = 1;
  document["error"] = error_entry(error);
  return document;
}

}  // namespace timectl::cli
