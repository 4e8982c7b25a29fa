// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "context.hpp"

#include "features/feature.hpp"
#include "other_host.hpp"
#include "own_site.hpp"
#include "plan/secret.hpp"
#include "profile/networks.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace timectl::cli {

namespace {

using system::os::Route;

/// By device and inode: "/./", a link to / and a bind mount of it are this host as well.
bool is_this_host(const std::string& root) {
  std::error_code unknown;
  return std::filesystem::equivalent(root, "/", unknown);
}

/// Makes an adapter at its first use.
template <typename Port, typename Make>
Port& lazily(std::unique_ptr<Port>& port, Make make) {
  if (!port) port = make();
  return *port;
}

}  // namespace

struct Context::Adapters {
  std::unique_ptr<system::FileStore> files;
  std::unique_ptr<system::FileStore> host_files;
  std::unique_ptr<system::ServiceManager> services;
  std::unique_ptr<system::Packages> packages;
  std::unique_ptr<system::TimeDaemonControl> daemons;
  std::unique_ptr<system::ProcessRunner> processes;
  std::unique_ptr<system::Clock> clock;
  std::unique_ptr<system::ClockSetter> clock_setter;
  std::unique_ptr<system::RtcReader> rtcs;
  std::unique_ptr<system::RtcWriter> rtc_writer;
  std::unique_ptr<system::DatagramClient> datagrams;
  std::unique_ptr<system::Network> network;
  std::unique_ptr<system::GpsdReader> gpsd;
  std::unique_ptr<system::Sandbox> sandbox;
  std::unique_ptr<system::HostControl> host_control;
  std::unique_ptr<system::Locks> locks;
  std::unique_ptr<system::EventLog> events;
  std::optional<system::Login> login;
};

Context::Context(GlobalOptions options, Report& report, apply::Who caller)
    : options_(std::move(options)),
      report_(report),
      caller_(std::move(caller)),
      adapters_(std::make_unique<Adapters>()) {
  if (is_this_host(options_.root)) options_.root.clear();
  for (auto& directory : options_.tools) {
    directory = std::filesystem::absolute(directory).lexically_normal().string();
    while (directory.ends_with('/')) directory.pop_back();
  }
}

Context::~Context() {
  // A late probe may still use them; the end of the process takes both away.
  if (probe::has_left_behind()) static_cast<void>(adapters_.release());
}

bool Context::is_offline() const { return !options_.root.empty(); }

system::FileStore& Context::files() {
  return lazily(adapters_->files, [&] { return system::os::make_files(options_.root); });
}

const system::FileReader& Context::host_files() {
  return lazily(adapters_->host_files, [] { return system::os::make_files(""); });
}

system::ServiceManager& Context::services() {
  return lazily(adapters_->services, [&] {
    return is_offline() ? system::os::make_offline_services(options_.root, files())
                        : system::os::make_services(asks_little_ ? Route::bus_daemon
                                                                 : Route::private_socket);
  });
}

system::Packages& Context::packages() {
  return lazily(adapters_->packages, [&] {
    auto packages = system::os::make_packages(files(), processes());
    packages->report_progress([this](const system::PackageProgress& progress) {
      if (!progress.percent) return report_.note("apt: " + progress.step);
      report_.progress(progress.step, progress.percent);
    });
    return packages;
  });
}

system::TimeDaemonControl& Context::daemons() {
  return lazily(adapters_->daemons, [&] {
    return is_offline() ? system::os::make_offline_time_daemons()
                        : system::os::make_time_daemons(processes());
  });
}

const system::ProcessRunner& Context::processes() {
  return lazily(adapters_->processes, [&] { return system::os::make_processes(options_.tools); });
}

const system::Clock& Context::clock() { return lazily(adapters_->clock, system::os::make_clock); }

system::ClockSetter& Context::clock_setter() {
  return lazily(adapters_->clock_setter, system::os::make_clock_setter);
}

