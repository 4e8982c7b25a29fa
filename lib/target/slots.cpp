// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/slots.hpp"

#include "base/text.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::target {

namespace {

/// A site's own copy of the template may be older than the slots: their lines would be left out.
bool template_lacks(const Draft& draft, const std::string& path, std::string_view section) {
  return draft.template_text(system::RootedPath{path}).find(section) == std::string::npos;
}

void add_conflict_of_template(Draft& draft, const SlotEntry& entry, const std::string& path,
                              std::string_view section) {
  draft.target.conflicts.push_back(
      {fmt::format("the template of '{}' has no section {} for what '{}' needs: {}", path, section,
                   entry.owner, join(entry.lines, ", ")),
       fmt::format("add the section to the copy below /etc/timectl/templates, or remove that copy; "
                   "'timectl render' shows what the built-in one makes")});
}

/// In the order of the features, each once.
std::vector<std::string> lines_of_entries(const std::vector<SlotEntry>& entries) {
  std::vector<std::string> lines;
  for (const auto& entry : entries) {
    for (const auto& line : entry.lines) {
      if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
    }
  }
  return lines;
}

std::string reasons_of(const std::vector<SlotEntry>& entries) {
  std::vector<std::string> reasons;
  for (const auto& entry : entries) reasons.push_back(entry.reason);
  return join(reasons, "; ");
}

}  // namespace

Model list_of(const std::vector<std::string>& lines) {
  ModelList list;
  for (const auto& line : lines) list.push_back(Model{"value", line});
  return Model{list};
}

TimeDaemonSlots::TimeDaemonSlots() {
  variable("serves", Model{false});
  variable("allowed", list_of({}));
  variable("follows", Model{false});
  variable("root_distance_max_s", "");
  variable("gps", Model{false});
  variable("pps", Model{false});
}

void refuse_time_daemon_slots(Draft& draft) {
  const auto* daemon = "no time daemon";
  switch (profile::time_daemon_of(draft.host)) {
    case profile::TimeDaemon::chrony:
      return;
    case profile::TimeDaemon::timesyncd:
      daemon = "systemd-timesyncd";
      break;
    case profile::TimeDaemon::none:
      break;
  }
  for (const auto& entry : draft.time_daemon().entries()) {
    draft.target.conflicts.push_back(
        {fmt::format("'{}' needs '{}' of chronyd, and host '{}' has {}", entry.owner,
                     join(entry.lines, ", "), draft.host.name, daemon),
         fmt::format("set client.daemon to chrony, or take '{}' out of the profile", entry.owner)});
  }
}

Model chrony_slots(Draft& draft, const system::RootedPath& path) {
  const auto& entries = draft.time_daemon().entries();
  const bool is_lacking = template_lacks(draft, path.text(), "{{#slots}}");
  ModelList list;
  for (const auto& entry : entries) {
    if (is_lacking) add_conflict_of_template(draft, entry, path.text(), "{{#slots}}");
    Model model;
    model.set("reason", entry.reason);
    model.set("lines", list_of(entry.lines));
    list.push_back(model);
  }
  return Model{list};
}

void add_firmware(Draft& draft) {
  const auto& firmware = draft.firmware();
  const auto& entries = firmware.entries();
  if (entries.empty()) return;
  if (draft.lacks_boot_partition()) return refuse_unmounted_boot(draft);
  if (!draft.has_firmware()) {
    for (const auto& entry : entries) {
      draft.target.conflicts.push_back(
          {fmt::format("'{}' needs '{}' in config.txt, and this machine has no firmware of a "
                       "Raspberry Pi",
                       entry.owner, join(entry.lines, ", ")),
           fmt::format("take '{}' out of the profile", entry.owner)});
    }
    return;
  }
  if (!accept_generated_config(draft)) return;
  const std::string template_path = "/boot/firmware/config.txt";
  constexpr auto section = "{{#overlays}}";
  const bool is_lacking = template_lacks(draft, template_path, section);
  for (const auto& entry : entries) {
    const bool has_variables = entry.owner == firmware.owner_of_variables();
    if (is_lacking && !has_variables) {
      add_conflict_of_template(draft, entry, template_path, section);
    }
  }
  auto model = firmware.variables();
  model.set("overlays", list_of(lines_of_entries(entries)));
  const bool is_fat = !draft.facts.boot.source;
  draft.add({.path = draft.facts.firmware_file(),
             .why = reasons_of(entries),
             .reactions = {{ReactionKind::reboot, ""}},
             .kind = FileKind::block,
             // VFAT has no modes: this is what its mount shows.
             .mode = is_fat ? 0755U : 0644U,
             .in_place = is_fat,
             .template_path = template_path},
            model);
  const auto& superseded = firmware.superseded();
  draft.target.files.back().superseded = {superseded.begin(), superseded.end()};
}

}  // namespace timectl::target
