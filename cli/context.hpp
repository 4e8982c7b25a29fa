// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/apply.hpp"
#include "facts/facts.hpp"
#include "monitor/monitor.hpp"
#include "probe/probe.hpp"
#include "profile/library.hpp"
#include "profile/profile.hpp"
#include "report.hpp"
#include "system/linux/linux.hpp"
#include "target/first_boot.hpp"
#include "target/render.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace timectl::cli {

/// Options that stand before or after the subcommand.
struct GlobalOptions {
  std::string root;  ///< "" is the running host
  bool json = false;
  std::vector<std::string> tools;  ///< in the context: absolute, "" for /
  std::string color = "auto";
  bool quiet = false;
  bool verbose = false;
  bool no_pager = false;
};

/// Options of the commands that need to know which host this is.
struct SiteOptions {
  std::optional<std::string> profile;
  std::optional<std::string> role;
  std::optional<std::string> host;
  std::optional<std::string> facts;  ///< of another host: the file that has them
  bool take_over = false;            ///< existing configuration is changed, recognized or not
};

/// A profile and the host of it that this machine is.
struct Site {
  profile::ProfileSource source;
  profile::Profile profile;
  const profile::Host* host = nullptr;  ///< into `profile`
  facts::Facts facts;
  bool is_named = false;  ///< the user named the profile, it is not the host's own
};

/// The real machine, built when a command asks for a part of it.
class Context {
 public:
  Context(GlobalOptions options, Report& report, apply::Who caller);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const GlobalOptions& options() const { return options_; }
  Report& report() { return report_; }
  /// Who runs this, for the journal and for other users of the lock.
  const apply::Who& caller() const { return caller_; }
  bool is_offline() const;

  system::FileStore& files();
  const system::FileReader& host_files();  ///< of the running host, whatever --root says
  system::ServiceManager& services();
  /// Says, before services() is used, that this process is one of many that ask systemd a little.
  void expect_few_questions() { asks_little_ = true; }
  system::Packages& packages();
  system::TimeDaemonControl& daemons();
  const system::ProcessRunner& processes();
  const system::Clock& clock();
  system::ClockSetter& clock_setter();
  const system::RtcReader& rtcs();
  system::RtcWriter& rtc_writer();
  const system::DatagramClient& datagrams();
  const system::Network& network();
  const system::GpsdReader& gpsd();
  const system::Sandbox& sandbox();
  system::HostControl& host_control();
  system::Locks& locks();
  system::EventLog& events();
  const system::Login& login();

  /// What comes on standard input, for the option that asks first. Throws Error{usage} when another
  /// one asks too, or it is longer than a profile may be.
  const std::string& standard_input(const std::string& option);

  facts::Facts detect_facts();
  /// Loads the profile and finds this machine in it.
  Site load_site(const SiteOptions& options);
  /// The same for commands that only read the host's state: says what they tolerate in its own
  /// profile.
  Site load_kept_site(const SiteOptions& options);
  target::Target render(const Site& site);
  /// The same on a machine whose network timectl cannot configure: without what gives the host its
  /// address, which `refusal` then says why; the site's host has "addressing": "none" from then on.
  target::Target render_what_can_be(Site& site, std::optional<Error>& refusal);
  /// What a card gets that its first boot provisions, with the profile.
  target::Target render_first_boot(const Site& site, const target::FirstBootOrder& order);
  probe::Ports probe_ports();
  apply::Machine machine(bool with_packages);
  /// The text of the unit that recovers at boot; "" where no timectl is installed to do it.
  std::string recovery_unit();

 private:
  Site complete_site(profile::ProfileSource source, profile::Profile profile,
                     const SiteOptions& options);
  std::string template_for(const system::RootedPath& target);
  void keep_profile(const Site& site, target::Target& target);

  struct Adapters;
  GlobalOptions options_;
  Report& report_;
  apply::Who caller_;
  bool asks_little_ = false;
  std::optional<std::string> standard_input_;
  std::string input_for_;  ///< the option that it was read for
  std::unique_ptr<Adapters> adapters_;
};

/// --profile, --role and --host.
void add_site_options(CLI::App& app, SiteOptions& options);
void add_take_over_option(CLI::App& app, SiteOptions& options);

}  // namespace timectl::cli
