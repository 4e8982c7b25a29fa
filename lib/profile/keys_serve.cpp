// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<ServeFeature> serve_fields[] = {
    {.key = "allow", .access = holds<&ServeFeature::allow, kind::ListOf<kind::ClientSubnet>>},
    {.key = "local_stratum", .access = holds<&ServeFeature::local_stratum, kind::LocalStratum>},
};

}  // namespace

constinit const Table<ServeFeature> serve_table{serve_fields};

}  // namespace timectl::profile
