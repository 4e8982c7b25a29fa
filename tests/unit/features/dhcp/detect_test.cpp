// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/dhcp/detect.hpp"

#include "support/catch.hpp"
#include "support/fake_files.hpp"
#include "support/fake_network.hpp"

using namespace timectl;
using namespace timectl::facts;
using namespace timectl::features;
using test::FakeFiles;
using test::FakeNetwork;

namespace {

const std::string card = "b8:27:eb:12:34:56";
const std::string other_card = "dc:a6:32:00:00:01";
const auto address = *IpAddress::parse("192.168.4.2");
const auto* const leases = "/var/lib/misc/dnsmasq.leases";
const auto* const own_file = "/etc/dnsmasq.d/timectl.conf";

KnownCard ask(const FakeFiles& files, const FakeNetwork& network,
              const std::optional<std::string>& given = std::nullopt) {
  Facts facts;
  facts.cards = find_cards(files, &network);
  return card_of(facts, "pi-ntp", address, given);
}

}  // namespace

TEST_CASE("a card is found in the neighbour table, and in dnsmasq's leases by address or name") {
  FakeNetwork network;
  CHECK_FALSE(ask({}, network).mac);
  network.put_neighbour("192.168.4.3", other_card);
  CHECK_FALSE(ask({}, network).mac);

  const FakeFiles by_name{{leases, "1795178771 " + card + " 192.168.4.120 pi-ntp ff:01\n"}};
  CHECK(ask(by_name, network).mac == card);
  CHECK(ask(by_name, network).newly_found_in == leases);
  const FakeFiles by_address{{leases, "1795178771 " + card + " 192.168.4.2 * *\n"}};
  CHECK(ask(by_address, network).mac == card);

  network.put_neighbour("192.168.4.2", card);
  CHECK(ask({}, network).mac == card);
  CHECK(ask({}, network).newly_found_in == "the neighbour table (eth0)");
}

TEST_CASE("half a MAC, a multicast one and DHCPv6's identifiers are no cards") {
  for (const auto* word :
       {"b8:27:eb:12:34", "b827eb123456", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff",
        "01:00:5e:00:00:01", "06-b8:27:eb:12:34:56", "duid"}) {
    FakeNetwork network;
    network.put_neighbour("192.168.4.2", word);
    const FakeFiles files{{leases, "0 " + std::string{word} + " 192.168.4.2 pi-ntp *\n"},
                          {own_file, "dhcp-host=" + std::string{word} + ",192.168.4.2,pi-ntp\n"}};
    CHECK_FALSE(ask(files, network).mac);
  }
  const FakeFiles torn{{leases, "0 " + card + " 192.168.4.2"}};
  CHECK_FALSE(ask(torn, FakeNetwork{}).mac);
}

TEST_CASE(
    "a recorded card stays when its neighbour entry vanishes, and another does not replace it") {
  const FakeFiles files{{own_file, "dhcp-host=" + card + ",192.168.4.2,pi-ntp\n"}};
  FakeNetwork network;
  CHECK(ask(files, network).mac == card);
  CHECK(ask(files, network).newly_found_in.empty());
  network.put_neighbour("192.168.4.2", other_card);
  const auto known = ask(files, network);
  CHECK(known.mac == card);
  CHECK(known.contradiction == "192.168.4.2 is reserved for the MAC address " + card +
                                   ", and its MAC address is " + other_card +
                                   " according to the neighbour table (eth0)");
}

TEST_CASE("a recorded card of an IPv6 server is read with dnsmasq's brackets") {
  const FakeFiles files{{own_file, "dhcp-host=" + card + ",[fd00::2],pi-ntp\n"}};
  Facts facts;
  facts.cards = find_cards(files, nullptr);
  CHECK(card_of(facts, "pi-ntp", *IpAddress::parse("fd00::2"), std::nullopt).mac == card);
}

TEST_CASE("the profile's MAC comes first, and what contradicts it is said") {
  const FakeFiles files{{own_file, "dhcp-host=" + other_card + ",192.168.4.2,pi-ntp\n"}};
  FakeNetwork network;
  CHECK(ask(files, network, card).mac == card);
  CHECK(ask(files, network, card).contradiction.empty());
  network.put_neighbour("192.168.4.2", other_card);
  CHECK(ask(files, network, card).mac == card);
  CHECK_FALSE(ask(files, network, card).contradiction.empty());
}

TEST_CASE("two cards at one address are recorded neither") {
  FakeNetwork network;
  network.put_neighbour("192.168.4.2", card);
  const FakeFiles files{{leases, "0 " + other_card + " 192.168.4.2 pi-ntp *\n"}};
  const auto known = ask(files, network);
  CHECK_FALSE(known.mac);
  CHECK(known.contradiction.find(card) != std::string::npos);
  CHECK(known.contradiction.find(other_card) != std::string::npos);
}

TEST_CASE("a card that came into sight is forgotten where only drift is asked for") {
  FakeNetwork network;
  network.put_neighbour("192.168.4.2", other_card);
  const FakeFiles files{{own_file, "dhcp-host=" + card + ",192.168.4.3,pi-ntp2\n"}};
  Facts facts;
  facts.cards = find_cards(files, &network);
  facts.forget_new_cards();
  CHECK_FALSE(card_of(facts, "pi-ntp", address, std::nullopt).mac);
  CHECK(card_of(facts, "pi-ntp2", *IpAddress::parse("192.168.4.3"), std::nullopt).mac == card);
}
