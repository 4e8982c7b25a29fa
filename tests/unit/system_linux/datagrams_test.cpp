// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/datagrams.hpp"

#include "support/catch.hpp"
#include "system/linux/linux.hpp"

#include <atomic>
#include <ctime>
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::system;
using std::chrono::milliseconds;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// A UDP server on the loopback that answers each request with whatever `answer` says.
class LoopbackServer {
 public:
  using Answer = std::function<std::vector<Bytes>(const Bytes& request)>;

  LoopbackServer(int family, Answer answer) : answer_(std::move(answer)) {
    socket_ = ::socket(family, SOCK_DGRAM, 0);
    sockaddr_in6 home{};
    home.sin6_family = static_cast<sa_family_t>(family);
    socklen_t size = sizeof(sockaddr_in6);
    if (family == AF_INET) {
      auto& v4 = reinterpret_cast<sockaddr_in&>(home);
      v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      size = sizeof(sockaddr_in);
    } else {
      home.sin6_addr = in6addr_loopback;
    }
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&home), size) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&home), &size) == 0);
    endpoint_ = {*IpAddress::parse(family == AF_INET ? "127.0.0.1" : "::1"), ntohs(home.sin6_port)};
    const int room = 8 << 20;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    thread_ = std::thread{[this] { serve(); }};
  }
  ~LoopbackServer() {
    stop_ = true;
    thread_.join();
    ::close(socket_);
  }

  const Endpoint& endpoint() const { return endpoint_; }

 private:
  void serve() {
    while (!stop_) {
      pollfd waiting{socket_, POLLIN, 0};
      if (::poll(&waiting, 1, 10) <= 0) continue;
      Bytes request(2048);
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      const auto length = ::recvfrom(socket_, request.data(), request.size(), 0,
                                     reinterpret_cast<sockaddr*>(&from), &size);
      if (length < 0) continue;
      request.resize(static_cast<std::size_t>(length));
      for (const auto& reply : answer_(request)) {
        if (stop_) return;
        ::sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
      }
    }
  }

  Answer answer_;
  int socket_ = -1;
  Endpoint endpoint_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

std::vector<Bytes> echo(const Bytes& request) { return {request}; }

Exchange make_exchange(const Endpoint& to, Bytes request = {1, 2, 3}) {
  Exchange exchange{to, request, {}, milliseconds{2000}};
  exchange.accept = [request](const Datagram& reply) { return reply.bytes == request; };
  return exchange;
}

/// A port that was free a moment ago.
Endpoint closed_port() {
  const LoopbackServer gone{AF_INET, echo};
  return gone.endpoint();
}

}  // namespace

TEST_CASE("an answer comes with the kernel's receive stamp", "[datagrams]") {
  const LoopbackServer server{AF_INET, echo};
  const auto results = os::make_datagrams()->exchange({make_exchange(server.endpoint())});
  REQUIRE(results.size() == 1);
  REQUIRE(results[0].status == ExchangeStatus::answered);
  CHECK(results[0].reply.bytes == Bytes{1, 2, 3});
  CHECK(results[0].reply.from == server.endpoint());
  CHECK(results[0].reply.received >= results[0].sent);
  CHECK(results[0].reply.received - results[0].sent < std::chrono::seconds{1});
}

TEST_CASE("the kernel says when it let the request go if it is asked", "[datagrams]") {
  for (const int family : {AF_INET, AF_INET6}) {
    const LoopbackServer server{family, echo};
    auto exchange = make_exchange(server.endpoint());
    exchange.wants_transmit_stamp = true;
    const auto results =
        os::make_datagrams()->exchange({exchange, make_exchange(server.endpoint(), {4})});
    REQUIRE(results[0].status == ExchangeStatus::answered);
    REQUIRE(results[0].kernel_sent);
    CHECK(*results[0].kernel_sent >= results[0].sent);
    CHECK(*results[0].kernel_sent <= results[0].reply.received);
    CHECK_FALSE(results[1].kernel_sent);
  }
}

TEST_CASE("the kernel's note does not keep the loop busy while a server is silent", "[datagrams]") {
  const LoopbackServer silent{AF_INET, [](const Bytes&) { return std::vector<Bytes>{}; }};
  auto exchange = make_exchange(silent.endpoint());
  exchange.wants_transmit_stamp = true;
  exchange.deadline = milliseconds{500};
  const auto begin = std::clock();
  const auto results = os::make_datagrams()->exchange({exchange});
  CHECK(std::clock() - begin < CLOCKS_PER_SEC / 5);
  CHECK(results[0].status == ExchangeStatus::timed_out);
  CHECK(results[0].kernel_sent);
}

TEST_CASE("a refusal is still one when the kernel's note came before it", "[datagrams]") {
  auto exchange = make_exchange(closed_port());
  exchange.wants_transmit_stamp = true;
  const auto results = os::make_datagrams()->exchange({exchange});
  CHECK(results[0].status == ExchangeStatus::refused);
}

TEST_CASE("IPv6 servers answer too", "[datagrams]") {
  const LoopbackServer server{AF_INET6, echo};
  const auto results = os::make_datagrams()->exchange({make_exchange(server.endpoint())});
  CHECK(results[0].status == ExchangeStatus::answered);
}

TEST_CASE("a port without a listener is refused at once", "[datagrams]") {
  const auto begin = std::chrono::steady_clock::now();
  const auto results = os::make_datagrams()->exchange({make_exchange(closed_port())});
  CHECK(results[0].status == ExchangeStatus::refused);
  CHECK(std::chrono::steady_clock::now() - begin < milliseconds{1000});
}

