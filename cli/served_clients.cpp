// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "served_clients.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <string_view>

namespace timectl::cli {

namespace {

constexpr std::chrono::milliseconds deadline{5000};

/// Who only sent commands is no client, and a host's questions to itself are none.
bool is_no_client(const system::ChronyClient& client) {
  return client.requests == 0 || client.address == "127.0.0.1" || client.address == "::1";
}

}  // namespace

std::vector<system::ChronyClient> served_clients(const system::ProcessRunner& processes) {
  if (!processes.find("chronyc")) {
    throw Error{ErrorKind::missing, "cannot list clients: chronyc is not installed",
                "only a time server has clients"};
  }
  const auto result = processes.run({.program = "chronyc",
                                     .arguments = {"-c", "-n", "clients"},
                                     .input = {},
                                     .deadline = deadline,
                                     .environment = {}});
  if (!result.succeeded()) {
    const auto said = trim(result.output.empty() ? result.errors : result.output);
    throw Error{ErrorKind::external,
                fmt::format("cannot list clients: chronyc says '{}'",
                            result.timed_out ? std::string_view{"nothing in time"}
                            : result.is_cut  ? std::string_view{"more than timectl reads"}
                                             : said),
                "chronyd tells root alone: systemctl status chrony.service"};
  }
  auto clients = system::parse_chrony_clients(result.output);
  std::erase_if(clients, is_no_client);
  return clients;
}

}  // namespace timectl::cli
