// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/rtc/probes.hpp"
#include "probe/asks.hpp"

/// rtc.adjtime.
namespace timectl::features {

using namespace probe;

namespace {

/// "UTC" or "LOCAL" (hwclock(8), the adjtime file); UTC where there is no file or no third line.
std::string time_scale(const system::FileReader& files) {
  const auto file = files.read(system::RootedPath{"/etc/adjtime"});
  const auto lines = lines_of(file ? file->content : std::string{});
  return lines.size() > 2 && trim(lines[2]) == "LOCAL" ? "LOCAL" : "UTC";
}

}  // namespace

Finding ask_rtc_adjtime(const Subject& subject, const Ports& ports) {
  const auto scale = time_scale(ports.files);
  Evidence evidence{{"time_scale", scale}};
  if (scale == "UTC") return good("the system takes the RTC for UTC", std::move(evidence));
  // timedatectl writes the RTC from the system clock, whatever that says. If PID 1 set local time
  // in the kernel at boot (persistent_clock_is_local), the kernel writes that every eleven minutes
  // until the next boot. With --root a pasted command would act on the running machine.
  const auto* const remedy =
      subject.facts.is_offline_root
          ? "write UTC as the third line of etc/adjtime below the root"
          : "once the system clock is right: timedatectl set-local-rtc 0 && systemctl reboot";
  return failed(
      {"the system keeps the RTC in local time, and timectl reads it as UTC",
       "the third line of /etc/adjtime is LOCAL: the next boot sets the clock off by the zone's "
       "offset",
       remedy},
      std::move(evidence));
}

}  // namespace timectl::features
