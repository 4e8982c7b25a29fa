// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "observe/ntp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace timectl::observe {

namespace {

using system::Datagram;
using system::Exchange;
using system::ExchangeResult;
using system::ExchangeStatus;

constexpr std::size_t header_size = 48;
constexpr std::size_t transmit_at = 40;
/// A reply to 48 bytes has at most a MAC and a few extension fields more.
constexpr std::size_t largest_reply = 512;
constexpr double two_to_32 = 4294967296.0;
/// RFC 5905 MAXDISP: a server that far from its reference knows nothing.
constexpr Seconds absurd_distance{16};
/// RFC 5905 PHI: what a disciplined clock may wander, seconds a second.
constexpr double wander = 15e-6;
/// Two clocks that are read at different times may make a round trip slightly negative.
constexpr Seconds tolerated_negative{0.001};
/// Up to so many servers are measured with the kernel's timestamps, for a user who reads each line.
constexpr std::size_t few_servers = 16;

std::uint32_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) << 24U |
         static_cast<std::uint32_t>(bytes[at + 1]) << 16U |
         static_cast<std::uint32_t>(bytes[at + 2]) << 8U | bytes[at + 3];
}

std::uint64_t timestamp_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint64_t>(word_at(bytes, at)) << 32U | word_at(bytes, at + 4);
}

/// NTP's short format: 16.16 seconds.
Seconds short_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return Seconds{word_at(bytes, at) / 65536.0};
}

/// The four characters of a kiss code; "" when the bytes are none (chronyd before its first
/// synchronization sends stratum 0 with reference id 0, which is no kiss).
std::string kiss_code(std::span<const std::uint8_t> reference_id) {
  std::string code;
  for (const auto byte : reference_id) {
    if (byte == 0) break;
    if (byte < 0x20 || byte > 0x7e) return {};
    code += static_cast<char>(byte);
  }
  return code;
}

/// 32.32 seconds since 1900, modulo the era of 136 years.
std::uint64_t to_ntp(WallTime time) {
  constexpr std::int64_t seconds_1900_to_1970 = 2'208'988'800;
  const auto since_1970 = time.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_1970);
  const auto nanoseconds = static_cast<std::uint64_t>((since_1970 - whole).count());
  const auto seconds = static_cast<std::uint64_t>(whole.count() + seconds_1900_to_1970);
  return seconds << 32U | (nanoseconds << 32U) / 1'000'000'000U;
}

/// later - earlier. The difference modulo 2^64 picks the era that brings both nearest together, so
/// the wrap of 2036 needs no special case.
Seconds difference(std::uint64_t later, std::uint64_t earlier) {
  return Seconds{static_cast<double>(static_cast<std::int64_t>(later - earlier)) / two_to_32};
}

bool is_answer(const NtpReply& reply, std::uint64_t cookie) {
  return reply.mode == 4 && reply.origin == cookie;
}

bool claims_synchronized(const NtpReply& reply) {
  return reply.leap != 3 && reply.stratum >= 1 && reply.stratum <= 15;
}

/// Why the reply holds no timestamps to compute with; "" when it does.
std::string without_time(const NtpReply& reply) {
  if (!reply.kiss_code.empty()) return fmt::format("kiss-o'-death {}", reply.kiss_code);
  if (reply.receive == 0 || reply.transmit == 0) return "the reply has no timestamps";
  if (difference(reply.transmit, reply.receive) < Seconds{}) {
    return "the reply was sent before its request was received";
  }
  return {};
}

/// Why the time of a complete sample is not to be used; "" when it is.
std::string objection(const NtpSample& sample) {
  const auto& reply = sample.reply;
  const Seconds distance = reply.root_dispersion + reply.root_delay / 2 + reply.precision();
  if (!claims_synchronized(reply)) {
    return fmt::format("not synchronized (leap {}, stratum {})", reply.leap, reply.stratum);
  }
  if (distance >= absurd_distance) {
    return fmt::format("root distance of {}", format_span(distance));
  }
  if (sample.round_trip < -tolerated_negative) return "the local clock was stepped meanwhile";
  return {};
}

