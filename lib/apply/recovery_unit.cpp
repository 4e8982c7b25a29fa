// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/recovery_unit.hpp"

#include "apply/persistently.hpp"
#include "plan/unit_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace timectl::apply {

using system::RootedPath;

namespace {

const RootedPath unit_path{"/etc/systemd/system/timectl-recover.service"};
// Not a link in sysinit.target.wants: that directory comes and goes with the links of others.
const RootedPath hook_path{"/etc/systemd/system/sysinit.target.d/timectl-recover.conf"};
constexpr std::string_view hook = "[Unit]\nWants=timectl-recover.service\n";
const std::array paths{hook_path, unit_path};

/// The first line says whose it is.
constexpr std::string_view mark =
    "# Made by timectl while a change is open, gone when that ends.\n";

bool is_ours(const RootedPath& path, const system::FileReader& files) {
  const auto status = files.status(path);
  if (!status || status->type != system::FileType::regular) return false;
  const auto file = files.read(path);
  return file && file->content.starts_with(mark);
}

void write(const RootedPath& path, std::string_view text, system::FileStore& files) {
  make_directories(files, path.parent());
  files.stage(path, std::string{mark}.append(text), {0644, 0, 0});
  files.swap_in(path);
  files.sync_directory(path.parent());
}

bool is_empty_directory(const RootedPath& path, const system::FileReader& files) {
  const auto status = files.status(path);
  return status && status->type == system::FileType::directory && files.list(path).empty();
}

/// PID 1 has read the unit (it does at every daemon-reload), and its file is gone.
bool is_ghost(const system::FileReader& files, const system::ServiceReader& services) {
  return services.is_running() && !files.status(unit_path) &&
         services.state(unit_path.name()).exists();
}

void take_away(system::FileStore& files, system::ServiceManager& services,
               const std::vector<RootedPath>& made) {
  for (const auto& path : paths) {
    if (!files.status(path.parent())) continue;
    files.discard_staged(path);
    if (is_ours(path, files)) files.remove(path);
    files.sync_directory(path.parent());
  }
  remove_empty(files, made);
  if (is_ghost(files, services)) services.daemon_reload();
}

void take_away_if_closed(system::FileStore& files, system::ServiceManager& services) {
  const auto journal = newest_journal(files);
  if (journal && !is_closed(*journal)) return;
  const auto made = journal ? journal->recovery_directories : std::vector<RootedPath>{};
  const bool is_planned = std::any_of(paths.begin(), paths.end(),
                                      [&](const auto& path) { return is_ours(path, files); });
  const bool left_some = std::any_of(
      made.begin(), made.end(), [&](const auto& path) { return is_empty_directory(path, files); });
  // What was staged cannot be seen: one who died while planning left it.
  const bool died_planning = journal && journal->reason == not_begun;
  if (is_planned || left_some || died_planning || is_ghost(files, services))
    take_away(files, services, made);
}

}  // namespace

std::vector<RootedPath> directories_for_recovery(const system::FileReader& files) {
  std::vector<RootedPath> missing;
  for (auto path = hook_path.parent(); !files.status(path); path = path.parent()) {
    missing.push_back(path);
  }
  std::reverse(missing.begin(), missing.end());
  return missing;
}

void plan_recovery(system::FileStore& files, const std::string& unit) {
  if (files.status(unit_path) || files.status(hook_path)) return;
  write(unit_path, unit, files);
  write(hook_path, hook, files);
}

bool is_recovery_planned(const system::FileReader& files) { return is_ours(unit_path, files); }

std::string why_no_boot_recovers(const system::FileReader& files) {
  if (!plan::is_mask(files, unit_path)) return {};
  return fmt::format(
      "{} is masked: an interrupted change is rolled back by the next timectl command, not at boot",
      unit_path.name());
}

void cancel_recovery(system::FileStore& files, system::ServiceManager& services,
                     const std::vector<RootedPath>& made) {
  persistently([&] { take_away(files, services, made); });
}

void cancel_if_closed(system::FileStore& files, system::ServiceManager& services) {
  persistently([&] { take_away_if_closed(files, services); });
}

}  // namespace timectl::apply