const system::RtcReader& Context::rtcs() {
  return lazily(adapters_->rtcs, system::os::make_rtc_reader);
}

system::RtcWriter& Context::rtc_writer() {
  return lazily(adapters_->rtc_writer, system::os::make_rtc_writer);
}

const system::DatagramClient& Context::datagrams() {
  return lazily(adapters_->datagrams, system::os::make_datagrams);
}

const system::Network& Context::network() {
  return lazily(adapters_->network, system::os::make_network);
}

const system::GpsdReader& Context::gpsd() { return lazily(adapters_->gpsd, system::os::make_gpsd); }

const system::Sandbox& Context::sandbox() {
  return lazily(adapters_->sandbox, system::os::make_sandbox);
}

system::HostControl& Context::host_control() {
  return lazily(adapters_->host_control, [&] {
    return is_offline() ? system::os::make_offline_host_control()
                        : system::os::make_host_control(processes(), files());
  });
}

system::Locks& Context::locks() {
  return lazily(adapters_->locks, [&] { return system::os::make_locks(options_.root); });
}

system::EventLog& Context::events() {
  return lazily(adapters_->events, system::os::make_event_log);
}

const system::Login& Context::login() {
  if (!adapters_->login) adapters_->login = system::os::own_login();
  return *adapters_->login;
}

