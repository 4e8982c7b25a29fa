// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <chrono>
#include <functional>
#include <string_view>

namespace timectl::system {

/// gpsd, as a client of it on this host sees it (gpsd(8), TCP port 2947).
class GpsdReader {
 public:
  virtual ~GpsdReader() = default;

  /// Has gpsd report (gpsd_json(5), ?WATCH with json and pps), and hands each line on until `take`
  /// returns false or `longest` has passed. Lines are at most 64 KiB; a longer one ends it. Throws
  /// Error{missing} where no program listens, Error{refused} where the program that does is neither
  /// root's nor gpsd's, and Error{external} where it hangs up.
  virtual void watch(std::chrono::milliseconds longest,
                     const std::function<bool(std::string_view line)>& take) const = 0;
};

}  // namespace timectl::system
