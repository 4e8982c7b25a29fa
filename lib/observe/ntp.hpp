// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "system/clock.hpp"
#include "system/datagram.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// An NTPv4 client that only asks (RFC 5905, mode 3).
namespace timectl::observe {

constexpr std::uint16_t ntp_port = 123;  ///< RFC 5905, section 7.2

/// A server's reply, decoded (RFC 5905 figure 8). Times are seconds.
struct NtpReply {
  int leap = 3;
  int version = 4;
  int mode = 4;
  int stratum = 0;
  int poll_log2 = 0;
  int precision_log2 = 0;
  Seconds root_delay{};
  Seconds root_dispersion{};
  std::string reference_id;  ///< eight hex digits
  std::string kiss_code;     ///< "RATE", "DENY", …: stratum 0 only
  std::uint64_t reference = 0, origin = 0, receive = 0, transmit = 0;  ///< 32.32 since 1900

  /// How long ago the server's clock was last set or corrected, by the server's own clock. The
  /// largest number there is for a server that never was.
  Seconds reference_age() const;
  /// The resolution that its clock claims.
  Seconds precision() const;
};

/// One exchange: what the server said, and what the four timestamps say of the local clock.
struct NtpSample {
  NtpReply reply;
  Seconds offset{};  ///< positive: the local clock is slow of the server
  Seconds round_trip{};
  /// What reading two clocks costs: the precision of the server's and the wander of ours while we
  /// waited (RFC 5905 section 8; our own clock reads nanoseconds).
  Seconds dispersion{};
  /// From our transmit stamp to the kernel's: what the system call and the queue took. Evidence
  /// only: chronyd's basic mode stamps its replies in user space as well, and with the kernel's
  /// stamp on our side alone the two ways would no longer be alike (-1 µs on the loopback).
  std::optional<Seconds> kernel_transmit_delay;
};

/// What a few exchanges with one server came to.
struct NtpMeasurement {
  system::Endpoint server;
  system::ExchangeStatus status = system::ExchangeStatus::failed;
  /// The usable sample with the least round trip; without a usable one the last reply that has
  /// timestamps, whose claims say what is wrong (then `problem` is not empty). nullopt: none.
  std::optional<NtpSample> best;
  int asked = 0;
  int answered = 0;
  int rejected = 0;  ///< datagrams that matched no request
  std::string
      problem;  ///< why there is no usable time: "kiss-o'-death RATE", "not synchronized", …
  std::string kiss_code;  ///< of its last answer: "RATE", "DENY"; "" where that was no kiss
  Seconds jitter{};       ///< root mean square of the usable offsets against the best

  /// True for usable time: a valid reply with nothing against it.
  bool is_usable() const { return best && problem.empty(); }
  /// True when the server claims to be synchronized: leap not 3, stratum 1..15.
  bool is_synchronized() const;
  /// |offset| + root dispersion + root delay/2 + round trip/2 + dispersion: how wrong the local
  /// clock can be if the server is right about itself. Without `best` the largest number there is.
  Seconds bound() const;
};

/// A client request whose transmit timestamp is the random `cookie` (RFC 9109, data minimization).
std::vector<std::uint8_t> make_ntp_request(std::uint64_t cookie);

/// Decodes 48 bytes or more (extension fields and MACs are ignored); nullopt for anything shorter
/// or of another version than 3 and 4.
std::optional<NtpReply> parse_ntp_reply(std::span<const std::uint8_t> bytes);

/// How often a server is asked.
struct Sampling {
  int most = 1;
  /// A server that answered within so short a round trip is not asked again: better samples could
  /// reduce the bound by half of it at most.
  Seconds content_with{};
};

/// Asks each server up to `sampling.most` times, all servers side by side; `deadline` is for each
/// exchange. A server that sends a kiss-o'-death or is not there is not asked again, one that stays
/// silent once more. Results are in the order of the servers.
std::vector<NtpMeasurement> measure_ntp(const std::vector<system::Endpoint>& servers,
                                        const Sampling& sampling,
                                        std::chrono::milliseconds deadline,
                                        const system::DatagramClient& datagrams);

}  // namespace timectl::observe
