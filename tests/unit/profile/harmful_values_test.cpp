// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Values of the right shape that can only hurt: each validated before it was refused here.
#include "platform/network_backends.hpp"
#include "profile/reserved.hpp"
#include "profile_text.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

using namespace timectl;
using namespace timectl::test;

namespace {

using Make = std::string (*)(const std::string& value);

/// Refused once, at the value's place, for the reason.
void check_refused(Make make, const std::string& value, std::string_view pointer,
                   std::string_view reason) {
  INFO(value);
  const auto said = mistakes_in(make(value));
  CHECK(said.starts_with("site.json:"));
  CHECK(said.find('\n') == std::string::npos);
  CHECK(said.find(fmt::format(": {}: found \"{}", pointer, value.substr(0, 30))) !=
        std::string::npos);
  CHECK(said.find(reason) != std::string::npos);
}

void check_accepted(Make make, const std::string& value) {
  INFO(value);
  CHECK(mistakes_in(make(value)).empty());
}

struct Refused {
  std::string value;
  std::string reason;
};

const std::vector<Refused> no_machines{
    {"0.0.0.0", "0.0.0.0 is an unspecified address, no machine has it"},
    {"0.1.2.3", "is an unspecified address"},
    {"224.0.0.1", "224.0.0.1 is a multicast address, nothing answers from it"},
    {"239.255.255.250", "is a multicast address"},
    {"240.0.0.1", "is a reserved address, no machine has it"},
    {"255.255.255.255", "is the broadcast address, nothing answers from it"},
};

/// "found" gives an address as it was written.
const std::vector<Refused> no_sources{
    {"127.0.0.1", "is a loopback address, every host has it for itself"},
    {"127.9.9.9", "is a loopback address"},
    {"::", "is an unspecified address"},
    {"::1", "is a loopback address"},
    {"0:0:0:0:0:0:0:1", "is a loopback address"},
    {"ff02::101", "is a multicast address"},
    {"fe80::1", "is a link-local address, it means something on one link alone"},
    {"::ffff:192.168.9.9", "is an IPv4 address in IPv6 notation, write the IPv4 address"},
    {"::192.168.9.9", "is a reserved address"},
    {"100::1", "is an address that routers discard"},
    {"192.168.4.0", "the first and the last of 192.168.4.0/24"},
    {"192.168.4.255", "the first and the last of 192.168.4.0/24"},
};

const std::vector<Refused> no_remote_names{
    {"0x10", "resolvers take this one for an address"},
    {"0X7F000001", "resolvers take this one for an address"},
    {"0x", "resolvers take this one for an address"},
    {"1", "resolvers take this one for an address"},
    {"010", "resolvers take this one for an address"},
    {"4294967295", "resolvers take this one for an address"},
    {"127.1", "resolvers take this one for an address"},
    {"10.0.0x1", "resolvers take this one for an address"},
    {"0177.0.0.01", "resolvers take this one for an address"},
    {"ntp.example.123", "resolvers take this one for an address"},
    {"LOCALHOST", "every host has this name for itself"},
    {"LocalHost.LocalDomain", "every host has this name for itself"},
    {"time.localhost", "every host has this name for itself"},
    {"time.Localhost.localdomain", "every host has this name for itself"},
    {"localhost6.localdomain6", "every host has this name for itself"},
    {"ip6-localhost", "every host has this name for itself"},
    {"IP6-loopback", "every host has this name for itself"},
    {"broadcasthost", "every host has this name for itself"},
};

const std::vector<std::string> no_host_names{"localhost.", "-a",        "a-",
                                             "_gateway",   "_outbound", "a.b"};

}  // namespace

TEST_CASE("no host, gateway or name server has an address that no machine can have") {
  for (const auto& [address, reason] : no_machines) {
    check_refused(with_address, address, "/hosts/a/address", reason);
    check_refused(with_gateway, address, "/network/gateway", reason);
    check_refused(with_name_server, address, "/network/dns/0", reason);
  }
}

TEST_CASE("a name server is a resolver of the host's own, or of another, and no subnet's address") {
  for (const auto* own : {"127.0.0.1", "127.0.0.53", "192.168.4.1", "9.9.9.9", "169.254.169.253"}) {
    check_accepted(with_name_server, own);
  }
  for (const auto* whole : {"127.0.0.0", "127.255.255.255", "192.168.4.0", "192.168.4.255"}) {
    check_refused(with_name_server, whole, "/network/dns/0", "the first and the last of");
  }
}

TEST_CASE("time comes from no address that one other machine cannot have") {
  for (const auto* const table : {&no_machines, &no_sources}) {
    for (const auto& [address, reason] : *table) {
      check_refused(with_source, address, "/hosts/a/sources/servers/0", reason);
      check_refused(with_fallback, address, "/hosts/b/client/fallback/0", reason);
    }
  }
  // Link-local servers of IPv4 are real: 169.254.169.123 is a cloud's.
  for (const auto* remote :
       {"192.168.4.1", "169.254.169.123", "203.0.113.1", "2001:db8::1", "fd00::1", "64:ff9b::1"}) {
    check_accepted(with_source, remote);
    check_accepted(with_fallback, remote);
  }
}

