// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<MonitorFeature> monitor_fields[] = {
    {.key = "interval_s",
     .access = holds<&MonitorFeature::interval, kind::Seconds<10, 86400>>,
     .description = "Seconds from one tick to the next"},
    {.key = "boot_delay_s",
     .access = holds<&MonitorFeature::boot_delay, kind::Seconds<0, 3600>>,
     .description = "Seconds from the boot to the first tick"},
    {.key = "random_delay_s",
     .access = holds<&MonitorFeature::random_delay, kind::Seconds<0, 3600>>,
     .description = "Up to that many seconds are added to each interval; at most interval_s"},
    {.key = "drift_warn_ppm",
     .access = holds<&MonitorFeature::drift_warn_ppm, kind::Number<1, 1000>>,
     .description = "Drift between RTC and system clock that is a warning"},
    {.key = "drift_critical_ppm",
     .access = holds<&MonitorFeature::drift_critical_ppm, kind::Number<1, 1000>>,
     .description = "Drift between RTC and system clock that is critical"},
    {.key = "bound_warn_s",
     .access = holds<&MonitorFeature::bound_warn, kind::Seconds<1, 3600>>,
     .description = "Error bound that is a warning"},
    {.key = "bound_critical_s",
     .access = holds<&MonitorFeature::bound_critical, kind::Seconds<1, 3600>>,
     .description = "Error bound that is critical"},
    {.key = "textfile_directory",
     .access = holds<&MonitorFeature::textfile_directory, kind::MetricsDirectory>,
     .description = "Where node_exporter reads metrics; nothing is written while it does not "
                    "exist. No directory of the system's"},
};

}  // namespace

constinit const Table<MonitorFeature> monitor_table{monitor_fields};

}  // namespace timectl::profile
