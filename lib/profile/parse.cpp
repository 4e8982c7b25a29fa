// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/parse.hpp"

#include "profile/check.hpp"
#include "profile/decode.hpp"
#include "profile/kinds.hpp"
#include "profile/mistakes.hpp"
#include "profile/resolve.hpp"

#include <string>

namespace timectl::profile {

namespace {

/// A profile without a name has that of its file.
void name_after_origin(Profile& profile, const Value& document, const std::string& origin,
                       Mistakes& mistakes) {
  if (document.find("name") != nullptr) return;
  std::string stem = origin.substr(origin.rfind('/') + 1);
  stem = stem.substr(0, stem.rfind(".json"));
  Value value = document;
  value.kind = Value::Kind::string;
  value.text = stem;
  if (const auto name = kind::ProfileName::read({value, "/name", mistakes})) profile.name = *name;
}

}  // namespace

Profile parse_profile(std::string_view text, const std::string& origin,
                      const ExtendsLookup& extends, Outdated outdated) {
  Mistakes mistakes{outdated};
  const auto document = resolve(text, origin, extends, mistakes);
  if (!document) mistakes.throw_if_any();
  Profile profile = decode({*document, "", mistakes});
  name_after_origin(profile, *document, origin, mistakes);
  const Site site{profile, *document, mistakes};
  check_networks(site);
  check_hosts(site);
  check_power(site);
  check_together(site);
  mistakes.throw_if_any();
  profile.tolerated = mistakes.tolerated();
  profile.notes = mistakes.notes();
  for (Host& host : profile.hosts) {
    if (host.rtc && host.rtc->chip.empty()) host.rtc.reset();
  }
  return profile;
}

}  // namespace timectl::profile
