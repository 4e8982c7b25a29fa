// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "preflight.hpp"

#include "base/text.hpp"
#include "features/feature.hpp"
#include "rehearse/rehearse.hpp"
#include "system/linux/linux.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <variant>

namespace timectl::cli {

namespace {

using rehearse::Rehearsal;

bool changes_file_below(const plan::Plan& plan, std::string_view directory) {
  return std::any_of(plan.changes.begin(), plan.changes.end(), [&](const plan::Change& change) {
    const auto* const file = std::get_if<plan::FileChange>(&change);
    return file != nullptr && file->path.text().starts_with(fmt::format("{}/", directory));
  });
}

/// Of the daemons whose files the plan changes: others do not start anew for it.
std::vector<Rehearsal> rehearsals_for(const plan::Plan& plan) {
  std::vector<Rehearsal> wanted;
  for (const auto& rehearsal : features::rehearsals()) {
    if (changes_file_below(plan, rehearsal.directory)) wanted.push_back(rehearsal);
  }
  return wanted;
}

/// Where the sandbox sees it, and the next boot takes it away should this process be killed.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    if (::mkdtemp(path_.data()) == nullptr) {
      throw Error{ErrorKind::io, "cannot make a directory in /tmp for the packages"};
    }
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/timectl-packages.XXXXXX";
};

rehearse::Objections ask(Context& context, const Site& site, const plan::Plan& plan,
                         const std::vector<Rehearsal>& rehearsals) {
  auto tools = context.options().tools;
  std::optional<TemporaryDirectory> unpacked;
  if (const auto* const packages = plan::packages_of(plan)) {
    context.report().note(
        fmt::format("fetches {} to try the configuration with it", join(packages->install, ", ")));
    context.packages().fetch(packages->install);
    unpacked.emplace();
    context.packages().unpack(packages->install, unpacked->path());
    tools.push_back(unpacked->path());
  }
  context.report().note("tries the configuration in a sandbox");
  const auto processes = system::os::make_processes(tools);
  const auto host = context.probe_ports();
  const probe::Ports ports{host.files, host.services,  *processes,   host.clock,
                           host.rtcs,  host.datagrams, host.network, host.daemons};
  return rehearse::find_objections(context.render(site), site.profile, *site.host, rehearsals,
                                   {context.sandbox(), ports});
}

std::string sentence(const probe::Finding& finding) {
  return finding.cause.empty() ? finding.summary
                               : fmt::format("{}: {}", finding.summary, finding.cause);
}

}  // namespace

void require_accepted_by_daemons(Context& context, const Site& site, const plan::Plan& plan) {
  const auto rehearsals = rehearsals_for(plan);
  if (context.is_offline() || rehearsals.empty()) return;
  rehearse::Objections objections;
  try {
    objections = ask(context, site, plan, rehearsals);
  } catch (const Error& error) {
    // No sandbox, no disk for the packages: the transaction undoes what does not start.
    context.report().note(
        fmt::format("the configuration could not be tried in a sandbox: {}", error.what()));
    return;
  }
  for (const auto& doubt : objections.doubts) {
    context.report().note(fmt::format("could not be tried in a sandbox: {}", sentence(doubt)));
  }
  if (objections.refusals.empty()) return;
  std::vector<std::string> reasons;
  for (const auto& refusal : objections.refusals) reasons.push_back(sentence(refusal));
  throw Error{ErrorKind::refused,
              fmt::format("cannot provision '{}': {}", plan.host, join(reasons, "; ")),
              objections.refusals.front().remedy};
}

}  // namespace timectl::cli
