// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/datagrams.hpp"

#include "system/linux/datagram_stamps.hpp"
#include "system/linux/kernel_call.hpp"
#include "system/linux/linux.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace timectl::system::os {

namespace {

using std::chrono::steady_clock;

/// So many wrong datagrams are a flood, and the exchange is given up.
constexpr int rejections_borne = 1000;
/// Read at one time from one socket, so that a flood there does not starve the others.
constexpr int reads_at_a_time = 16;
/// Sockets at one time, however many the limit allows: each takes kernel memory.
constexpr std::size_t most_sockets = 2048;
/// Of the requests of one burst, so many may be unanswered before the next is due. By default a
/// socket holds 277 datagrams as small as ours: what comes before its daemon runs again is lost,
/// and each loss costs a deadline.
constexpr std::size_t most_unanswered = 128;
constexpr std::chrono::milliseconds burst_lasts{10};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress to_socket_address(const Endpoint& endpoint) {
  SocketAddress result;
  const auto& bytes = endpoint.address.bytes();
  if (endpoint.address.family() == IpAddress::Family::v4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, bytes.data(), sizeof v4.sin_addr);
    std::memcpy(&result.storage, &v4, result.size = sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, bytes.data(), sizeof v6.sin6_addr);
    std::memcpy(&result.storage, &v6, result.size = sizeof v6);
  }
  return result;
}

ExchangeStatus status_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return ExchangeStatus::refused;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:  // no address of the peer's family
    case ENONET:
      return ExchangeStatus::unreachable;
    default:
      return ExchangeStatus::failed;
  }
}

