// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace timectl::system {

/// Something that happened, for machines as well as for people (systemd.journal-fields(7)).
struct Event {
  std::string id;       ///< MESSAGE_ID: 32 hex digits, one for each kind of event
  int priority = 6;     ///< syslog(3): 2 critical, 4 warning, 5 notice, 6 informational
  std::string message;  ///< one line
  std::vector<std::pair<std::string, std::string>> fields;  ///< "TIMECTL_STATE", "holdover"
};

class EventLog {
 public:
  virtual ~EventLog() = default;
  /// Where no log listens the event is lost: that is no reason to fail.
  virtual void send(const Event& event) = 0;
};

}  // namespace timectl::system
