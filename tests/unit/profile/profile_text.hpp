// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Profiles as texts, and what is said about them.
#pragma once

#include "base/error.hpp"
#include "profile/parse.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace timectl::test {

/// A profile of 192.168.4.0/24 whose hosts start on line 2.
inline std::string site(std::string_view hosts) {
  return "{\"network\": {\"subnet\": \"192.168.4.0/24\"}, \"hosts\": {\n" + std::string{hosts} +
         "\n}}";
}

inline std::string no_profiles(const std::string& name) {
  throw Error{ErrorKind::profile, "cannot find profile '" + name + "'"};
}

inline profile::Profile parsed(const std::string& text,
                               const profile::ExtendsLookup& extends = no_profiles) {
  return profile::parse_profile(text, "site.json", extends);
}

/// What parse_profile says is wrong; empty when nothing is.
inline std::string mistakes_in(const std::string& text,
                               const profile::ExtendsLookup& extends = no_profiles) {
  try {
    parsed(text, extends);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::profile) throw;
    return error.what();
  }
  return {};
}

}  // namespace timectl::test
