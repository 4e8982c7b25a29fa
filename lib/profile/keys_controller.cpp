// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<PowerLevels> levels_fields[] = {
    {.key = "traceable",
     .access = holds<&PowerLevels::traceable, kind::Environment>,
     .description = "Environment while the site's server has a chain to UTC"},
    {.key = "holdover",
     .access = holds<&PowerLevels::holdover, kind::Environment>,
     .description = "Environment while it has lost it and is still good"},
    {.key = "island",
     .access = holds<&PowerLevels::island, kind::Environment>,
     .description = "Environment while the site runs on its RTC"},
};

constexpr Field<ControllerFeature> controller_fields[] = {
    {.key = "unit",
     .access = holds<&ControllerFeature::unit, kind::ServiceUnit>,
     .description = "Its unit, a service that neither timectl nor the system needs"},
    {.key = "levels",
     .access = holds_object<&ControllerFeature::levels, levels_table>,
     .description = "What it is told in each state of the time; in others it saves no power"},
    {.key = "startup_grace_s",
     .access = holds<&ControllerFeature::startup_grace, kind::Seconds<0, 3600>>,
     .description = "Seconds from the boot in which no power is saved"},
    {.key = "dwell_s",
     .access = holds<&ControllerFeature::dwell, kind::Seconds<0, 3600>>,
     .description = "Seconds without power saving after the second loss within an hour, doubled "
                    "with each further one"},
    // Two at least: saving is not begun unless its end is allowed too.
    {.key = "restarts_per_hour",
     .access = holds<&ControllerFeature::restarts_per_hour, kind::Number<2, 60>>,
     .description = "Most restarts of the unit by monitor within an hour"},
};

}  // namespace

constinit const Table<PowerLevels> levels_table{levels_fields};
constinit const Table<ControllerFeature> controller_table{controller_fields};

}  // namespace timectl::profile
