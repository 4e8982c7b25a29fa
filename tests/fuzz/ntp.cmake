# SPDX-License-Identifier: GPL-2.0-or-later
# What comes from the network: NTP and DHCP replies.
timectl_fuzz_target(ntp RUNS 80000 SOURCES ntp_fuzz.cpp USES observe)
timectl_fuzz_target(dhcp RUNS 250000 SOURCES dhcp_fuzz.cpp USES probe)
# What chronyc -c says.
timectl_fuzz_target(chronyc RUNS 40000 SOURCES chronyc_fuzz.cpp USES base system)
