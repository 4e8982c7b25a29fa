// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/claims.hpp"
#include "target/fill_in.hpp"
#include "target/render.hpp"
#include "target/slots.hpp"

#include <string>
#include <utility>
#include <vector>

namespace timectl::target {

/// A file to come: everything of a DesiredFile but its content.
struct FileOutline {
  system::RootedPath path;
  std::string why = {};
  std::vector<Reaction> reactions = {};
  FileKind kind = FileKind::owned;
  std::uint32_t mode = 0644;
  bool in_place = false;
  /// Which template makes it, where the target's path is not known beforehand (it holds an
  /// interface's name); default is the path itself.
  std::string template_path = {};
};

/// A target in the making, with what it is made from. Contributions add to it.
class Draft {
 public:
  Draft(const profile::Profile& wanted_profile, const profile::Host& wanted_host,
        const facts::Facts& machine, const TemplateLookup& templates);

  const profile::Profile& profile;
  const profile::Host& host;
  const facts::Facts& facts;
  Target target;

  /// Fills the file's template in; the first line says who manages it and how to change it. What
  /// is added to the same path again, for another interface, follows below.
  void add(const FileOutline& outline, const Model& model);
  bool has(const system::RootedPath& path) const;
  /// Where only some of several things to be added need it.
  void need_package(const std::string& name);
  void add_unit(const std::string& name, Enablement enablement, Activity activity,
                const std::string& why);
  /// A unit that must not run if this host has it.
  void forbid_unit(const std::string& name, const std::string& why);
  /// What timectl uses on this host, and what was found in use; render() compares all of them.
  void claim(Claim claim) { claims_.push_back(std::move(claim)); }
  const std::vector<Claim>& claims() const { return claims_; }
  /// Files of several features: made after all contributions.
  TimeDaemonSlots& time_daemon() { return time_daemon_; }
  FirmwareSlots& firmware() { return firmware_; }
  /// Whether firmware().overlay() has a file to stand in.
  bool has_firmware() const { return facts.is_raspberry_pi() && facts.boot_config.has_value(); }
  /// A Pi whose boot partition is not mounted: an overlay is refused with that reason.
  bool lacks_boot_partition() const { return !facts.boot.unmounted.empty(); }
  std::string template_text(const system::RootedPath& path) const { return templates_(path); }
  void note(std::string sentence) { target.notes.push_back(std::move(sentence)); }

  /// The program that rendered units call.
  std::string timectl() const { return facts.timectl_path.value_or("/usr/bin/timectl"); }

 private:
  const TemplateLookup& templates_;
  std::vector<Claim> claims_;
  TimeDaemonSlots time_daemon_;
  FirmwareSlots firmware_;
};

/// The package and the unit of the daemon that keeps this host's clock.
void add_time_daemon(Draft& draft);
/// chronyd's configuration and its unit's drop-in, with what features put into its slots.
void add_chrony_configuration(Draft& draft);
/// A conflict where nothing that is written lasts.
void refuse_overlay_root(Draft& draft);
/// The conflict of a Pi whose boot partition is not mounted.
void refuse_unmounted_boot(Draft& draft);
/// False, with a conflict, where config.txt is generated and takes no lines from elsewhere.
bool accept_generated_config(Draft& draft);
/// Whatever would keep or set the clock besides the one daemon of this host.
void add_competitors(Draft& draft);

}  // namespace timectl::target
