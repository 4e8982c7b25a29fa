// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "publish/measure.hpp"

#include <span>
#include <string>

namespace timectl::publish {

/// As Prometheus writes numbers: "0.25", "NaN", "+Inf".
std::string prometheus_number(double value);

/// The check in Prometheus' text format, as node_exporter's textfile collector reads it: what is
/// exported of `measures`, and exists on the host.
std::string prometheus_text(const Check& check, std::span<const Measure> measures);

}  // namespace timectl::publish
