// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "matchers.hpp"
#include "site.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::test;

namespace {

target::Target render_client(const profile::Profile& site,
                             const facts::Facts& facts = make_facts()) {
  return render_host(site, site.hosts[1], facts);
}

const auto* const timesyncd_conf = "/etc/systemd/timesyncd.conf.d/50-timectl.conf";
const auto* const dnsmasq_conf = "/etc/dnsmasq.d/timectl.conf";

}  // namespace

TEST_CASE("timesyncd's servers replace other files' and end in the fallbacks") {
  const auto text = content_of(render_client(make_site()), timesyncd_conf);
  CHECK_THAT(text, has("\nNTP=\n"));
  CHECK_THAT(text, has("\nNTP=192.168.4.2 0.debian.pool.ntp.org\n"));
  CHECK(text.find("\nNTP=\n") < text.find("\nNTP=192"));
  CHECK_THAT(text, !has("\nFallbackNTP="));
  CHECK_THAT(text, has("\nPollIntervalMinSec=32\nPollIntervalMaxSec=2048\n"));
}

TEST_CASE("a systemd that does not know SaveIntervalSec is not given it") {
  auto facts = make_facts();
  CHECK_THAT(content_of(render_client(make_site(), facts), timesyncd_conf),
             has("SaveIntervalSec=60"));
  facts.packages["systemd"] = {247, 3, "247.3-7"};
  CHECK_THAT(content_of(render_client(make_site(), facts), timesyncd_conf),
             !has("SaveIntervalSec"));
}

TEST_CASE("two servers are both listed, before the fallbacks and in option 42") {
  auto site = make_site();
  site.hosts.push_back(make_server("pi-ntp2", "192.168.4.3"));
  const auto target = render_client(site);
  CHECK_THAT(content_of(target, timesyncd_conf),
             has("\nNTP=192.168.4.2 192.168.4.3 0.debian.pool.ntp.org\n"));
  CHECK_THAT(content_of(target, dnsmasq_conf),
             has("\ndhcp-option=option:ntp-server,192.168.4.2,192.168.4.3\n"));
}

TEST_CASE("a reservation goes by the host's name until its MAC is known") {
  auto site = make_site();
  CHECK_THAT(content_of(render_client(site), dnsmasq_conf),
             has("\ndhcp-host=pi-ntp,192.168.4.2\n"));
  site.hosts[0].addresses[0].mac = "b8:27:eb:12:34:56";
  CHECK_THAT(content_of(render_client(site), dnsmasq_conf),
             has("\ndhcp-host=b8:27:eb:12:34:56,192.168.4.2,pi-ntp\n"));
}

TEST_CASE("a card that is found is reserved for, and the plan says where it was found") {
  const auto site = make_site();
  auto facts = make_facts();
  facts.cards = {{*IpAddress::parse("192.168.4.2"), "", "b8:27:eb:12:34:56",
                  facts::CardEvidence::neighbour, "the neighbour table (eth0)"}};
  auto target = render_client(site, facts);
  CHECK_THAT(content_of(target, dnsmasq_conf),
             has("\ndhcp-host=b8:27:eb:12:34:56,192.168.4.2,pi-ntp\n"));
  CHECK(contains(
      target.notes,
      "pi-ntp has the MAC address b8:27:eb:12:34:56 (found in the neighbour table (eth0)): "
      "192.168.4.2 is reserved for it from now on"));
  facts.cards[0].evidence = facts::CardEvidence::recorded;
  target = render_client(site, facts);
  CHECK_THAT(content_of(target, dnsmasq_conf), has("\ndhcp-host=b8:27:eb:12:34:56,"));
  CHECK(target.notes == render_client(site).notes);
}

TEST_CASE("a card that answers for two servers is reserved for one: dnsmasq refuses it twice") {
  auto site = make_site();
  site.hosts.push_back(make_server("pi-ntp2", "192.168.4.3"));
  auto facts = make_facts();
  for (const auto* address : {"192.168.4.2", "192.168.4.3"}) {
    facts.cards.push_back({*IpAddress::parse(address), "", "b8:27:eb:12:34:56",
                           facts::CardEvidence::neighbour, "the neighbour table (eth0)"});
  }
  const auto text = content_of(render_client(site, facts), dnsmasq_conf);
  CHECK_THAT(text, has("\ndhcp-host=b8:27:eb:12:34:56,192.168.4.2,pi-ntp\n"));
  CHECK_THAT(text, has("\ndhcp-host=pi-ntp2,192.168.4.3\n"));
}

TEST_CASE("IPv6 servers are written in dnsmasq's brackets and under their own option") {
  auto site = make_site();
  site.hosts[0].addresses[0].address = *IpAddress::parse("fd00::2");
  const auto text = content_of(render_client(site), dnsmasq_conf);
  CHECK_THAT(text, has("\ndhcp-host=pi-ntp,[fd00::2]\n"));
  CHECK_THAT(text, has("\ndhcp-option=option6:ntp-server,[fd00::2]\n"));
  CHECK_THAT(text, !has("option:ntp-server"));
}

