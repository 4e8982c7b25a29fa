// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/rtc_place.hpp"

#include "base/text.hpp"
#include "own_site.hpp"
#include "rtc/boot_state.hpp"

#include <fmt/format.h>

namespace timectl::cli {

Place find_place(Context& context) {
  Place place;
  try {
    const auto site = find_own_site(context, {});
    if (const auto& rtc = site.host->rtc) place.identity = {rtc->chip, rtc->bus, rtc->address};
    if (const auto& serve = site.host->serve) place.local_stratum = serve->local_stratum;
    for (const auto* server : site.profile.servers()) {
      place.site_servers.push_back(server->address.text());
    }
    place.serves = site.host->serve.has_value();
  } catch (const Error& error) {
    context.report().note(fmt::format("no profile for this host ({}): looking for a {} at {}",
                                      join(error.problems(), "; "), place.identity.chip,
                                      place.identity.i2c_client()));
  }
  return place;
}

std::optional<system::ChronyTracking> ask_chrony(Context& context) {
  try {
    return context.daemons().chrony_tracking();
  } catch (const Error& error) {
    context.report().note(error);
    return std::nullopt;
  }
}

rtc::Assessment look_at_rtc(Context& context, const Place& place) {
  try {
    return rtc::look(place.identity, context.rtcs(), context.files());
  } catch (const Error& error) {
    auto none = rtc::assess(std::nullopt, {}, rtc::read_record(context.files()), rtc::build_date());
    none.trust = rtc::Trust::not_readable;
    none.reason = error.what();
    return none;
  }
}

rtc::SystemClockView clock_view(Context& context) {
  return {context.clock().now(), context.clock().since_boot()};
}

bool is_synchronized_now(Context& context, const Place& place) {
  const auto tracking = ask_chrony(context);
  return tracking && rtc::is_really_synchronized(*tracking, place.local_stratum,
                                                 context.clock().now(), place.site_servers);
}

rtc::Decision decide_arming(Context& context, const Place& place,
                            const rtc::Assessment& assessment) {
  if (!place.serves) return {false, "no profile says that this host serves time"};
  const auto boot = rtc::read_boot_state(context.files(), context.clock().boot_id());
  // The cheap ways first: while chronyd starts it has no synchronisation to tell of anyway.
  const auto clock = clock_view(context);
  auto decision = rtc::may_arm(assessment, boot.synchronized_at, clock);
  if (decision.yes || boot.synchronized_at || !is_synchronized_now(context, place)) return decision;
  return rtc::may_arm(assessment, clock.since_boot, clock);
}

}  // namespace timectl::cli
