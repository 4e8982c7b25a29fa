# SPDX-License-Identifier: GPL-2.0-or-later
list(APPEND linux_tests bus_test.cpp clock_test.cpp datagrams_test.cpp login_test.cpp network_test.cpp rtc_test.cpp sandbox_test.cpp sandbox_guest_test.cpp)
