// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/undo.hpp"

#include "apply/backup.hpp"
#include "apply/carry_out.hpp"
#include "apply/checked.hpp"
#include "apply/links.hpp"
#include "apply/persistently.hpp"
#include "apply/recovery_unit.hpp"
#include "base/error.hpp"
#include "base/message_of.hpp"
#include "base/text.hpp"
#include "plan/block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace timectl::apply {

using system::FileType;
using target::ReactionKind;

namespace {

class Undo {
 public:
  Undo(const Journal& journal, Machine& machine, const Progress& progress, Jobs jobs)
      : journal_(journal), machine_(machine), progress_(progress), jobs_(jobs) {}

  /// The reverse of apply_plan: daemons, files, packages, and the old daemons again.
  void run() {
    for (const auto& unit : journal_.units) retire(unit);
    const auto before = problems.size();
    restore_packages();
    note_added_packages();
    restore_files();
    not_back_ = problems.size() - before - lost_;
    reload();
    for (const auto& unit : journal_.units) restore_activity_of_masked(unit);
    for (const auto& unit : journal_.units) restore_enablement(unit);
    const bool are_links_back = attempt([&] {
      restore_links(journal_.links, machine_.files);
      // A directory that was made can hold a link until then.
      remove_empty(machine_.files, journal_.directories);
    });
    if (!are_links_back) ++not_back_;
    attempt([&] { machine_.services.daemon_reload(); });
    for (const auto& unit : journal_.units) {
      if (!unit.masked) restore_activity(unit);
    }
    forget_failures(journal_.links, machine_.services);
    const bool read_sources = journal_.reached_daemons && asked_for(ReactionKind::reload_sources);
    if (read_sources && jobs_ == Jobs::wait) reload_sources();
  }

  bool is_all_on_disk_back() const { return not_back_ == 0; }

  std::vector<std::string> problems;
  std::vector<std::string> notes;
  std::vector<system::RootedPath> lost;

 private:
  template <typename Step>
  bool attempt(Step&& step, const std::string& remark = {}) {
    try {
      step();
      return true;
    } catch (const std::exception& error) {
      problems.push_back(remark.empty() ? message_of(error)
                                        : fmt::format("{}; {}", message_of(error), remark));
      return false;
    }
  }

  bool asked_for(ReactionKind kind, const std::string& subject = {}) const {
    return std::any_of(journal_.reactions.begin(), journal_.reactions.end(), [&](const auto& r) {
      return r.kind == kind && (subject.empty() || r.subject == subject);
    });
  }

  /// What was not running or enabled before ends while its unit file is still there.
  void retire(const plan::FormerUnit& old) {
    attempt([&] {
      const auto now = machine_.services.state(old.name);
      // In early boot what the interrupted change enabled is not active yet, but its start is
      // queued already, and disabling does not take that back.
      const bool will_start = jobs_ == Jobs::enqueue && now.is_enabled() && !old.enabled;
      if ((now.is_active() || will_start) && !old.active) {
        progress_("stops " + old.name);
        jobs_ == Jobs::wait ? machine_.services.stop(old.name)
                            : machine_.services.enqueue("stop", old.name);
      }
      // A mask hides how a unit is enabled, and leaves that alone.
      const bool was_enabled_since = now.is_enabled() && !old.enabled && !old.masked;
      if (was_enabled_since) machine_.services.disable(old.name);
    });
  }

  /// Said after those removed are back: putting one back may push an added one out.
  void note_added_packages() {
    auto added = journal_.packages_added;
    if (added.empty()) return;
    if (machine_.packages != nullptr) {
      attempt([&] {
        const auto installed = machine_.packages->installed();
        std::erase_if(added, [&](const auto& name) { return installed.count(name) == 0; });
      });
    }
    if (!added.empty()) notes.push_back("added packages stay installed: " + join(added, ", "));
  }

  void restore_packages() {
    if (journal_.packages_added.empty() && journal_.packages_removed.empty()) return;
    const auto directory = machine_.root + (journal_.directory() / "packages").text();
    const auto remark = journal_.packages_removed.empty()
                            ? ""
                            : fmt::format("removed packages are kept in {}", directory);
    attempt(
        [&] {
          // An apt-get that outlived its timectl may remove what still looks installed.
          settle_packages();
          if (!journal_.packages_removed.empty()) put_back_packages(directory);
        },
        remark);
  }

  bool are_installed(const std::vector<std::string>& names) const {
    const auto installed = machine_.packages->installed();
    return std::all_of(names.begin(), names.end(),
                       [&](const std::string& name) { return installed.count(name) != 0; });
  }

  void settle_packages() {
    if (machine_.packages == nullptr) return;
    if (jobs_ == Jobs::wait) return machine_.packages->finish_interrupted();
    if (are_installed(journal_.packages_added)) return;
    throw Error{ErrorKind::refused,
                fmt::format("cannot say what became of installing '{}': packages cannot be "
                            "changed now, run timectl recover after boot",
                            join(journal_.packages_added, ", "))};
  }

