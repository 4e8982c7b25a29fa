// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/bus.hpp"

#include "scratch.hpp"
#include "support/catch.hpp"
#include "system/linux/services_properties.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::system;
using namespace std::chrono_literals;

namespace {

/// Takes connections, as far as the kernel does that by itself, and never says a word.
class SilentDaemon {
 public:
  explicit SilentDaemon(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un here{};
    here.sun_family = AF_UNIX;
    std::strncpy(here.sun_path, path.c_str(), sizeof here.sun_path - 1);
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&here), sizeof here) == 0);
    REQUIRE(::listen(socket_, 5) == 0);
  }
  SilentDaemon(const SilentDaemon&) = delete;
  SilentDaemon& operator=(const SilentDaemon&) = delete;
  ~SilentDaemon() { ::close(socket_); }

 private:
  int socket_;
};

std::string number(std::size_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xffU);
  return bytes;
}
std::string text(const std::string& value) { return number(value.size()) + value + '\0'; }
std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + 7) / 8 * 8);
  return bytes;
}
std::string field(int code, char type, const std::string& value) {
  return std::string{static_cast<char>(code), 1, type, '\0'} + value;
}

/// An answer of the D-Bus protocol whose body is one text; an error's name makes it an error.
std::string answer_to(const std::string& serial, const std::string& error_name,
                      const std::string& body) {
  auto fields = padded(field(5, 'u', serial));
  if (!error_name.empty()) fields += padded(field(4, 's', text(error_name)));
  fields += field(8, 'g', std::string{"\1s\0", 3});
  const std::string start{'l', static_cast<char>(error_name.empty() ? 2 : 3), 1, 1};
  return padded(start + number(text(body).size()) + number(1) + number(fields.size()) + fields) +
         text(body);
}

/// A bus on which each question gets the same error.
class RefusingBus {
 public:
  RefusingBus(const std::string& path, std::string error_name)
      : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)), error_name_(std::move(error_name)) {
    sockaddr_un here{};
    here.sun_family = AF_UNIX;
    std::strncpy(here.sun_path, path.c_str(), sizeof here.sun_path - 1);
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&here), sizeof here) == 0);
    REQUIRE(::listen(socket_, 5) == 0);
    thread_ = std::thread{[this] { serve(); }};
  }
  RefusingBus(const RefusingBus&) = delete;
  RefusingBus& operator=(const RefusingBus&) = delete;
  ~RefusingBus() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }

 private:
  void serve() const {
    const int peer = ::accept(socket_, nullptr, nullptr);
    if (peer < 0) return;
    greet(peer);
    for (auto head = read(peer, 16); head.size() == 16; head = read(peer, 16)) {
      const auto fields = (length_at(head, 12) + 7) / 8 * 8;
      const auto rest = read(peer, fields + length_at(head, 4));
      const bool is_hello = rest.find("Hello") != std::string::npos;
      const auto serial = head.substr(8, 4);
      send(peer, is_hello ? answer_to(serial, "", ":1.7")
                          : answer_to(serial, error_name_, "Unit x.service not loaded."));
    }
    ::close(peer);
  }

  static void greet(int peer) {
    for (std::string line; line != "BEGIN\r\n"; line.clear()) {
      while (!line.ends_with('\n')) {
        const auto next = read(peer, 1);
        if (next.empty()) return;
        line += next;
      }
      if (line.find("AUTH") != std::string::npos) {
        send(peer, "DATA\r\nOK 11111111111111111111111111111111\r\nAGREE_UNIX_FD\r\n");
      }
      if (line == "BEGIN\r\n") return;
    }
  }

  static std::string read(int peer, std::size_t size) {
    std::string bytes(size, '\0');
    const auto got = size == 0 ? 0 : ::recv(peer, bytes.data(), size, MSG_WAITALL);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  static void send(int peer, const std::string& bytes) {
    static_cast<void>(::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  static std::size_t length_at(const std::string& head, std::size_t at) {
    std::uint32_t length = 0;
    std::memcpy(&length, head.data() + at, sizeof length);
    return length;
  }

  int socket_;
  std::string error_name_;
  std::thread thread_;
};

/// What the question for a unit's processes comes to on such a bus.
test::Thrown asked_for_processes(const std::string& error_name) {
  const test::Scratch scratch;
  const auto path = (scratch / "socket").string();
  const RefusingBus daemon{path, error_name};
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + path).c_str(), 1);
  auto error = test::error_of([] {
    const auto bus = os::Bus::open_system("ask systemd");
    const auto processes = os::read_processes(bus, "x.service");
    CHECK(processes.empty());
  });
  ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  return error;
}

}  // namespace

TEST_CASE("a unit that PID 1 has forgotten has no processes, and any other refusal is an error",
          "[bus]") {
  CHECK(asked_for_processes("org.freedesktop.systemd1.NoSuchUnit").message == "nothing was thrown");
  const auto refused = asked_for_processes("org.freedesktop.DBus.Error.AccessDenied");
  CHECK(refused.kind == ErrorKind::permission);
}

TEST_CASE("a bus daemon that takes the connection and says nothing is not waited for", "[bus]") {
  const test::Scratch scratch;
  const auto path = (scratch / "socket").string();
  const SilentDaemon daemon{path};
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + path).c_str(), 1);
  const auto start = std::chrono::steady_clock::now();
  const auto error = test::error_of([] { static_cast<void>(os::Bus::open_system("ask systemd")); });
  ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  CHECK(error.kind == ErrorKind::timeout);
  CHECK(error.message.starts_with("cannot ask systemd: "));
  CHECK(std::chrono::steady_clock::now() - start < 30s);
}
