// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>

#include <atomic>

/// libsystemd's functions by their own names, loaded by the first that is called. With the
/// libraries for compression and cryptography that it wants on Debian 12 it was two fifths of what
/// starting timectl took beyond /bin/true, and what asks neither systemd nor the bus (a completion,
/// `render`, `--version`) does without (tests/bench, version). Nothing links it: a function that is
/// not listed here does not link.
namespace timectl::system::os {

/// Never null. Error{missing} where libsystemd cannot be loaded or is too old.
void* find_in_libsystemd(const char* function);

/// To be called like the function: it converts to its address, which keeps variable arguments
/// ([over.call.object] in the C++ standard).
template <typename Function>
class FromLibsystemd {
 public:
  constexpr explicit FromLibsystemd(const char* name) : name_(name) {}

  operator Function*() const {
    auto* function = found_.load(std::memory_order_acquire);
    if (function == nullptr) {
      function = reinterpret_cast<Function*>(find_in_libsystemd(name_));
      found_.store(function, std::memory_order_release);
    }
    return function;
  }

 private:
  const char* name_;
  mutable std::atomic<Function*> found_ = nullptr;
};

#define TIMECTL_FROM_LIBSYSTEMD(name) \
  inline constinit const FromLibsystemd<decltype(::name)> name { #name }
TIMECTL_FROM_LIBSYSTEMD(sd_booted);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_call);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_close_unref);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_error_free);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_error_has_name);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_get_fd);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_is_open);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_is_ready);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_match_signal);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_append);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_append_strv);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_close_container);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_enter_container);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_exit_container);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_new_method_call);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_open_container);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_read);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_read_array);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_read_basic);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_set_auto_start);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_skip);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_message_unref);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_new);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_open_system);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_path_encode);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_process);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_set_address);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_slot_unref);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_start);
TIMECTL_FROM_LIBSYSTEMD(sd_bus_wait);
TIMECTL_FROM_LIBSYSTEMD(sd_journal_add_match);
TIMECTL_FROM_LIBSYSTEMD(sd_journal_close);
TIMECTL_FROM_LIBSYSTEMD(sd_journal_get_data);
TIMECTL_FROM_LIBSYSTEMD(sd_journal_open);
TIMECTL_FROM_LIBSYSTEMD(sd_journal_previous);
TIMECTL_FROM_LIBSYSTEMD(sd_journal_seek_tail);
TIMECTL_FROM_LIBSYSTEMD(sd_journal_sendv);
TIMECTL_FROM_LIBSYSTEMD(sd_pid_get_session);
TIMECTL_FROM_LIBSYSTEMD(sd_session_get_remote_host);
TIMECTL_FROM_LIBSYSTEMD(sd_session_get_type);
TIMECTL_FROM_LIBSYSTEMD(sd_session_is_remote);
#undef TIMECTL_FROM_LIBSYSTEMD

}  // namespace timectl::system::os
