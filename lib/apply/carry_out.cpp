// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/carry_out.hpp"

#include "apply/journal.hpp"
#include "apply/links.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace timectl::apply {

using plan::FileAction;
using plan::FileChange;
using plan::UnitAction;
using target::ReactionKind;

namespace {

using FileChanges = std::vector<const FileChange*>;

/// Whose extended attributes the new file gets: one that comes back has its own; one that keeps its
/// owner and mode keeps what else was said of it. Any other is a new file.
const system::RootedPath* attributes_for(const FileChange& change) {
  if (change.kept_at) return &*change.kept_at;
  const bool is_kept = change.before && change.before->type == system::FileType::regular &&
                       change.before->ownership == change.ownership_after;
  return is_kept ? &change.path : nullptr;
}

void stage(const FileChange& change, system::FileStore& files) {
  if (change.action == FileAction::remove || change.in_place) return;
  if (change.type_after == system::FileType::symlink) {
    files.stage_link(change.path, change.content_after);
  } else {
    files.stage(change.path, change.content_after, change.ownership_after, change.modified_after);
    if (const auto* from = attributes_for(change)) files.stage_attributes(change.path, *from);
  }
}

void put_in_place(const FileChange& change, system::FileStore& files) {
  if (change.action == FileAction::remove) {
    files.remove(change.path);
  } else if (change.in_place) {
    write_in_place(files, change.path, change.content_after);
  } else {
    files.swap_in(change.path);
  }
}

void write_files(FileChanges changes, system::FileStore& files, const Progress& progress) {
  // The boot partition last: it is the one place where a power cut can leave a torn file.
  std::stable_partition(changes.begin(), changes.end(),
                        [](const FileChange* change) { return !change->in_place; });
  std::set<system::RootedPath> directories;
  for (const auto* change : changes) {
    if (change->action != FileAction::remove) make_directories(files, change->path.parent());
    stage(*change, files);
    directories.insert(change->path.parent());
  }
  for (const auto* change : changes) {
    progress(fmt::format("{} {}", change->action == FileAction::remove ? "removes" : "writes",
                         change->path.text()));
    put_in_place(*change, files);
  }
  for (const auto& directory : directories) files.sync_directory(directory);
}

class Conductor {
 public:
  Conductor(const plan::Plan& plan, Machine& machine, const Progress& progress)
      : plan_(plan), machine_(machine), progress_(progress) {}

  /// Whatever systemd shows from now on agrees with its links, and they outlive a power cut.
  void finish() {
    if (!plan_.links.units.empty()) {
      restore_links(plan_.links, machine_.files);
      is_stale_ = true;
    }
    remove_empty(machine_.files, plan_.directories);
    reload_if_stale();
    forget_failures(plan_.links, machine_.services);
    if (links_changed_) sync_links(machine_.files);
  }

  void operator()(const plan::PackageChange&) {}

  void operator()(const FileChange&) {
    if (files_written_) return;
    files_written_ = true;
    FileChanges changes;
    for (const auto& change : plan_.changes) {
      if (const auto* file = std::get_if<FileChange>(&change)) changes.push_back(file);
    }
    write_files(std::move(changes), machine_.files, progress_);
  }

  void operator()(const plan::UnitChange& change) {
    auto& services = machine_.services;
    const bool may_be_gone =
        change.action == UnitAction::stop || change.action == UnitAction::disable;
    if (may_be_gone && !services.state(change.unit).exists()) return;
    switch (change.action) {
      case UnitAction::enable:
        return change_enablement("enables", change.unit, &system::ServiceManager::enable);
      case UnitAction::disable:
        return change_enablement("disables", change.unit, &system::ServiceManager::disable);
      case UnitAction::mask:
        return change_enablement("masks", change.unit, &system::ServiceManager::mask);
      case UnitAction::unmask:
        return change_enablement("unmasks", change.unit, &system::ServiceManager::unmask);
      case UnitAction::start:
        reload_if_stale();
        progress_("starts " + change.unit);
        return services.start(change.unit);
      case UnitAction::stop:
        progress_("stops " + change.unit);
        return services.stop(change.unit);
    }
  }

  void operator()(const plan::ReactionChange& change) {
    const auto& subject = change.reaction.subject;
    switch (change.reaction.kind) {
      case ReactionKind::daemon_reload:
        progress_("reloads the systemd units");
        return machine_.services.daemon_reload();
      case ReactionKind::udev_reload:
        progress_("reloads the udev rules");
        return machine_.host.reload_udev();
      case ReactionKind::set_host_name:
        return set_host_name(subject);
      case ReactionKind::network_reload:
        progress_("applies the network settings of " + subject);
        return machine_.host.reload_network(subject);
      case ReactionKind::restart:
        reload_if_stale();
        progress_("restarts " + subject);
        return machine_.services.restart(subject);
      case ReactionKind::try_restart:
        reload_if_stale();
        progress_("restarts " + subject);
        return machine_.services.try_restart(subject);
      case ReactionKind::reload_sources:
        progress_("reloads the sources of chronyd");
        return machine_.daemons.reload_sources();
      case ReactionKind::reboot:
        return;
    }
  }

 private:
  void change_enablement(const char* verb, const std::string& unit,
                         void (system::ServiceManager::*change)(std::string_view)) {
    progress_(fmt::format("{} {}", verb, unit));
    (machine_.services.*change)(unit);
    is_stale_ = true;
    links_changed_ = true;
  }

  /// systemd starts what it has read, not what its links say: as systemctl does after enabling.
  void reload_if_stale() {
    if (is_stale_) machine_.services.daemon_reload();
    is_stale_ = false;
  }

  void set_host_name(const std::string& subject) {
    const auto file = machine_.files.read(system::RootedPath{"/etc/hostname"});
    const auto name = file ? std::string{trim(file->content)} : subject;
    progress_("sets the host name to " + name);
    machine_.host.set_host_name(name);
  }

  const plan::Plan& plan_;
  Machine& machine_;
  const Progress& progress_;
  bool files_written_ = false;
  bool is_stale_ = false;
  bool links_changed_ = false;
};

bool is_for_daemons(const plan::Change& change) {
  return std::holds_alternative<plan::UnitChange>(change) ||
         std::holds_alternative<plan::ReactionChange>(change);
}

}  // namespace

void forget_failures(const plan::UnitLinks& links, system::ServiceManager& services) {
  for (const auto& unit : links.units) {
    try {
      const auto state = services.state(unit);
      const bool can_run = state.exists() && !state.is_masked();
      if (!can_run && state.active_state == "failed") services.reset_failed(unit);
    } catch (const Error&) {
      return;  // it is a mark of systemd's and no part of what is put back
    }
  }
}

void write_in_place(system::FileStore& files, const system::RootedPath& path,
                    const std::string& content) {
  const auto file = files.read(path);
  const std::string& now = file ? file->content : std::string{};
  const auto first = std::mismatch(now.begin(), now.end(), content.begin(), content.end());
  const auto offset = static_cast<std::size_t>(first.second - content.begin());
  files.write_in_place(path, offset, std::string_view{content}.substr(offset));
}

void carry_out(const plan::Plan& plan, Machine& machine, const Progress& progress,
               const std::function<void()>& before_daemons) {
  Conductor conductor{plan, machine, progress};
  bool reached_daemons = false;
  for (const auto& change : plan.changes) {
    if (is_for_daemons(change) && !std::exchange(reached_daemons, true)) before_daemons();
    std::visit(conductor, change);
  }
  conductor.finish();
}

}  // namespace timectl::apply