TEST_CASE("time comes from no name that a resolver takes for a number or for this host") {
  for (const auto& [name, reason] : no_remote_names) {
    check_refused(with_source, name, "/hosts/a/sources/servers/0", reason);
    check_refused(with_pool, name, "/hosts/a/sources/pools/0", reason);
    check_refused(with_fallback, name, "/hosts/b/client/fallback/0", reason);
  }
  for (const auto* name : {"x10", "0x10.example.org", "ntp1", "1.pool.ntp.org", "localhost.org",
                           "mylocalhost", "0xg", "ntp.0x-y", "ff.org", "fe80.example"}) {
    check_accepted(with_source, name);
    check_accepted(with_pool, name);
  }
}

TEST_CASE("no host has a name that means something on every host, or a number to resolvers") {
  for (const auto* number : {"0x10", "0X7f000001", "0x", "010", "1", "4294967295"}) {
    check_refused(with_name, number, fmt::format("/hosts/{}", number),
                  "another host name: resolvers take this one for a number");
  }
  for (const auto* local : {"LOCALHOST", "Localhost", "localhost4", "LocalHost6", "ip6-localhost",
                            "IP6-LOOPBACK", "ip6-allnodes", "loopback", "broadcasthost"}) {
    check_refused(with_name, local, fmt::format("/hosts/{}", local),
                  "another host name: this one means something on every host");
  }
  // dnsmasq reads the unit of a lease time in either case.
  for (const auto* lease : {"12H", "45M", "1w", "Infinite", "IGNORE"}) {
    check_refused(with_name, lease, fmt::format("/hosts/{}", lease),
                  "another host name: this one means something else to DHCP");
  }
  for (const auto& name : no_host_names) {
    check_refused(with_name, name, fmt::format("/hosts/{}", name), "a host name: one label");
  }
  CHECK(mistakes_in(with_name(std::string(64, 'a'))).find("a host name: one label") !=
        std::string::npos);
  for (const auto* name : {"h", "x10", "0xy", "12hours", "pi-ntp", "localhost-2", "ntp"}) {
    check_accepted(with_name, name);
  }
}

TEST_CASE("requests come from no subnet of addresses that no machine has") {
  for (const auto& [subnet, reason] : std::vector<Refused>{
           {"0.0.0.0/8", "is an unspecified address"},
           {"0.0.0.0/32", "is an unspecified address"},
           {"224.0.0.0/4", "is a multicast address"},
           {"240.0.0.0/4", "is a reserved address"},
           {"255.255.255.255/32", "is the broadcast address"},
           {"ff02::/16", "is a multicast address"},
           {"::ffff:192.168.4.0/120", "is an IPv4 address in IPv6 notation"},
       }) {
    check_refused(with_allowed, subnet, "/hosts/a/serve/allow/0", reason);
  }
  // Everyone is meant, on whatever network.
  for (const auto* subnet : {"0.0.0.0/0", "::/0", "fe80::/10", "169.254.0.0/16", "127.0.0.0/8"}) {
    check_accepted(with_allowed, subnet);
  }
}

TEST_CASE("a site lives in no subnet whose addresses hosts choose by themselves") {
  for (const auto* subnet : {"169.254.0.0/16", "169.254.4.0/24", "127.0.0.0/8", "0.0.0.0/8",
                             "224.0.0.0/8", "240.0.0.0/8"}) {
    INFO(subnet);
    const auto said = mistakes_in(with_subnet(subnet));
    CHECK(said.find("/network/subnet: found") != std::string::npos);
  }
}

TEST_CASE("a source is listed once, in whatever letters, and is no other host of the site") {
  const auto says = [](const std::string& text, std::string_view what) {
    return mistakes_in(text).find(what) != std::string::npos;
  };
  CHECK(says(with_source(R"(x.org", "X.org)"),
             R"(/hosts/a/sources/servers/1: found "X.org", which is "x.org" in other letters)"));
  CHECK(says(with_source(R"(fd00::1", "fd00:0::1)"),
             R"(/hosts/a/sources/servers/1: found "fd00:0::1" a second time)"));
  CHECK(says(with_feature_of_a(R"("sources": {"servers": ["B"]}}, "b": {"role": "client",
    "address": "192.168.4.3")"),
             "b follows the site's servers and serves no time"));
  CHECK(says(with_feature_of_a(R"("serve": false, "sources": {"servers": ["192.168.4.2"]})"),
             "a would follow itself"));
}

