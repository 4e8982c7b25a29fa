// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::system {

/// A unit as its service manager has it, in systemd's words (org.freedesktop.systemd1(5)).
struct UnitState {
  std::string load_state;       ///< "loaded", "not-found", "masked", …
  std::string active_state;     ///< "active", "inactive", "failed", "activating", …
  std::string sub_state;        ///< "running", "exited", "dead", …
  std::string unit_file_state;  ///< "enabled", "disabled", "static", "masked", "masked-runtime",
                                ///< "generated", …; "" when absent
  std::string result;           ///< "success", "exit-code", …; services and timers only
  /// The unit file. Of a masked unit it is the mask, which leads to /dev/null and must not be read.
  std::string fragment_path;
  std::vector<std::string> drop_in_paths;
  std::vector<std::string> environment;  ///< "NAME=value" as loaded; services only
  std::string invocation_id;  ///< 32 hex digits, new at each start; "" when never started
  std::uint32_t main_pid = 0;
  bool needs_daemon_reload = false;
  /// StartLimitIntervalSec=, StartLimitBurst= (systemd.unit(5)): beyond so many starts within the
  /// interval a further one fails the unit. Zero of either: no limit.
  std::chrono::microseconds start_limit_interval{};
  std::uint32_t start_limit_burst = 0;
  /// When its active or sub state changed last (Clock::awake_since_boot).
  std::chrono::microseconds changed_at{};
  /// TimeoutStopSec=, the largest number for "infinity"; zero: not known. Only of a service that is
  /// "deactivating".
  std::chrono::microseconds stop_timeout{};

  bool exists() const { return load_state != "not-found" && !load_state.empty(); }
  bool is_active() const {
    return active_state == "active" || active_state == "reloading" || active_state == "activating";
  }
  bool is_enabled() const {
    return unit_file_state == "enabled" || unit_file_state == "enabled-runtime";
  }
  /// What systemd has read may be older than what its directories hold, and either counts.
  bool is_masked() const {
    return load_state == "masked" || unit_file_state == "masked" ||
           unit_file_state == "masked-runtime";
  }
};

/// A process in a unit's control group.
struct UnitProcess {
  std::uint32_t pid = 0;
  std::string command;  ///< its command line as it has it now; "" when it has none
};

/// The right to read the state of services.
class ServiceReader {
 public:
  virtual ~ServiceReader() = default;

  /// False for a mounted card or image (--root) and where no systemd runs: then units have files
  /// and links but no activity, active_state is "" and nothing can be started.
  virtual bool is_running() const = 0;

  /// A unit that systemd does not find has load_state "not-found".
  virtual UnitState state(std::string_view unit) const = 0;

  /// The environment of a unit's main process (UnitState::main_pid), "NAME=value"; empty for 0 and
  /// for one that has ended meanwhile. Another user's takes privileges. Throws Error{io} for one
  /// beyond limits::environment, whatever the process put there.
  virtual std::vector<std::string> process_environment(std::uint32_t main_pid) const = 0;

  /// All processes in the unit's control group and in those below it, whatever state the unit is
  /// in: what ignores its stop or was left by KillMode=process is there too. In no order.
  virtual std::vector<UnitProcess> processes(std::string_view unit) const = 0;

  /// One line of the journal: the last error of the start that `state` is of, else the last that it
  /// said; "" where nothing of it can be read. Waits for a second at most.
  virtual std::string last_words(const UnitState&) const { return ""; }
};

/// The right to change services. Calls wait for the job they started and throw Error{external}
/// unless its result is "done" (a D-Bus method returns long before), with its last words;
/// Error{timeout} after a minute and a half, Error{permission} when the caller may not.
class ServiceManager : public ServiceReader {
 public:
  virtual void enable(std::string_view unit) = 0;
  /// Those enabled until the next boot (--runtime) too.
  virtual void disable(std::string_view unit) = 0;
  /// Until it is unmasked. Throws Error{external} where the unit's file has the mask's place.
  virtual void mask(std::string_view unit) = 0;
  /// Removes the mask in /etc and that in /run; one that a package brings stays.
  virtual void unmask(std::string_view unit) = 0;
  /// Does nothing where no service manager runs; so do the following.
  virtual void daemon_reload() = 0;
  virtual void start(std::string_view unit) = 0;
  virtual void stop(std::string_view unit) = 0;
  virtual void restart(std::string_view unit) = 0;
  /// Restarts only what runs: a unit that was stopped stays stopped.
  virtual void try_restart(std::string_view unit) = 0;
  virtual void reload_or_restart(std::string_view unit) = 0;
  /// systemctl reset-failed: the starts counted against the unit's start limit are forgotten. What
  /// runs goes on running.
  virtual void reset_failed(std::string_view unit) = 0;
  /// Queues a "start", "stop" or "try-restart" and does not wait: for early boot, and slow units.
  virtual void enqueue(std::string_view verb, std::string_view unit) = 0;
  /// Has `command` (the program's whole path first) run once after `span` of the monotonic clock,
  /// in transient units `name`.timer and `name`.service, which no boot survives; the journal shows
  /// `description`. Waits for nothing: it can be called in early boot. Throws Error{external} when
  /// the name is in use, Error{missing} where no service manager runs.
  virtual void run_later(const std::string& name, std::chrono::seconds span,
                         const std::vector<std::string>& command,
                         const std::string& description) = 0;
};

}  // namespace timectl::system
