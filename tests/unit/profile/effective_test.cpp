// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/effective.hpp"

#include "profile_text.hpp"
#include "support/catch.hpp"

using namespace timectl;
using test::parsed;

namespace {

constexpr auto given = R"({
  "name": "every-key",
  "description": "Each feature at least once",
  "network": { "subnet": "192.168.4.0/24", "gateway": "192.168.4.254", "dns": ["192.168.4.254", "127.0.0.1"] },
  "hosts": {
    "pi-ntp": {
      "role": "server", "address": "192.168.4.2", "addressing": "reservation", "interface": "eth0",
      "rtc": { "address": 9 }, "sources": { "servers": ["fd00:0::1", "time.example.org"], "pools": [] }, "mac": "B8-27-EB-12-34-57",
      "serve": { "local_stratum": 11 }
    },
    "main-pi": {
      "role": "client", "address": "192.168.4.3", "mac": "B8-27-EB-12-34-56",
      "client": { "daemon": "chrony", "fallback": ["9.9.9.9"], "poll_min_s": 64 }, 
      "controller": { "unit": "heating.service", "levels": { "island": [] }, "dwell_s": 0 },
      "monitor": { "bound_warn_s": 2, "textfile_directory": "/srv/metrics/" }
    },
    "router": { "role": "client", "address": "192.168.4.254", "dhcp": { "advertise_ntp": false }, "monitor": false }
  }
})";

constexpr auto effective = R"({
  "name": "every-key",
  "description": "Each feature at least once",
  "network": {
    "subnet": "192.168.4.0/24",
    "gateway": "192.168.4.254",
    "dns": [
      "192.168.4.254",
      "127.0.0.1"
    ]
  },
  "hosts": {
    "pi-ntp": {
      "role": "server",
      "address": "192.168.4.2",
      "addressing": "reservation",
      "interface": "eth0",
      "mac": "b8:27:eb:12:34:57",
      "rtc": {
        "chip": "ds3231",
        "bus": 1,
        "address": "0x09"
      },
      "sources": {
        "servers": [
          "fd00::1",
          "time.example.org"
        ],
        "pools": [],
        "max_sources_per_pool": 2
      },
      "serve": {
        "allow": [
          "192.168.4.0/24"
        ],
        "local_stratum": 11
      },
      "client": false,
      "dhcp": false,
      "controller": false,
      "monitor": {
        "interval_s": 60,
        "boot_delay_s": 30,
        "random_delay_s": 10,
        "drift_warn_ppm": 5,
        "drift_critical_ppm": 20,
        "bound_warn_s": 1,
        "bound_critical_s": 5,
        "textfile_directory": "/var/lib/prometheus/node-exporter"
      }
    },
    "main-pi": {
      "role": "client",
      "address": "192.168.4.3",
      "addressing": "none",
      "mac": "b8:27:eb:12:34:56",
      "rtc": false,
      "sources": false,
      "serve": false,
      "client": {
        "daemon": "chrony",
        "fallback": [
          "9.9.9.9"
        ],
        "poll_min_s": 64,
        "poll_max_s": 2048,
        "root_distance_max_s": 5
      },
      "dhcp": false,
      "controller": {
        "unit": "heating.service",
        "levels": {
          "traceable": [
            "CONSERVE_POWER=1",
            "NTP_SYNCED=true"
          ],
          "holdover": [
            "CONSERVE_POWER=1",
            "NTP_SYNCED=true"
          ],
          "island": []
        },
        "startup_grace_s": 60,
        "dwell_s": 0,
        "restarts_per_hour": 6
      },
      "monitor": {
        "interval_s": 60,
        "boot_delay_s": 30,
        "random_delay_s": 10,
        "drift_warn_ppm": 5,
        "drift_critical_ppm": 20,
        "bound_warn_s": 2,
        "bound_critical_s": 5,
        "textfile_directory": "/srv/metrics"
      }
    },
    "router": {
      "role": "client",
      "address": "192.168.4.254",
      "addressing": "none",
      "rtc": false,
      "sources": false,
      "serve": false,
      "client": {
        "daemon": "timesyncd",
        "fallback": [],
        "poll_min_s": 32,
        "poll_max_s": 2048,
        "root_distance_max_s": 5
      },
      "dhcp": {
        "advertise_ntp": false,
        "reserve_servers": true
      },
      "controller": false,
      "monitor": false
    }
  }
}
)";

}  // namespace

TEST_CASE("the effective text has every key in the tables' order, byte for byte") {
  CHECK(profile::effective_text(parsed(given)) == effective);
  CHECK(profile::effective_text(parsed(effective)) == effective);
}
