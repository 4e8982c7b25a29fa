// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/profile_check.hpp"

#include "base/text.hpp"
#include "own_site.hpp"
#include "profile/library.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;
using profile::Profile;
using profile::ProfileSource;

std::string described(const Profile& profile) {
  std::vector<std::string> hosts;
  for (const auto& host : profile.hosts) hosts.push_back(host.name + " " + host.role);
  return fmt::format("{} host{}: {}", hosts.size(), hosts.size() == 1 ? "" : "s",
                     join(hosts, ", "));
}

/// A profile that was asked for: either it is right, or `error` says why it is not.
struct Checked {
  std::string asked;
  std::optional<ProfileSource> source;
  std::optional<Profile> profile;
  std::optional<Error> error;

  /// What stands before ": ok".
  std::string place() const {
    if (!source) return asked;
    return source->origin == "built-in" ? source->name : source->origin;
  }
};

Checked check(Context& context, const std::optional<std::string>& wanted) {
  Checked checked;
  checked.asked = wanted.value_or("");
  SiteOptions options;
  options.profile = wanted;
  try {
    checked.source = find_own_profile(context, options);
    checked.profile = profile::load_profile(*checked.source, context.files());
  } catch (const Error& error) {
    // One bad file must not hide the answers about the others.
    checked.error = error;
  }
  return checked;
}

ordered_json to_json(const Checked& checked) {
  ordered_json json;
  json["profile"] = checked.place();
  json["valid"] = !checked.error;
  if (checked.error) {
    json["mistakes"] = checked.error->problems();
    return json;
  }
  json["name"] = checked.profile->name;
  if (!checked.profile->notes.empty()) json["notes"] = checked.profile->notes;
  json["hosts"] = ordered_json::array();
  for (const auto& host : checked.profile->hosts) {
    ordered_json entry;
    entry["name"] = host.name;
    entry["role"] = host.role;
    json["hosts"].push_back(std::move(entry));
  }
  return json;
}

void show(Report& report, const Checked& checked) {
  if (checked.error) return report.error(*checked.error);
  report.line(fmt::format("{}: ok ({})", checked.place(), described(*checked.profile)));
  for (const auto& note : checked.profile->notes) report.note(note);
}

}  // namespace

ordered_json profiles_document(ordered_json profiles) {
  ordered_json document;
  document["schema"] = 1;
  document["profiles"] = std::move(profiles);
  return document;
}

ExitStatus validate_profiles(Context& context, const std::vector<std::string>& wanted) {
  std::vector<Checked> all;
  for (const auto& each : wanted) all.push_back(check(context, each));
  if (wanted.empty()) all.push_back(check(context, std::nullopt));
  auto profiles = ordered_json::array();
  for (const auto& checked : all) {
    profiles.push_back(to_json(checked));
    if (!context.options().json) show(context.report(), checked);
  }
  if (context.options().json) context.report().json(profiles_document(std::move(profiles)));
  const bool failed =
      std::any_of(all.begin(), all.end(), [](const Checked& one) { return one.error.has_value(); });
  return failed ? ExitStatus::usage : ExitStatus::done;
}

}  // namespace timectl::cli