TEST_CASE("a server that is silent times out at its deadline", "[datagrams]") {
  const LoopbackServer server{AF_INET, [](const Bytes&) { return std::vector<Bytes>{}; }};
  auto exchange = make_exchange(server.endpoint());
  exchange.deadline = milliseconds{50};
  const auto begin = std::chrono::steady_clock::now();
  const auto results = os::make_datagrams()->exchange({exchange});
  CHECK(results[0].status == ExchangeStatus::timed_out);
  CHECK(std::chrono::steady_clock::now() - begin >= milliseconds{50});
}

TEST_CASE("replies that are not accepted are counted and the right one is waited for",
          "[datagrams]") {
  const LoopbackServer server{AF_INET, [](const Bytes& request) {
                                return std::vector<Bytes>{{9}, {}, Bytes(1500, 7), request};
                              }};
  const auto results = os::make_datagrams()->exchange({make_exchange(server.endpoint())});
  CHECK(results[0].status == ExchangeStatus::answered);
  CHECK(results[0].rejected == 3);
}

TEST_CASE("a flood of wrong replies ends the exchange before its deadline", "[datagrams]") {
  // Far more than are refused: a socket that is not read for a moment drops most of a flood.
  const LoopbackServer server{AF_INET,
                              [](const Bytes&) { return std::vector<Bytes>(500'000, Bytes{9}); }};
  auto exchange = make_exchange(server.endpoint());
  exchange.deadline = std::chrono::seconds{30};
  const auto begin = std::chrono::steady_clock::now();
  const auto results = os::make_datagrams()->exchange({exchange});
  CHECK(results[0].status == ExchangeStatus::timed_out);
  CHECK(results[0].rejected == 1000);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{20});
}

TEST_CASE("what a stranger sends to our port is dropped by the kernel", "[datagrams]") {
  // The server answers from a second socket: right bytes, wrong sender.
  const int stranger = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int server = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in home{};
  home.sin_family = AF_INET;
  home.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof home;
  REQUIRE(::bind(server, reinterpret_cast<sockaddr*>(&home), size) == 0);
  REQUIRE(::getsockname(server, reinterpret_cast<sockaddr*>(&home), &size) == 0);
  std::thread spoofer{[&] {
    Bytes request(100);
    sockaddr_in from{};
    socklen_t length = sizeof from;
    const auto got = ::recvfrom(server, request.data(), request.size(), 0,
                                reinterpret_cast<sockaddr*>(&from), &length);
    ::sendto(stranger, request.data(), static_cast<std::size_t>(got), 0,
             reinterpret_cast<sockaddr*>(&from), length);
  }};
  auto exchange = make_exchange({*IpAddress::parse("127.0.0.1"), ntohs(home.sin_port)});
  exchange.deadline = milliseconds{200};
  const auto results = os::make_datagrams()->exchange({exchange});
  spoofer.join();
  ::close(stranger);
  ::close(server);
  CHECK(results[0].status == ExchangeStatus::timed_out);
  CHECK(results[0].rejected == 0);
}

TEST_CASE("each exchange has its own fate and results keep the order", "[datagrams]") {
  const LoopbackServer good{AF_INET, echo};
  const LoopbackServer silent{AF_INET, [](const Bytes&) { return std::vector<Bytes>{}; }};
  auto waiting = make_exchange(silent.endpoint());
  waiting.deadline = milliseconds{50};
  const Exchange no_route = make_exchange({*IpAddress::parse("255.255.255.255"), 123});
  const auto results = os::make_datagrams()->exchange(
      {waiting, make_exchange(good.endpoint(), {4}), make_exchange(closed_port()), no_route});
  CHECK(results[0].status == ExchangeStatus::timed_out);
  CHECK(results[1].status == ExchangeStatus::answered);
  CHECK(results[1].reply.bytes == Bytes{4});
  CHECK(results[2].status == ExchangeStatus::refused);
  CHECK(results[3].status == ExchangeStatus::failed);
}

TEST_CASE("ten thousand exchanges fit through few sockets", "[datagrams]") {
  const LoopbackServer server{AF_INET, echo};
  std::vector<Exchange> exchanges;
  for (int i = 0; i < 10'000; ++i) {
    exchanges.push_back(make_exchange(
        server.endpoint(), {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}));
  }
  const auto results = os::exchange_with_sockets(exchanges, 50);
  int answered = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    answered += results[i].status == ExchangeStatus::answered &&
                results[i].reply.bytes == exchanges[i].request;
  }
  CHECK(answered == 10'000);
}

TEST_CASE("requests that wait for answers go out in bursts that a socket can hold", "[datagrams]") {
  const LoopbackServer silent{AF_INET, [](const Bytes&) { return std::vector<Bytes>{}; }};
  auto impatient = make_exchange(silent.endpoint());
  impatient.deadline = milliseconds{200};
  const auto begin = std::chrono::system_clock::now();
  const auto results = os::make_datagrams()->exchange(std::vector<Exchange>(400, impatient));
  // Three bursts of 128, ten milliseconds each, go before the last.
  CHECK(results.back().sent - begin >= milliseconds{30});
}

TEST_CASE("no exchanges are no work", "[datagrams]") {
  CHECK(os::make_datagrams()->exchange({}).empty());
  CHECK(os::sockets_to_spare() > 0);
}
