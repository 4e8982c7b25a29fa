// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<MonitorFeature> monitor_fields[] = {
    {.key = "interval_s",
     .access = holds<&MonitorFeature::interval, kind::Seconds<10, 86400>>,
     .description = "Seconds from one check to the next"},
    {.key = "boot_delay_s",
     .access = holds<&MonitorFeature::boot_delay, kind::Seconds<0, 3600>>,
     .description = "Seconds from the boot to the first check"},
    {.key = "random_delay_s",
     .access = holds<&MonitorFeature::random_delay, kind::Seconds<0, 3600>>,
     .description = "Up to that many seconds are added to each interval; at most interval_s",
     .manual =
         "Up to that many seconds are added to each interval, {range} and at most `interval_s`."},
    {.key = "drift_warn_ppm",
     .access = holds<&MonitorFeature::drift_warn_ppm, kind::Number<1, 1000>>,
     .description = "Drift between RTC and system clock that is a warning",
     .manual = "Drift between RTC and system clock, in parts per million, that is a warning, "
               "{range}.\n"
               "Default: {default}.\n"
               "For an RTC without compensation it is at least what its data sheet allows, 90 for "
               "a DS1307, and `drift_critical_ppm` twice that."},
    {.key = "drift_critical_ppm",
     .access = holds<&MonitorFeature::drift_critical_ppm, kind::Number<1, 1000>>,
     .description = "Drift between RTC and system clock that is critical",
     .manual = "Error bound in seconds that is critical, {range}."},
    {.key = "bound_warn_s",
     .access = holds<&MonitorFeature::bound_warn, kind::Seconds<1, 3600>>,
     .description = "Error bound that is a warning",
     .manual = "Error bound of the time, in seconds, that is a warning, {range}."},
    {.key = "bound_critical_s",
     .access = holds<&MonitorFeature::bound_critical, kind::Seconds<1, 3600>>,
     .description = "Error bound that is critical",
     .manual = "Error bound in seconds that is critical, {range}."},
    {.key = "textfile_directory",
     .access = holds<&MonitorFeature::textfile_directory, kind::MetricsDirectory>,
     .description = "Where node_exporter reads metrics; nothing is written while it does not "
                    "exist. No directory of the system's",
     .manual =
         "Where Prometheus' node_exporter reads files of metrics.\nIf the directory exists, "
         "*timectl.prom* is there a link to */run/timectl/timectl.prom*, which each check writes; "
         "the disk is left alone.\nIt is an absolute path without \"..\", \".\" and "
         "\"//\".\ntimectl refuses directories of the system (*/*, */etc*, */usr*, */boot*, */run* "
         "and "
         "*/var/lib* themselves), of the kernel (*/proc*, */sys*, */dev*), of timectl and of "
         "systemd, and those that the monitor cannot see (*/home*, */root*, */tmp*).\nWhere a "
         "file is in its place, or a link of another user, provisioning is refused: root follows "
         "no link that another user can exchange."},
    {.key = "textfile_link",
     .access = holds<&MonitorFeature::textfile_link, kind::Truth>,
     .description = "Whether timectl.prom in textfile_directory is a link into /run; false: each "
                    "check writes the file there",
     .manual =
         "Whether *timectl.prom* is a link.\nfalse is for an exporter that does not see "
         "*/run/timectl*, as in a container: each check then writes the file into "
         "`textfile_directory`, on whatever disk that is.\nFrom the boot to the first "
         "check the link leads to an empty file, which tmpfiles.d(5) makes: a link that leads "
         "nowhere is an error to node_exporter (node_textfile_scrape_error)."},
};

}  // namespace

constinit const Table<MonitorFeature> monitor_table{.fields = monitor_fields, .title = "monitor"};

}  // namespace timectl::profile