  void put_back_packages(const std::string& directory) {
    if (machine_.packages == nullptr || jobs_ == Jobs::enqueue) {
      // dpkg starts daemons and waits for them, which early boot cannot.
      throw Error{
          ErrorKind::refused,
          fmt::format(
              "cannot restore '{}': packages cannot be changed now, run timectl recover after boot",
              join(journal_.packages_removed, ", "))};
    }
    if (are_installed(journal_.packages_removed)) return;
    progress_("puts back " + join(journal_.packages_removed, ", "));
    machine_.packages->put_back(directory);
  }

  void restore_files() {
    attempt([&] { make_retired_directories(); });
    std::set<system::RootedPath> directories;
    for (auto old = journal_.files.rbegin(); old != journal_.files.rend(); ++old) {
      const auto blob = backup_path(journal_, *old).text();
      attempt([&] { restore(*old); },
              old->type ? fmt::format("the old content of {} is in {}", old->path.text(), blob)
                        : fmt::format("{} was not there before", old->path.text()));
      directories.insert(old->path.parent());
    }
    for (const auto& directory : directories) {
      attempt([&] {
        if (machine_.files.status(directory)) machine_.files.sync_directory(directory);
      });
    }
  }

  void make_retired_directories() {
    for (const auto& old : journal_.retired_directories) {
      if (machine_.files.status(old.path)) continue;
      machine_.files.make_directory(old.path, without_special_bits(old.ownership));
      machine_.files.sync_directory(old.path.parent());
    }
  }

  void restore(const OldFile& old) {
    auto& files = machine_.files;
    if (!old.in_place) discard_staged(old);
    if (!old.type) {
      if (!files.status(old.path)) return;
      progress_("removes " + old.path.text());
      return files.remove(old.path);
    }
    const auto damage = backup_damage(files, journal_, old);
    if (!damage.empty()) return give_up(old, damage);
    const auto content = backup_content(files, journal_, old);
    if (is_as_it_was(old, content)) return;
    progress_("restores " + old.path.text());
    write_old(old, content);
  }

  /// What no later try can restore either: it is reported, and the change is closed, because an
  /// open one holds up every other.
  void give_up(const OldFile& old, const std::string& damage) {
    if (has_old_content(machine_.files, journal_, old)) return;
    ++lost_;
    if (take_lines_out(old)) {
      problems.push_back(
          fmt::format("cannot restore '{}': its copy {}; timectl's lines are taken out of it",
                      old.path.text(), damage));
      return;
    }
    lost.push_back(old.path);
    problems.push_back(
        fmt::format("cannot restore '{}': its copy {}; it stays as the change left it",
                    old.path.text(), damage));
  }

  /// A shared file is as good as restored without timectl's lines.
  bool take_lines_out(const OldFile& old) {
    auto& files = machine_.files;
    const auto now = files.status(old.path);
    if (old.kind != target::FileKind::block || !now || now->type != FileType::regular) return false;
    const auto file = files.read(old.path);
    const auto content = plan::without_block(file ? file->content : "");
    if (old.in_place) {
      write_in_place(files, old.path, content);
    } else {
      files.stage(old.path, content, now->ownership, {});
      files.stage_attributes(old.path, old.path);
      files.swap_in(old.path);
    }
    return true;
  }

  void discard_staged(const OldFile& old) {
    if (machine_.files.status(old.path.parent())) machine_.files.discard_staged(old.path);
  }

  void write_old(const OldFile& old, const std::string& content) {
    auto& files = machine_.files;
    if (old.in_place) return write_in_place(files, old.path, content);
    if (old.type == FileType::symlink) {
      files.stage_link(old.path, content);
    } else {
      files.stage(old.path, content, old.ownership, old.modified);
      files.stage_attributes(old.path, backup_path(journal_, old));
    }
    files.swap_in(old.path);
  }

  bool is_as_it_was(const OldFile& old, const std::string& content) const {
    const auto now = machine_.files.status(old.path);
    if (!now || now->type != old.type) return false;
    if (now->type == FileType::symlink) return machine_.files.read_link(old.path) == content;
    // By size first: what was put there meanwhile may be more than can be read, and goes anyway.
    if (now->size != content.size()) return false;
    const auto file = machine_.files.read(old.path);
    if (!file || file->content != content) return false;
    return old.in_place || (now->ownership == old.ownership && now->modified == old.modified);
  }

