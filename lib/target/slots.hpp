// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/rooted_path.hpp"
#include "target/fill_in.hpp"

#include <string>
#include <utility>
#include <vector>

/// What several features put into one file. A feature fills a slot, and the file is made when all
/// of them did, in their order.
namespace timectl::target {

/// Lines of a file, with the feature that needs them and why.
struct SlotEntry {
  std::vector<std::string> lines;
  std::string owner;   ///< the feature's name in the profile: "rtc"
  std::string reason;  ///< half a sentence: "tells the kernel of the ds3231"
};

/// The section of a template that has one line for each: {{#lines}}{{value}}{{/lines}}.
Model list_of(const std::vector<std::string>& lines);

/// Configuration of the host's time daemon besides its sources.
class TimeDaemonSlots {
 public:
  /// With each variable that a template may name as it is where no feature sets it.
  TimeDaemonSlots();

  /// A reference clock, as chrony.conf(5) has it behind "refclock": "SHM 0 refid GPS".
  void refclock(const std::string& parameters, std::string owner, std::string reason) {
    directive("refclock " + parameters, std::move(owner), std::move(reason));
  }
  /// A directive of chrony.conf(5).
  void directive(std::string line, std::string owner, std::string reason) {
    entries_.push_back({{std::move(line)}, std::move(owner), std::move(reason)});
  }
  const std::vector<SlotEntry>& entries() const { return entries_; }

  /// A value that the templates of its configuration and of its unit's drop-in name.
  void variable(const std::string& name, const Model& value) { variables_.set(name, value); }
  const Model& variables() const { return variables_; }
  /// What a plan says that the two files are for: half a sentence.
  void configuration_is_for(std::string why) { why_configuration_ = std::move(why); }
  void unit_is_for(std::string why) { why_unit_ = std::move(why); }
  const std::string& why_configuration() const { return why_configuration_; }
  const std::string& why_unit() const { return why_unit_; }

 private:
  std::vector<SlotEntry> entries_;
  Model variables_;
  std::string why_configuration_ = "limits which time is accepted";
  std::string why_unit_ = "revives a dead chronyd";
};

/// Lines of config.txt, which the firmware of a Raspberry Pi reads.
class FirmwareSlots {
 public:
  /// A device tree overlay, with the parameters that it needs. A line that two of them need stands
  /// in the file once.
  void overlay(SlotEntry entry) { entries_.push_back(std::move(entry)); }
  /// What templates of before there were slots name of `owner`'s overlay: copies of a site's own.
  void variables(std::string owner, Model model) {
    owner_of_variables_ = std::move(owner);
    variables_ = std::move(model);
  }
  /// A line outside of the block that the block takes the place of.
  void supersede(std::string line) { superseded_.push_back(std::move(line)); }
  const std::vector<std::string>& superseded() const { return superseded_; }
  const std::vector<SlotEntry>& entries() const { return entries_; }
  const std::string& owner_of_variables() const { return owner_of_variables_; }
  const Model& variables() const { return variables_; }

 private:
  std::vector<SlotEntry> entries_;
  std::vector<std::string> superseded_;
  std::string owner_of_variables_;
  Model variables_;
};

class Draft;

/// A conflict for each entry that the host's time daemon cannot have.
void refuse_time_daemon_slots(Draft& draft);
/// The entries for chronyd's configuration, as the section "slots" of its template has them.
Model chrony_slots(Draft& draft, const system::RootedPath& path);
/// The block of config.txt; a conflict for each entry where there is no such firmware.
void add_firmware(Draft& draft);

}  // namespace timectl::target
