// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"

#include <chrono>
#include <optional>
#include <string>

/// A change that waits for `timectl confirm`.
namespace timectl::cli {

/// "10m", "90s", "1h": ten seconds to a day. Throws Error{usage}.
std::chrono::seconds parse_span(const std::string& text);

/// --confirm.
void add_confirm_option(CLI::App& app, std::string& text);
/// What --confirm says; nullopt when it was not given. Throws Error{usage}, also below --root.
std::optional<std::chrono::seconds> confirmation_window(const Context& context,
                                                        const std::string& text);

/// How often an incomplete recovery is repeated without a user. Not for ever: each restarts
/// daemons.
inline constexpr int most_retries = 3;

/// Lets PID 1 call `timectl recover` once, in transient units of that name.
void recover_later(Context& context, const std::string& name, std::chrono::seconds span,
                   const std::string& why, int retries = most_retries);
void stop_timer(Context& context, const std::string& name);

/// Has that done when the time is over.
apply::PlanUndo set_alarm(Context& context);

/// Has it done in a few minutes, in case that this process does not live to the end of what it
/// begins (the kernel short of memory, kill -9). Without PID 1 the boot that follows does it.
apply::Watch watch_over(Context& context);

/// The alarm is not needed any more. It would find nothing to do: failing to stop it is no error.
void cancel_alarm(Context& context, const std::string& generation);
void end_watch(Context& context, const std::string& generation);

/// Says on stderr what the next change has to wait for: one that was interrupted, one that is to be
/// confirmed. For commands that only read.
void report_open_changes(Context& context);
/// The second of these alone.
void report_unconfirmed(Context& context, const std::optional<apply::Unconfirmed>& waiting);

}  // namespace timectl::cli
