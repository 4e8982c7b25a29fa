// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/bus.hpp"

#include "system/linux/files_root.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

constexpr const char* private_socket = "unix:path=/run/systemd/private";

ErrorKind kind_of(int error) {
  if (error == EACCES || error == EPERM) return ErrorKind::permission;
  return error == ETIMEDOUT ? ErrorKind::timeout : ErrorKind::external;
}

/// "Unit x.service not found." as the end of one of our sentences.
std::string in_our_style(std::string reason) {
  if (reason.ends_with('.')) reason.pop_back();
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(reason[0]));
  return reason;
}

/// The error of a call, freed when it is done with.
class CallError {
 public:
  CallError() = default;
  CallError(const CallError&) = delete;
  CallError& operator=(const CallError&) = delete;
  ~CallError() { sd_bus_error_free(&error_); }

  sd_bus_error* get() { return &error_; }
  [[noreturn]] void raise(int result, const std::string& what) const {
    const auto reason =
        error_.message != nullptr ? in_our_style(error_.message) : reason_of(-result);
    throw BusError{kind(result), fmt::format("cannot {}: {}", what, reason),
                   error_.name != nullptr ? error_.name : ""};
  }

 private:
  ErrorKind kind(int result) const {
    // Words that have no errno of their own: "you would have to authenticate", "no such unit".
    if (has_name(SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED)) return ErrorKind::permission;
    if (has_name("org.freedesktop.systemd1.NoSuchUnit")) return ErrorKind::missing;
    if (has_name(SD_BUS_ERROR_NO_REPLY)) return ErrorKind::timeout;
    return kind_of(-result);
  }

  bool has_name(const char* name) const { return sd_bus_error_has_name(&error_, name) != 0; }

  sd_bus_error error_{};  // as SD_BUS_ERROR_NULL, which is no C++
};

bool peer_is_trusted(sd_bus* bus) {
  ucred peer{};
  socklen_t size = sizeof peer;
  const int socket = sd_bus_get_fd(bus);
  return socket >= 0 && getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || peer.uid == geteuid());
}

/// The library itself waits a minute and a half for a daemon that took the connection and says
/// nothing; a method call's deadline begins after that.
constexpr std::chrono::seconds greeting_deadline{3};

/// 0, or the error that the connection did not come about by.
int wait_until_ready(sd_bus* bus) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + greeting_deadline;
  while (sd_bus_is_ready(bus) == 0) {
    const auto left = std::chrono::ceil<std::chrono::microseconds>(until - steady_clock::now());
    if (left.count() <= 0) return -ETIMEDOUT;
    const int processed = sd_bus_process(bus, nullptr);
    if (processed < 0) return processed;
    if (processed > 0) continue;
    const int waited = sd_bus_wait(bus, static_cast<std::uint64_t>(left.count()));
    if (waited < 0 && waited != -EINTR) return waited;
  }
  return std::min(sd_bus_is_ready(bus), 0);
}

/// Null when there is no such socket or no process listens on it.
sd_bus* connect_to_private_socket() {
  sd_bus* bus = nullptr;
  if (sd_bus_new(&bus) < 0) return nullptr;
  if (sd_bus_set_address(bus, private_socket) >= 0 && sd_bus_start(bus) >= 0 &&
      peer_is_trusted(bus)) {
    return bus;
  }
  return sd_bus_close_unref(bus);
}

}  // namespace

BusError::BusError(ErrorKind kind, const std::string& message, std::string name)
    : Error(kind, message, kind == ErrorKind::permission && geteuid() != 0 ? "run it as root" : ""),
      name_(std::move(name)) {}

bool BusError::is_absent_service() const {
  return name_ == SD_BUS_ERROR_SERVICE_UNKNOWN || name_ == SD_BUS_ERROR_NAME_HAS_NO_OWNER;
}

Bus Bus::open_systemd(Route first, const std::string& what) {
  const bool may_use_private_socket = geteuid() == 0;
  if (first == Route::bus_daemon && may_use_private_socket) {
    try {
      return open_system(what);
    } catch (const Error&) {
      // PID 1 itself may still answer.
    }
  }
  auto* const bus = may_use_private_socket ? connect_to_private_socket() : nullptr;
  return bus != nullptr ? Bus{bus} : open_system(what);
}

Bus Bus::open_system(const std::string& what) {
  sd_bus* bus = nullptr;
  check_bus(sd_bus_open_system(&bus), what);
  Bus opened{bus};
  check_bus(wait_until_ready(bus), what);
  return opened;
}

bool Bus::is_usable() const {
  if (sd_bus_is_open(bus_.get()) <= 0) return false;
  // PID 1 hangs up when it is re-executed, and the library learns of it only by the next message.
  pollfd socket{sd_bus_get_fd(bus_.get()), POLLIN, 0};
  return ::poll(&socket, 1, 0) >= 0 && (socket.revents & (POLLHUP | POLLERR)) == 0;
}

BusMessage Bus::new_call(const BusObject& object, const char* method,
                         const std::string& what) const {
  sd_bus_message* message = nullptr;
  check_bus(sd_bus_message_new_method_call(bus_.get(), &message, object.service.c_str(),
                                           object.path.c_str(), object.interface.c_str(), method),
            what);
  BusMessage owned{message};
  check_bus(sd_bus_message_set_auto_start(message, 0), what);
  return owned;
}

BusMessage Bus::call(const BusMessage& message, std::chrono::seconds deadline,
                     const std::string& what) const {
  CallError error;
  sd_bus_message* reply = nullptr;
  const auto limit = std::chrono::microseconds{deadline}.count();
  const int result = sd_bus_call(bus_.get(), message.get(), static_cast<std::uint64_t>(limit),
                                 error.get(), &reply);
  if (result < 0) error.raise(result, what);
  return BusMessage{reply};
}

int check_bus(int result, const std::string& what) {
  if (result >= 0) return result;
  throw BusError{kind_of(-result), fmt::format("cannot {}: {}", what, reason_of(-result)), {}};
}

void append(const BusMessage& message, const std::vector<std::string>& texts,
            const std::string& what) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  check_bus(sd_bus_message_append_strv(message.get(), pointers.data()), what);
}

std::vector<std::string> read_texts(sd_bus_message* message, const std::string& what) {
  std::vector<std::string> texts;
  check_bus(sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "s"), what);
  const char* text = nullptr;
  while (check_bus(sd_bus_message_read_basic(message, SD_BUS_TYPE_STRING, &text), what) > 0) {
    texts.emplace_back(text);
  }
  check_bus(sd_bus_message_exit_container(message), what);
  return texts;
}

}  // namespace timectl::system::os
