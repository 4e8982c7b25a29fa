// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "platform/platform.hpp"
#include "system/rooted_path.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// What a host should be like: plain values, computed from a profile and facts alone.
namespace timectl::target {

enum class FileKind {
  owned,   ///< the whole file is timectl's
  block,   ///< timectl owns the lines between its markers; the rest is not timectl's
  link,    ///< a symlink; content is where it points
  absent,  ///< nothing may be there
  edited,  ///< not timectl's, before and after: without `superseded`, or with another content
};

/// Who may see what is in a file. It goes with the file through target, plan, journal and record.
enum class Sensitivity {
  open,
  secret,  ///< no output, message, log or document that others can read has its content
};

/// What has to happen after a file or unit has changed. Ordered: a plan does each at most once, in
/// this order.
enum class ReactionKind {
  daemon_reload,
  udev_reload,     ///< udevadm control --reload
  set_host_name,   ///< the kernel's host name follows /etc/hostname
  network_reload,  ///< the network back end applies its files: HostControl::reload_network
  restart,         ///< of `unit`, started when it is not running
  try_restart,     ///< of `unit`, only when it runs
  reload_sources,  ///< chronyc reload sources
  reboot,          ///< takes effect at the next boot; timectl only says so
};

struct Reaction {
  ReactionKind kind = ReactionKind::daemon_reload;
  std::string subject;  ///< a unit, an interface or connection; "" where the kind needs none

  auto operator<=>(const Reaction&) const = default;
};

/// The unit that a reaction concerns; "" where it concerns none. A reload of sources names none
/// because journals of earlier versions do not: the daemon that reads sources is the platform's.
inline std::string unit_of(const Reaction& reaction) {
  const bool is_unnamed = reaction.kind == ReactionKind::reload_sources && reaction.subject.empty();
  return is_unnamed ? platform::chronyd.unit : reaction.subject;
}

struct DesiredFile {
  system::RootedPath path;
  FileKind kind = FileKind::owned;
  /// owned: the file; block: the lines between the markers; link: target; edited: the file, or ""
  /// where only lines go.
  std::string content;
  std::uint32_t mode = 0644;
  std::string group = "root";  ///< owner is always root; a group that must exist when applied
  bool in_place = false;       ///< on VFAT: appended in place, see plan/block.hpp
  std::string why;             ///< half a sentence for the plan: "serves NTP to the site"
  std::vector<Reaction> reactions;
  /// block, edited: lines of others that go, wherever they stand outside of the block.
  std::set<std::string, std::less<>> superseded = {};
  /// What a target cannot know of a file that exists, plan/secret.hpp adds.
  Sensitivity sensitivity = Sensitivity::open;
};

/// What stands in the way, and timectl does not change without the user's order.
struct Conflict {
  std::string reason;  ///< names file and line
  std::string remedy;
};

enum class Activity { running, stopped, unchanged };
enum class Enablement { enabled, disabled, masked, unchanged };

/// `optional`: the unit may be missing on this host, and then there is nothing to do.
struct DesiredUnit {
  std::string name;
  Enablement enablement = Enablement::unchanged;
  Activity activity = Activity::unchanged;
  bool optional = false;
  std::string why;
};

struct Target {
  std::string profile;  ///< name
  std::string host;
  std::string role;
  std::vector<std::string> packages;           ///< to be installed
  std::vector<std::string> excluded_packages;  ///< that conflict: apt removes them, and it is said
  std::vector<DesiredFile> files;              ///< sorted by path
  std::vector<DesiredUnit> units;              ///< in the order they are to be handled
  std::vector<std::string> notes;   ///< what a person should know: "the overlay needs a reboot"
  std::vector<Conflict> conflicts;  ///< with any of them nothing may be applied
};

}  // namespace timectl::target