TEST_CASE("the controller is no unit of timectl's or of the system's") {
  for (const auto& [unit, reason] : std::vector<Refused>{
           {"timectl-monitor.service", "timectl-monitor.service is timectl's own"},
           {"timectl-recover.service", "is timectl's own"},
           {"dbus.service", "dbus.service is needed by the check"},
           {"dbus-broker.service", "is needed by the check"},
           {"dbus-org.freedesktop.timesync1.service", "is needed by the check"},
           {"systemd-timesyncd.service", "is systemd's own"},
           {"systemd-journald@x.service", "is systemd's own"},
           {"chrony.service", "keeps the time"},
           {"chronyd.service", "keeps the time"},
           {"dnsmasq.service", "takes the network along"},
           {"NetworkManager.service", "takes the network along"},
           {"networking.service", "takes the network along"},
           {"dhcpcd.service", "takes the network along"},
           {"getty@tty1.service", "takes logins and sessions along"},
           {"serial-getty@ttyS0.service", "takes logins and sessions along"},
           {"autovt@tty2.service", "takes logins and sessions along"},
           {"user@1000.service", "takes logins and sessions along"},
           {"user-runtime-dir@0.service", "takes logins and sessions along"},
           {"ssh.service", "takes logins and sessions along"},
           {"display-manager.service", "takes logins and sessions along"},
           {"unattended-upgrades.service", "may be installing packages"},
           {"init.service", "is a part of the boot"},
           {"rescue.service", "is a part of the boot"},
           {"emergency.service", "is a part of the boot"},
       }) {
    check_refused(with_unit, unit, "/hosts/b/controller/unit", reason);
  }
  for (const auto& [pattern, reason] : profile::reserved_units()) {
    std::string stem{pattern};
    if (stem.ends_with('*')) stem.back() = 'x';
    check_refused(with_unit, stem + ".service", "/hosts/b/controller/unit", reason);
  }
  for (const auto* unit :
       {"controller.service", "c@1.service", "my-dbus.service", "DBUS.service", "user.service",
        "sshguard.service", "network-meter.service", "systemdx.service", "timectlx.service"}) {
    check_accepted(with_unit, unit);
  }
}

TEST_CASE("no unit of a network back end can be the controller's") {
  for (const auto& backend : platform::network_backends) {
    const std::string_view unit = backend.unit;
    INFO(unit);
    if (unit.empty()) continue;
    CHECK_FALSE(profile::why_no_controller(unit.substr(0, unit.rfind('.'))).empty());
  }
}

TEST_CASE("the controller's drop-in is one of its unit alone, in a directory that can be made") {
  constexpr auto shape = "the name of a unit that ends in .service";
  // A drop-in of "heat-.service" is one of every "heat-*.service".
  for (const auto* unit : {"heat-.service", "a.socket", "init.scope", "-a.service", ".service",
                           "a@.service", "@.service", "a/b.service", "a.service.d"}) {
    check_refused(with_unit, unit, "/hosts/b/controller/unit", shape);
  }
  const std::string end = ".service";
  check_accepted(with_unit, std::string(253 - end.size(), 'u') + end);
  check_refused(with_unit, std::string(254 - end.size(), 'u') + end, "/hosts/b/controller/unit",
                shape);
}

TEST_CASE("metrics go into no directory of the system's, the kernel's or timectl's") {
  for (const auto& [directory, reason] : std::vector<Refused>{
           {"/", "holds more than metrics"},
           {"/run", "holds more than metrics"},
           {"/var/lib", "holds more than metrics"},
           {"/proc", "is the kernel's"},
           {"/proc/self/root/srv", "is the kernel's"},
           {"/sys/class", "is the kernel's"},
           {"/dev/shm", "is the kernel's"},
           {"/boot/firmware", "belongs to packages and to the boot"},
           {"/usr/bin", "belongs to packages and to the boot"},
           {"/lib", "belongs to packages and to the boot"},
           {"/etc", "is for configuration"},
           {"/etc/passwd", "is for configuration"},
           {"/etc/timectl", "is for configuration"},
           {"/var/lib/timectl/generations", "is timectl's own"},
           {"/run/timectl", "is timectl's own"},
           {"/var/run/timectl", "is timectl's own"},
           {"/root", "is hidden from the monitor"},
           {"/home/pi/metrics", "is hidden from the monitor"},
           {"/tmp/metrics", "is another directory for the monitor"},
       }) {
    check_refused(with_directory, directory, "/hosts/a/monitor/textfile_directory", reason);
  }
  for (const auto& [pattern, reason] : profile::reserved_directories()) {
    std::string directory{pattern};
    if (directory.ends_with("/*")) directory.back() = 'x';
    check_refused(with_directory, directory, "/hosts/a/monitor/textfile_directory", reason);
    const bool is_root = directory == "/";
    if (!is_root) CHECK_FALSE(mistakes_in(with_directory(directory + "/")).empty());
  }
  for (const auto* directory :
       {"/var/lib/prometheus/node-exporter", "/var/lib/node_exporter/textfile", "/srv/metrics/",
        "/run/metrics", "/opt/metrics", "/etcetera", "/procs", "/usr/local/percona/textfile",
        "/var/lib/timectl-metrics"}) {
    check_accepted(with_directory, directory);
  }
}

TEST_CASE("a directory has one spelling, so that none is refused in one and accepted in another") {
  for (const auto* directory :
       {"//proc", "/./proc", "/srv/.", "/srv//x", "/srv/../proc", "srv", ""}) {
    check_refused(with_directory, directory, "/hosts/a/monitor/textfile_directory",
                  "an absolute path of");
  }
}
