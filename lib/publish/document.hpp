// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "publish/measure.hpp"
#include "system/files.hpp"

#include <nlohmann/json.hpp>

#include <span>

/// What the last check measured, as JSON. It stands in /run/timectl/measures.json, so that who
/// shows it need not measure again. It goes with the boot.
namespace timectl::publish {

/// Writes of each measure its key, with value and unit. The value is null where there is none: the
/// host lacks what is measured, it was not seen, or it is infinite. Throws Error{io} when it
/// cannot.
void write_document(system::FileStore& files, const Check& check,
                    std::span<const Measure> measures);

/// The object of measures that the last check wrote, with null for all that it does not have or has
/// otherwise than a measure is: another version may have written it. Never throws for what the file
/// holds.
nlohmann::ordered_json read_document(const system::FileReader& files,
                                     std::span<const Measure> measures);

}  // namespace timectl::publish
