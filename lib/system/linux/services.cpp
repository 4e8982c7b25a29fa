// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/linux/bus.hpp"
#include "system/linux/files_root.hpp"
#include "system/linux/libsystemd.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/services_job.hpp"
#include "system/linux/services_properties.hpp"
#include "system/linux/services_timer.hpp"
#include "system/linux/services_words.hpp"
#include "system/unit_name.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <mutex>
#include <type_traits>

namespace timectl::system::os {

namespace {

using std::chrono::seconds;

constexpr seconds slow{90};

const BusObject manager{"org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                        "org.freedesktop.systemd1.Manager"};

/// A job verb: systemd's method, and the word for it in our sentences.
struct Verb {
  const char* method;
  const char* word;
};

UnitState unknown_unit() {
  UnitState state;
  state.load_state = "not-found";
  return state;
}

std::vector<std::string> read_environment(std::uint32_t pid) {
  const auto files = make_files("");
  const RootedPath path{fmt::format("/proc/{}/environ", pid)};
  const auto read = files->read(path, limits::environment);
  if (!read) return {};  // it ended meanwhile
  auto entries = split(read->content, '\0');
  std::erase_if(entries, [](const std::string& entry) { return entry.empty(); });
  return entries;
}

/// "skipped": an ExecCondition= of the unit says that it is not wanted here.
bool is_good(const std::string& result) { return result == "done" || result == "skipped"; }

/// With the daemon's own words, where it had any: they say more than any status.
[[noreturn]] void throw_job_error(const Bus& bus, const std::string& result,
                                  const std::string& what, const std::string& unit) {
  const auto words =
      result == "failed" ? last_words_of(read_unit_state(bus, unit).invocation_id) : "";
  throw Error{ErrorKind::external,
              words.empty() ? fmt::format("cannot {}: its job ended as '{}'", what, result)
                            : fmt::format("cannot {}: it said \"{}\"", what, words),
              fmt::format("journalctl -b -u {} says why", unit)};
}

class LinuxServices : public ServiceManager {
 public:
  explicit LinuxServices(Route first) : route_(first) {}

  bool is_running() const override {
    if (sd_booted() <= 0) return false;
    const std::lock_guard guard{mutex_};
    try {
      connection("reach systemd");
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  UnitState state(std::string_view unit) const override {
    if (sd_booted() <= 0) return unknown_unit();
    const std::lock_guard guard{mutex_};
    const std::string name{unit};
    const auto what = fmt::format("ask systemd for '{}'", name);
    return ask(what, [&](const Bus& bus) { return read_unit_state(bus, name); });
  }

  std::vector<std::string> process_environment(std::uint32_t main_pid) const override {
    return main_pid == 0 ? std::vector<std::string>{} : read_environment(main_pid);
  }

  std::vector<UnitProcess> processes(std::string_view unit) const override {
    if (sd_booted() <= 0) return {};
    const std::lock_guard guard{mutex_};
    const std::string name{unit};
    const auto what = fmt::format("ask systemd for the processes of '{}'", name);
    return ask(what, [&](const Bus& bus) { return read_processes(bus, name); });
  }

  std::string last_words(const UnitState& state) const override {
    return last_words_of(state.invocation_id);
  }

  void enable(std::string_view unit) override {
    change_files("EnableUnitFiles", "enable", unit, {false, false});
  }
  void disable(std::string_view unit) override {
    for (const bool runtime : {false, true}) {
      change_files("DisableUnitFiles", "disable", unit, {runtime});
    }
  }
  void mask(std::string_view unit) override {
    change_files("MaskUnitFiles", "mask", unit, {false, false});
  }
  void unmask(std::string_view unit) override {
    for (const bool runtime : {false, true}) {
      change_files("UnmaskUnitFiles", "unmask", unit, {runtime});
    }
  }

  void daemon_reload() override {
    if (sd_booted() <= 0) return;
    const std::lock_guard guard{mutex_};
    const std::string what = "reload the systemd units";
    ask(what, [&](const Bus& bus) {
      return bus.call(bus.new_call(manager, "Reload", what), slow, what);
    });
  }

  void start(std::string_view unit) override { run_job({"StartUnit", "start"}, unit); }
  void stop(std::string_view unit) override { run_job({"StopUnit", "stop"}, unit); }
  void restart(std::string_view unit) override { run_job({"RestartUnit", "restart"}, unit); }
  void try_restart(std::string_view unit) override { run_job({"TryRestartUnit", "restart"}, unit); }
  void reload_or_restart(std::string_view unit) override {
    run_job({"ReloadOrRestartUnit", "reload or restart"}, unit);
  }

  void reset_failed(std::string_view unit) override {
    if (sd_booted() <= 0) return;
    const std::lock_guard guard{mutex_};
    const auto what = fmt::format("forget the failures of '{}'", unit);
    ask(what, [&](const Bus& bus) {
      const auto request = bus.new_call(manager, "ResetFailedUnit", what);
      check_bus(sd_bus_message_append(request.get(), "s", std::string{unit}.c_str()), what);
      return bus.call(request, slow, what);
    });
  }

  void enqueue(std::string_view verb, std::string_view unit) override {
    const auto* const method = verb == "start"         ? "StartUnit"
                               : verb == "stop"        ? "StopUnit"
                               : verb == "try-restart" ? "TryRestartUnit"
                                                       : nullptr;
    if (method == nullptr) {
      throw Error{ErrorKind::refused, fmt::format("cannot queue '{}' for '{}'", verb, unit)};
    }
    if (sd_booted() <= 0) return;
    const std::lock_guard guard{mutex_};
    const auto what = fmt::format("queue the {} of '{}'", verb, unit);
    queue(connection(what), method, unit, what);
  }

  void run_later(const std::string& name, std::chrono::seconds span,
                 const std::vector<std::string>& command, const std::string& description) override {
    const auto what = fmt::format("set the timer '{}'", name);
    if (sd_booted() <= 0) {
      throw Error{ErrorKind::missing, fmt::format("cannot {}: systemd does not run here", what)};
    }
    const std::lock_guard guard{mutex_};
    start_transient_timer(connection(what), {name, span, command, description}, what);
  }

 private:
  const Bus& connection(const std::string& what) const {
    if (!bus_ || !bus_->is_usable()) bus_ = Bus::open_systemd(route_, what);
    return *bus_;
  }

  /// For what may be asked twice. PID 1 drops its connections when it is re-executed: once more
  /// over a new one. A bus daemon that does not lead to it is gone round, from then on.
  template <typename Question>
  std::invoke_result_t<Question, const Bus&> ask(const std::string& what, Question question) const {
    try {
      return question(connection(what));
    } catch (const Error&) {
      if (route_ == Route::private_socket && bus_ && bus_->is_usable()) throw;
      route_ = Route::private_socket;
      bus_.reset();
      return question(connection(what));
    }
  }

  /// The D-Bus path of the job.
  static std::string queue(const Bus& bus, const char* method, std::string_view unit,
                           const std::string& what) {
    const auto request = bus.new_call(manager, method, what);
    check_bus(sd_bus_message_append(request.get(), "ss", std::string{unit}.c_str(), "replace"),
              what);
    const auto reply = bus.call(request, slow, what);
    const char* job = nullptr;
    check_bus(sd_bus_message_read_basic(reply.get(), SD_BUS_TYPE_OBJECT_PATH, &job), what);
    return job;
  }

  void run_job(const Verb& verb, std::string_view unit) {
    if (sd_booted() <= 0) return;
    const std::lock_guard guard{mutex_};
    const auto what = fmt::format("{} '{}'", verb.word, unit);
    const auto& bus = connection(what);
    JobWatch watch{bus, what};
    const auto result = watch.wait(queue(bus, verb.method, unit, what), slow, what);
    if (!is_good(result)) throw_job_error(bus, result, what, std::string{unit});
  }

  void change_files(const char* method, const char* word, std::string_view unit,
                    const std::vector<bool>& flags) {
    const auto what = fmt::format("{} '{}'", word, unit);
    // A path in a name's place would be linked into /etc/systemd/system.
    require_unit_name(unit, what);
    if (sd_booted() <= 0) {
      throw Error{ErrorKind::missing, fmt::format("cannot {}: systemd does not run here", what)};
    }
    const std::lock_guard guard{mutex_};
    const auto& bus = connection(what);
    const auto request = bus.new_call(manager, method, what);
    append(request, {std::string{unit}}, what);
    for (const bool flag : flags) {
      check_bus(sd_bus_message_append(request.get(), "b", flag ? 1 : 0), what);
    }
    bus.call(request, slow, what);
  }

  mutable std::mutex mutex_;
  mutable Route route_;
  mutable std::optional<Bus> bus_;
};

}  // namespace

std::unique_ptr<ServiceManager> make_services(Route first) {
  return std::make_unique<LinuxServices>(first);
}

}  // namespace timectl::system::os