NtpSample make_sample(const NtpReply& reply, const ExchangeResult& result) {
  const auto sent = result.sent;
  const auto received = result.reply.received;
  NtpSample sample;
  sample.reply = reply;
  const auto there = difference(reply.receive, to_ntp(sent));
  const auto back = difference(reply.transmit, to_ntp(received));
  sample.offset = (there + back) / 2;
  sample.round_trip = Seconds{received - sent} - difference(reply.transmit, reply.receive);
  sample.dispersion = reply.precision() + wander * std::max(sample.round_trip, Seconds{});
  if (result.kernel_sent) sample.kernel_transmit_delay = Seconds{*result.kernel_sent - sent};
  return sample;
}

std::string silence(ExchangeStatus status, std::chrono::milliseconds deadline) {
  switch (status) {
    case ExchangeStatus::answered:
      return {};
    case ExchangeStatus::timed_out:
      return fmt::format("no reply within {}", format_span(deadline));
    case ExchangeStatus::refused:
      return "refused: no process listens on that port";
    case ExchangeStatus::unreachable:
      return "no route to the host";
    case ExchangeStatus::failed:
      return "the request could not be sent";
  }
  return "the request could not be sent";
}

Exchange make_exchange(const system::Endpoint& server, std::uint64_t cookie,
                       std::chrono::milliseconds deadline) {
  const auto accept = [server, cookie](const Datagram& datagram) {
    if (datagram.from != server || datagram.bytes.size() > largest_reply) return false;
    const auto reply = parse_ntp_reply(datagram.bytes);
    return reply && is_answer(*reply, cookie);
  };
  return {server, make_ntp_request(cookie), accept, deadline, false};
}

/// Collects the exchanges with one server.
class Series {
 public:
  Series(const system::Endpoint& server, std::chrono::milliseconds deadline, Seconds content_with)
      : deadline_(deadline), content_with_(content_with) {
    measurement_.server = server;
  }

  bool wants_more() const { return !finished_; }

  void add(const ExchangeResult& result) {
    ++measurement_.asked;
    measurement_.rejected += result.rejected;
    if (result.status == ExchangeStatus::answered) {
      add_reply(result);
    } else {
      add_silence(result.status);
    }
  }

  NtpMeasurement finish() {
    if (usable_.empty()) return measurement_;
    const auto by_round_trip = [](const NtpSample& a, const NtpSample& b) {
      return a.round_trip < b.round_trip;
    };
    measurement_.best = *std::min_element(usable_.begin(), usable_.end(), by_round_trip);
    measurement_.problem.clear();
    measurement_.kiss_code.clear();
    measurement_.jitter = jitter();
    return measurement_;
  }

 private:
  void add_reply(const ExchangeResult& result) {
    measurement_.status = ExchangeStatus::answered;
    ++measurement_.answered;
    const auto reply = parse_ntp_reply(result.reply.bytes);
    if (!reply) return;  // `accept` let it through, so it parses
    measurement_.problem = without_time(*reply);
    measurement_.kiss_code = reply->kiss_code;
    finished_ = !reply->kiss_code.empty();
    if (!measurement_.problem.empty()) return;
    auto sample = make_sample(*reply, result);
    measurement_.problem = objection(sample);
    sample.round_trip = std::max(sample.round_trip, Seconds{});
    measurement_.best = sample;
    if (!measurement_.problem.empty()) return;
    usable_.push_back(sample);
    finished_ = sample.round_trip < content_with_;
  }

  void add_silence(ExchangeStatus status) {
    if (measurement_.answered == 0) {
      measurement_.status = status;
      measurement_.problem = silence(status, deadline_);
    }
    finished_ = status != ExchangeStatus::timed_out || ++timeouts_ == 2;
  }

  Seconds jitter() const {
    double sum = 0;
    for (const auto& sample : usable_) {
      sum += std::pow((sample.offset - measurement_.best->offset).count(), 2);
    }
    const auto others = std::max<std::size_t>(1, usable_.size() - 1);
    return Seconds{std::sqrt(sum / static_cast<double>(others))};
  }

