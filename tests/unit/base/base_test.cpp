// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/address.hpp"
#include "base/address_kind.hpp"
#include "base/error.hpp"
#include "base/message_of.hpp"
#include "base/regular_expression.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "support/catch.hpp"
#include "system/rooted_path.hpp"

#include <new>
#include <stdexcept>

using namespace timectl;
using namespace std::chrono_literals;

TEST_CASE("splitting keeps empty fields and lines_of has no line after the last newline") {
  CHECK(split("a,,b", ',') == std::vector<std::string>{"a", "", "b"});
  CHECK(lines_of("a\n\nb\n") == std::vector<std::string>{"a", "", "b"});
  CHECK(lines_of("").empty());
  CHECK(words_of("  a \t b\n") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("an error of several problems keeps them apart from newlines within one") {
  const Error error{ErrorKind::profile, std::vector<std::string>{"a\nb", "c"}, "hint"};
  CHECK(error.problems() == std::vector<std::string>{"a\nb", "c"});
  CHECK(error.what() == std::string{"a\nb\nc"});
  CHECK(Error{ErrorKind::io, "a\nb"}.problems().size() == 1);
}

TEST_CASE("a near word is suggested and a far one is not") {
  CHECK(closest("intreface", {"interface", "address"}) == "interface");
  CHECK_FALSE(closest("xyz", {"interface", "address"}));
}

TEST_CASE("numbers are whole or they are nothing") {
  CHECK(to_integer("42") == 42);
  CHECK_FALSE(to_integer("42x"));
  CHECK_FALSE(to_integer("99999999999999999999"));
  CHECK(to_number("0.5") == 0.5);
  CHECK_FALSE(to_number("nan"));
  CHECK_FALSE(to_number("inf"));
}

TEST_CASE("UTC is written and read back, and nonsense is not a time") {
  const auto time = parse_utc("2026-11-20T13:28:46Z");
  REQUIRE(time);
  CHECK(format_utc(*time) == "2026-11-20T13:28:46Z");
  CHECK(parse_utc("2026-11-20 13:28:46") == time);
  CHECK(parse_utc("@0") == WallTime{});
  for (const auto* wrong : {"2026-13-20T13:28:46Z", "2026-02-30T13:28:46Z", "yesterday", "@nan",
                            "2026-11-20T24:00:00Z", "", "@"}) {
    CHECK_FALSE(parse_utc(wrong));
  }
}

TEST_CASE("a span is said in the unit a person would use") {
  CHECK(format_span(Seconds{1.2e-6}) == "1.2 µs");
  CHECK(format_span(Seconds{-0.0034}) == "-3.4 ms");
  CHECK(format_span(90s) == "90 s");
  CHECK(format_span(5min) == "5 min");
  CHECK(format_span(Seconds{}) == "0 s");
}

TEST_CASE("addresses and subnets are parsed whole") {
  CHECK(IpAddress::parse("192.168.4.2")->text() == "192.168.4.2");
  CHECK(IpAddress::parse("fd00::1")->text() == "fd00::1");
  CHECK_FALSE(IpAddress::parse("192.168.4"));
  CHECK_FALSE(IpAddress::parse("192.168.4.2 "));
  const auto subnet = Subnet::parse("192.168.4.77/24");
  REQUIRE(subnet);
  CHECK(subnet->network().text() == "192.168.4.0/24");
  CHECK(subnet->netmask() == "255.255.255.0");
  CHECK(subnet->contains(*IpAddress::parse("192.168.4.2")));
  CHECK_FALSE(subnet->contains(*IpAddress::parse("192.168.5.2")));
  CHECK_FALSE(subnet->contains(*IpAddress::parse("fd00::1")));
  CHECK_FALSE(Subnet::parse("192.168.4.0/33"));
  CHECK_FALSE(Subnet::parse("192.168.4.0"));
}

TEST_CASE("an address that one machine can have is told from all others") {
  const auto kind = [](const char* text) { return kind_of(IpAddress::parse(text).value()); };
  using enum AddressKind;
  for (const auto* text :
       {"192.168.4.2", "1.0.0.0", "100.64.0.1", "169.253.255.255", "223.255.255.255", "2001:db8::1",
        "fd00::1", "fec0::1", "64:ff9b::1", "100:0:0:1::1"}) {
    CHECK(kind(text) == unicast);
  }
  for (const auto* text : {"0.0.0.0", "0.1.2.3", "::"}) CHECK(kind(text) == unspecified);
  for (const auto* text : {"127.0.0.1", "127.255.255.255", "::1"}) CHECK(kind(text) == loopback);
  for (const auto* text : {"169.254.0.1", "fe80::1", "febf::1"}) CHECK(kind(text) == link_local);
  for (const auto* text : {"224.0.0.1", "239.255.255.255", "ff02::101"}) {
    CHECK(kind(text) == multicast);
  }
  for (const auto* text : {"240.0.0.1", "255.255.255.254", "::2", "::192.168.4.2"}) {
    CHECK(kind(text) == reserved);
  }
  CHECK(kind("255.255.255.255") == broadcast);
  CHECK(kind("::ffff:192.168.4.2") == mapped);
  CHECK(kind("100::1") == discarded);
}

TEST_CASE("a subnet is of a kind when all of its addresses are") {
  const auto kind = [](const char* text) { return kind_of(Subnet::parse(text).value()); };
  CHECK(kind("224.0.0.0/24") == AddressKind::multicast);
  CHECK(kind("255.255.255.255/32") == AddressKind::broadcast);
  CHECK(kind("::ffff:192.168.4.0/120") == AddressKind::mapped);
  for (const auto* text : {"0.0.0.0/0", "::/0", "169.0.0.0/8", "10.0.0.0/8", "fd00::/8"}) {
    CHECK(kind(text) == AddressKind::unicast);
  }
}

TEST_CASE("a MAC address is six octets of a real card") {
  CHECK(parse_mac("B8:27:EB:12:34:56") == "b8:27:eb:12:34:56");
  for (const auto* wrong : {"", "MAC", "aabbccddeeff", "b8:27:eb:12:34", "00:00:00:00:00:00",
                            "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "zz:27:eb:12:34:56"}) {
    CHECK_FALSE(parse_mac(wrong));
  }
}

TEST_CASE("a managed path is absolute, normalized and never leaves its directory") {
  using system::RootedPath;
  CHECK(RootedPath{"/etc//chrony/./conf.d/"}.text() == "/etc/chrony/conf.d");
  CHECK(RootedPath{"/etc/hosts"}.parent() == RootedPath{"/etc"});
  CHECK((RootedPath{"/etc"} / "a/b").text() == "/etc/a/b");
  CHECK(RootedPath{"/"}.parent() == RootedPath{"/"});
  CHECK_THROWS_AS(RootedPath{"etc/hosts"}, Error);
  CHECK_THROWS_AS(RootedPath{"/etc/../root"}, Error);
}

TEST_CASE("a pattern fits a whole text or none of it") {
  for (const auto* pattern : {"eth0", "eth*", "*", "e?h0", "*0", "e*t*0", "eth0*"}) {
    INFO(pattern);
    CHECK(fits_pattern("eth0", pattern));
  }
  for (const auto* pattern : {"eth", "eth1", "eth0?", "*1", "", "th0", "e*1*", "wlan*"}) {
    INFO(pattern);
    CHECK_FALSE(fits_pattern("eth0", pattern));
  }
  CHECK(fits_pattern("", "*"));
  CHECK(fits_pattern("aab", "*ab"));
}

TEST_CASE("a regular expression finds its first match, and a group without a part in it is empty") {
  const RegularExpression jump{R"(\b(jump|goto) (\w+)(,)?)"};
  const auto words = jump.find_in("accept, goto other");
  REQUIRE(words);
  CHECK(*words == std::vector<std::string_view>{"goto other", "goto", "other", ""});
  CHECK_FALSE(jump.fits_within("ajump other"));
  CHECK_THROWS_AS(RegularExpression{"("}, std::logic_error);
}

TEST_CASE("memory that ran out is said in words, and every other failure in its own") {
  CHECK(message_of(std::bad_alloc{}) == "out of memory");
  CHECK(message_of(std::length_error{"vector::reserve"}) == "out of memory");
  CHECK(message_of(Error{ErrorKind::io, "cannot read 'x'"}) == "cannot read 'x'");
}
