# SPDX-License-Identifier: GPL-2.0-or-later
# Adapters that talk to the kernel: clocks, sockets, netlink, namespaces.
list(APPEND linux_sources clock.cpp datagram_stamps.cpp datagrams.cpp network.cpp login.cpp network_netlink.cpp network_sockets.cpp rtc.cpp gpsd.cpp
     rtc_sysfs.cpp kernel_call.cpp sandbox.cpp sandbox_copy.cpp sandbox_view.cpp sandbox_mounts.cpp sandbox_guest.cpp)
