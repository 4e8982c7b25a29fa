# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What the kernel has besides addresses, on a host that keeps its own: routes, and interfaces that lie on another."""

from cut_off_test import NEWCOMER, CutOffHost
from harness import main

STAYS = ("192.168.4.70/24", "192.168.4.1")


class Kernel(CutOffHost):
    def reasons(self, setup, at=STAYS):
        result = self.on_host(at, "plan", *NEWCOMER, "--json", setup=setup)
        self.assert_status(3, result)
        return [reason for cut_off in result.json["cut_offs"] for reason in cut_off["reasons"]]

    def test_nothing_else_is_no_reason(self):
        self.assertEqual([], self.reasons(""))

    def test_a_route_behind_a_second_router(self):
        self.assertEqual(["the route to 10.9.0.0/16 by 192.168.4.254 goes"],
                         self.reasons("ip route add 10.9.0.0/16 via 192.168.4.254"))

    def test_a_default_route_of_two_ways(self):
        ways = "ip route add default nexthop via 192.168.4.254 dev eth0 nexthop via 192.168.4.253 dev eth0"
        self.assertEqual(["the default gateway changes from 192.168.4.254 to 192.168.4.1"],
                         self.reasons(ways, ("192.168.4.70/24", "none")))

    def test_a_smaller_subnet(self):
        self.assertEqual(["192.168.4.70/16 becomes 192.168.4.70/24, which leaves out hosts of its subnet"],
                         self.reasons("", ("192.168.4.70/16", "192.168.4.1")))

    def test_a_bridge_that_it_is_a_port_of(self):
        self.assertEqual(["br0 (192.168.9.2/24) lies on it"],
                         self.reasons("ip link add br0 type bridge; ip link set eth0 master br0;"
                                      "ip address add 192.168.9.2/24 dev br0"))

    def test_an_interface_that_lies_on_it(self):
        self.assertEqual(["over (10.0.10.2/24) lies on it"],
                         self.reasons("ip link add link eth0 name over type macvlan; ip address add 10.0.10.2/24 dev over"))

    def test_the_subnet_of_another_interface(self):
        self.assertIn("192.168.4.70/24 is in the subnet that wifi has (192.168.4.57/24)",
                      self.reasons("ip link add wifi type veth peer name air; ip address add 192.168.4.57/24 dev wifi",
                                   ("192.168.1.50/24", "none")))


if __name__ == "__main__":
    main()
