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
constexpr Seconds day{std::chrono::days{1}};
constexpr double least_ppm = 1;
constexpr double largest_run_ppm = 100;
/// A reading has whole seconds, and so has the time that the history keeps with it.
constexpr Seconds reading{1};
/// The kernel goes on setting the RTC for nine hours without sources (learn.cpp), and the record
/// says to the hour when they vouched for it.
constexpr Seconds set_unseen{10h};

double to_ppm(double ratio) { return ratio * 1e6; }
double from_ppm(double ppm) { return ppm * 1e-6; }

/// The most that the RTC can have wandered.
double most_ppm(const RtcRun& run) {
  return to_ppm((Seconds{std::abs(run.ahead.count())} + reading) / (run.span - set_unseen));
}

/// The least.
double surely_ppm(const RtcRun& run) {
  return to_ppm((Seconds{std::abs(run.ahead.count())} - reading) / run.span);
}

double wander_of_clock(const std::optional<FrequencySpread>& spread) {
  const double usual = quality::Wander{}.clock;
  if (!spread) return usual;
  const double seen = from_ppm(spread->largest_ppm - spread->least_ppm);
  return std::max(seen, spread->recorded >= week ? from_ppm(least_ppm) : usual);
}

double wander_of_rtc(const std::optional<RtcRun>& run) {
  const double usual = quality::Wander{}.rtc;
  if (!run) return usual;
  if (run->span >= week) return from_ppm(std::max(most_ppm(*run), least_ppm));
  return from_ppm(surely_ppm(*run)) > usual ? from_ppm(most_ppm(*run)) : usual;
}

/// Finite, or the document is not one of ours.
double number_at(const Json& document, const char* key) {
  const double number = document.at(key).get<double>();
  if (!std::isfinite(number)) throw Error{ErrorKind::io, "not a number"};
  return number;
}

WallTime time_at(const Json& document, const char* key) {
  const auto time = parse_utc(document.at(key).get<std::string>());
  if (!time) throw Error{ErrorKind::io, "not a time"};
  return *time;
}

Learned learned_from(const Json& document) {
  Learned learned;
  learned.looked_at = time_at(document, "looked_at");
  if (const auto found = document.find("frequency"); found != document.end()) {
    learned.frequency = {number_at(*found, "least_ppm"), number_at(*found, "largest_ppm"),
                         Seconds{number_at(*found, "recorded_s")}};
  }
  if (const auto found = document.find("rtc"); found != document.end()) {
    learned.rtc = {Seconds{number_at(*found, "ahead_s")}, Seconds{number_at(*found, "span_s")},
                   time_at(*found, "at")};
    if (learned.rtc->span < day) learned.rtc.reset();
  }
  return learned;
}

/// Is the frequency one that chronyd knew? Right after its start it says so of its first guess.
bool is_known(const Sample& sample) {
  constexpr double unsure_ppm = 10;
  const bool is_sure = std::isnan(sample.skew_ppm) || sample.skew_ppm <= unsure_ppm;
  return sample.state == quality::State::traceable && std::isfinite(sample.frequency_ppm) &&
         is_sure;
}

/// Nothing had come back yet, so that the kernel had not set the RTC either.
bool is_before(const Return& moment, const Sample& sample) {
  const Seconds earlier = moment.since_boot - Seconds{sample.since_boot_s};
  return sample.boot == moment.boot && sample.state != quality::State::traceable &&
         sample.selectable_sources == 0 && std::isfinite(sample.rtc_ahead_s) && earlier >= 0s &&
         earlier <= run_window;
}

}  // namespace

Learned read_learned(const system::FileReader& files) {
  try {
    if (!files.status(path)) return {};
    // Who writes it decides how long an island is served.
    system::require_roots_own(files, path);
    const auto file = files.read(path, system::limits::state);
    if (!file || checksum_state(file->content) != ChecksumState::right) return {};
    const auto document = Json::parse(file->content);
    if (document.value("schema", 0) != schema) return {};
    return learned_from(document);
  } catch (const Error&) {
    return {};
  } catch (const Json::exception&) {
    return {};
  }
}

void write_learned(system::FileStore& files, const Learned& learned) {
  Json document;
  document["schema"] = schema;
  document["looked_at"] = format_utc(learned.looked_at);
  if (const auto& spread = learned.frequency) {
    document["frequency"] = {{"least_ppm", spread->least_ppm},
                             {"largest_ppm", spread->largest_ppm},
                             {"recorded_s", std::round(spread->recorded.count())}};
  }
  if (const auto& run = learned.rtc) {
    document["rtc"] = {{"ahead_s", run->ahead.count()},
                       {"span_s", std::round(run->span.count())},
                       {"at", format_utc(run->at)}};
  }
  system::replace_file(files, path, with_checksum(document.dump(1) + "\n"));
}

quality::Wander wander_of(const Learned& learned) {
  return {wander_of_clock(learned.frequency), wander_of_rtc(learned.rtc)};
}

void FrequencyLearner::add(const Sample& sample) {
  if (!is_known(sample)) return;
  const double ppm = sample.frequency_ppm;
  if (!spread_) spread_ = {ppm, ppm, {}};
  spread_->least_ppm = std::min(spread_->least_ppm, ppm);
  spread_->largest_ppm = std::max(spread_->largest_ppm, ppm);
  // What lies between two checks is recorded if they are neighbours.
  const Seconds passed = sample.at - last_;
  if (passed > 0s && passed <= 10min) spread_->recorded += passed;
  last_ = sample.at;
}

void add_spread(const FrequencySpread& spread, Learned& learned) {
  auto& known = learned.frequency;
  if (!known || spread.recorded >= week) {
    known = spread;
    return;
  }
  known->least_ppm = std::min(known->least_ppm, spread.least_ppm);
  known->largest_ppm = std::max(known->largest_ppm, spread.largest_ppm);
  known->recorded = std::max(known->recorded, spread.recorded);
}

std::optional<Seconds> rtc_before(const Return& moment, std::span<const Sample> latest) {
  constexpr int fewest = 5;
  constexpr Seconds agreeing{1.5};
  Seconds least{};
  Seconds largest{};
  Seconds sum{};
  int count = 0;
  for (const auto& sample : latest) {
    if (!is_before(moment, sample)) continue;
    const Seconds passed = moment.since_boot - Seconds{sample.since_boot_s};
    // The history's times are cut off to whole seconds, half of one on the average.
    const Seconds ahead =
        Seconds{sample.at - moment.utc} + Seconds{0.5} + Seconds{sample.rtc_ahead_s} + passed;
    least = count == 0 ? ahead : std::min(least, ahead);
    largest = count == 0 ? ahead : std::max(largest, ahead);
    sum += ahead;
    ++count;
  }
  if (count < fewest || largest - least > agreeing) return std::nullopt;
  return sum / count;
}

void add_run(const RtcRun& run, Learned& learned) {
  if (run.span < day || surely_ppm(run) > largest_run_ppm) return;
  const auto& known = learned.rtc;
  const bool is_old = known && (run.at - known->at > std::chrono::years{1} || known->at > run.at);
  if (!known || is_old || wander_of_rtc(run) >= wander_of_rtc(known)) learned.rtc = run;
}

}  // namespace timectl::history
