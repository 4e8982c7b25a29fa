// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<MonitorFeature> monitor_fields[] = {
    {.key = "interval_s", .access = holds<&MonitorFeature::interval, kind::Seconds<10, 86400>>},
    {.key = "boot_delay_s", .access = holds<&MonitorFeature::boot_delay, kind::Seconds<0, 3600>>},
    {.key = "random_delay_s",
     .access = holds<&MonitorFeature::random_delay, kind::Seconds<0, 3600>>},
    {.key = "drift_warn_ppm",
     .access = holds<&MonitorFeature::drift_warn_ppm, kind::Number<1, 1000>>},
    {.key = "drift_critical_ppm",
     .access = holds<&MonitorFeature::drift_critical_ppm, kind::Number<1, 1000>>},
    {.key = "bound_warn_s", .access = holds<&MonitorFeature::bound_warn, kind::Seconds<1, 3600>>},
    {.key = "bound_critical_s",
     .access = holds<&MonitorFeature::bound_critical, kind::Seconds<1, 3600>>},
    {.key = "textfile_directory",
     .access = holds<&MonitorFeature::textfile_directory, kind::MetricsDirectory>},
};

}  // namespace

constinit const Table<MonitorFeature> monitor_table{monitor_fields};

}  // namespace timectl::profile