TEST_CASE("what the DHCP feature leaves out is not rendered") {
  auto site = make_site();
  site.hosts[1].dhcp = profile::DhcpFeature{false, true};
  CHECK_THAT(content_of(render_client(site), dnsmasq_conf), !has("dhcp-option="));
  site.hosts[1].dhcp = profile::DhcpFeature{true, false};
  CHECK_THAT(content_of(render_client(site), dnsmasq_conf), !has("dhcp-host="));
  site.hosts[1].dhcp.reset();
  const auto target = render_client(site);
  CHECK_FALSE(has_file(target, dnsmasq_conf));
  CHECK_FALSE(contains(target.packages, "dnsmasq"));
}

TEST_CASE("dnsmasq is restarted only where it runs: SIGHUP would not read the file again") {
  const auto target = render_client(make_site());
  CHECK(find_file(target, dnsmasq_conf)->reactions ==
        std::vector<target::Reaction>{{target::ReactionKind::try_restart, "dnsmasq.service"}});
  CHECK_FALSE(has_unit(target, "dnsmasq.service"));
}

TEST_CASE("a client of chrony prefers the site's servers over single pool fallbacks") {
  auto site = make_site();
  site.hosts[1].client->daemon = profile::ClientDaemon::chrony;
  site.hosts[1].client->fallback = {"0.debian.pool.ntp.org", "192.0.2.1"};
  auto facts = make_facts();
  facts.packages["systemd-timesyncd"] = {252, 39, "252.39-1"};
  const auto target = render_client(site, facts);
  CHECK_THAT(content_of(target, "/etc/chrony/sources.d/timectl.sources"),
             has("\nserver 192.168.4.2 iburst prefer minpoll 5 maxpoll 11\n"
                 "pool 0.debian.pool.ntp.org iburst maxsources 1\n"
                 "server 192.0.2.1 iburst\n"));
  const auto conf = content_of(target, "/etc/chrony/conf.d/50-timectl.conf");
  CHECK_THAT(conf, has("\nmaxdistance 5\n") && has("\nport 0\n") && !has("\nallow ") &&
                       !has("\nratelimit "));
  CHECK_FALSE(has_file(target, timesyncd_conf));
  CHECK(contains(target.excluded_packages, "systemd-timesyncd"));
}

TEST_CASE("a host that serves and follows by timesyncd has two daemons on one clock") {
  auto site = make_site();
  site.hosts[1].serve = profile::ServeFeature{};
  CHECK_THROWS_WITH(render_client(site), has("'main-pi'") && has("timesyncd"));
}

TEST_CASE("a client keeps its name, its address and its RTC") {
  const auto target = render_client(make_site());
  CHECK_FALSE(has_file(target, "/etc/hostname"));
  CHECK_FALSE(has_file(target, "/etc/systemd/network/10-timectl-eth0.network"));
  CHECK_FALSE(has_unit(target, "timectl-rtc.service"));
  CHECK(find_unit(target, "chrony.service")->enablement == target::Enablement::disabled);
}

TEST_CASE("the monitor knows which host of the profile it looks at") {
  CHECK_THAT(content_of(render_client(make_site()), "/etc/systemd/system/timectl-monitor.service"),
             has("\nExecStart=/usr/bin/timectl monitor --host main-pi\n"));
  auto site = make_site();
  site.hosts[1].monitor.reset();
  CHECK_FALSE(has_unit(render_client(site), "timectl-monitor.timer"));
}

TEST_CASE("where timectl was removed its timer does not ring, and power saving still ends") {
  const auto target = render_client(make_site());
  const auto* condition = "\nConditionFileIsExecutable=/usr/bin/timectl\n";
  CHECK_THAT(content_of(target, "/etc/systemd/system/timectl-monitor.timer"), has(condition));
  // A check that is skipped would stop the timer that withdraws power saving, by Conflicts=.
  CHECK_THAT(content_of(target, "/etc/systemd/system/timectl-monitor.service"), !has(condition));
}

TEST_CASE("the old script's drop-in in /etc stayed, and hid the one that monitor writes to /run") {
  auto site = make_site();
  site.hosts[1].controller = profile::ControllerFeature{};
  const auto target = render_client(site);
  const auto old_drop_in =
      std::find_if(target.files.begin(), target.files.end(), [](const auto& file) {
        return file.path.text() == "/etc/systemd/system/controller.service.d/ntp-environment.conf";
      });
  REQUIRE(old_drop_in != target.files.end());
  CHECK(old_drop_in->kind == target::FileKind::absent);
  CHECK(old_drop_in->reactions ==
        std::vector<target::Reaction>{{target::ReactionKind::daemon_reload, ""}});
}
