// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

#include <array>

/// The findings of the monitor that verify does not have. It prints what is not in order: none of
/// them is ever ok.
namespace timectl::monitor::row {

inline constexpr probe::FindingRow rtc_drift{
    .name = "rtc.drift",
    .question = "How fast do the RTC and the system clock drift apart?",
    .asks =
        "Compares the drift that was learned while no sources were followed in the last week, less "
        "the margin to which it is known, with drift_warn_ppm and drift_critical_ppm of the "
        "profile; for a chip without compensation at least with its data sheet's drift and twice "
        "that.",
    .why =
        "Without sources nothing corrects either clock. 100 ppm are nine seconds a day, and no "
        "time daemon says so.",
    .warning = "They drift apart by drift_warn_ppm or more.",
    .failed = "They drift apart by drift_critical_ppm or more.",
    .remedy =
        "timectl history shows since when. Connect the host to its sources for a day; when "
        "you know the time: timectl rtc set --time TIME.",
    .printed_by = {.monitor = true},
};

inline constexpr probe::FindingRow time_bound{
    .name = "time.bound",
    .question = "Is the error bound below the limits that the profile sets the monitor?",
    .asks =
        "Compares the error bound of the check with bound_warn_s and bound_critical_s of the "
        "profile. In the state rtc_only 1.5 s are left out: an RTC is read to whole seconds.",
    .why =
        "The state stays the same while the error bound grows: holdover that begins with a "
        "millisecond ends with seconds.",
    .warning = "The error bound is bound_warn_s or more.",
    .failed = "The error bound is bound_critical_s or more.",
    .remedy = "timectl verify names the cause.",
    .printed_by = {.monitor = true},
};

inline constexpr probe::FindingRow time_forecast{
    .name = "time.forecast",
    .question = "How long until the error bound passes the limit?",
    .asks =
        "Extends what the error bound grew by in the last half hour to the limit, which is "
        "root_distance_max_s of a client and 5 s of a server. Not asked in the state traceable.",
    .why = "Lost sources can be restored in time if the warning comes before the limit is passed.",
    .warning = "The error bound passes the limit within 24 hours.",
    .remedy = "timectl verify names the cause; chronyc sources -v says why a source is not used.",
    .printed_by = {.monitor = true},
};

inline constexpr probe::FindingRow rtc_record{
    .name = "rtc.record",
    .question = "Could the RTC record be written?",
    .asks =
        "Writes the record of the RTC (its last reading, and when it was validated) and its "
        "state in this boot.",
    .why =
        "After a power cut timectl judges the RTC by this record. Without it any time after the "
        "build date of timectl is plausible.",
    .failed = "The record or the state could not be written.",
    .remedy =
        "See whether the disk is full or read-only: df -h /var/lib/timectl /run. The next "
        "check tries again.",
    .printed_by = {.monitor = true},
};

inline constexpr probe::FindingRow monitor_history{
    .name = "monitor.history",
    .question = "Could the check be added to the history?",
    .asks =
        "Adds the check to the history (/run/timectl/history, and each half hour "
        "/var/lib/timectl/history), and reads there how fast the error bound grows.",
    .why =
        "Without the history no drift of the RTC is learned, nothing is forecast, and timectl "
        "history has a gap. What the check did about the time stands.",
    .warning = "The history could not be written or read.",
    .remedy = "See whether the disk is full or read-only: df -h /var/lib/timectl /run.",
    .printed_by = {.monitor = true},
};

inline constexpr probe::FindingRow monitor_metrics{
    .name = "monitor.metrics",
    .question = "Could the metrics be written?",
    .asks =
        "Writes what the check measured to /run/timectl/measures.json, the metrics to "
        "/run/timectl/timectl.prom, and a link to them into textfile_directory of the profile, if "
        "that directory exists.",
    .why =
        "node_exporter and timectl status go on with the last values: only the time of the last "
        "check shows that they are old.",
    .warning = "A file or the link could not be written.",
    .remedy = "Set textfile_directory of monitor to a directory that no other user can exchange.",
    .printed_by = {.monitor = true},
};

}  // namespace timectl::monitor::row

namespace timectl::monitor {

/// In the order in which they are listed.
inline constexpr std::array rows{&row::rtc_drift,  &row::time_bound,      &row::time_forecast,
                                 &row::rtc_record, &row::monitor_history, &row::monitor_metrics};

}  // namespace timectl::monitor
