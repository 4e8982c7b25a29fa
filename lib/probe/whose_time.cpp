// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/whose_time.hpp"

#include "base/text.hpp"
#include "probe/asks.hpp"
#include "rtc/arming.hpp"
#include "rtc/boot_state.hpp"
#include "rtc/rtc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace timectl::probe {

namespace {

using namespace std::chrono_literals;
using quality::FollowerView;
using quality::ServerView;
using system::ChronySource;

constexpr int samples = 2;
constexpr std::chrono::milliseconds look_deadline{1000};
constexpr Seconds server_limit{5};

bool is_among(const std::string& address, const std::vector<std::string>& addresses) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

void follow(FollowerView& view, const std::string& address, const std::vector<std::string>& site) {
  if (address.empty()) return;
  view.follows_site_server = is_among(address, site);
  view.follows_fallback = !view.follows_site_server;
}

/// A source that chronyd goes by. It keeps the star on a preferred one that has long been silent.
const ChronySource* selected(const std::vector<ChronySource>& sources) {
  const auto is_followed = [](const ChronySource& source) {
    return source.state == '*' && source.reach != 0;
  };
  const auto found = std::find_if(sources.begin(), sources.end(), is_followed);
  return found == sources.end() ? nullptr : &*found;
}

bool any_reached(const std::vector<ChronySource>& sources) {
  return std::any_of(sources.begin(), sources.end(),
                     [](const ChronySource& source) { return source.reach != 0; });
}

std::vector<observe::NtpMeasurement> ask_servers(const Subject& subject, const Ports& ports) {
  std::vector<system::Endpoint> servers;
  for (const auto* server : subject.profile.servers()) {
    if (server->name != subject.host.name) servers.push_back({server->address, observe::ntp_port});
  }
  if (servers.empty()) return {};
  return observe::measure_ntp(servers, {samples}, look_deadline, ports.datagrams);
}

/// The one that is followed, else the best there is.
const observe::NtpMeasurement* pick(const std::vector<observe::NtpMeasurement>& measured,
                                    const std::string& followed) {
  const observe::NtpMeasurement* best = nullptr;
  const auto rank = [](const observe::NtpMeasurement& one) {
    return one.is_usable() ? 2 : one.best ? 1 : 0;
  };
  for (const auto& one : measured) {
    if (one.server.address.text() == followed) return &one;
    if (best == nullptr || rank(one) > rank(*best)) best = &one;
  }
  return best;
}

Seconds reading_error(const observe::NtpMeasurement* measured) {
  return measured != nullptr && measured->best ? measured->best->round_trip / 2 : Seconds{};
}

/// How long a daemon that hears somebody may take until it goes by them.
constexpr std::chrono::minutes longest_settling{10};

/// When a process started, since boot: field 22 of /proc/PID/stat (proc_pid_stat(5)), counted
/// behind the name in parentheses, in hundredths of a second (USER_HZ).
std::optional<Seconds> started_at(std::uint32_t pid, const system::FileReader& files) {
  constexpr std::size_t field = 19;  // behind the name
  constexpr double ticks_a_second = 100;
  const auto stat = files.read(system::RootedPath{fmt::format("/proc/{}/stat", pid)});
  const auto name_end = stat ? stat->content.rfind(')') : std::string::npos;
  if (name_end == std::string::npos) return std::nullopt;
  const auto words = words_of(stat->content.substr(name_end + 1));
  const auto ticks = words.size() > field ? to_integer(words[field]) : std::nullopt;
  if (!ticks) return std::nullopt;
  return Seconds{static_cast<double>(*ticks) / ticks_a_second};
}

/// Has the host's daemon had its time to settle, since its start or, not knowing that, since boot?
bool had_its_time(const char* unit, const Ports& ports) {
  const auto pid = ports.services.state(unit).main_pid;
  const auto start = pid != 0 ? started_at(pid, ports.files) : std::nullopt;
  return Seconds{ports.clock.since_boot()} - start.value_or(Seconds{}) > longest_settling;
}

// --- a host that serves, or has sources
// -----------------------------------------------------------

rtc::Assessment look_at_rtc(const Subject& subject, const Ports& ports) {
  const auto& wanted = subject.host.rtc;
  if (wanted)
    return rtc::look({wanted->chip, wanted->bus, wanted->address}, ports.rtcs, ports.files);
  auto none = rtc::assess(std::nullopt, {}, rtc::read_record(ports.files), rtc::build_date());
  none.reason = "chronyd follows no real source, and the profile gives this host no RTC";
  return none;
}

/// Did chronyd's last correction come from outside? Its own clock as reference is "corrected" all
/// the time, and another server of the site may be as much of an island, as an armed one's stratum
/// says outright.
bool came_from_outside(const system::ChronyTracking& tracking, const profile::Profile& profile) {
  return !tracking.reference_id.starts_with("7F7F01") && tracking.stratum >= 1 &&
         tracking.stratum < local_stratum(profile) &&
         !is_among(tracking.source, server_addresses(profile));
}

/// What its chronyd last heard of real sources, by chronyd or by the monitor's notes of this boot.
std::optional<Seconds> since_sources(const std::optional<system::ChronyTracking>& tracking,
                                     const rtc::BootState& boot, const rtc::SystemClockView& clock,
                                     const profile::Profile& profile) {
  if (boot.synchronized_at) return Seconds{clock.since_boot - *boot.synchronized_at};
  if (!tracking || !rtc::has_reference(*tracking) || !came_from_outside(*tracking, profile)) {
    return std::nullopt;
  }
  return std::max<Seconds>(clock.now - *tracking->reference_time, 0s);
}

void add_rtc(const rtc::Assessment& rtc, const rtc::BootState& boot, const Ports& ports,
             const rtc::SystemClockView& clock, quality::HostView& view) {
  view.rtc_reason = rtc.reason;
  const auto record = rtc::read_record(ports.files);
  if (!rtc.is_sane() || !record) return;
  view.runs_on_rtc = rtc::may_arm(rtc, boot.synchronized_at, clock).yes;
  view.rtc_bound = quality::rtc_bound(rtc::ahead_of_system(rtc.reading),
                                      Seconds{clock.now - record->vouched_at});
}

WhoseTime look_at_host(const Subject& subject, const Ports& ports) {
  WhoseTime whose;
  const auto tracking = ports.daemons.chrony_tracking();
  const auto sources = ports.daemons.chrony_sources().value_or(std::vector<ChronySource>{});
  whose.daemon_answered = tracking.has_value();
  const auto rtc = look_at_rtc(subject, ports);
  const auto boot = rtc::read_boot_state(ports.files, ports.clock.boot_id());
  const rtc::SystemClockView clock{ports.clock.now(), ports.clock.since_boot()};
  whose.rtc_is_busy = rtc.reading.health == system::RtcHealth::busy;
  quality::HostView view;
  if (const auto wrong = rtc::must_disarm(rtc, boot.synchronized_at, clock); wrong.yes) {
    view.wrong = wrong.reason;
  }
  const auto site = server_addresses(subject.profile);
  view.follows_sources =
      tracking && any_reached(sources) &&
      rtc::is_really_synchronized(*tracking, local_stratum(subject.profile), clock.now, site);
  if (view.follows_sources) {
    view.source = fmt::format("{} (stratum {})", tracking->source, tracking->stratum);
    whose.followed = tracking->source;
  }
  if (tracking && rtc::has_reference(*tracking)) view.bound = system::error_bound(*tracking);
  view.since_sync = since_sources(tracking, boot, clock, subject.profile);
  add_rtc(rtc, boot, ports, clock, view);
  whose.judgement = quality::judge_host(view, server_limit);
  whose.is_settled =
      view.follows_sources || !any_reached(sources) || had_its_time("chrony.service", ports);
  const auto peers = ask_servers(subject, ports);
  const auto* peer = pick(peers, whose.followed);
  whose.errors = quality::errors_of_host(
      whose.judgement, peer != nullptr ? std::optional{server_view(*peer)} : std::nullopt,
      reading_error(peer));
  return whose;
}

// --- a host that follows the site's server
// --------------------------------------------------------

struct Followed {
  FollowerView view;
  std::string address;
  bool daemon_answered = false;
};

Followed look_at_daemon(const Subject& subject, const Ports& ports) {
  const auto site = server_addresses(subject.profile);
  if (subject.host.client->daemon == profile::ClientDaemon::chrony) {
    const auto sources = ports.daemons.chrony_sources();
    if (!sources) return {};
    const auto* source = selected(*sources);
    return {follower_view(*sources, site), source != nullptr ? source->name : "", true};
  }
  const auto state = ports.daemons.timesync();
  if (!state) return {};
  return {follower_view(*state, site, ports.clock.now()), state->server_address, true};
}

WhoseTime look_at_client(const Subject& subject, const Ports& ports) {
  WhoseTime whose;
  const auto followed = look_at_daemon(subject, ports);
  const auto measured = ask_servers(subject, ports);
  const auto* server = pick(measured, followed.address);
  const auto view = server != nullptr ? server_view(*server) : ServerView{};
  whose.followed = followed.address;
  whose.daemon_answered = followed.daemon_answered;
  whose.is_settled =
      followed.view.last_reply_age || !view.synchronized ||
      had_its_time(runs_chrony(subject.host) ? "chrony.service" : "systemd-timesyncd.service",
                   ports);
  const auto floor = rtc::make_floor(rtc::build_date(), rtc::read_record(ports.files));
  const auto below = rtc::is_below_floor(ports.clock.now(), floor);
  if (below.yes) {
    whose.judgement = {quality::State::wrong, Seconds::max(), below.reason};
  } else {
    whose.judgement = quality::judge_client(view, followed.view, local_stratum(subject.profile),
                                            subject.host.client->root_distance_max);
  }
  whose.errors = quality::errors_of_client(whose.judgement, view, reading_error(server));
  return whose;
}

}  // namespace

