// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "observe/ntp.hpp"
#include "probe/asks.hpp"
#include "probe/masked.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::probe {

namespace {

constexpr std::uint16_t command_port = 323;
constexpr auto system_bus = "/run/dbus/system_bus_socket";

bool holds(const Ports& ports, const std::string& program, std::uint16_t port) {
  const auto holders = ports.network.udp_listeners(port);
  return std::any_of(holders.begin(), holders.end(),
                     [&](const auto& holder) { return holder.program == program; });
}

}  // namespace

Problem why_stopped(std::string summary, const std::string& name, const system::UnitState& unit) {
  if (unit.is_masked()) {
    return {std::move(summary), fmt::format("{} is masked: nothing can start it", name),
            fmt::format("{} && systemctl start {}", unmask_command(name, unit), name)};
  }
  return {std::move(summary),
          fmt::format("{} is {}", name, unit.exists() ? unit.active_state : unit.load_state),
          fmt::format("systemctl start {0}; journalctl -b -u {0}", name)};
}

std::optional<Problem> why_off_the_bus(const std::string& name, const std::string& unit,
                                       const system::ServiceReader& services,
                                       const system::FileReader& files) {
  const bool runs = services.is_running() && services.state(unit).active_state == "active";
  if (!runs || !files.status(system::RootedPath{system_bus})) return std::nullopt;
  return Problem{fmt::format("{} runs, and is not on the system bus", name),
                 "the bus was started anew, and it does not come back to it by itself",
                 fmt::format("systemctl restart {}", unit)};
}

Finding judge_silence(const SilentDaemon& daemon, const Ports& ports) {
  const auto unit = ports.services.state(daemon.unit);
  const bool has_socket =
      holds(ports, daemon.program, observe::ntp_port) || holds(ports, daemon.program, command_port);
  Evidence evidence{
      {"unit", daemon.unit}, {"active_state", unit.active_state}, {"holds_a_port", has_socket}};
  const bool is_stopped =
      ports.services.is_running() && !unit.is_active() && !unit.active_state.empty();
  if (is_stopped && !has_socket) {
    return failed(why_stopped(fmt::format("{} does not run", daemon.name), daemon.unit, unit),
                  std::move(evidence));
  }
  if (daemon.is_asked_by_bus) {
    auto lost = why_off_the_bus(daemon.name, daemon.unit, ports.services, ports.files);
    if (lost) return failed(*std::move(lost), std::move(evidence));
  }
  const bool runs = unit.is_active() || has_socket;
  return {{},
          Verdict::unknown,
          runs ? fmt::format("{} runs, and cannot be asked", daemon.name)
               : fmt::format("whether {} runs is not known", daemon.name),
          std::move(evidence),
          daemon.why,
          daemon.remedy};
}

}  // namespace timectl::probe
