// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <exception>

namespace timectl::apply {

/// For what has to be done after a change is decided, and can be done again: a table of open files
/// that was full for a moment is no reason to leave something behind until the next boot. What
/// fails twice is thrown.
template <typename Step>
void persistently(const Step& step) {
  try {
    return step();
  } catch (const std::exception&) {
    step();
  }
}

}  // namespace timectl::apply
