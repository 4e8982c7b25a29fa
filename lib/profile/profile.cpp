// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/profile.hpp"

#include "base/error.hpp"
#include "profile/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::profile {

namespace {

using Hosts = std::vector<const Host*>;

/// "pi-ntp server, main-pi client".
std::string listed(const Profile& profile) {
  std::string list;
  for (const Host& host : profile.hosts) {
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", host.name, host.role);
  }
  return list;
}

[[noreturn]] void fail(ErrorKind kind, const Profile& profile, const std::string& reason,
                       const std::string& hint) {
  throw Error{kind,
              fmt::format("cannot tell which host of profile '{}' this machine is: {} (it has: {})",
                          profile.name, reason, listed(profile)),
              hint};
}

const Host* find_host(const Profile& profile, std::string_view name) {
  const auto found =
      std::find_if(profile.hosts.begin(), profile.hosts.end(),
                   [name](const Host& host) { return is_same_name(host.name, name); });
  return found == profile.hosts.end() ? nullptr : &*found;
}

const Host& checked_role(const Profile& profile, const Host& host,
                         const std::optional<std::string>& role) {
  if (!role || host.role == *role) return host;
  fail(ErrorKind::usage, profile,
       fmt::format("'{}' is a {}, not a {}", host.name, host.role, *role),
       "name another host with --host, or leave out --role");
}

const Host& only_host_with_role(const Profile& profile, const std::string& role,
                                const std::string& machine_name) {
  Hosts hosts;
  for (const Host& host : profile.hosts) {
    if (host.role == role) hosts.push_back(&host);
  }
  if (hosts.size() == 1) return *hosts.front();
  fail(ErrorKind::usage, profile,
       hosts.empty() ? fmt::format("no host has the role '{}'", role)
                     : fmt::format("{} hosts have the role '{}' and none is named '{}'",
                                   hosts.size(), role, machine_name),
       hosts.empty() ? "choose one of these roles, or name a host with --host"
                     : "name one with --host");
}

}  // namespace

TimeDaemon time_daemon_of(const Host& host) {
  if (host.serve || host.sources || host.gps) return TimeDaemon::chrony;
  if (!host.client) return TimeDaemon::none;
  switch (host.client->daemon) {
    case ClientDaemon::chrony:
      return TimeDaemon::chrony;
    case ClientDaemon::timesyncd:
      return TimeDaemon::timesyncd;
  }
  return TimeDaemon::none;
}

bool runs_chrony(const Host& host) { return time_daemon_of(host) == TimeDaemon::chrony; }

bool runs_timesyncd(const Host& host) { return time_daemon_of(host) == TimeDaemon::timesyncd; }

std::vector<const Host*> Profile::servers() const {
  Hosts servers;
  for (const Host& host : hosts) {
    if (host.serve) servers.push_back(&host);
  }
  return servers;
}

std::vector<std::string> Profile::tolerated_of(const Host& host) const {
  std::vector<std::string> lines;
  for (const auto& line : tolerated) {
    if (line.find(": /hosts/" + host.name + "/") != std::string::npos) lines.push_back(line);
  }
  return lines;
}

std::chrono::seconds longest_without_tick(const MonitorFeature& monitor) {
  return 3 * (monitor.interval + monitor.random_delay) + std::chrono::seconds{90};
}

const Host& select_host(const Profile& profile, const std::optional<std::string>& role,
                        const std::optional<std::string>& name, const std::string& machine_name) {
  if (name) {
    if (const Host* host = find_host(profile, *name)) return checked_role(profile, *host, role);
    fail(ErrorKind::usage, profile, fmt::format("no host is named '{}'", *name),
         "name one of these with --host, or leave it out and choose by --role");
  }
  // A machine may know itself by its full name; hosts of a profile have one label.
  const Host* host = find_host(profile, machine_name.substr(0, machine_name.find('.')));
  if (host != nullptr) return checked_role(profile, *host, role);
  if (role) return only_host_with_role(profile, *role, machine_name);
  if (profile.hosts.size() == 1) return profile.hosts.front();
  fail(ErrorKind::usage, profile, fmt::format("none is named '{}'", machine_name),
       "choose one with --role or --host");
}

}  // namespace timectl::profile
