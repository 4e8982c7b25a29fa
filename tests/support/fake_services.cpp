// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/fake_services.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

namespace timectl::test {

void FakeServices::note(std::string_view verb, std::string_view unit) {
  const auto entry = unit.empty() ? std::string{verb} : fmt::format("{} {}", verb, unit);
  fuse.burn(entry);
  log_.push_back(entry);
}

FakeServices::Unit& FakeServices::find(std::string_view verb, std::string_view unit) {
  note(verb, unit);
  const auto found = units_.find(std::string{unit});
  if (found == units_.end()) {
    throw Error{ErrorKind::missing, fmt::format("cannot {} '{}': no such unit", verb, unit)};
  }
  return found->second;
}

bool FakeServices::is_running() const {
  if (!is_in_reach_) throw Error{ErrorKind::missing, "cannot load libsystemd: file too short"};
  return is_running_;
}

system::UnitState FakeServices::state(std::string_view unit) const {
  ++asked;
  system::UnitState state;
  const auto found = units_.find(std::string{unit});
  if (found == units_.end()) {
    state.load_state = "not-found";
    state.active_state = is_running_ ? "inactive" : "";
    return state;
  }
  const Unit& what = found->second;
  state.load_state = what.masked ? "masked" : "loaded";
  state.unit_file_state = what.masked ? "masked" : what.enablement;
  if (is_running_) state.active_state = what.active ? "active" : "inactive";
  for (const auto* directory : {"/usr/lib/systemd/system/", "/etc/systemd/system/"}) {
    const auto path = directory + std::string{unit};
    if (files_.has(path)) state.fragment_path = path;
  }
  return state;
}

std::vector<std::string> FakeServices::process_environment(std::uint32_t) const { return {}; }

void FakeServices::enable(std::string_view unit) {
  // EnableUnitFiles works on the files, before systemd has read them again.
  const std::string name{unit};
  if (files_.has("/etc/systemd/system/" + name) && units_.try_emplace(name).second) {
    from_files_.insert(name);
  }
  Unit& what = find("enable", unit);
  if (what.masked) throw Error{ErrorKind::external, "cannot enable a masked unit"};
  if (what.enablement == "disabled") what.enablement = "enabled";
}

std::map<std::string, FakeServices::Unit> FakeServices::units() const {
  auto all = units_;
  if (is_running_) return all;
  // Nothing keeps a unit in memory there: without its file it is gone.
  for (const auto& name : from_files_) {
    if (!files_.has("/etc/systemd/system/" + name)) all.erase(name);
  }
  return all;
}

void FakeServices::disable(std::string_view unit) {
  Unit& what = find("disable", unit);
  if (what.enablement == "enabled") what.enablement = "disabled";
}

void FakeServices::mask(std::string_view unit) {
  note("mask", unit);
  units_[std::string{unit}].masked = true;
}

void FakeServices::unmask(std::string_view unit) { find("unmask", unit).masked = false; }

void FakeServices::read_unit_files() {
  const system::RootedPath directory{"/etc/systemd/system"};
  std::set<std::string> there;
  for (const auto& name : files_.list(directory)) {
    const auto status = files_.status(directory / name);
    // What is staged has a name that systemd takes for no unit's.
    const bool is_unit = status->type == system::FileType::regular && !name.starts_with('.');
    if (is_unit) there.insert(name);
  }
  for (const auto& name : there) units_.try_emplace(name);
  for (const auto& name : from_files_) {
    if (there.count(name) == 0 && !units_[name].active) units_.erase(name);
  }
  from_files_ = there;
}

void FakeServices::daemon_reload() {
  if (!is_running_) return;
  note("daemon-reload", "");
  read_unit_files();
}

void FakeServices::bring_up(std::string_view verb, std::string_view unit) {
  Unit& what = find(verb, unit);
  const auto refusal = refusals_.find(std::string{unit});
  const bool refused = refusal != refusals_.end() && refusal->second(files_);
  what.active = !what.masked && !refused;
  if (!what.active) {
    throw Error{ErrorKind::external, fmt::format("cannot {} '{}': job failed", verb, unit)};
  }
}

void FakeServices::start(std::string_view unit) {
  if (is_running_) bring_up("start", unit);
}

void FakeServices::stop(std::string_view unit) {
  if (is_running_) find("stop", unit).active = false;
}

void FakeServices::restart(std::string_view unit) {
  if (is_running_) bring_up("restart", unit);
}

void FakeServices::try_restart(std::string_view unit) {
  const auto found = units_.find(std::string{unit});
  if (is_running_ && found != units_.end() && found->second.active) bring_up("try-restart", unit);
}

void FakeServices::reload_or_restart(std::string_view unit) {
  if (is_running_) bring_up("reload-or-restart", unit);
}

void FakeServices::enqueue(std::string_view verb, std::string_view unit) {
  if (!is_running_) return;
  Unit& what = find(fmt::format("enqueue {}", verb), unit);
  what.active = verb != "stop" && !what.masked;
}

void FakeServices::run_later(const std::string& name, std::chrono::seconds span,
                             const std::vector<std::string>&, const std::string&) {
  if (!is_running_) throw Error{ErrorKind::missing, "nothing runs here"};
  note(fmt::format("run after {} s", span.count()), name);
}

}  // namespace timectl::test
