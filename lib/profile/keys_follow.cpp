// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<SourcesFeature> sources_fields[] = {
    {.key = "servers",
     .access = holds<&SourcesFeature::servers, kind::ListOf<kind::TimeSource>>,
     .description = "Servers by name or address, outside of the site"},
    {.key = "pools",
     .access = holds<&SourcesFeature::pools, kind::ListOf<kind::Pool>>,
     .description = "Names of pools"},
    {.key = "max_sources_per_pool",
     .access = holds<&SourcesFeature::max_sources_per_pool, kind::Number<1, 16>>,
     .description = "How many servers of each pool are used"},
};

using PollInterval = kind::Seconds<16, 131072>;  // 2^17 s: the longest that NTP knows

constexpr Field<ClientFeature> client_fields[] = {
    {.key = "daemon",
     .access = holds<&ClientFeature::daemon, kind::ClientDaemon>,
     .description = "Who follows"},
    {.key = "fallback",
     .access = holds<&ClientFeature::fallback, kind::ListOf<kind::TimeSource>>,
     .description = "Servers outside of the site for when none of its own answers"},
    {.key = "poll_min_s",
     .access = holds<&ClientFeature::poll_min, PollInterval>,
     .description = "Shortest poll interval in seconds. A power of two for chrony"},
    {.key = "poll_max_s",
     .access = holds<&ClientFeature::poll_max, PollInterval>,
     .description =
         "Longest poll interval in seconds, not less than poll_min_s. A power of two for chrony"},
    // The kernel calls a clock unsynchronised from 16 s on.
    {.key = "root_distance_max_s",
     .access = holds<&ClientFeature::root_distance_max, kind::Seconds<1, 16>>,
     .description = "Largest error bound in seconds that a server may claim"},
};

}  // namespace

constinit const Table<SourcesFeature> sources_table{sources_fields};
constinit const Table<ClientFeature> client_table{client_fields};

}  // namespace timectl::profile
