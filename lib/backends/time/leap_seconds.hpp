// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "system/files.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Tables of leap seconds, and which of them chronyd uses.
namespace timectl::backends {

/// One day's last minute that has 61 seconds or 59.
struct LeapSecond {
  WallTime after{};  ///< the midnight (UTC) behind it
  int inserted = 0;  ///< 1, or -1 for one that is left out
};

/// leap-seconds.list as IERS publishes it and tzdata installs it: "#$" and when it was made, "#@"
/// and when it expires, then a line for each change, all in seconds since 1900 (the file's
/// comments).
class LeapTable {
 public:
  /// nullopt for what chronyd would not use (leapdb.c): a text without one of the two dates, with
  /// anything else than such lines, or one that does not know the leap second of June 2012.
  static std::optional<LeapTable> parse(std::string_view text);

  WallTime expires() const { return expires_; }
  int tai_minus_utc(WallTime time) const;
  /// The first one behind `time`.
  std::optional<LeapSecond> next(WallTime time) const;

 private:
  struct Change {
    WallTime at{};
    int tai_minus_utc = 0;
  };

  bool add(const std::vector<std::string>& words);

  WallTime expires_{};
  std::vector<Change> changes_;
};

/// nullopt where there is none, or where only a program can follow the path ("/..").
std::optional<LeapTable> read_leap_table(const std::string& path, const system::FileReader& files);

/// tzdata's.
inline const system::RootedPath leap_table_of_tzdata{"/usr/share/zoneinfo/leap-seconds.list"};

/// What chronyd's configuration says (chrony.conf(5)), with what its confdir and include lines
/// bring in at their places: the last line of each directive counts, and a list outweighs a zone.
struct LeapSource {
  struct Directive {
    std::string value;
    std::string file;  ///< that says so
  };
  std::optional<Directive> list;  ///< the file of leapseclist (chrony 4.6 and later)
  std::optional<Directive> zone;  ///< the zone of leapsectz
};
LeapSource leap_source_of_chrony(const system::FileReader& files);

}  // namespace timectl::backends
