// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "publish/measure.hpp"

#include <nlohmann/json.hpp>

#include <span>

namespace timectl::publish {

/// The JSON Schema (draft 7) of what read_document() gives.
nlohmann::ordered_json schema_of(std::span<const Measure> measures);

}  // namespace timectl::publish
