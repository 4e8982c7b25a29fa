// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"

#include "features/feature.hpp"
#include "rtc/battery.hpp"
#include "rtc/rtc.hpp"
#include "support/environ_limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace timectl::test {

namespace {

/// The RTC was read and right an hour ago.
std::string validated_record(WallTime now) {
  const auto then = format_utc(now - std::chrono::hours{1});
  return fmt::format(
      R"({{"schema": 1, "rtc_time": "{0}", "system_time": "{0}", "traceable": true,
           "validated_by": "sources", "validated_at": "{0}", "last_traceable": "{0}"}})",
      then);
}

profile::Host host_of(const std::string& name, const std::string& role, const char* address) {
  profile::Host host;
  host.name = name;
  host.role = role;
  host.addresses = {{"", IpAddress::parse(address).value()}};
  host.monitor = profile::MonitorFeature{};
  return host;
}

profile::Profile healthy_profile() {
  auto server = host_of("pi-ntp", "server", "192.168.4.2");
  server.addresses[0].addressing = profile::Addressing::static_address;
  server.rtc = profile::RtcFeature{};
  server.sources = profile::SourcesFeature{{}, {"0.debian.pool.ntp.org"}, 2};
  server.serve = profile::ServeFeature{{Subnet::parse("192.168.4.0/24").value()}, 10};
  auto client = host_of("main-pi", "client", "192.168.4.1");
  client.client = profile::ClientFeature{};
  client.dhcp = profile::DhcpFeature{};
  client.controller = profile::ControllerFeature{};
  return {"missing-link", "", {{"", Subnet::parse("192.168.4.0/24").value()}}, {server, client}};
}

const probe::EvidenceValue* find(const probe::Finding& finding, const std::string& key) {
  for (const auto& [name, value] : finding.evidence) {
    if (name == key) return &value;
  }
  return nullptr;
}

}  // namespace

SmallServices::Unit& SmallServices::put(const std::string& name) {
  auto& unit = units_[name];
  unit.state.load_state = "loaded";
  unit.state.active_state = "active";
  unit.state.sub_state = "running";
  unit.state.unit_file_state = "enabled";
  unit.state.result = "success";
  unit.state.fragment_path = "/etc/systemd/system/" + name;
  unit.state.invocation_id = "0123456789abcdef0123456789abcdef";
  unit.state.main_pid = 321;
  return unit;
}

system::UnitState SmallServices::state(std::string_view unit) const {
  const auto found = units_.find(unit);
  if (found != units_.end()) return found->second.state;
  system::UnitState absent;
  absent.load_state = "not-found";
  absent.active_state = "inactive";
  return absent;
}

constexpr std::uint32_t first_of_others = 5000;

std::vector<system::UnitProcess> SmallServices::processes(std::string_view name) const {
  const auto found = units_.find(name);
  if (found == units_.end()) return {};
  const auto& unit = found->second;
  std::vector<system::UnitProcess> all;
  for (std::size_t i = 0; i < unit.others.size(); ++i) {
    all.push_back({first_of_others + static_cast<std::uint32_t>(i), unit.others[i].first});
  }
  if (unit.state.main_pid != 0) all.push_back({unit.state.main_pid, unit.command});
  return all;
}

std::vector<std::string> SmallServices::process_environment(std::uint32_t main_pid) const {
  for (const auto& [name, unit] : units_) {
    const auto i = main_pid - first_of_others;
    if (main_pid >= first_of_others && i < unit.others.size()) return unit.others[i].second;
  }
  const auto found = std::find_if(units_.begin(), units_.end(), [&](const auto& unit) {
    return unit.second.state.main_pid == main_pid && !unit.second.process.empty();
  });
  return found == units_.end() ? std::vector<std::string>{} : as_read(found->second.process);
}

BareSite::BareSite(const std::string& host)
    : profile(healthy_profile()), index_(host == profile.hosts[0].name ? 0 : 1) {
  // No RTC is plausible before the build date, whenever these tests were built.
  clock.set(rtc::build_date() + std::chrono::days{30});
}

profile::Host& BareSite::host() { return profile.hosts[index_]; }

std::vector<probe::Finding> BareSite::ask_with(const probe::Asking& asking) const {
  const probe::Ports ports{files, services, processes, clock, rtcs, datagrams, network, daemons};
  const probe::Subject subject{profile, profile.hosts[index_], facts, drifted_files, unread_files};
  return probe::run_probes(subject, ports, features::probes(), asking);
}

HealthySite::HealthySite(const std::string& host_name) : BareSite(host_name) {
  services.put("timectl-monitor.timer");
  services.put("timectl-monitor.service");
  // The fake boot was an hour ago: it ran 23 s ago and will run in 37 s.
  processes.install("busctl", 0, "t 3577000000\nt 3637000000\n");
  datagrams.put_server(endpoint("192.168.4.2"), {});
  if (host().serve) {
    make_server();
  } else {
    make_client();
  }
}

