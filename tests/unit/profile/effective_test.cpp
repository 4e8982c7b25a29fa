// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/effective.hpp"

#include "profile_text.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace timectl;
using nlohmann::ordered_json;
using test::parsed;

namespace {

constexpr auto given = R"({
  "name": "every-key",
  "description": "Each feature at least once",
  "network": { "subnet": "192.168.4.0/24", "gateway": "192.168.4.254", "dns": ["192.168.4.254", "127.0.0.1"] },
  "hosts": {
    "pi-ntp": {
      "role": "server", "address": "192.168.4.2", "addressing": "reservation", "interface": "eth0",
      "rtc": { "chip": "rv3028", "address": 82 }, "sources": { "servers": ["fd00:0::1", "time.example.org"], "pools": [] }, "mac": "B8-27-EB-12-34-57",
      "serve": { "local_stratum": 11, "local_distance_ms": 50 }
    },
    "main-pi": {
      "role": "client", "address": "192.168.4.3", "mac": "B8-27-EB-12-34-56",
      "client": { "daemon": "chrony", "fallback": ["9.9.9.9"], "poll_min_s": 64 }, 
      "controller": { "unit": "heating.service", "levels": { "island": [] }, "hold_off_s": 0 },
      "monitor": { "bound_warn_s": 2, "textfile_directory": "/srv/metrics/" }
    },
    "router": { "role": "client", "address": "192.168.4.254", "dhcp": { "advertise_ntp": false }, "monitor": false }
  }
})";

/// What its kinds make of values that can be written in several ways, and what is left out.
constexpr auto expected = R"({
  "network": { "gateway": "192.168.4.254", "dns": ["192.168.4.254", "127.0.0.1"] },
  "hosts": {
    "pi-ntp": {
      "addressing": "reservation", "interface": "eth0", "mac": "b8:27:eb:12:34:57",
      "rtc": { "chip": "rv3028", "bus": 1, "address": "0x52", "battery_years": 3 },
      "sources": { "servers": ["fd00::1", "time.example.org"], "pools": [] },
      "serve": { "allow": ["192.168.4.0/24"], "local_stratum": 11, "local_distance_ms": 50 },
      "client": false, "dhcp": false, "controller": false, "monitor": { "interval_s": 60 }
    },
    "main-pi": {
      "addressing": "none", "interface": null, "rtc": false,
      "client": { "daemon": "chrony", "fallback": ["9.9.9.9"], "poll_min_s": 64, "poll_max_s": 2048 },
      "controller": { "unit": "heating.service", "hold_off_s": 0,
        "levels": { "holdover": ["CONSERVE_POWER=1", "NTP_SYNCED=true"], "island": [] } },
      "monitor": { "bound_warn_s": 2, "textfile_directory": "/srv/metrics" }
    },
    "router": {
      "mac": null, "client": { "daemon": "timesyncd" }, "monitor": false,
      "dhcp": { "advertise_ntp": false, "reserve_servers": true }
    }
  }
})";

}  // namespace

TEST_CASE("the effective text has every value in one spelling, and false for what is absent") {
  const auto text = profile::effective_text(parsed(given));
  const auto effective = ordered_json::parse(text);
  auto merged = effective;
  merged.merge_patch(ordered_json::parse(expected));  // null: there is no such key
  CHECK(merged == effective);
}

TEST_CASE("the effective text is the same profile, indented by two, in the tables' order") {
  const auto text = profile::effective_text(parsed(given));
  CHECK(profile::effective_text(parsed(text)) == text);
  const auto json = ordered_json::parse(text);
  CHECK(json.dump(2) + "\n" == text);
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"name", "description", "network", "hosts"});
}
