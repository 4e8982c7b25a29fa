// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/fake_datagrams.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace timectl::test {

namespace {

using system::ExchangeStatus;

std::string key_of(const system::Endpoint& where) {
  return fmt::format("{} {}", where.address.text(), where.port);
}

void put_word(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[at + i] = static_cast<std::uint8_t>(value >> (24U - 8U * i));
  }
}

void put_time(std::vector<std::uint8_t>& bytes, std::size_t at, WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  const auto rest = static_cast<double>((time.time_since_epoch() - whole).count()) / 1e9;
  put_word(bytes, at, static_cast<std::uint32_t>(whole.count() + 2'208'988'800));
  put_word(bytes, at + 4, static_cast<std::uint32_t>(rest * 4294967296.0));
}

std::uint32_t to_short(double seconds) {
  return static_cast<std::uint32_t>(std::lround(seconds * 65536));
}

}  // namespace

system::Endpoint endpoint(const std::string& address, std::uint16_t port) {
  return {IpAddress::parse(address).value(), port};
}

FakeNtpServer FakeNtpServer::unsynchronized() {
  FakeNtpServer server;
  server.leap = 3;
  server.stratum = 0;
  server.reference_id = 0;
  server.root_delay_s = 1;
  server.root_dispersion_s = 1;
  return server;
}

FakeNtpServer FakeNtpServer::island(int stratum) {
  FakeNtpServer server;
  server.stratum = stratum;
  server.reference_id = 0x7F7F0101;
  server.root_delay_s = 0;
  server.root_dispersion_s = 0;
  return server;
}

FakeNtpServer FakeNtpServer::kiss(const std::string& code) {
  FakeNtpServer server;
  server.leap = 3;
  server.stratum = 0;
  server.reference_id = 0;
  for (const char c : code) {
    server.reference_id = server.reference_id << 8U | static_cast<unsigned char>(c);
  }
  return server;
}

std::vector<std::uint8_t> FakeNtpServer::reply_to(const std::vector<std::uint8_t>& request,
                                                  WallTime receive) const {
  std::vector<std::uint8_t> reply(48, 0);
  reply[0] = static_cast<std::uint8_t>(leap << 6 | version << 3 | mode);
  reply[1] = static_cast<std::uint8_t>(stratum);
  reply[2] = 6;
  reply[3] = 0xe8;  // 2^-24 s
  put_word(reply, 4, to_short(root_delay_s));
  put_word(reply, 8, to_short(root_dispersion_s));
  put_word(reply, 12, reference_id);
  put_time(reply, 16, receive - reference_age);
  std::copy(request.begin() + 40, request.begin() + 48, reply.begin() + 24);
  put_time(reply, 32, receive);
  put_time(reply, 40, receive + std::chrono::microseconds{20});
  return reply;
}

void FakeDatagrams::put_server(const system::Endpoint& where, const FakeNtpServer& server) {
  put_responder(where, [this, where, server](const system::Exchange& exchange) {
    clock_.advance(server.there);
    auto reply = server.reply_to(exchange.request, clock_.now() + server.ahead);
    clock_.advance(std::chrono::microseconds{20} + server.back);
    return std::vector<system::Datagram>{{std::move(reply), where, clock_.now()}};
  });
}

void FakeDatagrams::put_responder(const system::Endpoint& where, Responder responder) {
  statuses_.erase(key_of(where));
  responders_[key_of(where)] = std::move(responder);
}

void FakeDatagrams::put_status(const system::Endpoint& where, ExchangeStatus status) {
  statuses_[key_of(where)] = status;
}

system::ExchangeResult FakeDatagrams::exchange_one(const system::Exchange& exchange) const {
  system::ExchangeResult result;
  result.sent = clock_.now();
  if (transmit_delay && exchange.wants_transmit_stamp) {
    result.kernel_sent = result.sent + *transmit_delay;
  }
  requests_.push_back(exchange.request);
  const auto key = key_of(exchange.to);
  if (const auto status = statuses_.find(key); status != statuses_.end()) {
    result.status = status->second;
    return result;
  }
  result.status = ExchangeStatus::timed_out;
  const auto responder = responders_.find(key);
  if (responder != responders_.end()) {
    for (auto& datagram : responder->second(exchange)) {
      if (exchange.accept(datagram)) {
        result.status = ExchangeStatus::answered;
        result.reply = std::move(datagram);
        return result;
      }
      ++result.rejected;
    }
  }
  clock_.advance(exchange.deadline);
  return result;
}

std::vector<system::ExchangeResult> FakeDatagrams::exchange(
    const std::vector<system::Exchange>& exchanges) const {
  if (!broken.empty()) throw Error{ErrorKind::io, broken};
  const std::lock_guard lock{mutex_};
  std::vector<system::ExchangeResult> results;
  for (const auto& exchange : exchanges) results.push_back(exchange_one(exchange));
  return results;
}

std::vector<std::vector<std::uint8_t>> FakeDatagrams::requests() const {
  const std::lock_guard lock{mutex_};
  return requests_;
}

}  // namespace timectl::test
