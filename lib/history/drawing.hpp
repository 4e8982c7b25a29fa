// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/summary.hpp"

#include <string>
#include <vector>

/// A summary drawn for users.
namespace timectl::history {

/// Of a summary, what any of these shows.
ChannelSet drawn_channels();

/// A table, one line a slot in which something was seen, with a heading.
std::vector<std::string> table(const Summary& summary);

/// The worst state of each slot, one letter a slot: T traceable, H holdover, I island, R rtc_only,
/// U unsynchronized, W wrong; a blank where nothing was seen.
std::string state_letters(const Summary& summary);

/// For a terminal: a line of states (a letter a slot), and bars of the bound and of how far the RTC
/// is ahead, each with its scale. One column a slot.
std::vector<std::string> plot(const Summary& summary);

/// A whole SVG document, `title` above it; it refers to nothing outside itself.
std::string svg(const Summary& summary, const std::string& title);
/// The same in a page of HTML, above the table.
std::string html(const Summary& summary, const std::string& title);

}  // namespace timectl::history
