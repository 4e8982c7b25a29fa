# SPDX-License-Identifier: GPL-2.0-or-later
# What comes from the network: NTP and DHCP replies.
timectl_fuzz_target(ntp SOURCES ntp_fuzz.cpp USES observe)
timectl_fuzz_target(dhcp SOURCES dhcp_fuzz.cpp USES probe)
# What chronyc -c says.
timectl_fuzz_target(chronyc SOURCES chronyc_fuzz.cpp USES base system)