ServerView server_view(const observe::NtpMeasurement& measured) {
  ServerView view;
  view.answered = measured.best.has_value();
  if (!measured.best) return view;
  view.synchronized = measured.is_usable() && measured.is_synchronized();
  view.stratum = measured.best->reply.stratum;
  view.reference_id = measured.best->reply.reference_id;
  view.offset = measured.best->offset;
  view.bound = measured.bound();
  view.reference_age = measured.best->reply.reference_age();
  return view;
}

FollowerView follower_view(const system::TimesyncState& state, const std::vector<std::string>& site,
                           WallTime now) {
  FollowerView view;
  follow(view, state.server_address, site);
  view.poll_interval = state.poll_interval;
  if (!state.message) return view;
  const auto& last = *state.message;
  // A clock that was stepped back makes the last reply look like one from the future.
  view.last_reply_age = std::max<Seconds>(now - last.destination, 0s);
  view.reference_id = last.reference_id;
  view.stratum = last.stratum;
  view.bound = last.root_dispersion + last.root_delay / 2 + last.jitter;
  return view;
}

FollowerView follower_view(const std::vector<ChronySource>& sources,
                           const std::vector<std::string>& site) {
  FollowerView view;
  const auto* source = selected(sources);
  if (source == nullptr) return view;
  follow(view, source->name, site);
  view.last_reply_age = source->since_last_sample;
  view.poll_interval = Seconds{std::exp2(source->poll_log2)};
  view.stratum = source->stratum;
  view.bound = Seconds{std::abs(source->offset.count())} + source->error;
  return view;
}

WhoseTime look_whose_time(const Subject& subject, const Ports& ports) {
  const bool is_client = subject.host.client && !subject.host.serve;
  return is_client ? look_at_client(subject, ports) : look_at_host(subject, ports);
}

}  // namespace timectl::probe
