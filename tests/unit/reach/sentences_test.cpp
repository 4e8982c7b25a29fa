// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "reach/sentences.hpp"

#include "support/catch.hpp"

using namespace timectl;
using reach::remedy;

namespace {

Subnet subnet(const std::string& text) { return *Subnet::parse(text); }

std::vector<reach::CutOff> moves(const std::vector<Subnet>& before,
                                 const std::vector<Subnet>& after, bool to_another = false) {
  return {{.interface = "eth0",
           .before = before,
           .after = after,
           .gateway_before = {},
           .gateway_after = {},
           .host_name_before = {},
           .host_name_after = {},
           .is_of_another_subnet = to_another,
           .reasons = {"the default route loses its local address"}}};
}

const auto near = moves({subnet("192.168.4.50/24")}, {subnet("192.168.4.2/24")});
const auto far = moves({subnet("192.168.1.50/24")}, {subnet("192.168.4.2/24")}, true);
const auto away = moves({subnet("192.168.4.2/24")}, {});

const std::string confirmed =
    "log in at 192.168.4.2 and run 'timectl confirm', else it is rolled back";
const std::string confirmed_anywhere =
    "log in again where the host is then (the DHCP server knows its address) and run 'timectl "
    "confirm', else it is rolled back";
const std::string at_the_screen =
    ", or give the order at the host's own screen or serial terminal ('--confirm' needs systemd, "
    "which does not run here)";
const std::string cure =
    "correct the subnet in the profile ('timectl profile init --output site.json' writes one of "
    "this network), or, if it is right, ";

}  // namespace

TEST_CASE("who said --yes adds --confirm", "[sentences]") {
  CHECK(remedy(near, {}) == "add '--confirm 10m', " + confirmed);
  CHECK(remedy(away, {}) == "add '--confirm 10m', " + confirmed_anywhere);
}

TEST_CASE("the prompt is offered where there is a terminal", "[sentences]") {
  CHECK(remedy(near, {.has_terminal = true}) ==
        "add '--confirm 10m', " + confirmed + "; or leave out --yes and answer the prompt");
  // Who answered the prompt was shown another plan.
  CHECK(remedy(near, {.said_yes = false, .has_terminal = true}) ==
        "add '--confirm 10m', " + confirmed + "; or run it again and answer the prompt");
  CHECK(remedy(near, {.said_yes = false}) == "use '--yes --confirm 10m', " + confirmed);
}

TEST_CASE("a command that takes no --confirm is replaced by ones that do the same", "[sentences]") {
  const reach::Detour purge{"timectl uninstall --yes --confirm 10m", "timectl uninstall --purge"};
  CHECK(remedy(away, {.detour = purge}) == "run 'timectl uninstall --yes --confirm 10m', " +
                                               confirmed_anywhere +
                                               "; then run 'timectl uninstall --purge'");
}

TEST_CASE("no --confirm is offered where nothing would roll back", "[sentences]") {
  CHECK(remedy(near, {.has_terminal = true, .can_roll_back = false}) ==
        "leave out --yes and answer the prompt" + at_the_screen);
  CHECK(remedy(near, {.can_roll_back = false}) ==
        "run it without --yes at a terminal and answer the prompt" + at_the_screen);
}

TEST_CASE("a profile of another network is to be corrected first", "[sentences]") {
  CHECK(remedy(far, {.is_by_profile = true}) == cure + "add '--confirm 10m', " + confirmed);
  CHECK(remedy(near, {.is_by_profile = true}) == "add '--confirm 10m', " + confirmed);
  CHECK(remedy(away, {.is_by_profile = true}) == "add '--confirm 10m', " + confirmed_anywhere);
  // What a rollback leads back to is no profile's decision.
  CHECK(remedy(far, {}) == "add '--confirm 10m', " + confirmed);
}

TEST_CASE("an interface without an address is said to have none", "[sentences]") {
  CHECK(reach::sentence(moves({}, {subnet("192.168.4.2/24")}).front())
            .starts_with("eth0 changes from no address (no gateway) to 192.168.4.2/24"));
}
