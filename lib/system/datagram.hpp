// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"
#include "base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace timectl::system {

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
};

struct Datagram {
  std::vector<std::uint8_t> bytes;
  Endpoint from;
  WallTime received{};  ///< the kernel's receive stamp (SO_TIMESTAMPNS)
};

/// One question and the answer to it.
struct Exchange {
  Endpoint to;
  std::vector<std::uint8_t> request;
  /// Distinguishes the answer from noise, replays and spoofs; what it rejects is counted and the
  /// wait goes on. It must not throw.
  std::function<bool(const Datagram&)> accept;
  std::chrono::milliseconds deadline{1000};
  /// Ask the kernel when it let the request go. It costs two system calls and wakes the loop once.
  bool wants_transmit_stamp = false;
};

enum class ExchangeStatus {
  answered,
  timed_out,
  refused,      ///< ICMP port unreachable: no program listens there
  unreachable,  ///< no route, host or network unreachable
  failed,       ///< the socket could not be made or used
};

struct ExchangeResult {
  ExchangeStatus status = ExchangeStatus::failed;
  WallTime sent{};   ///< the system clock just before the datagram was handed to the kernel
  Datagram reply;    ///< when answered
  int rejected = 0;  ///< datagrams that `accept` turned away
  /// The kernel's own stamp of the moment it handed the request to the network driver. nullopt: it
  /// was not asked for, or the driver gives none.
  std::optional<WallTime> kernel_sent;
};

class DatagramClient {
 public:
  virtual ~DatagramClient() = default;

  /// Carries out all exchanges side by side in one loop, each from a socket and port of its own
  /// that is connected to its peer (so the kernel drops what comes from elsewhere). Results are
  /// in the order of the exchanges. Nothing throws for one exchange's sake.
  virtual std::vector<ExchangeResult> exchange(const std::vector<Exchange>& exchanges) const = 0;
};

}  // namespace timectl::system
