// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "observe/ntp.hpp"

#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_datagrams.hpp"

#include <cmath>
#include <random>
#include <set>

using namespace timectl;
using namespace timectl::observe;
using namespace timectl::test;
using namespace std::chrono_literals;
using system::ExchangeStatus;

namespace {

struct Site {
  FakeClock clock;
  FakeDatagrams network{clock};
  system::Endpoint server = endpoint("192.168.4.2");

  NtpMeasurement measure(int samples = 1) {
    return measure_ntp({server}, {samples}, 1s, network).front();
  }

  /// A server that answers and then does `distort` to its reply.
  void put_distorted(const FakeNtpServer& honest,
                     const std::function<void(system::Datagram&)>& distort) {
    network.put_responder(server, [=, this](const system::Exchange& exchange) {
      system::Datagram reply{honest.reply_to(exchange.request, clock.now()), server, clock.now()};
      distort(reply);
      return std::vector{reply};
    });
  }
};

bool is_finite(const NtpMeasurement& measured) {
  return std::isfinite(measured.bound().count()) && std::isfinite(measured.jitter.count()) &&
         (!measured.best || (std::isfinite(measured.best->offset.count()) &&
                             std::isfinite(measured.best->round_trip.count())));
}

}  // namespace

TEST_CASE("a request tells nothing of the client but a random cookie") {
  const auto request = make_ntp_request(0x0123456789abcdefU);
  REQUIRE(request.size() == 48);
  CHECK(request[0] == 0x23);  // leap 0, version 4, mode 3
  CHECK(std::all_of(request.begin() + 1, request.begin() + 40, [](auto b) { return b == 0; }));
  CHECK(std::vector<std::uint8_t>(request.begin() + 40, request.end()) ==
        std::vector<std::uint8_t>{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef});
}

TEST_CASE("who gave time soon enough is not asked again") {
  Site site;
  FakeNtpServer server;
  server.there = server.back = 5ms;
  site.network.put_server(site.server, server);
  CHECK(measure_ntp({site.server}, {4, 20ms}, 1s, site.network).front().asked == 1);
  CHECK(measure_ntp({site.server}, {4, 1ms}, 1s, site.network).front().asked == 4);
}

TEST_CASE("every request has another cookie") {
  Site site;
  site.network.put_server(site.server, {});
  site.measure(100);
  const auto requests = site.network.requests();
  CHECK(std::set(requests.begin(), requests.end()).size() == 100);
}

TEST_CASE("offset, round trip and bound come out of the four timestamps") {
  Site site;
  FakeNtpServer server;
  server.ahead = 250ms;
  server.there = 2ms;
  server.back = 2ms;
  site.network.put_server(site.server, server);
  const auto measured = site.measure(3);
  REQUIRE(measured.is_usable());
  CHECK(measured.best->offset.count() == Approx(0.250).margin(1e-8));
  CHECK(measured.best->round_trip.count() == Approx(0.004).margin(1e-8));
  CHECK(measured.bound().count() == Approx(0.250 + 0.001 + 0.005 + 0.002).margin(5e-5));
  CHECK(measured.jitter.count() == Approx(0).margin(1e-8));
  CHECK(measured.answered == 3);
}

TEST_CASE("the dispersion of a sample is the server's precision and our wander while we waited") {
  Site site;
  FakeNtpServer slow;
  slow.there = slow.back = 400ms;
  site.network.put_server(site.server, slow);
  const auto measured = site.measure();
  REQUIRE(measured.best);
  CHECK(measured.best->dispersion.count() == Approx(std::exp2(-24) + 15e-6 * 0.8));
  CHECK(measured.bound() > measured.best->round_trip / 2 + measured.best->dispersion);
}

