// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "served_clients.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <functional>
#include <string_view>

namespace timectl::cli {

namespace {

constexpr std::chrono::milliseconds deadline{5000};

}  // namespace

std::vector<system::ChronyClient> served_clients(const system::ProcessRunner& processes) {
  if (!processes.find(platform::chrony::client)) {
    throw Error{ErrorKind::missing, "cannot list clients: chronyc is not installed",
                "only a time server has clients"};
  }
  const auto result = processes.run({.program = platform::chrony::client,
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
                fmt::format("chronyd tells only root: sudo timectl clients; systemctl status {}",
                            platform::chronyd.unit)};
  }
  auto clients = system::parse_chrony_clients(result.output);
  std::erase_if(clients, std::not_fn(system::is_served));
  return clients;
}

}  // namespace timectl::cli
