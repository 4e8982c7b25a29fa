// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "plan/plan.hpp"
#include "system/files.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace timectl::apply {

/// Everything timectl remembers of a machine is below this directory.
inline const system::RootedPath state_directory{"/var/lib/timectl"};

/// What timectl wrote last, read from the state directory at construction: the commit record of
/// the last generation. Throws Error{io} naming the record when it is damaged.
class LastWritten : public plan::ManagedFiles {
 public:
  explicit LastWritten(const system::FileReader& files);

  std::optional<std::string> last_written(const system::RootedPath& path) const override;
  std::vector<system::RootedPath> paths() const override;
  std::optional<plan::ManagedFile> record(const system::RootedPath& path) const override;

  /// The last committed generation; "" before the first.
  const std::string& generation() const { return generation_; }
  /// The host and role of the last committed generation; "" before the first.
  const std::string& host() const { return host_; }
  const std::string& role() const { return role_; }
  /// The name of the profile it came from.
  const std::string& profile() const { return profile_; }

 private:
  std::map<system::RootedPath, plan::ManagedFile> written_;
  std::string generation_, host_, role_, profile_;
};

}  // namespace timectl::apply
