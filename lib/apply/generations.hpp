// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "plan/plan.hpp"
#include "system/files.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace timectl::apply {

/// Everything timectl records of a machine is below this directory.
inline const system::RootedPath state_directory{"/var/lib/timectl"};
/// The commit record: a transaction counts as done from the moment this file names it.
inline const system::RootedPath commit_record = state_directory / "current.json";

/// Who asked for a change.
struct Who {
  std::string user;     ///< the person's, also behind sudo
  std::string command;  ///< "timectl provision --role server"
};

/// How long a change that is applied waits to be confirmed. The clock that counts is that of the
/// boot: wall time may be what the change is about.
struct Confirmation {
  std::chrono::seconds span{};
  std::string boot_id;               ///< of the boot that `until` belongs to
  std::chrono::nanoseconds until{};  ///< since that boot
  std::string until_utc;             ///< for people
  bool needs_reboot = false;  ///< the change is whole after a reboot only: the next one keeps it
};

/// What was there before timectl came, by the generation that holds it.
struct Originals {
  std::map<system::RootedPath, std::string> files;
  std::map<std::string, std::string> units;
  std::map<std::string, std::string> packages;  ///< that timectl's packages pushed out
  std::set<system::RootedPath> directories;     ///< that were not there
};

/// What a generation left behind.
struct Record {
  std::string generation;
  std::string profile, host, role;
  std::map<system::RootedPath, plan::ManagedFile> files;
  Originals originals;
};

/// What is known of an interrupted transaction.
struct Interrupted {
  std::string generation;
  std::string started;  ///< UTC
  std::string host;
  std::string role;
};

/// A change that waits to be confirmed.
struct Unconfirmed {
  std::string generation;
  std::string host;
  std::string role;
  Confirmation confirmation;
};

struct Journal;

/// What timectl wrote last, read from the state directory at construction: the commit record, or
/// that of a change that waits to be confirmed. Throws Error{io} naming the record when it is
/// damaged. Where the newest journal is, the commit record is what is known.
class LastWritten : public plan::ManagedFiles {
 public:
  explicit LastWritten(const system::FileReader& files);

  /// What of the record's contents only root may read; another user goes on without.
  void add_contents(const system::FileReader& files);

  std::optional<std::string> last_written(const system::RootedPath& path) const override;
  std::vector<system::RootedPath> paths() const override;
  std::optional<plan::ManagedFile> record(const system::RootedPath& path) const override;

  /// The last generation; "" before the first.
  const std::string& generation() const { return record_.generation; }
  /// The host and role of the last generation; "" before the first and after an uninstall.
  const std::string& host() const { return record_.host; }
  const std::string& role() const { return record_.role; }
  /// The name of the profile it came from.
  const std::string& profile() const { return record_.profile; }
  const Originals& originals() const { return record_.originals; }

  /// Why this is not what the commit record says, a sentence; "" when it is. `timectl recover`
  /// writes a lost one anew.
  const std::string& loss() const { return loss_; }

  /// Why an ordinary user sees no record, a sentence: an older timectl closed it, because it holds
  /// what not every user may read. Only generation, profile, host and role are known then. ""
  /// otherwise.
  const std::string& closed() const { return closed_; }

  /// Why it is not known whether the newest change was finished, a sentence: its journal is damaged
  /// or lost. "" otherwise. timectl changes nothing then until `timectl recover` has run.
  const std::string& damage() const { return damage_; }

  /// As find_interrupted() and find_unconfirmed() say, from one reading of the newest journal.
  const std::optional<Interrupted>& interrupted() const { return interrupted_; }
  const std::optional<Unconfirmed>& unconfirmed() const { return unconfirmed_; }

 private:
  void read_record_alone(const system::FileReader& files);
  void read_record(const system::FileReader& files, const std::optional<Journal>& newest);

  Record record_;
  std::string loss_, damage_, closed_;
  std::optional<Interrupted> interrupted_;
  std::optional<Unconfirmed> unconfirmed_;
};

}  // namespace timectl::apply