/// A connected, non-blocking socket whose datagrams carry the kernel's receive stamp.
kernel::Descriptor connected_socket(const Endpoint& to, int& error) {
  auto address = to_socket_address(to);
  kernel::Descriptor socket{
      ::socket(address.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const bool ready = socket && ask_for_receive_stamps(socket.get()) &&
                     ::connect(socket.get(), address.get(), address.size) == 0;
  error = ready ? 0 : errno;
  return ready ? std::move(socket) : kernel::Descriptor{};
}

class Loop {
 public:
  explicit Loop(const std::vector<Exchange>& exchanges)
      : exchanges_(exchanges),
        results_(exchanges.size()),
        poll_(::epoll_create1(EPOLL_CLOEXEC)),
        room_(65536) {
    if (!poll_) kernel::fail("wait for datagrams");
  }

  std::vector<ExchangeResult> run(std::size_t sockets) {
    while (next_ < exchanges_.size() || !open_.empty()) {
      while (next_ < exchanges_.size() && open_.size() < sockets && may_send() && begin(next_)) {
        ++next_;
      }
      wait();
      expire();
    }
    return std::move(results_);
  }

 private:
  struct Open {
    kernel::Descriptor socket;
    std::multimap<steady_clock::time_point, std::size_t>::iterator deadline;
    unsigned burst;
  };

  bool may_send() {
    const auto now = steady_clock::now();
    if (now >= burst_ends_) {
      burst_ends_ = now + burst_lasts;
      unanswered_ = 0;
      ++burst_;
    }
    return unanswered_ < most_unanswered;
  }

  /// False when there is no descriptor left and waiting for those in use will help.
  bool begin(std::size_t index) {
    int error = 0;
    auto socket = connected_socket(exchanges_[index].to, error);
    if (!socket && (error == EMFILE || error == ENFILE) && !open_.empty()) return false;
    results_[index].status = socket ? ExchangeStatus::timed_out : status_of(error);
    if (!socket) return true;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    if (::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, socket.get(), &event) != 0) {
      results_[index].status = ExchangeStatus::failed;
      return true;
    }
    const int number = socket.get();
    if (exchanges_[index].wants_transmit_stamp) ask_for_transmit_stamps(number);
    const auto deadline =
        deadlines_.emplace(steady_clock::now() + exchanges_[index].deadline, index);
    open_.emplace(index, Open{std::move(socket), deadline, burst_});
    ++unanswered_;
    send(index, number);
    return true;
  }

  void send(std::size_t index, int socket) {
    const auto& request = exchanges_[index].request;
    results_[index].sent = kernel::wall_now();
    const auto sent = ::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent < 0) finish(index, status_of(errno));
  }

  void finish(std::size_t index, ExchangeStatus status) {
    results_[index].status = status;
    const auto found = open_.find(index);
    // On the loopback the reply arrives before the note was read.
    if (!results_[index].kernel_sent) take_note(index, found->second.socket.get());
    deadlines_.erase(found->second.deadline);
    if (found->second.burst == burst_) --unanswered_;
    open_.erase(found);  // closing takes it out of the epoll set
  }

  void wait() {
    if (open_.empty()) return;
    const bool is_held_back = next_ < exchanges_.size() && unanswered_ >= most_unanswered;
    const auto until = deadlines_.begin()->first;
    const auto left = (is_held_back ? std::min(until, burst_ends_) : until) - steady_clock::now();
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    std::array<epoll_event, 64> events{};
    const int count =
        ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()),
                     static_cast<int>(std::clamp<long long>(milliseconds, 0, 60'000)));
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      const auto index = static_cast<std::size_t>(event.data.u64);
      if ((event.events & EPOLLERR) != 0) take_note(index, open_.at(index).socket.get());
      receive(index);
    }
  }

  void expire() {
    const auto now = steady_clock::now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      finish(deadlines_.begin()->second, ExchangeStatus::timed_out);
    }
  }

  /// Each note that stays makes epoll return at once, so all are taken; the first is of our
  /// request.
  void take_note(std::size_t index, int socket) {
    if (!exchanges_[index].wants_transmit_stamp) return;
    const auto stamp = take_transmit_stamp(socket);
    if (!results_[index].kernel_sent) results_[index].kernel_sent = stamp;
  }

  void receive(std::size_t index) {
    for (int i = 0; i < reads_at_a_time && open_.count(index) != 0; ++i) {
      if (!receive_one(index, open_.at(index).socket.get())) return;
    }
  }

  /// False when nothing more is there to be read now.
  bool receive_one(std::size_t index, int socket) {
    iovec part{room_.data(), room_.size()};
    alignas(cmsghdr) std::array<char, 256> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto size = ::recvmsg(socket, &message, 0);
    if (size < 0) {
      if (errno == EAGAIN || errno == EINTR) return false;
      finish(index, status_of(errno));
      return false;
    }
    judge(index,
          {{room_.begin(), room_.begin() + size}, exchanges_[index].to, receive_stamp(message)});
    return true;
  }

  void judge(std::size_t index, Datagram datagram) {
    auto& result = results_[index];
    const auto& accept = exchanges_[index].accept;
    if (!accept || accept(datagram)) {
      result.reply = std::move(datagram);
      finish(index, ExchangeStatus::answered);
    } else if (++result.rejected >= rejections_borne) {
      finish(index, ExchangeStatus::timed_out);
    }
  }

  const std::vector<Exchange>& exchanges_;
  std::vector<ExchangeResult> results_;
  kernel::Descriptor poll_;
  std::vector<std::uint8_t> room_;
  std::map<std::size_t, Open> open_;
  std::multimap<steady_clock::time_point, std::size_t> deadlines_;
  std::size_t next_ = 0;
  steady_clock::time_point burst_ends_;
  std::size_t unanswered_ = 0;  ///< of this burst
  unsigned burst_ = 0;
};

std::size_t open_descriptors() {
  std::error_code problem;
  std::filesystem::directory_iterator entries{"/proc/self/fd", problem};
  return problem ? 64 : static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

class LinuxDatagrams : public DatagramClient {
 public:
  std::vector<ExchangeResult> exchange(const std::vector<Exchange>& exchanges) const override {
    return exchange_with_sockets(exchanges, sockets_to_spare());
  }
};

}  // namespace

std::size_t sockets_to_spare() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
  // Some stay for other threads of this process.
  const std::size_t used = open_descriptors() + 32;
  // A limit has 64 bits also where sizes have 32.
  const auto allowed =
      static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, most_sockets + used));
  return allowed > used ? allowed - used : 1;
}

std::vector<ExchangeResult> exchange_with_sockets(const std::vector<Exchange>& exchanges,
                                                  std::size_t sockets) {
  if (exchanges.empty()) return {};
  return Loop{exchanges}.run(std::max<std::size_t>(sockets, 1));
}

std::unique_ptr<DatagramClient> make_datagrams() { return std::make_unique<LinuxDatagrams>(); }

}  // namespace timectl::system::os