const std::string& Context::standard_input(const std::string& option) {
  if (standard_input_ && input_for_ == option) return *standard_input_;
  if (standard_input_) {
    throw Error{ErrorKind::usage,
                fmt::format("standard input is both that of '{}' and of '{}'", input_for_, option),
                "put one of them into a file"};
  }
  constexpr auto limit = system::limits::profile;
  std::string text(limit.bytes + 1, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  if (text.size() > limit.bytes) system::throw_too_large("read standard input", limit);
  input_for_ = option;
  return standard_input_.emplace(std::move(text));
}

facts::Facts Context::detect_facts() {
  return facts::detect({.files = files(),
                        .services = services(),
                        .packages = packages(),
                        .network = is_offline() ? nullptr : &network(),
                        .rtcs = is_offline() ? nullptr : &rtcs()},
                       features::detectors());
}

namespace {

/// Where the host keeps the profile it was provisioned from.
constexpr auto kept_profile = "/etc/timectl/profile.json";

std::string name_as_kept(profile::ProfileSource source, const system::FileReader& files) {
  source.origin = kept_profile;
  return profile::load_profile(source, files).name;
}

}  // namespace

Site Context::load_site(const SiteOptions& options) {
  auto source = find_own_profile(*this, options);
  auto profile = profile::load_profile(source, files());
  return complete_site(std::move(source), std::move(profile), options);
}

Site Context::load_kept_site(const SiteOptions& options) {
  auto source = find_own_profile(*this, options);
  auto profile = profile::load_kept_profile(source, files());
  for (const auto& line : profile.tolerated) report().warning(line);
  try {
    return complete_site(std::move(source), std::move(profile), options);
  } catch (const Error& error) {
    throw_if_not_provisioned(*this, options, error);
    throw;
  }
}

Site Context::complete_site(profile::ProfileSource source, profile::Profile profile,
                            const SiteOptions& options) {
  Site site;
  site.is_named = options.profile.has_value();
  site.source = std::move(source);
  site.profile = std::move(profile);
  // A profile without a name has its file's, and the host is going to keep it in another file.
  if (site.is_named) site.profile.name = name_as_kept(site.source, files());
  site.facts = options.facts ? read_given_facts(*this, *options.facts) : detect_facts();
  if (options.take_over) site.facts.let_everything_go();
  site.host =
      &choose_own_host(options, site.profile, provisioned_as(*this, options), site.facts.host_name);
  return site;
}

std::string Context::template_for(const system::RootedPath& target) {
  const system::RootedPath path{"/etc/timectl/templates" + target.text()};
  const auto own = files().read(path, system::limits::site_template);
  if (own) return own->content;
  const auto built_in = target::built_in_template(target);
  if (built_in) return *built_in;
  throw Error{ErrorKind::profile, "no template for '" + target.text() + "'"};
}

target::Target Context::render(const Site& site) {
  const auto lookup = [&](const system::RootedPath& target) { return template_for(target); };
  auto target =
      target::render(site.profile, *site.host, site.facts, features::contributions(), lookup);
  keep_profile(site, target);
  plan::mark_secrets(target, files());
  return target;
}

target::Target Context::render_what_can_be(Site& site, std::optional<Error>& refusal) {
  try {
    return render(site);
  } catch (const Error& error) {
    const bool is_static = profile::has_static_address(*site.host);
    if (error.kind() != ErrorKind::refused || !is_static) throw;
    refusal = error;
  }
  for (auto& host : site.profile.hosts) {
    if (&host != site.host) continue;
    for (auto& address : host.addresses) address.addressing = profile::Addressing::none;
  }
  return render(site);
}

target::Target Context::render_first_boot(const Site& site, const target::FirstBootOrder& order) {
  const auto lookup = [&](const system::RootedPath& target) { return template_for(target); };
  auto target = target::first_boot(site.profile, *site.host, order, lookup);
  keep_profile(site, target);
  plan::mark_secrets(target, files());
  return target;
}

void Context::keep_profile(const Site& site, target::Target& target) {
  // The units on the host call timectl without options: they have to find the profile it was
  // provisioned from, also when that came from a memory stick.
  const system::RootedPath kept{kept_profile};
  const auto now = files().status(kept);
  if (!site.is_named && !now) return;
  // What the user closed, here or where it comes from, stays closed.
  const bool is_closed =
      site.source.is_closed || plan::sensitivity_of(now) == target::Sensitivity::secret;
  target::DesiredFile file{.path = kept,
                           .kind = target::FileKind::owned,
                           .content = site.source.text,
                           .mode = is_closed ? 0600U : 0644U,
                           .group = "root",
                           .in_place = false,
                           .why = "the profile of this site",
                           .reactions = {}};
  if (is_closed) file.sensitivity = target::Sensitivity::secret;
  const auto behind = std::find_if(target.files.begin(), target.files.end(),
                                   [&](const auto& other) { return kept < other.path; });
  target.files.insert(behind, std::move(file));
}

probe::Ports Context::probe_ports() {
  return {.files = files(),
          .services = services(),
          .processes = processes(),
          .clock = clock(),
          .rtcs = rtcs(),
          .datagrams = datagrams(),
          .network = network(),
          .daemons = daemons()};
}

apply::Machine Context::machine(bool with_packages) {
  return {.files = files(),
          .services = services(),
          .daemons = daemons(),
          .host = host_control(),
          .clock = clock(),
          .packages = with_packages ? &packages() : nullptr,
          .root = options_.root,
          .who = caller_};
}

std::string Context::recovery_unit() {
  const auto timectl = facts::installed_timectl(files());
  const auto lookup = [&](const system::RootedPath& target) { return template_for(target); };
  return timectl ? target::recovery_unit(*timectl, lookup) : "";
}

void add_site_options(CLI::App& app, SiteOptions& options) {
  app.add_option("--profile", options.profile,
                 "A profile: its name, the path of a file, or '-' for standard input (default: "
                 "/etc/timectl/profile.json, else the built-in missing-link)")
      ->type_name("PROFILE");
  app.add_option("--role", options.role, "The role of this host: server or client")
      ->type_name("ROLE");
  app.add_option("--host", options.host, "The name of this host in the profile")->type_name("HOST");
}

void add_take_over_option(CLI::App& app, SiteOptions& options) {
  app.add_flag("--take-over", options.take_over,
               "Also change existing configuration that timectl does not recognize");
}

}  // namespace timectl::cli
