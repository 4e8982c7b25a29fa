// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<ServeFeature> serve_fields[] = {
    {.key = "allow",
     .access = holds<&ServeFeature::allow, kind::ListOf<kind::ClientSubnet, 1>>,
     .description = "Subnets that may ask. Default: those of the networks that the host is in",
     .manual = "A list of subnets that may ask, IPv4 or IPv6; 0.0.0.0/0 and ::/0 are every one.\n"
               "Every other host of the profile that asks must be in one.\n"
               "Default: the subnets of all networks that the host is in.",
     .default_from = Default::derived},
    {.key = "local_stratum",
     .access = holds<&ServeFeature::local_stratum, kind::LocalStratum>,
     .description = "Stratum of this server while it runs without a reference. The same on all "
                    "servers of the site, and well beyond the 3 to 5 of a server that follows a "
                    "pool, which would look like an island",
     .manual = "Stratum while it runs without a reference, {range}, the same on all servers.\n"
               "With a smaller one a server that follows a pool would look like an island."},
    {.key = "local_distance_ms",
     .access = holds<&ServeFeature::local_distance, kind::Milliseconds<10, 1000>>,
     .description = "Root distance, in milliseconds, from which on this server runs without a "
                    "reference. Of several servers one then follows the other, so that they stay "
                    "about that near",
     .manual = "Root distance from which on it runs without a reference, {range}.\n"
               "Of several servers one then follows the other. With a larger one they drift\n"
               "farther apart before that. Where its sources are farther away, timectl raises it\n"
               "to twice their distance."},
};

}  // namespace

constinit const Table<ServeFeature> serve_table{.fields = serve_fields, .title = "serve"};

}  // namespace timectl::profile
