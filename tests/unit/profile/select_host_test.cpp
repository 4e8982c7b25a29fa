// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile_text.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::profile;

namespace {

const auto* const two_servers = R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "server", "address": "192.168.4.3"},
"c": {"role": "client", "address": "192.168.4.4"})";

std::string chosen(const std::optional<std::string>& role, const std::optional<std::string>& name,
                   const std::string& machine_name, const char* hosts = two_servers) {
  const auto profile = test::parsed(test::site(hosts));
  try {
    return select_host(profile, role, name, machine_name).name;
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    return std::string{error.what()} + " | " + error.hint();
  }
}

const std::string complaint = "cannot tell which host of profile 'site' this machine is: ";
const std::string there_are = " (it has: a server, b server, c client) | ";

}  // namespace

TEST_CASE("the host option decides, whatever the machine is called") {
  CHECK(chosen({}, "b", "a") == "b");
  CHECK(chosen("server", "b", "c") == "b");
  CHECK(chosen({}, "B", "a") == "b");
}

TEST_CASE("without --host the machine's name decides, its domain left out") {
  CHECK(chosen({}, {}, "b") == "b");
  CHECK(chosen("server", {}, "a") == "a");
  CHECK(chosen({}, {}, "C.example.org") == "c");
}

TEST_CASE("without either it is the only host with the role") {
  CHECK(chosen("client", {}, "raspberrypi") == "c");
}

TEST_CASE("the only host of a profile needs no name") {
  CHECK(chosen({}, {}, "raspberrypi", R"("a": {"role": "server", "address": "192.168.4.2"})") ==
        "a");
}

TEST_CASE("a name that the profile does not have is refused with those it has") {
  CHECK(chosen({}, "x", "a") == complaint + "no host is named 'x'" + there_are +
                                    "name one of these with --host, or leave it out and choose "
                                    "by --role");
}

TEST_CASE("a host of another role is refused, named by --host or by the machine") {
  const auto reason = complaint + "'c' is a client, not a server" + there_are +
                      "name another host with --host, or leave out --role";
  CHECK(chosen("server", "c", "a") == reason);
  CHECK(chosen("server", {}, "c") == reason);
}

TEST_CASE("a role that two hosts have does not decide") {
  CHECK(chosen("server", {}, "raspberrypi") ==
        complaint + "2 hosts have the role 'server' and none is named 'raspberrypi'" + there_are +
            "name one with --host");
}

TEST_CASE("a role that no host has is refused") {
  CHECK(chosen("relay", {}, "raspberrypi") ==
        complaint + "no host has the role 'relay'" + there_are +
            "choose one of these roles, or name a host with --host");
}

TEST_CASE("a machine without a name in the profile says which it is") {
  CHECK(chosen({}, {}, "raspberrypi") ==
        complaint + "none is named 'raspberrypi'" + there_are + "choose one with --role or --host");
}
