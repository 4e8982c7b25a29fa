// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<SourcesFeature> sources_fields[] = {
    {.key = "servers",
     .access = holds<&SourcesFeature::servers, kind::ListOf<kind::TimeSource>>,
     .description = "Servers by name or address, outside of the site",
     .manual =
         "A list of names or addresses of servers outside of the site.\n"
         "The hosts of the site need not be listed: its servers poll each other, and its clients "
         "serve no time.\n"
         "timectl refuses addresses that no other machine can have (unspecified, loopback, "
         "multicast, "
         "reserved, broadcast, IPv6 link-local, IPv4 in IPv6 notation) and names that resolvers "
         "take for an address (`0x10`, `127.1`) or for this host (`localhost`, names below it)."},
    {.key = "pools",
     .access = holds<&SourcesFeature::pools, kind::ListOf<kind::Pool>>,
     .description = "Names of pools",
     .manual = "A list of names of pools.\n"
               "Default: {default}, also when `servers` is given; an empty list removes them."},
    {.key = "max_sources_per_pool",
     .access = holds<&SourcesFeature::max_sources_per_pool, kind::Number<1, 16>>,
     .description = "How many servers of each pool are used"},
};

using PollInterval = kind::Seconds<16, 131072>;  // 2^17 s: the longest that NTP knows

constexpr Field<ClientFeature> client_fields[] = {
    {.key = "daemon",
     .access = holds<&ClientFeature::daemon, kind::ClientDaemon>,
     .description = "The time daemon of the client",
     .manual =
         "*{default}* (the default) or *chrony*, which polls the site's servers and "
         "the fallbacks at the same time: it loses no time when one of them stops, and detects a "
         "wrong one among three.\n"
         "Debian's packages of the two exclude each other.\n"
         "Changing this key and provisioning again replaces one by the other, either way; "
         "the one that goes is kept in the generation, for `timectl rollback`.\n"
         "If the package of the new one is not available, timectl changes nothing.",
     .question = "What follows it: timesyncd or chrony"},
    {.key = "fallback",
     .access = holds<&ClientFeature::fallback, kind::ListOf<kind::TimeSource>>,
     .description = "Servers outside of the site for when none of its own answers",
     .manual = "A list of names or addresses of servers outside of the site, for when none of its "
               "own answers."},
    {.key = "poll_min_s",
     .access = holds<&ClientFeature::poll_min, PollInterval>,
     .description = "Shortest poll interval in seconds. A power of two for chrony",
     .manual = "Shortest poll interval in seconds, {range}; for chrony a power of two."},
    {.key = "poll_max_s",
     .access = holds<&ClientFeature::poll_max, PollInterval>,
     .description =
         "Longest poll interval in seconds, not less than poll_min_s. A power of two for chrony",
     .manual = "Longest poll interval in seconds, not less than `poll_min_s`."},
    // The kernel calls a clock unsynchronized from 16 s on.
    {.key = "root_distance_max_s",
     .access = holds<&ClientFeature::root_distance_max, kind::Seconds<1, 16>>,
     .description = "Largest error bound in seconds that a server may claim"},
};

}  // namespace

constinit const Table<SourcesFeature> sources_table{.fields = sources_fields, .title = "sources"};
constinit const Table<ClientFeature> client_table{.fields = client_fields, .title = "client"};

}  // namespace timectl::profile
