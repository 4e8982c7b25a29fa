// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<PowerStep> step_fields[] = {
    {.key = "bound_s",
     .access = may_hold<&PowerStep::bound, kind::StepBound>,
     .description = "Largest error bound in seconds that the step is allowed at; without it "
                    "root_distance_max_s of client"},
    {.key = "after_s",
     .access = holds<&PowerStep::after, kind::Seconds<0, 604800>>,
     .description = "Seconds that the time has been trusted without a break before the step"},
    {.key = "environment",
     .access = holds<&PowerStep::environment, kind::StepEnvironment>,
     .description = "Environment at that step, beside POWER_LEVEL and NTP_SERVER"},
};

constexpr Field<PowerLevels> levels_fields[] = {
    {.key = "traceable",
     .access = holds<&PowerLevels::traceable, kind::PowerLevel>,
     .description = "Environment while the site's server has a chain to UTC",
     .manual = "The site's server has a chain to UTC."},
    {.key = "holdover",
     .access = holds<&PowerLevels::holdover, kind::PowerLevel>,
     .description =
         "Environment while the server has lost its chain to UTC and its time is still good",
     .manual = "The site's server has lost its chain to UTC, and its time is still good."},
    {.key = "island",
     .access = holds<&PowerLevels::island, kind::PowerLevel>,
     .description = "Environment while the site runs on its RTC",
     .manual = "The site runs on the server's RTC."},
};

constexpr Field<ControllerFeature> controller_fields[] = {
    {.key = "unit",
     .access = holds<&ControllerFeature::unit, kind::ServiceUnit>,
     .description = "Its unit, a service that neither timectl nor the system needs",
     .manual =
         "The unit of the service; it ends in `.service`.\n"
         "`timectl monitor` restarts it when power saving begins or ends, and gives it a drop-in.\n"
         "Therefore timectl refuses its own units, and those that would take the time, the "
         "network, logins or the system along when they are restarted: D-Bus, systemd's own, time "
         "daemons, what configures the network, dnsmasq, gettys, user managers, SSH, display "
         "managers, package installation, parts of the boot, and the names by which D-Bus starts "
         "them.",
     .question = "The unit of the service that may save power, or none"},
    {.key = "levels",
     .access = holds_object<&ControllerFeature::levels, levels_table>,
     .description = "What it gets in each state of the time; in others it saves no power",
     .manual =
         "An object with the environment it gets in each state of the time that can be trusted."},
    {.key = "boot_hold_off_s",
     .access = holds<&ControllerFeature::boot_hold_off, kind::Seconds<0, 3600>>,
     .description = "Seconds from the boot in which no power is saved",
     .manual = "Seconds from the boot in which timectl does not allow power saving, {range}.\n"
               "The key's former name is *startup_grace_s*.",
     .former = "startup_grace_s"},
    {.key = "hold_off_s",
     .access = holds<&ControllerFeature::hold_off, kind::Seconds<0, 3600>>,
     .description = "Seconds without power saving after the second loss within an hour, doubled "
                    "with each further one",
     .manual =
         "Seconds without power saving after it was lost twice within an hour, {range}; doubled "
         "with each further loss, and at most an hour.\nAfter a single loss the first good "
         "check allows it again. It is always withdrawn at once.\nThe key's former name is "
         "*dwell_s*.",
     .former = "dwell_s"},
    // Two at least: saving is not begun unless its end is allowed too.
    {.key = "restarts_per_hour",
     .access = holds<&ControllerFeature::restarts_per_hour, kind::Number<2, 60>>,
     .description = "Most restarts of the unit by monitor within an hour",
     .manual =
         "The most restarts of the unit by `timectl monitor` within an hour, {range}.\n"
         "timectl does not allow power saving while allowing and withdrawing it would take more.\n"
         "The unit's own *StartLimitIntervalSec=* and *StartLimitBurst=* count as well."},
};

}  // namespace

constinit const Table<PowerStep> step_table{
    .fields = step_fields,
    .title = "step",
    .description = "Steps of power saving, the first saves the least"};
constinit const Table<PowerLevels> levels_table{
    .fields = levels_fields,
    .title = "levels",
    .intro =
        "Each is a list of variables, *NAME=value*, that the unit gets while the time is in that "
        "state, beside `NTP_SERVER`, the address that is followed.\n"
        "An empty list saves no power in that state.\n"
        "Instead of variables the list may have steps, `{\"bound_s\": 0.05, \"after_s\": 3600, "
        "\"environment\": [\"CPU=slow\"]}`, of which the first saves the least power and each "
        "later one more.\n"
        "A step is allowed while the error bound is at most its `bound_s` (default and maximum: "
        "`root_distance_max_s` of client) and the time has been trusted without a break for "
        "`after_s` seconds (default: 0); its `environment` may be empty.\n"
        "A later step has no larger `bound_s` and no smaller `after_s`.\n"
        "Each check goes one step up at most, and at once down to the highest step that is "
        "allowed.\n"
        "A step up restarts the unit, so that it needs room under *restarts_per_hour* for itself "
        "and for each step down; a state has fewer steps than *restarts_per_hour*.\n"
        "If a state has steps, the unit also gets `POWER_LEVEL`, the number of the step: 1 for the "
        "first, and for a list of variables.\n"
        "Default of each: {default}."};
constinit const Table<ControllerFeature> controller_table{.fields = controller_fields,
                                                          .title = "controller"};

}  // namespace timectl::profile
