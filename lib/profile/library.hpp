// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "profile/profile.hpp"
#include "system/files.hpp"

#include <optional>
#include <string>
#include <vector>

namespace timectl::profile {

/// A profile that can be used, and where it is.
struct ProfileSource {
  std::string name;
  std::string origin;  ///< a path, or "built-in"
  std::string text;
  bool is_closed = false;  ///< other users cannot read its file
};

/// The profiles compiled into the binary and the files of /etc/timectl/profiles/*.json and
/// /usr/share/timectl/profiles/*.json. A file hides a built-in one of the same name.
std::vector<ProfileSource> list_profiles(const system::FileReader& files);

/// The profile to use: `wanted` is a path (it has a '/' or ends in ".json") or the name of a listed
/// profile; without it /etc/timectl/profile.json when it exists, else the built-in missing-link.
/// Paths given by the user are read by `host_files` (the machine timectl runs on), everything
/// else by `files` (the machine being provisioned). Throws Error{profile} with the names there are.
ProfileSource find_profile(const std::optional<std::string>& wanted,
                           const system::FileReader& files, const system::FileReader& host_files);

/// find_profile and parse_profile in one.
Profile load_profile(const ProfileSource& source, const system::FileReader& files);

/// The same for commands that keep a provisioned host going: what an earlier version took of the
/// host's own profile does not end its monitor after an upgrade. Any other profile is held to all
/// rules.
Profile load_kept_profile(const ProfileSource& source, const system::FileReader& files);

/// The JSON Schema (draft 7) of a profile.
std::string profile_schema();

}  // namespace timectl::profile
