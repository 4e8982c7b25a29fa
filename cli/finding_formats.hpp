// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding.hpp"

#include <string>
#include <vector>

/// Findings in the formats of other people's tools.
namespace timectl::cli {

/// "14 ok, 1 warning, 2 pending": how many there are of each verdict.
std::string count_of(const std::vector<probe::Finding>& findings);

/// TAP version 13 (testanything.org): a warning is ok with a comment, what could not be asked is
/// not ok, what is pending is TODO. Details stand in a YAML block.
std::string tap_of(const std::vector<probe::Finding>& findings);

/// JUnit's XML as CI systems read it: one suite, a test case a probe. What could not be asked is an
/// error, a warning passes with its text on standard output, what is pending is skipped.
std::string junit_of(const std::string& host, const std::vector<probe::Finding>& findings);

/// One line with performance data (Monitoring Plugins Development Guidelines): the worst finding,
/// else how many are ok. It is UNKNOWN when no probe was asked, all of them being skipped.
std::string nagios_line(const std::string& host, const std::vector<probe::Finding>& findings);
/// The line of an UNKNOWN because of what kept the probes from being asked.
std::string nagios_line(const std::string& problem);
/// 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
int nagios_status(const std::vector<probe::Finding>& findings);

}  // namespace timectl::cli
