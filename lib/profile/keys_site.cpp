// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/keys_network.hpp"
#include "profile/kinds.hpp"
#include "profile/names.hpp"
#include "profile/tables.hpp"

#include <fmt/format.h>

namespace timectl::profile {

namespace {

Host read_host(const Spot& spot, const std::string& name) {
  Host host;
  host.name = name;
  read_object(spot, host_table, host);
  return host;
}

/// An object with a key for each host.
struct HostsAccess {
  static void read(const Spot& spot, Profile& profile) {
    if (spot.value.kind != Value::Kind::object) {
      return spot.reject("an object, a key for each host");
    }
    if (spot.value.members.size() > most_hosts) {
      return spot.reject(fmt::format("{} hosts", spot.value.members.size()),
                         fmt::format("at most {}", most_hosts));
    }
    for (const Member& member : spot.value.members) {
      const Spot at = spot.member(member);
      if (const auto expected = wrong_host_name(member.key); !expected.empty()) {
        at.mistakes.add(member.at, at.pointer,
                        fmt::format("found {}, expected {}", in_quotes(member.key), expected));
      }
      // null takes away a host of the extended profile.
      if (member.value.kind == Value::Kind::null) continue;
      profile.hosts.push_back(read_host(at, member.key));
    }
    if (profile.hosts.empty()) spot.reject("no host", "at least one");
  }

  static std::optional<Value> write(const Profile& profile) {
    auto hosts = object_value();
    for (const Host& host : profile.hosts) add(hosts, host.name, write_object(host_table, host));
    return hosts;
  }

  static Shape shape() { return {Form::hosts, {}, {object_of(host_table)}}; }
};

constexpr Field<Profile> document_fields[] = {
    {.key = "$schema",
     .access = only_checked<Profile, kind::Text>,
     .description = "For editors; timectl ignores it",
     .manual = "Text for editors; timectl ignores it."},
    {.key = "name",
     .access = holds<&Profile::name, kind::ProfileName>,
     .description = "Name of the profile. Default: its file's name",
     .manual = "Name of the profile: at most 64 letters, digits, dots, underscores and hyphens.\n"
               "Default: the name of the file without `.json`.\n"
               "It is not inherited.",
     .default_from = Default::derived},
    {.key = "description",
     .access = holds<&Profile::description, kind::Description>,
     .description = "One line about the site",
     .manual = "One line of at most 200 characters, without `%` and `\\`.\n"
               "It is not inherited."},
    {.key = "extends",
     .access = only_checked<Profile, kind::ProfileName>,
     .description = "Name of the profile that this one extends: objects merge by key, everything "
                    "else replaces",
     .manual = "Name of the profile that this one extends: objects merge by key, everything else "
               "replaces.\n"
               "At most eight profiles extend each other, none of them itself."},
    {.key = "network",
     .access = access_by<NetworkAccess, Profile>,
     .description = "The site's LAN",
     .manual = "The LAN of the site, below.",
     .presence = Presence::required,
     .instead = "networks"},
    {.key = "networks",
     .access = access_by<NetworksAccess, Profile>,
     .description = "The site's networks by name, where it has several",
     .manual =
         "An object with a key for each network of the site, at most 16: LAN, hotspot, VLAN.\n"
         "The key is a name of at most 32 lower-case letters, digits, underscores and "
         "hyphens that begins with a letter, the value is as of `network`.\n"
         "Subnets do not overlap. Hosts have `addresses` then."},
    {.key = "hosts",
     .access = access_by<HostsAccess, Profile>,
     .description = "The machines of the site by host name: one label (RFC 1123), no number, no "
                    "name that every host has for itself",
     .manual = "An object with a key for each host, at most 64.\n"
               "The key is the host name: one label of letters, digits and inner hyphens.\n"
               "timectl refuses, in any case of letters, names that DHCP takes for something else "
               "(`infinite`, `ignore` and lease times such as `12h`), that resolvers take for a "
               "number (`10`, `0x10`), and that mean something on every host (`localhost`, "
               "`ip6-localhost` and what else distributions put into */etc/hosts*).",
     .presence = Presence::required},
};

}  // namespace

constinit const Table<Profile> document_table{.fields = document_fields, .title = "The document"};

}  // namespace timectl::profile
