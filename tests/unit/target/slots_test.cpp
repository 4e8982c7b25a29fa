// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/feature.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "target/draft.hpp"

#include <array>

using namespace timectl;
using namespace timectl::target;
using namespace timectl::test;

namespace {

const std::string slotted_drop_in = "/etc/chrony/conf.d/50-timectl.conf";
const std::string config_txt = "/boot/firmware/config.txt";

std::string built_in(const system::RootedPath& path) { return built_in_template(path).value(); }

constexpr Contribution radio{
    Phase::services, [](Draft& draft) {
      draft.time_daemon().refclock("SHM 0 refid RADI", "radio", "the radio's receiver");
      draft.firmware().overlay(
          {{"dtparam=i2c_arm=on", "dtoverlay=radio"}, "radio", "tells the kernel of the radio"});
    }};
constexpr Contribution lock{Phase::hardware, [](Draft& draft) {
                              draft.time_daemon().directive("lock_all", "lock",
                                                            "keeps chronyd in memory");
                            }};

facts::Facts raspberry_pi() {
  auto facts = make_facts();
  facts.board = "Raspberry Pi Zero 2 W Rev 1.0";
  facts.boot_config = system::RootedPath{config_txt};
  return facts;
}

Target rendered(const profile::Host& host, const facts::Facts& facts,
                const TemplateLookup& templates = built_in) {
  return render(make_site(), host, facts, std::array{radio, lock}, templates);
}

std::string reasons_of(const Target& target) {
  std::string all;
  for (const auto& conflict : target.conflicts) all += conflict.reason + "\n";
  return all;
}

}  // namespace

TEST_CASE("lines of several features stand in one file, in the order of the features") {
  const auto server = make_site().hosts[0];
  const auto target = rendered(server, raspberry_pi());
  CHECK(reasons_of(target).empty());
  CHECK(content_of(target, slotted_drop_in)
            .ends_with("logchange 0.5\n\n# keeps chronyd in memory\nlock_all\n\n"
                       "# the radio's receiver\nrefclock SHM 0 refid RADI\n"));
  CHECK(content_of(target, config_txt).ends_with("\n[all]\ndtparam=i2c_arm=on\ndtoverlay=radio\n"));
  CHECK(find_file(target, config_txt)->why == "tells the kernel of the radio");
}

TEST_CASE("a feature that is not there leaves its variables as a host without it has them") {
  const auto target = rendered(make_site().hosts[0], raspberry_pi());
  CHECK(content_of(target, slotted_drop_in).find("\nport 0\n") != std::string::npos);
  CHECK(content_of(target, slotted_drop_in).find("allow ") == std::string::npos);
}

TEST_CASE("a line that two overlays need stands in config.txt once") {
  auto site = make_site();
  constexpr Contribution rtc{
      Phase::hardware, [](Draft& draft) {
        draft.firmware().overlay({{"dtparam=i2c_arm=on", "dtoverlay=i2c-rtc,ds3231"},
                                  "rtc",
                                  "tells the kernel of the ds3231"});
      }};
  const auto target = render(site, site.hosts[0], raspberry_pi(), std::array{radio, rtc}, built_in);
  CHECK(content_of(target, config_txt)
            .ends_with("\n[all]\ndtparam=i2c_arm=on\ndtoverlay=i2c-rtc,ds3231\ndtoverlay=radio\n"));
  CHECK(find_file(target, config_txt)->why ==
        "tells the kernel of the ds3231; tells the kernel of the radio");
}

TEST_CASE("a slot that the host's time daemon or machine lacks is a conflict by name") {
  auto site = make_site();
  site.hosts[1].client->daemon = profile::ClientDaemon::timesyncd;
  const auto on_timesyncd = reasons_of(rendered(site.hosts[1], raspberry_pi()));
  CHECK(on_timesyncd ==
        "'lock' needs 'lock_all' of chronyd, and host 'main-pi' has systemd-timesyncd\n"
        "'radio' needs 'refclock SHM 0 refid RADI' of chronyd, and host 'main-pi' has "
        "systemd-timesyncd\n");
  CHECK(
      reasons_of(rendered(site.hosts[0], make_facts())) ==
      "'radio' needs 'dtparam=i2c_arm=on, dtoverlay=radio' in config.txt, and this machine has no "
      "firmware of a Raspberry Pi\n");
}

TEST_CASE("a site's own template without the slots leaves nothing out in silence") {
  const TemplateLookup of_site = [](const system::RootedPath& path) -> std::string {
    if (path.text() == slotted_drop_in) return "logchange 0.5\n";
    if (path.text() == config_txt) return "dtparam=audio=on\n";
    return built_in(path);
  };
  const auto reasons = reasons_of(rendered(make_site().hosts[0], raspberry_pi(), of_site));
  CHECK(reasons.find("the template of '/etc/chrony/conf.d/50-timectl.conf' has no section "
                     "{{#slots}} for what 'lock' needs: lock_all") != std::string::npos);
  CHECK(reasons.find("the template of '/boot/firmware/config.txt' has no section {{#overlays}} for "
                     "what 'radio' needs") != std::string::npos);
}

TEST_CASE("a site's own template of before there were slots gets the same block") {
  auto site = make_site();
  site.hosts[0].rtc = profile::RtcFeature{};
  const TemplateLookup of_site = [](const system::RootedPath& path) -> std::string {
    if (path.text() != config_txt) return built_in(path);
    return "[all]\n{{enable_bus}}\ndtoverlay=i2c-rtc{{bus_parameter}},{{chip}}"
           "{{address_parameter}}{{chip_parameters}}\n";
  };
  const auto all = features::contributions();
  const auto old = render(site, site.hosts[0], raspberry_pi(), all, of_site);
  CHECK(old.conflicts.empty());
  CHECK(content_of(old, config_txt) ==
        content_of(render(site, site.hosts[0], raspberry_pi(), all, built_in), config_txt));
}
