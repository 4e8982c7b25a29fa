// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/one_by_one.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::rehearse {

namespace {

using probe::Finding;
using probe::Verdict;
using target::DesiredFile;
using target::FileKind;

/// Of a file that only a part of is timectl's the rest is not known here.
bool is_whole(const DesiredFile& file) {
  return (file.kind == FileKind::owned || file.kind == FileKind::edited) && !file.content.empty();
}

/// Keys, for one, lie there too.
bool is_read_by(const Rehearsal& rehearsal, const DesiredFile& file) {
  const auto& path = file.path.text();
  const bool is_configuration = path.ends_with(".conf") || path.ends_with(".sources");
  return is_configuration && path.starts_with(fmt::format("{}/", rehearsal.directory));
}

/// The line that names the file, by its own name.
std::optional<std::string> complaint_in(const std::string& said, const DesiredFile& file) {
  const auto lines = lines_of(said);
  const auto found = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find(standard_input) != std::string::npos;
  });
  if (found == lines.end()) return std::nullopt;
  auto line = *found;
  line.replace(line.find(standard_input), standard_input.size(), file.path.text());
  // Without the time stamp.
  const auto fatal = line.find("Fatal error");
  return fatal == std::string::npos ? line : line.substr(fatal);
}

Finding unasked(const Rehearsal& rehearsal, const std::string& why) {
  const auto summary =
      fmt::format("{} could not be asked about its files", rehearsal.daemon->program);
  return {rehearsal.name, Verdict::unknown, summary, {}, why, ""};
}

/// nullopt when the daemon accepts it.
std::optional<Finding> ask_about(const DesiredFile& file, const Rehearsal& rehearsal,
                                 const system::ProcessRunner& processes) {
  const auto result = processes.run(rehearsal.read(file.content));
  if (result.succeeded()) return std::nullopt;
  const auto complaint = complaint_in(result.errors, file);
  if (!complaint) {
    return unasked(rehearsal, result.timed_out ? "it did not finish" : last_said(result.errors));
  }
  return Finding{rehearsal.name,
                 Verdict::failed,
                 fmt::format("{} does not accept its files", rehearsal.daemon->program),
                 {},
                 *complaint,
                 remedy_for(*complaint)};
}

void ask(const target::Target& target, const Rehearsal& rehearsal,
         const system::ProcessRunner& processes, Objections& objections) {
  for (const auto& file : target.files) {
    if (!is_whole(file) || !is_read_by(rehearsal, file)) continue;
    auto finding = ask_about(file, rehearsal, processes);
    if (!finding) continue;
    const bool is_refusal = finding->verdict == Verdict::failed;
    (is_refusal ? objections.refusals : objections.doubts).push_back(*std::move(finding));
    if (!is_refusal) return;  // nor will it be with the next file
  }
}

}  // namespace

Objections find_objections_one_by_one(const target::Target& target,
                                      std::span<const Rehearsal> rehearsals,
                                      const system::ProcessRunner& processes) {
  Objections objections;
  for (const auto& rehearsal : rehearsals) {
    if (rehearsal.read == nullptr || rehearsal.daemon == nullptr) continue;
    try {
      ask(target, rehearsal, processes, objections);
    } catch (const Error& error) {
      objections.doubts.push_back(unasked(rehearsal, error.what()));
    }
  }
  return objections;
}

}  // namespace timectl::rehearse