  NtpMeasurement measurement_;
  std::chrono::milliseconds deadline_;
  Seconds content_with_;
  std::vector<NtpSample> usable_;
  int timeouts_ = 0;
  bool finished_ = false;
};

/// Unguessable, so that no host off the path can answer for the server; never zero, which some
/// servers echo for "none".
std::uint64_t make_cookie(std::random_device& random) {
  const std::uint64_t high = random();
  const std::uint64_t low = random();
  return std::max<std::uint64_t>(1, high << 32U | (low & 0xffffffffU));
}

}  // namespace

bool NtpMeasurement::is_synchronized() const { return best && claims_synchronized(best->reply); }

Seconds NtpMeasurement::bound() const {
  if (!best) return Seconds::max();
  const auto& reply = best->reply;
  return Seconds{std::abs(best->offset.count())} + reply.root_dispersion + reply.root_delay / 2 +
         best->round_trip / 2 + best->dispersion;
}

Seconds NtpReply::precision() const { return Seconds{std::exp2(precision_log2)}; }

Seconds NtpReply::reference_age() const {
  if (reference == 0) return Seconds::max();
  // The difference modulo the era is signed: a clock that was stepped back has a reference ahead.
  return Seconds{static_cast<double>(static_cast<std::int64_t>(transmit - reference)) / two_to_32};
}

std::vector<std::uint8_t> make_ntp_request(std::uint64_t cookie) {
  std::vector<std::uint8_t> request(header_size, 0);
  request[0] = 4U << 3U | 3U;
  for (std::size_t i = 0; i < 8; ++i) {
    request[transmit_at + i] = static_cast<std::uint8_t>(cookie >> (56U - 8U * i));
  }
  return request;
}

std::optional<NtpReply> parse_ntp_reply(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < header_size) return std::nullopt;
  NtpReply reply;
  reply.leap = bytes[0] >> 6U;
  reply.version = bytes[0] >> 3U & 7U;
  reply.mode = bytes[0] & 7U;
  if (reply.version != 3 && reply.version != 4) return std::nullopt;
  reply.stratum = bytes[1];
  reply.poll_log2 = static_cast<std::int8_t>(bytes[2]);
  reply.precision_log2 = static_cast<std::int8_t>(bytes[3]);
  reply.root_delay = short_at(bytes, 4);
  reply.root_dispersion = short_at(bytes, 8);
  reply.reference_id = fmt::format("{:08X}", word_at(bytes, 12));
  if (reply.stratum == 0) reply.kiss_code = kiss_code(bytes.subspan(12, 4));
  reply.reference = timestamp_at(bytes, 16);
  reply.origin = timestamp_at(bytes, 24);
  reply.receive = timestamp_at(bytes, 32);
  reply.transmit = timestamp_at(bytes, transmit_at);
  return reply;
}

std::vector<NtpMeasurement> measure_ntp(const std::vector<system::Endpoint>& servers,
                                        const Sampling& sampling,
                                        std::chrono::milliseconds deadline,
                                        const system::DatagramClient& datagrams) {
  std::random_device random;
  std::vector<Series> all;
  for (const auto& server : servers) all.emplace_back(server, deadline, sampling.content_with);
  for (int round = 0; round < sampling.most; ++round) {
    std::vector<Exchange> exchanges;
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!all[i].wants_more()) continue;
      exchanges.push_back(make_exchange(servers[i], make_cookie(random), deadline));
      exchanges.back().wants_transmit_stamp = servers.size() <= few_servers;
      asked.push_back(i);
    }
    if (asked.empty()) break;
    const auto results = datagrams.exchange(exchanges);
    for (std::size_t i = 0; i < asked.size(); ++i) all[asked[i]].add(results[i]);
  }
  std::vector<NtpMeasurement> measurements;
  for (auto& series : all) measurements.push_back(series.finish());
  return measurements;
}

}  // namespace timectl::observe