TEST_CASE("the kernel's transmit stamp is evidence and moves no number") {
  Site site;
  site.network.put_server(site.server, {});
  const auto without = site.measure();
  CHECK_FALSE(without.best->kernel_transmit_delay);
  site.network.transmit_delay = 40us;
  const auto with = site.measure();
  REQUIRE(with.best->kernel_transmit_delay);
  CHECK(with.best->kernel_transmit_delay->count() == Approx(40e-6));
  CHECK(with.best->offset.count() == Approx(without.best->offset.count()).margin(1e-8));
  CHECK(with.best->round_trip.count() == Approx(without.best->round_trip.count()).margin(1e-8));
}

TEST_CASE("of many servers at once the kernel is asked for no transmit stamps") {
  Site site;
  site.network.put_server(site.server, {});
  site.network.transmit_delay = 40us;
  const auto stamps = [&](std::size_t servers) {
    const auto all = measure_ntp({servers, site.server}, {1}, 1s, site.network);
    return std::count_if(all.begin(), all.end(), [](const NtpMeasurement& each) {
      return each.best->kernel_transmit_delay.has_value();
    });
  };
  CHECK(stamps(16) == 16);
  CHECK(stamps(17) == 0);
}

TEST_CASE("an asymmetric way shows as half of the difference, and the bound covers it") {
  Site site;
  FakeNtpServer server;
  server.there = 30ms;
  server.back = 10ms;
  site.network.put_server(site.server, server);
  const auto measured = site.measure();
  CHECK(measured.best->offset.count() == Approx(0.010).margin(1e-8));
  CHECK(measured.bound() >= Seconds{0.020});
}

TEST_CASE("the sample with the least round trip is the best one") {
  Site site;
  int asked = 0;
  site.network.put_responder(site.server, [&](const system::Exchange& exchange) {
    const auto delay = ++asked == 2 ? 1ms : 20ms;
    FakeNtpServer server;
    site.clock.advance(delay);
    auto bytes = server.reply_to(exchange.request, site.clock.now());
    site.clock.advance(20us);
    return std::vector<system::Datagram>{{bytes, site.server, site.clock.now()}};
  });
  const auto measured = site.measure(4);
  CHECK(measured.best->round_trip.count() == Approx(0.001).margin(1e-8));
  CHECK(measured.best->offset.count() == Approx(0.0005).margin(1e-8));
  CHECK(measured.jitter.count() == Approx(0.0095).margin(1e-6));
}

TEST_CASE("a server beyond the end of the era of 2036 is near, not 136 years away") {
  Site site;
  site.clock.set(*parse_utc("2036-02-07T06:28:15Z"));
  FakeNtpServer server;
  server.ahead = 10s;
  site.network.put_server(site.server, server);
  CHECK(site.measure().best->offset.count() == Approx(10).margin(1e-6));
  site.clock.set(*parse_utc("2040-01-01T00:00:00Z"));
  CHECK(site.measure().best->offset.count() == Approx(10).margin(1e-6));
}

TEST_CASE("a clock that starts in 1970 finds the way to the present") {
  Site site;
  site.clock.set(WallTime{1h});
  FakeNtpServer server;
  server.ahead = *parse_utc("2026-11-20T12:00:00Z") - WallTime{1h};
  site.network.put_server(site.server, server);
  const auto offset = Seconds{server.ahead};
  CHECK(site.measure().best->offset.count() == Approx(offset.count()).margin(1e-5));
}

TEST_CASE("a kiss-o'-death is not time, and the server is left alone") {
  for (const auto* code : {"RATE", "DENY", "RSTR"}) {
    Site site;
    site.network.put_server(site.server, FakeNtpServer::kiss(code));
    const auto measured = site.measure(4);
    CHECK(measured.status == ExchangeStatus::answered);
    CHECK(measured.problem == std::string{"kiss-o'-death "} + code);
    CHECK_FALSE(measured.best);
    CHECK(measured.asked == 1);
  }
}

