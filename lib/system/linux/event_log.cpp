// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/event_log.hpp"

#include "base/error.hpp"
#include "base/visible.hpp"
#include "system/linux/libsystemd.hpp"
#include "system/linux/linux.hpp"

#include <fmt/format.h>

namespace timectl::system::os {

namespace {

class Journal : public EventLog {
 public:
  void send(const Event& event) override {
    // journalctl shows a message with control characters as "[52B blob data]", journald writes it
    // to the console as it is. The other fields are for programs: they stay exact, and may have
    // lines.
    std::vector<std::string> entries{fmt::format("MESSAGE={}", visible(event.message)),
                                     fmt::format("PRIORITY={}", event.priority),
                                     fmt::format("MESSAGE_ID={}", event.id),
                                     "SYSLOG_IDENTIFIER=timectl"};
    for (const auto& [name, value] : event.fields) {
      entries.push_back(fmt::format("{}={}", name, value));
    }
    std::vector<iovec> parts;
    for (auto& entry : entries) parts.push_back({entry.data(), entry.size()});
    try {
      sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
    } catch (const Error&) {
      // Lost, as without a journal: the next call to systemd will say that there is no libsystemd.
    }
  }
};

}  // namespace

std::unique_ptr<EventLog> make_event_log() { return std::make_unique<Journal>(); }

}  // namespace timectl::system::os
