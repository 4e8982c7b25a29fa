// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "publish/prometheus.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace timectl::publish {

namespace {

std::string labelled(const Metric& metric, const std::string& label_value, double value) {
  return fmt::format("{}{{{}=\"{}\"}} {}\n", metric.name, metric.label, label_value,
                     prometheus_number(value));
}

std::string head_of(const char* name, const std::string& help) {
  return fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
}

std::string samples_of(const Measure& measure, double value) {
  const auto& metric = measure.metric;
  if (measure.kind == Kind::state) {
    std::string text;
    for (const auto each : quality::all_states) {
      text += labelled(metric, quality::to_string(each), details::to_number(each) == value ? 1 : 0);
    }
    return text;
  }
  if (metric.label != nullptr) return labelled(metric, metric.label_value, value * metric.factor);
  return fmt::format("{} {}\n", metric.name, prometheus_number(value * metric.factor));
}

}  // namespace

std::string prometheus_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);  // as many digits as a time since 1970 needs
}

std::string sentence_of(std::string half) {
  if (half[0] >= 'a' && half[0] <= 'z') half[0] = static_cast<char>(half[0] - 'a' + 'A');
  return half + ".";
}

std::string metric_help(const Measure& measure) {
  return measure.metric.help != nullptr ? measure.metric.help : sentence_of(measure.help);
}

std::string prometheus_text(const Check& check, std::span<const Measure> measures) {
  std::string text;
  std::string_view headed;
  for (const auto& measure : measures) {
    const auto& metric = measure.metric;
    if (metric.name == nullptr || !measure.is_on(check.host)) continue;
    if (headed != metric.name) {
      text += head_of(metric.name, metric_help(measure));
    }
    headed = metric.name;
    const double value = measure.read(check);
    text += samples_of(measure, value);
    if (metric.former == nullptr) continue;
    auto formerly = measure;
    formerly.metric.name = metric.former;
    text += head_of(metric.former, fmt::format("Former name of {}.", metric.name)) +
            samples_of(formerly, value);
  }
  return text;
}

}  // namespace timectl::publish