TEST_CASE("a chronyd without island mode answers, and its claims are kept without being time") {
  Site site;
  site.network.put_server(site.server, FakeNtpServer::unsynchronized());
  const auto measured = site.measure(2);
  CHECK(measured.status == ExchangeStatus::answered);
  REQUIRE(measured.best);
  CHECK(measured.best->reply.leap == 3);
  CHECK(measured.best->reply.reference_id == "00000000");
  CHECK(measured.problem == "not synchronized (leap 3, stratum 0)");
  CHECK_FALSE(measured.is_synchronized());
  CHECK_FALSE(measured.is_usable());
}

TEST_CASE("an island is synchronized by its own word and says who it is by its reference") {
  Site site;
  site.network.put_server(site.server, FakeNtpServer::island());
  const auto measured = site.measure();
  CHECK(measured.is_usable());
  CHECK(measured.best->reply.reference_id == "7F7F0101");
  CHECK(measured.best->reply.stratum == 10);
}

TEST_CASE("claims that cannot be are a problem and not a time") {
  struct Row {
    const char* what;
    std::function<void(FakeNtpServer&)> change;
    const char* problem;
  };
  const std::vector<Row> rows{
      {"leap", [](auto& s) { s.leap = 3; }, "not synchronized (leap 3, stratum 2)"},
      {"stratum", [](auto& s) { s.stratum = 16; }, "not synchronized (leap 0, stratum 16)"},
      {"stratum 255", [](auto& s) { s.stratum = 255; }, "not synchronized (leap 0, stratum 255)"},
      {"dispersion", [](auto& s) { s.root_dispersion_s = 30000; }, "root distance of 8.33 h"},
      {"delay", [](auto& s) { s.root_delay_s = 40; }, "root distance of 20 s"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    Site site;
    FakeNtpServer server;
    row.change(server);
    site.network.put_server(site.server, server);
    const auto measured = site.measure();
    CHECK(measured.problem == row.problem);
    CHECK_FALSE(measured.is_usable());
    CHECK(is_finite(measured));
  }
}

TEST_CASE("timestamps that are zero or in the wrong order are no time") {
  Site site;
  const auto zero = [](std::size_t at) {
    return [at](system::Datagram& reply) {
      std::fill_n(reply.bytes.begin() + static_cast<std::ptrdiff_t>(at), 8, std::uint8_t{0});
    };
  };
  site.put_distorted({}, zero(40));
  CHECK(site.measure().problem == "the reply has no timestamps");
  site.put_distorted({}, zero(32));
  CHECK(site.measure().problem == "the reply has no timestamps");
  site.put_distorted({}, [](system::Datagram& reply) { reply.bytes[35] += 2; });
  CHECK(site.measure().problem == "the reply was sent before its request was received");
  CHECK_FALSE(site.measure().best);
}

TEST_CASE("what does not belong to the request is turned away") {
  struct Row {
    const char* what;
    std::function<void(system::Datagram&)> distort;
  };
  const std::vector<Row> rows{
      {"origin of another request", [](auto& reply) { reply.bytes[31] ^= 1U; }},
      {"no origin", [](auto& r) { std::fill_n(r.bytes.begin() + 24, 8, std::uint8_t{0}); }},
      {"truncated", [](auto& reply) { reply.bytes.resize(47); }},
      {"empty", [](auto& reply) { reply.bytes.clear(); }},
      {"another address", [](auto& reply) { reply.from = endpoint("192.168.4.66"); }},
      {"another port", [](auto& reply) { reply.from.port = 1123; }},
      {"mode 3", [](auto& reply) { reply.bytes[0] = 0x23; }},
      {"mode 5", [](auto& reply) { reply.bytes[0] = 0x25; }},
      {"version 2", [](auto& reply) { reply.bytes[0] = 0x14; }},
      {"version 7", [](auto& reply) { reply.bytes[0] = 0x3c; }},
      {"oversize", [](auto& reply) { reply.bytes.resize(1400); }},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    Site site;
    site.put_distorted({}, row.distort);
    const auto measured = site.measure();
    CHECK(measured.status == ExchangeStatus::timed_out);
    CHECK(measured.rejected == 1);
    CHECK(measured.problem == "no reply within 1 s");
    CHECK_FALSE(measured.best);
  }
}

TEST_CASE("a good reply that was recorded earlier is not accepted again") {
  Site site;
  std::vector<std::uint8_t> recorded;
  site.put_distorted({}, [&](system::Datagram& reply) {
    if (recorded.empty()) recorded = reply.bytes;
    reply.bytes = recorded;
  });
  CHECK(site.measure().is_usable());
  CHECK(site.measure().rejected == 1);
}

TEST_CASE("a flood of noise before the true reply is counted and passed over") {
  Site site;
  site.network.put_responder(site.server, [&](const system::Exchange& exchange) {
    std::vector<system::Datagram> flood(
        50, {std::vector<std::uint8_t>(48, 0xff), site.server, site.clock.now()});
    flood.push_back({FakeNtpServer{}.reply_to(exchange.request, site.clock.now()), site.server,
                     site.clock.now()});
    return flood;
  });
  const auto measured = site.measure();
  CHECK(measured.is_usable());
  CHECK(measured.rejected == 50);
}

TEST_CASE("extension fields behind the header are ignored") {
  Site site;
  site.put_distorted({}, [](auto& reply) { reply.bytes.resize(48 + 32, 0xaa); });
  CHECK(site.measure().is_usable());
}

TEST_CASE("silence is asked about twice, a closed port once, and each says which it was") {
  Site site;
  const auto silent = site.measure(8);
  CHECK(silent.asked == 2);
  CHECK(silent.problem == "no reply within 1 s");
  CHECK(silent.bound() == Seconds::max());
  site.network.put_status(site.server, ExchangeStatus::refused);
  const auto refused = site.measure(8);
  CHECK(refused.asked == 1);
  CHECK(refused.status == ExchangeStatus::refused);
  CHECK(refused.problem == "refused: no process listens on that port");
  site.network.put_status(site.server, ExchangeStatus::unreachable);
  CHECK(site.measure().problem == "no route to the host");
}

TEST_CASE("a lost datagram does not spoil a measurement") {
  Site site;
  int asked = 0;
  site.network.put_responder(site.server, [&](const system::Exchange& exchange) {
    std::vector<system::Datagram> replies;
    if (++asked != 2) {
      replies.push_back({FakeNtpServer{}.reply_to(exchange.request, site.clock.now()), site.server,
                         site.clock.now()});
    }
    return replies;
  });
  const auto measured = site.measure(4);
  CHECK(measured.is_usable());
  CHECK(measured.answered == 3);
  CHECK(measured.asked == 4);
}

TEST_CASE("many servers are asked side by side and answered in their order") {
  Site site;
  std::vector<system::Endpoint> servers;
  for (int i = 1; i <= 50; ++i) servers.push_back(endpoint("127.0.0." + std::to_string(i)));
  for (std::size_t i = 0; i < servers.size(); i += 2) site.network.put_server(servers[i], {});
  const auto all = measure_ntp(servers, {1}, 1s, site.network);
  REQUIRE(all.size() == 50);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].server == servers[i]);
    CHECK(all[i].is_usable() == (i % 2 == 0));
  }
}

TEST_CASE("no bytes whatever crash the parser or make a number that is none") {
  std::mt19937_64 random{20261120};  // fixed, so that a failure can be repeated
  Site site;
  for (int i = 0; i < 20000; ++i) {
    site.put_distorted({}, [&](system::Datagram& reply) {
      if (i % 4 == 0) reply.bytes.resize(random() % 128);
      for (std::size_t k = 0; k < reply.bytes.size(); ++k) {
        // The origin stays in most, so that the arithmetic is reached.
        const bool keeps = i % 3 != 0 && (k == 0 || (k >= 24 && k < 32));
        if (!keeps) reply.bytes[k] = static_cast<std::uint8_t>(random());
      }
    });
    const auto measured = site.measure();
    REQUIRE(is_finite(measured));
    REQUIRE((!measured.is_usable() || measured.is_synchronized()));
  }
}
