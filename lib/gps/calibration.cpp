// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "gps/calibration.hpp"

#include "base/error.hpp"
#include "kept/document.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace timectl::gps {

namespace {

const system::RootedPath calibration_path{"/var/lib/timectl/gps.json"};

bool is_plausible(const Spread& spread) {
  return spread.count > 0 && spread.low <= spread.median && spread.median <= spread.high &&
         objection_to(spread).empty();
}

}  // namespace

std::string objection_to(const Spread& spread) {
  if (spread.width() > largest_width) {
    return fmt::format(
        "the sentences come between {} and {} after their second: which second a pulse belongs to "
        "cannot be told by them",
        format_span(spread.low), format_span(spread.high));
  }
  if (std::abs(spread.median.count()) > largest_offset.count()) {
    return fmt::format(
        "the sentences come {} after their second: nearer to the next one than to their own",
        format_span(spread.median));
  }
  return "";
}

std::optional<Calibration> read_calibration(const system::FileReader& files) {
  const auto document = kept::read_document(files, calibration_path);
  if (!document) return std::nullopt;
  try {
    Calibration calibration;
    calibration.spread = {document->at("samples").get<std::size_t>(),
                          Seconds{document->at("offset_s").get<double>()},
                          Seconds{document->at("low_s").get<double>()},
                          Seconds{document->at("high_s").get<double>()}};
    const auto measured = parse_utc(document->at("measured_at").get<std::string>());
    if (!measured || !is_plausible(calibration.spread)) kept::refuse_damaged(calibration_path);
    calibration.measured_at = *measured;
    document->at("device").get_to(calibration.device);
    calibration.receiver = document->value("receiver", "");
    calibration.reference = document->value("reference", "");
    return calibration;
  } catch (const nlohmann::ordered_json::exception&) {
    kept::refuse_damaged(calibration_path);
  }
}

void write_calibration(system::FileStore& files, const Calibration& calibration) {
  nlohmann::ordered_json document;
  document["schema"] = kept::document_schema;
  document["device"] = calibration.device;
  document["receiver"] = calibration.receiver;
  document["reference"] = calibration.reference;
  document["measured_at"] = format_utc(calibration.measured_at);
  document["samples"] = calibration.spread.count;
  document["offset_s"] = calibration.spread.median.count();
  document["low_s"] = calibration.spread.low.count();
  document["high_s"] = calibration.spread.high.count();
  kept::replace_document(files, calibration_path, document);
}

}  // namespace timectl::gps
