// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/learned.hpp"

#include "base/checksum.hpp"
#include "base/error.hpp"
#include "system/limits.hpp"
#include "system/replace_file.hpp"
#include "system/trust.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace timectl::history {

namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

const system::RootedPath path{"/var/lib/timectl/learned.json"};
constexpr int schema = 1;

constexpr Seconds week{std::chrono::days{7}};
constexpr quality::Wander least{5e-6, 1e-6};
// What rtc/island allows a crystal and an RTC at their worst.
constexpr quality::Wander worst{200e-6, 20e-6};

double wander_of(const std::optional<Spread>& spread, double usual, double least_of_a_week) {
  if (!spread) return usual;
  return std::max(spread->ppm * 1e-6, spread->recorded >= week ? least_of_a_week : usual);
}

Json to_json(const Spread& spread) {
  return {{"ppm", spread.ppm},
          {"recorded_s", std::round(spread.recorded.count())},
          {"at", format_utc(spread.at)}};
}

[[noreturn]] void refuse() { throw Error{ErrorKind::io, "not a document of ours"}; }

WallTime time_at(const Json& document, const char* key) {
  const auto time = parse_utc(document.at(key).get<std::string>());
  if (!time) refuse();
  return *time;
}

std::optional<Spread> spread_at(const Json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end()) return std::nullopt;
  const Spread spread{found->at("ppm").get<double>(),
                      Seconds{found->at("recorded_s").get<double>()}, time_at(*found, "at")};
  if (!std::isfinite(spread.ppm) || spread.ppm < 0 || !std::isfinite(spread.recorded.count())) {
    refuse();
  }
  return spread;
}

/// What is written of an RTC says nothing of another one.
void forget_chip(Learned& learned) {
  learned.rtc.reset();
  learned.chip_since.reset();
  learned.is_of_other_chip = true;
}

Learned load(const system::FileReader& files, std::string_view chip) {
  if (!files.status(path)) return {};
  // Who writes it decides how long an island is served.
  system::require_roots_own(files, path);
  const auto file = files.read(path, system::limits::state);
  if (!file || checksum_state(file->content) != ChecksumState::right) refuse();
  const auto document = Json::parse(file->content);
  if (document.value("schema", 0) != schema) refuse();
  Learned learned{time_at(document, "looked_at"), spread_at(document, "clock"),
                  spread_at(document, "rtc")};
  if (document.contains("chip_since")) learned.chip_since = time_at(document, "chip_since");
  learned.chip = document.value("chip", "");
  if (!learned.chip.empty() && !chip.empty() && learned.chip != chip) forget_chip(learned);
  return learned;
}

/// Is the frequency one that chronyd knew? Right after its start it says so of its first guess.
bool is_known(const Sample& sample) {
  constexpr double unsure_ppm = 10;
  const bool is_sure = std::isnan(sample.skew_ppm) || sample.skew_ppm <= unsure_ppm;
  return sample.state == quality::State::traceable && std::isfinite(sample.frequency_ppm) &&
         is_sure;
}

}  // namespace

Learned read_learned(const system::FileReader& files, std::string_view chip) {
  Learned learned;
  learned.is_damaged = true;
  try {
    learned = load(files, chip);
  } catch (const Error&) {
    // It stays damaged.
  } catch (const Json::exception&) {
    // As well.
  }
  if (!chip.empty()) learned.chip = chip;
  return learned;
}

WallTime drift_since(const Learned& learned, std::chrono::nanoseconds window, WallTime now) {
  return std::max<WallTime>(now - window,
                            std::min(now, learned.chip_since.value_or(WallTime::min())));
}

void write_learned(system::FileStore& files, const Learned& learned) {
  Json document;
  document["schema"] = schema;
  if (!learned.chip.empty()) document["chip"] = learned.chip;
  if (learned.chip_since) document["chip_since"] = format_utc(*learned.chip_since);
  document["looked_at"] = format_utc(learned.looked_at);
  if (learned.clock) document["clock"] = to_json(*learned.clock);
  if (learned.rtc) document["rtc"] = to_json(*learned.rtc);
  system::replace_file(files, path, with_checksum(document.dump(1) + "\n"));
}

quality::Wander wander_of(const Learned& learned, const quality::Wander& usual) {
  if (learned.is_damaged) {
    // A chip without compensation is a crystal like the clock's.
    return {worst.clock, usual.rtc > worst.rtc ? worst.clock : worst.rtc};
  }
  return {wander_of(learned.clock, usual.clock, least.clock),
          wander_of(learned.rtc, usual.rtc, least.rtc)};
}

void add(const Spread& seen, std::optional<Spread>& known) {
  const bool is_old = known && (seen.at - known->at > std::chrono::years{1} || known->at > seen.at);
  if (!known || is_old) {
    known = seen;
    return;
  }
  known->recorded = std::max(known->recorded, seen.recorded);
  if (seen.ppm < known->ppm) return;
  known->ppm = seen.ppm;
  known->at = seen.at;
}

std::optional<Spread> rate_of_rtc(const Drift& drift, const Learned& learned, WallTime now,
                                  double usual) {
  if (!learned.clock || learned.clock->recorded < week) return std::nullopt;
  const double usual_ppm = usual * 1e6;
  // What its bound grows by now: less than the data sheet where a good week was learned.
  const double known_ppm = wander_of(learned.rtc, usual, least.rtc) * 1e6;
  const double margin_ppm = drift.margin_ppm + learned.clock->ppm;
  const double most_ppm = std::abs(drift.ppm) + margin_ppm;
  // The window that drift is learned from is a week, its samples a little less.
  const bool is_week = drift.span >= week - 1h;
  const bool is_surely_worse = std::abs(drift.ppm) - margin_ppm > known_ppm;
  const bool is_news_of_a_week =
      is_week && (std::abs(drift.ppm) > known_ppm || most_ppm < usual_ppm);
  if (!is_surely_worse && !is_news_of_a_week) return std::nullopt;
  return Spread{most_ppm, is_week ? std::max(drift.span, week) : drift.span, now};
}

void FrequencyLearner::add(const Sample& sample) {
  if (!is_known(sample)) return;
  const double ppm = sample.frequency_ppm;
  least_ppm_ = last_ ? std::min(least_ppm_, ppm) : ppm;
  largest_ppm_ = last_ ? std::max(largest_ppm_, ppm) : ppm;
  // What lies between two checks is recorded if they are neighbours.
  const Seconds passed = last_ ? sample.at - *last_ : Seconds{};
  if (passed > 0s && passed <= 10min) recorded_ += passed;
  last_ = sample.at;
}

std::optional<Spread> FrequencyLearner::spread() const {
  if (!last_) return std::nullopt;
  return Spread{largest_ppm_ - least_ppm_, recorded_, *last_};
}

}  // namespace timectl::history
