// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/bus.hpp"

#include "scratch.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>

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

}  // namespace

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
