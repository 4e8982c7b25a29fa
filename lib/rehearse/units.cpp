// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "probe/rows.hpp"
#include "rehearse/rehearsal.hpp"
#include "rehearse/rows.hpp"
#include "system/rooted_path.hpp"
#include "system/unit_files.hpp"
#include "system/unit_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::rehearse {

namespace {

using probe::Finding;
using probe::Verdict;
using system::RootedPath;
using target::DesiredFile;
using target::FileKind;

/// "1 unit", "3 units".
std::string counted(std::size_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

constexpr std::string_view unit_directory = "/etc/systemd/system/";

/// False for a complaint of systemd-analyze about its own troubles.
bool names_a_unit(const std::string& said) {
  return std::any_of(
      system::unit_suffixes.begin(), system::unit_suffixes.end(),
      [&](std::string_view suffix) { return said.find(suffix) != std::string::npos; });
}

/// The units of the target, and the host's units that the target has drop-ins for.
struct Units {
  std::vector<std::string> checked;    ///< paths and names for systemd-analyze
  std::vector<std::string> unchecked;  ///< have drop-ins here but no unit on this host
  std::vector<std::string> own;        ///< names a complaint must have to be about the target
};

bool exists_on_host(const std::string& unit, const system::FileReader& files) {
  const auto directories = system::unit_directories(system::RunDirectory::ignored);
  return std::any_of(directories.begin(), directories.end(), [&](const RootedPath& directory) {
    return files.status(directory / unit).has_value();
  });
}

void add_unit(const DesiredFile& file, const Scene& scene, Units& units) {
  const auto name = file.path.name();
  const auto directory = file.path.parent();
  if (system::is_unit_name(name) && directory == RootedPath{unit_directory}) {
    units.checked.push_back(file.path.text());
    units.own.push_back(name);
  } else if (directory.name().ends_with(".d")) {
    const auto unit = directory.name().substr(0, directory.name().size() - 2);
    units.own.push_back(file.path.text());
    // A device unit is made by udev and cannot be verified from a file.
    const bool can_check = !unit.ends_with(".device") && exists_on_host(unit, scene.ports.files);
    (can_check ? units.checked : units.unchecked).push_back(unit);
  }
}

Units units_of(const Scene& scene) {
  Units units;
  for (const auto& file : scene.target.files) {
    if (file.kind != FileKind::owned || !file.path.text().starts_with(unit_directory)) continue;
    add_unit(file, scene, units);
  }
  return units;
}

/// verify loads whatever the units name and complains about all of it; only what names a unit or
/// file of ours answers for the target.
std::vector<std::string> complaints_about(const Units& units, const std::string& said) {
  std::vector<std::string> complaints;
  for (const auto& line : lines_of(said)) {
    const auto is_named = [&](const std::string& name) {
      return line.find(name) != std::string::npos;
    };
    if (std::any_of(units.own.begin(), units.own.end(), is_named)) complaints.push_back(line);
  }
  return complaints;
}

Finding ask_units(const Scene& scene) {
  const auto& processes = scene.ports.processes;
  if (!processes.find("systemd-analyze")) {
    return missing_program(row::units_config, "systemd-analyze", "systemd");
  }
  const auto units = units_of(scene);
  Finding finding{row::units_config, Verdict::ok, "", {}, "", ""};
  finding.evidence.emplace_back("units", static_cast<std::int64_t>(units.checked.size()));
  if (!units.unchecked.empty()) {
    finding.evidence.emplace_back("not_on_this_host", join(units.unchecked, " "));
  }
  if (units.checked.empty()) {
    finding.verdict = Verdict::skipped;
    finding.summary = "none of the units is on this machine";
    return finding;
  }
  std::vector<std::string> arguments{"verify", "--man=no", "--"};
  arguments.insert(arguments.end(), units.checked.begin(), units.checked.end());
  const auto result =
      processes.run({"systemd-analyze", arguments, "", std::chrono::seconds{30}, {}});
  const auto complaints = complaints_about(units, all_said(result));
  if (result.timed_out || (result.status != 0 && !names_a_unit(all_said(result)))) {
    finding.verdict = Verdict::unknown;
    finding.summary = "systemd-analyze could not work here";
    finding.cause = result.timed_out ? "it did not finish" : last_said(all_said(result));
    finding.remedy = "run 'systemd-analyze verify --man=no' on the units once they are in place";
  } else if (!complaints.empty()) {
    finding.verdict = Verdict::failed;
    finding.summary =
        fmt::format("systemd finds fault with {}", counted(complaints.size(), "line"));
    finding.cause = join(complaints, "; ");
    finding.remedy = "correct the template, or the profile's value that is named";
  } else {
    finding.summary = fmt::format("systemd accepts {}", counted(units.checked.size(), "unit"));
  }
  return finding;
}

std::vector<Finding> rehearse_units(const Scene& scene) { return {ask_units(scene)}; }

}  // namespace

constinit const Rehearsal units_rehearsals[1] = {
    {row::units_config, "/etc/systemd/system", rehearse_units}};

}  // namespace timectl::rehearse