  /// The old files become known again, before anything is started that reads them.
  void reload() {
    attempt([&] { machine_.services.daemon_reload(); });
    bool is_running = false;
    attempt([&] { is_running = machine_.services.is_running(); });
    if (!journal_.reached_daemons || !is_running) return;
    if (asked_for(ReactionKind::udev_reload)) attempt([&] { machine_.host.reload_udev(); });
    if (asked_for(ReactionKind::set_host_name) && !journal_.host_name.empty()) {
      attempt([&] { machine_.host.set_host_name(journal_.host_name); });
    }
    // In early boot the network back end has not read anything yet.
    if (jobs_ == Jobs::enqueue) return;
    restore_network();
  }

  /// A host that cannot be reached cannot be helped: it is tried again, and NetworkManager's own
  /// checkpoint stays until the network is back.
  void restore_network() {
    bool is_back = true;
    for (const auto& reaction : journal_.reactions) {
      if (reaction.kind != ReactionKind::network_reload) continue;
      is_back &= attempt([&] { machine_.host.reload_network(reaction.subject); });
    }
    if (!is_back) {
      ++not_back_;
    } else if (!journal_.network_checkpoint.empty()) {
      attempt([&] { machine_.host.forget_checkpoint(journal_.network_checkpoint); });
    }
  }

  void restore_enablement(const plan::FormerUnit& old) {
    if (!old.existed && !old.masked) return unmask_stranger(old);
    attempt([&] {
      auto& services = machine_.services;
      const auto now = services.state(old.name);
      if (now.is_masked() && !old.masked) services.unmask(old.name);
      if (old.enabled && !services.state(old.name).is_enabled()) services.enable(old.name);
      if (old.masked && !now.is_masked()) services.mask(old.name);
    });
  }

  void unmask_stranger(const plan::FormerUnit& old) {
    attempt([&] {
      if (machine_.services.state(old.name).is_masked()) machine_.services.unmask(old.name);
    });
  }

  /// A unit that is masked while it runs goes on, but is neither started nor restarted: that comes
  /// before its mask is back. At a boot it would not run.
  void restore_activity_of_masked(const plan::FormerUnit& old) {
    if (!old.masked || !old.active || jobs_ == Jobs::enqueue) return;
    attempt([&] {
      const auto now = machine_.services.state(old.name);
      // A mask that is a file is back already, with the others.
      const bool comes_back = has_link(journal_.links, old.name);
      if (now.is_masked() && (now.is_active() || !comes_back)) return;
      if (now.is_masked()) {
        machine_.services.unmask(old.name);
        machine_.services.daemon_reload();
      }
      restore_activity(old);
    });
  }

  void restore_activity(const plan::FormerUnit& old) {
    if (!old.active) return;
    attempt([&] {
      const bool is_active = machine_.services.state(old.name).is_active();
      const bool must_read_again =
          journal_.reached_daemons && (asked_for(ReactionKind::restart, old.name) ||
                                       asked_for(ReactionKind::try_restart, old.name));
      if (is_active && (!must_read_again || jobs_ == Jobs::enqueue)) return;
      progress_((is_active ? "restarts " : "starts ") + old.name);
      if (jobs_ == Jobs::enqueue) return machine_.services.enqueue("start", old.name);
      is_active ? machine_.services.restart(old.name) : machine_.services.start(old.name);
    });
  }

  void reload_sources() {
    attempt([&] {
      const bool runs =
          machine_.services.state(target::unit_of({ReactionKind::reload_sources, ""})).is_active();
      if (runs) machine_.daemons.reload_sources();
    });
  }

  const Journal& journal_;
  Machine& machine_;
  const Progress& progress_;
  Jobs jobs_;
  std::size_t not_back_ = 0;
  std::size_t lost_ = 0;  ///< files whose copy is damaged or gone
};

}  // namespace

Outcome undo(Journal journal, const std::string& reason, Machine& machine, const Progress& progress,
             Jobs jobs) {
  // Who wants to stop has got it: what the callback throws would only leave a step out.
  const Progress report = [&](const std::string& step) {
    try {
      progress(step);
    } catch (const std::exception&) {
      static_cast<void>(step);
    }
  };
  Undo back{journal, machine, report, jobs};
  back.run();
  Outcome outcome{OutcomeKind::restored, journal.generation, reason, back.problems, back.notes, {}};
  journal.reason = reason;
  journal.lost = back.lost;
  journal.state = back.is_all_on_disk_back() ? JournalState::rolled_back : JournalState::broken;
  bool is_closed = journal.state == JournalState::rolled_back;
  try {
    persistently([&] { save_journal(machine.files, journal); });
    if (is_closed) cancel_recovery(machine.files, machine.services, journal.recovery_directories);
  } catch (const std::exception& error) {
    outcome.problems.push_back(message_of(error));
    is_closed = false;
  }
  if (!is_closed) {
    outcome.problems.push_back(
        fmt::format("what was there before is kept in {}", journal.directory().text()));
  }
  if (!outcome.problems.empty()) outcome.kind = OutcomeKind::incomplete;
  return outcome;
}

}  // namespace timectl::apply
