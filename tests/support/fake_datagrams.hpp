// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "support/fake_clock.hpp"
#include "system/datagram.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace timectl::test {

system::Endpoint endpoint(const std::string& address, std::uint16_t port = 123);

/// An NTP server as its packets show it.
struct FakeNtpServer {
  int leap = 0;
  int version = 4;
  int mode = 4;
  int stratum = 2;
  std::uint32_t reference_id = 0xC0A80403;
  double root_delay_s = 0.010;
  double root_dispersion_s = 0.001;
  std::chrono::seconds reference_age{10};
  std::chrono::nanoseconds ahead{};  ///< of the fake clock
  std::chrono::nanoseconds there{500'000};
  std::chrono::nanoseconds back{500'000};

  /// chronyd before its first synchronization.
  static FakeNtpServer unsynchronized();
  /// chronyd in island mode.
  static FakeNtpServer island(int stratum = 10);
  /// A kiss-o'-death, "RATE" say.
  static FakeNtpServer kiss(const std::string& code);

  /// The 48 bytes it answers a request with that it receives at `receive` (its own clock).
  std::vector<std::uint8_t> reply_to(const std::vector<std::uint8_t>& request,
                                     WallTime receive) const;
};

/// A network in which every address without a server stays silent. Time passes on the clock as it
/// would on the way.
class FakeDatagrams : public system::DatagramClient {
 public:
  /// What comes back, in order, each offered to the exchange's `accept`.
  using Responder = std::function<std::vector<system::Datagram>(const system::Exchange&)>;

  /// Not empty: every exchange throws Error{io} with this.
  std::string broken;
  /// How long after our stamp the kernel lets a request go; nullopt: it does not say.
  std::optional<std::chrono::nanoseconds> transmit_delay;

  explicit FakeDatagrams(const FakeClock& clock) : clock_(clock) {}

  void put_server(const system::Endpoint& where, const FakeNtpServer& server);
  void put_responder(const system::Endpoint& where, Responder responder);
  /// Asking there ends at once with `status`.
  void put_status(const system::Endpoint& where, system::ExchangeStatus status);

  std::vector<system::ExchangeResult> exchange(
      const std::vector<system::Exchange>& exchanges) const override;

  /// Every request so far, in order.
  std::vector<std::vector<std::uint8_t>> requests() const;

 private:
  system::ExchangeResult exchange_one(const system::Exchange& exchange) const;

  const FakeClock& clock_;
  std::map<std::string, Responder> responders_;
  std::map<std::string, system::ExchangeStatus> statuses_;
  mutable std::mutex mutex_;  // probes ask from several threads
  mutable std::vector<std::vector<std::uint8_t>> requests_;
};

}  // namespace timectl::test
