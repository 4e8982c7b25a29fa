// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "observe/ntp.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"
#include "probe/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

/// owners and files.drift.
namespace timectl::probe {

namespace {

using system::UdpListener;
using system::UnitState;

struct Owner {
  std::string unit;
  std::string why;  ///< it must not run beside ours
};

/// Programs that set a guest's clock from its host's by themselves; qemu-guest-agent does on
/// request.
struct GuestAgent {
  const char* unit;
  const char* remedy;
};
constexpr std::array<GuestAgent, 3> guest_agents{
    {{"open-vm-tools.service", "vmware-toolbox-cmd timesync disable"},
     {"virtualbox-guest-utils.service",
      "VBoxManage setextradata VM "
      "VBoxInternal/Devices/VMMDev/0/Config/GetHostTimeDisabled 1, on the host"},
     {"vboxadd-service.service",
      "VBoxManage setextradata VM "
      "VBoxInternal/Devices/VMMDev/0/Config/GetHostTimeDisabled 1, on the host"}}};
constexpr auto hyper_v_module = "/sys/module/hv_utils";

std::string our_unit(const profile::Host& host) {
  const auto* const daemon = daemon_of(host);
  return daemon ? daemon->unit : "";
}

/// ntp.service is an alias of ntpsec.service, so one daemon may be found under two names: an alias
/// is named by its file.
bool is_alias(const UnitState& state, const std::string& unit) {
  return !state.fragment_path.empty() && !state.fragment_path.ends_with("/" + unit);
}

bool may_run(const UnitState& state) {
  return state.exists() && !state.is_masked() && (state.is_active() || state.is_enabled());
}

std::vector<Owner> competitors(const Subject& subject, const system::ServiceReader& services) {
  std::vector<Owner> found;
  const auto ours = our_unit(subject.host);
  for (const auto& daemon : platform::time_daemons) {
    const std::string unit = daemon.unit;
    if (ours.empty() || unit == ours) continue;
    const auto state = services.state(unit);
    if (is_alias(state, unit) || !may_run(state)) continue;
    found.push_back({unit, fmt::format("two daemons steer one clock: {} beside {}", unit, ours)});
  }
  for (const std::string unit : platform::fake_hwclock_units) {
    if (!subject.host.rtc || !may_run(services.state(unit))) continue;
    found.push_back({unit, "fake-hwclock sets the clock to a saved time, against the RTC"});
  }
  return found;
}

std::vector<UdpListener> foreign_holders(const Subject& subject, const Ports& ports) {
  if (subject.facts.is_offline_root) return {};
  const auto* const ours = daemon_of(subject.host);
  std::vector<UdpListener> found;
  for (auto& holder : ports.network.udp_listeners(observe::ntp_port)) {
    if (!holder.program.empty() && !(ours && holder.program.starts_with(ours->process))) {
      found.push_back(std::move(holder));
    }
  }
  return found;
}

Finding second_daemon(const std::vector<Owner>& owners, Evidence evidence) {
  std::vector<std::string> units;
  for (const auto& owner : owners) units.push_back(owner.unit);
  return failed({fmt::format("{} sets the clock too", join(units, ", ")), owners.front().why,
                 fmt::format("systemctl disable --now {}", join(units, " "))},
                std::move(evidence));
}

/// Agents of the machine that this one is a guest of.
std::optional<Problem> guest_agent(const Subject& subject, const Ports& ports) {
  for (const auto& agent : guest_agents) {
    if (!may_run(ports.services.state(agent.unit))) continue;
    return Problem{fmt::format("{} may set the clock from the host's", agent.unit),
                   "this is a virtual machine, and its agent does so by default", agent.remedy};
  }
  if (!subject.facts.is_offline_root && ports.files.status(system::RootedPath{hyper_v_module})) {
    return Problem{"Hyper-V may set the clock from the host's",
                   "this is a virtual machine, and time synchronization is an integration service",
                   "Disable-VMIntegrationService -Name 'Time Synchronization', on the host"};
  }
  return std::nullopt;
}

/// facts has an unknown back end with more than one piece of evidence when several are in use.
std::optional<Problem> second_backend(const Subject& subject) {
  const auto& network = subject.facts.network;
  if (network.backend != facts::NetworkBackendName::unknown || network.evidence.size() < 2) {
    return std::nullopt;
  }
  return Problem{"more than one network back end is active", join(network.evidence, "; "),
                 "timectl facts; disable all but one of them"};
}

/// Commands of scripts, jobs and units, as facts found them in their files.
std::optional<Problem> clock_setter(const Subject& subject) {
  const auto& found = subject.facts.clock_setters.found;
  const auto ours = our_unit(subject.host);
  if (found.empty() || (ours.empty() && !subject.host.rtc)) return std::nullopt;
  const auto& first = found.front();
  const auto others = found.size() == 1
                          ? ""
                          : fmt::format(", and {} more such commands are there", found.size() - 1);
  return Problem{fmt::format("{}:{} {}{}", first.file, first.line, first.effect, others),
                 fmt::format("it works beside {}, which does not know of it",
                             ours.empty() ? "timectl-rtc.service" : ours),
                 facts::remedy_for(first, subject.facts.root)};
}

Evidence evidence_of_owners(const Subject& subject) {
  std::vector<std::string> installed;
  for (const auto& daemon : subject.facts.time_daemons) installed.push_back(daemon.package);
  std::string looked_at = "time daemons, enabled units, rc.local, cron, udev rules, network hooks";
  if (!subject.facts.is_offline_root) looked_at += ", UDP port 123";
  Evidence evidence{{"ours", our_unit(subject.host)},
                    {"installed", join(installed, " ")},
                    {"looked_at", looked_at}};
  const auto& setters = subject.facts.clock_setters;
  std::vector<std::string> places;
  for (const auto& setter : setters.found) places.push_back(facts::place_of(setter));
  if (!places.empty()) evidence.emplace_back("setters", join(places, "; "));
  if (!setters.not_known.empty()) evidence.emplace_back("not_looked_at", setters.not_known);
  return evidence;
}

Finding no_owner_found(const Subject& subject, Evidence evidence) {
  const auto& why = subject.facts.clock_setters.not_known;
  return good(fmt::format("no other program was found that sets this clock{}",
                          why.empty() ? "" : "; not all of it was looked at: " + why),
              std::move(evidence));
}

Finding ask_owners(const Subject& subject, const Ports& ports) {
  const auto owners = competitors(subject, ports.services);
  const auto holders = foreign_holders(subject, ports);
  auto evidence = evidence_of_owners(subject);
  if (!owners.empty()) return second_daemon(owners, std::move(evidence));
  if (!holders.empty()) {
    const auto& holder = holders.front();
    return failed({fmt::format("{}[{}] holds UDP port 123", holder.program, holder.pid),
                   "it is no daemon of this host's role",
                   fmt::format("systemctl status {} shows its unit", holder.pid)},
                  std::move(evidence));
  }
  if (auto problem = clock_setter(subject)) {
    return warning(std::move(*problem), std::move(evidence));
  }
  if (auto problem = guest_agent(subject, ports)) {
    return warning(std::move(*problem), std::move(evidence));
  }
  if (auto problem = second_backend(subject)) {
    return warning(std::move(*problem), std::move(evidence));
  }
  return no_owner_found(subject, std::move(evidence));
}

Finding ask_files_drift(const Subject& subject, const Ports& /*ports*/) {
  const auto& drifted = subject.drifted_files;
  Evidence evidence{{"drifted", static_cast<std::int64_t>(drifted.size())}};
  const auto& unread = subject.unread_files;
  if (!unread.empty()) evidence.emplace_back("unread", join(unread, " "));
  if (drifted.empty() && !unread.empty()) {
    return {{},
            Verdict::unknown,
            fmt::format("only root can compare {}; every other managed file matches its target",
                        join(unread, ", ")),
            std::move(evidence),
            "this user may not read it",
            as_root};
  }
  if (drifted.empty()) return good("every managed file matches its target", std::move(evidence));
  evidence.emplace_back("files", join(drifted, " "));
  const auto summary =
      drifted.size() == 1
          ? fmt::format("{} does not match its target", drifted.front())
          : fmt::format("{} managed files do not match their targets", drifted.size());
  auto cause =
      fmt::format("edited, missing, outdated or not written by timectl: {}", join(drifted, ", "));
  const auto& cloud_init = subject.facts.cloud_init;
  const auto has = [&](const char* path) {
    return std::find(drifted.begin(), drifted.end(), path) != drifted.end();
  };
  if ((has("/etc/hostname") && cloud_init.sets_host_name()) ||
      (has("/etc/hosts") && cloud_init.writes_hosts())) {
    cause += "; cloud-init writes it at each boot";
  }
  return failed({summary, std::move(cause),
                 "timectl plan shows the difference, timectl provision puts it right"},
                std::move(evidence));
}

bool any(const profile::Host& /*host*/) { return true; }

}  // namespace

constinit const Probe host_probes[2] = {
    {row::owners, Needs::files_only, any, ask_owners},
    {row::files_drift, Needs::files_only, any, ask_files_drift},
};

}  // namespace timectl::probe
