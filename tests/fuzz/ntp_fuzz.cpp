// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "observe/ntp.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace timectl;

namespace {

/// A server that answers every request with the bytes under test, and knows the cookie: only what
/// is behind the origin check can still be wrong.
class Hostile : public system::DatagramClient {
 public:
  explicit Hostile(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}

  std::vector<system::ExchangeResult> exchange(
      const std::vector<system::Exchange>& exchanges) const override {
    std::vector<system::ExchangeResult> results;
    for (const auto& exchange : exchanges) results.push_back(answer(exchange));
    return results;
  }

 private:
  system::ExchangeResult answer(const system::Exchange& exchange) const {
    system::ExchangeResult result;
    result.status = system::ExchangeStatus::timed_out;
    result.sent = WallTime{std::chrono::seconds{1'795'176'000}};
    result.reply = {bytes_, exchange.to, result.sent + std::chrono::milliseconds{1}};
    if (bytes_.size() >= 48) {
      std::copy(exchange.request.begin() + 40, exchange.request.end(),
                result.reply.bytes.begin() + 24);
    }
    if (exchange.accept(result.reply)) result.status = system::ExchangeStatus::answered;
    return result;
  }

  std::vector<std::uint8_t> bytes_;
};

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::uint8_t> bytes(data, data + size);
  require(observe::parse_ntp_reply(bytes).has_value() <= (size >= 48));
  const system::Endpoint server{*IpAddress::parse("192.168.4.2"), 123};
  const auto measured =
      observe::measure_ntp({server}, {2}, std::chrono::milliseconds{1}, Hostile{bytes}).front();
  require(std::isfinite(measured.bound().count()) && std::isfinite(measured.jitter.count()));
  require(!measured.is_usable() || measured.is_synchronized());
  if (!measured.best) return 0;
  require(std::isfinite(measured.best->offset.count()));
  require(measured.best->round_trip >= Seconds{});
  return 0;
}
