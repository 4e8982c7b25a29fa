// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/rtc_place.hpp"

#include "base/text.hpp"
#include "observe/judge.hpp"
#include "own_site.hpp"

#include <fmt/format.h>

namespace timectl::cli {

namespace {

observe::Ports time_ports(Context& context) {
  return {context.files(), context.clock(), context.rtcs(), context.datagrams(), context.daemons()};
}

void note_refusal(Context& context, const observe::Observation& seen) {
  if (seen.daemon_error) context.report().note(*seen.daemon_error);
}

}  // namespace

Place find_place(Context& context) {
  Place place;
  place.host.rtc.emplace();
  place.is_rtc_guessed = true;
  try {
    const auto site = find_own_site(context, {});
    for (const auto& line : site.profile.tolerated) context.report().warning(line);
    place.limits = profile::limits_of(site.profile, *site.host);
    const auto any_rtc = place.host.rtc;
    place.host = *site.host;
    place.is_rtc_guessed = !place.host.rtc;
    if (place.is_rtc_guessed) place.host.rtc = any_rtc;
  } catch (const Error& error) {
    const auto& rtc = *place.host.rtc;
    context.report().note(fmt::format("no profile for this host ({}): looking for a {} at {}",
                                      join(error.problems(), "; "), rtc.chip,
                                      rtc::Identity{rtc.chip, rtc.bus, rtc.address}.i2c_client()));
  }
  return place;
}

observe::Observation observe_clocks(Context& context, const Place& place) {
  return observe::observe_clocks(place.host, time_ports(context));
}

observe::Observation observe_time(Context& context, const Place& place) {
  auto seen = observe_clocks(context, place);
  observe::add_daemon(place.host, time_ports(context), seen);
  note_refusal(context, seen);
  return seen;
}

rtc::Decision may_enable_island(Context& context, const Place& place) {
  auto host = place.host;
  if (place.is_rtc_guessed) host.rtc.reset();
  const auto ports = time_ports(context);
  auto seen = observe::observe_clocks(host, ports);
  auto decision = observe::ask_to_enable_island(host, ports, place.limits, seen);
  note_refusal(context, seen);
  return decision;
}

void have_chronyd_serve(Context& context, const Place& place) {
  const auto boot = rtc::read_boot_state(context.files(), context.clock().boot_id());
  context.daemons().enable_local(
      rtc::island_reference(place.limits.local_stratum, place.limits.local_distance, boot));
}

}  // namespace timectl::cli