void HealthySite::make_server() {
  network.add_interface("eth0", "192.168.4.2/24");
  network.listen("0.0.0.0", 123, "chronyd", 700);
  rtcs.bind(1, 0x68, "ds3231");
  rtcs.set_temperature(24.25);
  files.put("/var/lib/timectl/rtc.json", validated_record(clock.now()));
  rtc::note_battery(files, std::chrono::floor<std::chrono::days>(clock.now()), "ds3231");
  files.put("/boot/firmware/config.txt",
            "# BEGIN timectl\n[all]\ndtoverlay=i2c-rtc,ds3231\n# END timectl\n");
  facts.boot_config = system::RootedPath{"/boot/firmware/config.txt"};
  services.put("chrony.service");
  services.put("timectl-rtc.service");
  files.put("/etc/systemd/system/timectl-rtc.service",
            "[Unit]\nDefaultDependencies=no\nBefore=time-set.target chrony.service\n");
  processes.install("chronyc", [](const system::Command& command) {
    if (command.arguments.front() == "-c") {
      return system::CommandResult{
          0, "^,*,203.0.113.7,2,6,377,12,0.000010,0.000010,0.000900\n", {}};
    }
    const bool outside = !command.arguments.back().starts_with("192.168.4.");
    return system::CommandResult{0, outside ? "209 Access denied\n" : "208 Access allowed\n", {}};
  });
  processes.install("chronyd", 0, "rtcsync\nallow 192.168.4.0/24\n");
  daemons.follow("203.0.113.7", 3);
  daemons.tracking->reference_time = clock.now() - std::chrono::seconds{20};
}

void HealthySite::make_client() {
  network.add_interface("eth0", "192.168.4.1/24");
  services.put("systemd-timesyncd.service");
  services.put("dnsmasq.service");
  files.put("/etc/dnsmasq.d/timectl.conf",
            "dhcp-host=pi-ntp,192.168.4.2\ndhcp-option=option:ntp-server,192.168.4.2\n");
  files.put("/run/systemd/system/controller.service.d/ntp-environment.conf",
            "[Service]\nEnvironment=CONSERVE_POWER=1\n");
  services.put("controller.service").state.environment = {"CONSERVE_POWER=1", "MODE=fast"};
  services.put("controller.service").process = {"PATH=/usr/bin", "CONSERVE_POWER=1", "MODE=fast"};
  processes.install("dnsmasq", 0, "", "dnsmasq: syntax check OK.\n");
  datagrams.put_responder(endpoint("192.168.4.1", 67),
                          dhcp_server("192.168.4.1", {192, 168, 4, 2}));
  daemons.timesync_follow("192.168.4.2", clock.now() - std::chrono::seconds{12});
}

void started(BareSite& site, std::chrono::seconds ago) {
  const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(site.clock.since_boot()) -
                  std::chrono::milliseconds{ago};
  site.files.put("/proc/321/stat", "321 (a (odd) name) S" +
                                       std::string{" 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"} +
                                       " 17 18 " + std::to_string(at.count() / 10) + " 99 99\n");
}

std::string text_of(const probe::Finding& finding, const std::string& key) {
  const auto* value = find(finding, key);
  if (value == nullptr) return "absent";
  if (const auto* text = std::get_if<std::string>(value)) return *text;
  if (const auto* whole = std::get_if<std::int64_t>(value)) return std::to_string(*whole);
  if (const auto* flag = std::get_if<bool>(value)) return *flag ? "true" : "false";
  return fmt::format("{}", std::get<double>(*value));
}

double number_of(const probe::Finding& finding, const std::string& key) {
  const auto* value = find(finding, key);
  if (value == nullptr) throw std::out_of_range{key};
  return std::get<double>(*value);
}

FakeDatagrams::Responder dhcp_server(const std::string& address,
                                     const std::vector<std::uint8_t>& option_42) {
  return [=](const system::Exchange& exchange) {
    auto bytes = exchange.request;
    bytes.resize(240);
    bytes[0] = 2;
    const std::vector<std::uint8_t> options{53, 1, 5, 54, 4, 192, 168, 4, 1};
    bytes.insert(bytes.end(), options.begin(), options.end());
    if (!option_42.empty()) {
      bytes.push_back(42);
      bytes.push_back(static_cast<std::uint8_t>(option_42.size()));
      bytes.insert(bytes.end(), option_42.begin(), option_42.end());
    }
    bytes.push_back(255);
    return std::vector<system::Datagram>{{bytes, endpoint(address, 67), {}}};
  };
}

}  // namespace timectl::test
