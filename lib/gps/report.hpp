// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What gpsd says of a receiver: its JSON, one object a line (gpsd_json(5), protocol 3). A report
/// is kept only as far as timectl uses it.
namespace timectl::gps {

struct Version {
  std::string release;  ///< "3.22"
};

struct Device {
  std::string path;
  std::string driver;   ///< "u-blox", "NMEA0183"; "" before gpsd knows
  std::string subtype;  ///< firmware, as the receiver names it
  int bps = 0;          ///< 0: not known
};

/// Class DEVICES, and DEVICE as a list of one.
struct Devices {
  std::vector<Device> devices;
};

enum class FixMode { none, two_dimensional, three_dimensional };

/// Class TPV.
struct Fix {
  FixMode mode = FixMode::none;
  std::optional<WallTime> time = {};                    ///< UTC as the receiver has it
  std::optional<double> latitude = {}, longitude = {};  ///< degrees
  std::optional<double> altitude_m = {};
  std::optional<int> leap_seconds = {};  ///< GPS - UTC as the receiver believes
};

struct Satellite {
  int id = 0;  ///< gpsd's PRN
  int constellation =
      -1;  ///< gnssid of u-blox: 0 GPS, 1 SBAS, 2 Galileo, 3 BeiDou, 5 QZSS, 6 GLONASS
  double signal_db = 0;  ///< carrier to noise, dBHz
  bool is_used = false;
};

/// Class SKY. gpsd sends some without satellites, between those that have them.
struct Sky {
  std::vector<Satellite> satellites;
};

/// Class TOFF: when the sentence of a second came. Positive: that much later than its second.
struct Lateness {
  Seconds late{};
};

/// Class PPS: how late the system clock saw the edge of a second.
struct Pulse {
  Seconds late{};
};

using Report = std::variant<Version, Devices, Fix, Sky, Lateness, Pulse>;

/// nullopt for what is no JSON, of another class, or has values that cannot be. Never throws: a
/// program that claims to be gpsd may send anything.
std::optional<Report> parse_report(std::string_view line);

/// "GPS", "GLONASS"; "" when not known.
std::string_view constellation_name(int constellation);

}  // namespace timectl::gps
