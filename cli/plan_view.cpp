// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan_view.hpp"

#include "apply/generations.hpp"
#include "base/text.hpp"
#include "monitor/publish.hpp"
#include "page.hpp"
#include "state_lock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timectl::cli {

using Json = nlohmann::ordered_json;
using plan::FileAction;
using plan::FileChange;
using plan::PackageChange;
using plan::ReactionChange;
using plan::UnitChange;

namespace {

constexpr std::array cause_words{"missing", "update", "drift", "foreign"};
constexpr std::array cause_sentences{"", "", "edited on this host since timectl wrote it",
                                     "was there before timectl"};
constexpr std::array sensitivity_words{"open", "secret"};
constexpr std::array action_words{"create", "modify", "remove"};
constexpr std::array unit_words{"enable", "disable", "mask", "unmask", "start", "stop"};
constexpr std::array reaction_words{"daemon_reload",  "udev_reload", "set_host_name",
                                    "network_reload", "restart",     "try_restart",
                                    "reload_sources", "reboot"};
constexpr std::array reaction_sentences{"systemd reloads its units",
                                        "udev reloads its rules",
                                        "sets the host name to",
                                        "applies the network settings of",
                                        "restarts",
                                        "restarts",
                                        "chronyd reloads its sources",
                                        "needs a reboot"};

template <std::size_t size, typename Enum>
const char* word(const std::array<const char*, size>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}

/// What differs besides the content: "mode 0600 -> 0644, owner 7:8 -> 0:0".
std::string ownership_change(const FileChange& change) {
  const bool compares = change.before && change.action == FileAction::modify &&
                        change.type_after == system::FileType::regular &&
                        change.before->type == system::FileType::regular;
  if (!compares) return {};
  const auto& before = change.before->ownership;
  const auto& after = change.ownership_after;
  std::vector<std::string> parts;
  if (before.mode != after.mode) {
    parts.push_back(fmt::format("mode {:04o} -> {:04o}", before.mode, after.mode));
  }
  if (before.uid != after.uid || before.gid != after.gid) {
    parts.push_back(
        fmt::format("owner {}:{} -> {}:{}", before.uid, before.gid, after.uid, after.gid));
  }
  return join(parts, ", ");
}

struct Line {
  std::string operator()(const PackageChange& change) const {
    auto line = (change.kept_in.empty() ? "install " : "restored from the copies kept: ") +
                join(change.install, ", ");
    if (!change.remove.empty()) line += ", which removes " + join(change.remove, ", ");
    return line;
  }
  std::string operator()(const FileChange& change) const {
    std::vector<std::string> remarks;
    for (const auto& remark :
         {change.why, std::string{word(cause_sentences, change.cause)}, ownership_change(change)}) {
      if (!remark.empty()) remarks.push_back(remark);
    }
    const auto head = fmt::format("{} {}", word(action_words, change.action), change.path.text());
    return remarks.empty() ? head : fmt::format("{}: {}", head, join(remarks, "; "));
  }
  std::string operator()(const UnitChange& change) const {
    const auto head = fmt::format("{} {}", word(unit_words, change.action), change.unit);
    return change.why.empty() ? head : fmt::format("{}: {}", head, change.why);
  }
  std::string operator()(const ReactionChange& change) const {
    const auto& reaction = change.reaction;
    return fmt::format("{}{}{} because {}", word(reaction_sentences, reaction.kind),
                       reaction.subject.empty() ? "" : " ", reaction.subject, change.why);
  }
};

/// JSON is UTF-8; an edited file may be anything.
std::string as_utf8(const std::string& text) {
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json mode_or_null(const std::optional<system::Ownership>& ownership) {
  return ownership ? Json(fmt::format("{:04o}", ownership->mode)) : Json(nullptr);
}

struct Entry {
  Json operator()(const PackageChange& change) const {
    Json json;
    json["type"] = "packages";
    json["install"] = change.install;
    json["remove"] = change.remove;
    return json;
  }
  Json operator()(const FileChange& change) const {
    const bool goes = change.action == FileAction::remove;
    const auto before = change.before ? std::optional{change.before->ownership} : std::nullopt;
    Json json;
    json["type"] = "file";
    json["path"] = change.path.text();
    json["action"] = word(action_words, change.action);
    json["cause"] = word(cause_words, change.cause);
    json["why"] = change.why;
    json["mode_before"] = mode_or_null(before);
    json["mode_after"] = mode_or_null(goes ? std::nullopt : std::optional{change.ownership_after});
    json["sensitivity"] = word(sensitivity_words, change.sensitivity);
    json["diff"] = as_utf8(plan::unified_diff(change));
    return json;
  }
  Json operator()(const UnitChange& change) const {
    Json json;
    json["type"] = "unit";
    json["unit"] = change.unit;
    json["action"] = word(unit_words, change.action);
    json["why"] = change.why;
    return json;
  }
  Json operator()(const ReactionChange& change) const {
    Json json;
    json["type"] = "reaction";
    json["reaction"] = word(reaction_words, change.reaction.kind);
    json["subject"] = change.reaction.subject;
    json["why"] = change.why;
    return json;
  }
};

std::string title_of(const plan::Plan& plan) {
  const auto host = fmt::format("{} as {} of profile '{}'", plan.host, plan.role, plan.profile);
  switch (plan.purpose) {
    case plan::Purpose::provision:
      return host;
    case plan::Purpose::uninstall:
      return "this host as it was before timectl";
    case plan::Purpose::rollback:
      break;
  }
  return plan.returns_to.empty() ? "back to this host before timectl"
                                 : fmt::format("back to {}: {}", plan.returns_to, host);
}

struct Section {
  std::string_view title;
  std::vector<std::string> items;
  std::size_t shown = 0;
};

template <typename... Kinds>
Section section_of(const plan::Plan& plan, std::string_view title) {
  Section section{title, {}};
  for (const auto& change : plan.changes) {
    if ((std::holds_alternative<Kinds>(change) || ...)) {
      section.items.push_back(std::visit(Line{}, change));
    }
  }
  section.shown = section.items.size();
  return section;
}

std::string counted(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string totals_of(const plan::Plan& plan) {
  std::size_t packages = 0, files = 0, services = 0;
  for (const auto& change : plan.changes) {
    if (const auto* const each = std::get_if<PackageChange>(&change)) {
      packages += each->install.size() + each->remove.size();
    } else if (std::holds_alternative<FileChange>(change)) {
      ++files;
    } else {
      ++services;
    }
  }
  std::vector<std::string> parts;
  if (packages > 0) parts.push_back(counted(packages, "package"));
  if (files > 0) parts.push_back(counted(files, "file"));
  if (services > 0) parts.push_back(counted(services, "action") + " on services");
  if (plan.needs_reboot) parts.emplace_back("a reboot to complete it");
  return "in all: " + join(parts, ", ");
}

std::size_t rows_of(const Section& section) {
  if (section.items.empty()) return 0;
  std::size_t rows = section.shown < section.items.size() ? 2 : 1;
  for (std::size_t i = 0; i < section.shown; ++i) {
    rows += wrapped(section.items[i], hanging_indent).size();
  }
  return rows;
}

/// Hides items of the longest section until all fits.
void shorten(std::vector<Section>& sections, std::size_t most_rows) {
  const auto rows = [&] {
    std::size_t sum = 0;
    for (const auto& section : sections) sum += rows_of(section);
    return sum;
  };
  while (rows() > most_rows) {
    const auto longest =
        std::max_element(sections.begin(), sections.end(),
                         [](const Section& a, const Section& b) { return a.shown < b.shown; });
    if (longest->shown <= 1) return;
    --longest->shown;
  }
}

void show_summary(Report& report, const plan::Plan& plan, std::optional<std::size_t> most_rows) {
  std::vector<Section> sections{section_of<PackageChange>(plan, "packages"),
                                section_of<FileChange>(plan, "files"),
                                section_of<UnitChange, ReactionChange>(plan, "services"),
                                {"notes", plan.notes, plan.notes.size()}};
  if (most_rows) shorten(sections, *most_rows - 2);  // the title and the totals
  report.line(title_of(plan));
  for (const auto& section : sections) {
    if (section.items.empty()) continue;
    report.line(section.title);
    for (std::size_t i = 0; i < section.shown; ++i) report.item(section.items[i]);
    const auto hidden = section.items.size() - section.shown;
    if (hidden > 0) report.item(fmt::format("and {} more: timectl plan --summary", hidden));
  }
  if (!plan.changes.empty()) report.line(totals_of(plan));
}

}  // namespace

plan::Plan compare_site(Context& context, const Site& site) {
  apply::LastWritten managed{context.files()};
  // What would change is not known without what was written last.
  if (!managed.closed().empty()) {
    throw Error{ErrorKind::permission, managed.closed(), "run it as root"};
  }
  managed.add_contents(context.files());
  Site known{site};
  for (const auto& [path, generation] : managed.originals().files) {
    known.facts.changed_once.insert(path.text());
  }
  auto plan = plan::make_plan(context.render(known),
                              {context.files(), context.services(), context.packages()}, managed);
  if (const auto obstacle = monitor::find_metrics_obstacle(*site.host, context.files())) {
    plan.conflicts.push_back({obstacle->reason, obstacle->remedy});
  }
  return plan;
}

plan::Plan make_site_plan(Context& context, const Site& site) {
  auto plan = compare_site(context, site);
  if (plan.unread.empty()) return plan;
  throw Error{
      ErrorKind::permission,
      fmt::format("cannot change '{}': this user may not read it", plan.unread.front().text()),
      "run it as root"};
}

void require_no_conflicts(const plan::Plan& plan) {
  if (plan.conflicts.empty()) return;
  std::vector<std::string> reasons, remedies;
  for (const auto& conflict : plan.conflicts) {
    reasons.push_back(conflict.reason);
    const bool is_new =
        std::find(remedies.begin(), remedies.end(), conflict.remedy) == remedies.end();
    if (is_new) remedies.push_back(conflict.remedy);
  }
  throw Error{ErrorKind::refused,
              fmt::format("cannot provision '{}': {}", plan.host, join(reasons, "; ")),
              join(remedies, "; ")};
}

std::optional<Error> forecast_packages(Context& context, plan::Plan& plan) {
  std::optional<Error> refusal;
  if (context.is_offline()) return refusal;
  for (auto& change : plan.changes) {
    auto* const packages = std::get_if<PackageChange>(&change);
    if (packages == nullptr) continue;
    try {
      packages->remove = context.packages().simulate_install(packages->install).remove;
    } catch (const Error& error) {
      // What was kept needs no apt, which may know it no more.
      if (!packages->kept_in.empty()) continue;
      plan.notes.emplace_back(error.what());
      refusal = error;
    }
  }
  return refusal;
}

void show_plan(Report& report, const plan::Plan& plan, const PlanParts& parts) {
  for (const auto& change : plan.changes) {
    const auto* const file = std::get_if<FileChange>(&change);
    const auto diff = file == nullptr || !parts.diffs ? std::string{} : plan::unified_diff(*file);
    if (!diff.empty()) report.diff(diff);
  }
  if (parts.summary) show_summary(report, plan, parts.most_rows);
}

Json plan_document(const plan::Plan& plan) {
  Json document;
  document["schema"] = 1;
  document["host"] = plan.host;
  document["role"] = plan.role;
  document["profile"] = plan.profile;
  document["changes"] = Json::array();
  for (const auto& change : plan.changes) {
    document["changes"].push_back(std::visit(Entry{}, change));
  }
  document["needs_reboot"] = plan.needs_reboot;
  document["notes"] = plan.notes;
  return document;
}

void report_loss(Context& context, const apply::LastWritten& last) {
  if (!last.damage().empty()) {
    context.report().warning(fmt::format("{}: timectl recover goes on without it", last.damage()));
  }
  if (!last.loss().empty()) {
    context.report().warning(fmt::format("{}: timectl recover writes it anew", last.loss()));
  }
}

Unfinished report_unfinished(Context& context) {
  const apply::LastWritten last{context.files()};
  report_loss(context, last);
  if (!last.damage().empty()) return Unfinished::interrupted;
  const auto& interrupted = last.interrupted();
  if (!interrupted) return Unfinished::none;
  const auto lock = context.locks().state(state_lock_path);
  if (lock.holder == system::LockHolder::timectl) {
    context.report().note(lock.sentence);
    return Unfinished::in_progress;
  }
  const auto change = fmt::format("{} ({} as {}, started {})", interrupted->generation,
                                  interrupted->host, interrupted->role, interrupted->started);
  if (lock.holder == system::LockHolder::not_known) {
    context.report().warning(
        fmt::format("{} is in progress or was interrupted: {}", change, lock.sentence));
    return Unfinished::in_progress;
  }
  if (lock.holder == system::LockHolder::other) context.report().warning(lock.sentence);
  context.report().warning(
      fmt::format("{} was interrupted: timectl recover rolls it back", change));
  return Unfinished::interrupted;
}

std::string nothing_to_do(const plan::Plan& plan) {
  return fmt::format("nothing to do: {} matches profile '{}'", plan.host, plan.profile);
}

FileComparison compare_files(Context& context, Site site) {
  site.facts.forget_new_cards();
  const auto plan = compare_site(context, site);
  FileComparison seen;
  for (const auto& change : plan.changes) {
    const auto* const file = std::get_if<FileChange>(&change);
    if (file != nullptr) seen.drifted.push_back(file->path.text());
  }
  for (const auto& path : plan.unread) seen.unread.push_back(path.text());
  return seen;
}

}  // namespace timectl::cli
