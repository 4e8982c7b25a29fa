// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/platform.hpp"
#include "system/linux/kernel_call.hpp"
#include "system/linux/linux.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint16_t gpsd_port = 2947;
constexpr std::size_t longest_line = 64 * 1024;
constexpr std::string_view request = "?WATCH={\"enable\":true,\"json\":true,\"pps\":true};\n";

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

[[noreturn]] void throw_not_there(int error) {
  throw Error{ErrorKind::missing, fmt::format("cannot ask gpsd: {}", std::strerror(error)),
              fmt::format("systemctl status {}", platform::gpsd.unit)};
}

/// Of a connection's other end, that is the socket from `port` to `peer` in /proc/net/tcp: the user
/// who accepted it. nullopt before that.
std::optional<uid_t> user_of(std::uint16_t port, std::uint16_t peer) {
  constexpr std::string_view established = "01";
  const auto ours = fmt::format(":{:04X}", port);
  const auto theirs = fmt::format(":{:04X}", peer);
  std::ifstream table{"/proc/net/tcp"};
  for (std::string line; std::getline(table, line);) {
    const auto words = words_of(line);
    const bool is_it = words.size() >= 10 && words[3] == established && words[1].ends_with(ours) &&
                       words[2].ends_with(theirs);
    const auto user = is_it ? to_integer(words[7]) : std::nullopt;
    const auto inode = is_it ? to_integer(words[9]) : std::nullopt;
    if (user && inode && *inode != 0) return static_cast<uid_t>(*user);
  }
  return std::nullopt;
}

/// gpsd gives up root's rights for this user (Debian's build of it).
bool may_be_gpsd(uid_t user) {
  if (user == 0) return true;
  const auto* entry = ::getpwnam(platform::gpsd.process);
  return entry != nullptr && entry->pw_uid == user;
}

class Connection {
 public:
  explicit Connection(steady_clock::time_point end) : end_(end) {
    const auto address = loopback(gpsd_port);
    if (!socket_) throw_not_there(errno);
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(socket_.get(), to, sizeof address) != 0) throw_not_there(errno);
    sockaddr_in own{};
    socklen_t size = sizeof own;
    if (::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0) {
      throw_not_there(errno);
    }
    own_port_ = ntohs(own.sin_port);
  }

  void send(std::string_view text) {
    if (::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(text.size())) {
      hang_up(std::strerror(errno));
    }
  }

  /// false when the time is over.
  bool read_more(std::string& buffer) {
    pollfd waiting{socket_.get(), POLLIN, 0};
    const auto left = std::chrono::ceil<milliseconds>(end_ - steady_clock::now()).count();
    if (left <= 0) return false;
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<long long>(left, 60'000)));
    if (ready < 0 && errno != EINTR) hang_up(std::strerror(errno));
    if (ready <= 0) return true;
    std::array<char, 4096> bytes{};
    const auto count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (count == 0) hang_up("it closed the connection");
    if (count < 0) hang_up(std::strerror(errno));
    buffer.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
  }

  /// Once it has answered, a program has accepted the connection.
  void require_gpsd() const {
    const auto user = user_of(gpsd_port, own_port_);
    if (user && may_be_gpsd(*user)) return;
    throw Error{ErrorKind::refused,
                fmt::format("cannot believe what answers at TCP port {}: {}", gpsd_port,
                            user ? fmt::format("it is run by user {}, not by gpsd's", *user)
                                 : "its user cannot be told"),
                fmt::format("see which program it is: ss -ltnp 'sport = :{}'", gpsd_port)};
  }

 private:
  [[noreturn]] static void hang_up(const std::string& why) {
    throw Error{ErrorKind::external, fmt::format("cannot read from gpsd: {}", why),
                fmt::format("journalctl -b -u {}", platform::gpsd.unit)};
  }

  steady_clock::time_point end_;
  kernel::Descriptor socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t own_port_ = 0;
};

class Gpsd : public GpsdReader {
 public:
  void watch(milliseconds longest,
             const std::function<bool(std::string_view line)>& take) const override {
    Connection connection{steady_clock::now() + longest};
    connection.send(request);
    std::string buffer;
    bool is_known = false;
    while (connection.read_more(buffer)) {
      if (!buffer.empty() && !is_known) connection.require_gpsd();
      is_known = is_known || !buffer.empty();
      if (!hand_on(buffer, take)) return;
      if (buffer.size() > longest_line) {
        throw Error{ErrorKind::external, "cannot read from gpsd: it sends a line without an end"};
      }
    }
  }

 private:
  /// The whole lines; false when no more are wanted.
  static bool hand_on(std::string& buffer, const std::function<bool(std::string_view)>& take) {
    std::size_t begin = 0;
    for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n', begin)) {
      const auto line = trim(std::string_view{buffer}.substr(begin, end - begin));
      begin = end + 1;
      if (!take(line)) return false;
    }
    buffer.erase(0, begin);
    return true;
  }
};

}  // namespace

std::unique_ptr<GpsdReader> make_gpsd() { return std::make_unique<Gpsd>(); }

}  // namespace timectl::system::os
