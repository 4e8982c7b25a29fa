// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

/// Findings about DHCP and its server.
namespace timectl::features::row {

inline constexpr probe::FindingRow dnsmasq_config{
    .name = "dnsmasq.config",
    .question = "Does dnsmasq accept its configuration?",
    .asks = "timectl has dnsmasq read its configuration (dnsmasq --test) as its unit would.",
    .why =
        "A mistake goes unnoticed until the next restart, which then takes DHCP and DNS away from "
        "the whole site.",
    .ok = "dnsmasq accepts its configuration.",
    .failed = "dnsmasq is not installed, or refuses its configuration.",
    .unknown = "dnsmasq --test did not finish. In a rehearsal: dnsmasq is not on this machine.",
    .remedy = "Correct the line that is named; timectl provision writes timectl's own files anew.",
    .printed_by = {.verify = true, .rehearsal = true},
    .undo = probe::Undo::when_failed,
};

inline constexpr probe::FindingRow dhcp_ntp{
    .name = "dhcp.ntp",
    .question = "Does DHCP name the site's time servers (option 42)?",
    .asks =
        "Sends a DHCPINFORM to the host's own DHCP server, which leases nothing, and reads option "
        "42 of the answer; in each network where that answers. Reads dnsmasq's files for an option "
        "42 with a tag, which this host's request does not have.",
    .why =
        "The file may differ from what dnsmasq announces: dnsmasq reads it at its start only, and "
        "another line may take precedence.",
    .ok =
        "DHCP clients get the addresses that the profile's servers have in their network, and no "
        "others.",
    .warning = "A line with a tag gives some clients no server or other ones.",
    .failed = "No DHCP server answers, or clients get no server or other ones.",
    .unknown = "The question could not be sent.",
    .remedy =
        "systemctl restart dnsmasq.service has it read its files; grep -r dhcp-option "
        "/etc/dnsmasq* shows another option 42. timectl provision --take-over takes it out.",
    .printed_by = {.verify = true},
};

inline constexpr probe::FindingRow dhcp_reservation{
    .name = "dhcp.reservation",
    .question = "Does DHCP reserve the time servers' addresses?",
    .asks =
        "Reads dnsmasq's files for the reservation of each time server's address, and its leases "
        "and the neighbour table for the host that has the address now.",
    .why =
        "A time server whose address was leased to a telephone is off the air, and everything on "
        "the server itself looks well.",
    .ok = "Each address is reserved once, and no other host has it.",
    .warning =
        "The address is leased, under another name: to another host, or to the server before it "
        "was provisioned. Or another MAC address than the reserved one is seen at it.",
    .failed =
        "An address is not reserved, is reserved twice (dnsmasq does not start with that), or is "
        "leased to another MAC than the server's.",
    .unknown = "The files could not be read.",
    .remedy =
        "timectl provision writes the reservations. Remove other lines for the same address, and "
        "give the server's \"mac\" in the profile.",
    .printed_by = {.verify = true},
};

}  // namespace timectl::features::row
