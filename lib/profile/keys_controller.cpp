// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<PowerLevels> levels_fields[] = {
    {.key = "traceable", .access = holds<&PowerLevels::traceable, kind::Environment>},
    {.key = "holdover", .access = holds<&PowerLevels::holdover, kind::Environment>},
    {.key = "island", .access = holds<&PowerLevels::island, kind::Environment>},
};

constexpr Field<ControllerFeature> controller_fields[] = {
    {.key = "unit", .access = holds<&ControllerFeature::unit, kind::ServiceUnit>},
    {.key = "levels", .access = holds_object<&ControllerFeature::levels, levels_table>},
    {.key = "startup_grace_s",
     .access = holds<&ControllerFeature::startup_grace, kind::Seconds<0, 3600>>},
    {.key = "dwell_s", .access = holds<&ControllerFeature::dwell, kind::Seconds<0, 3600>>},
    // Two at least: saving is not begun unless its end is allowed too.
    {.key = "restarts_per_hour",
     .access = holds<&ControllerFeature::restarts_per_hour, kind::Number<2, 60>>},
};

}  // namespace

constinit const Table<PowerLevels> levels_table{levels_fields};
constinit const Table<ControllerFeature> controller_table{controller_fields};

}  // namespace timectl::profile
