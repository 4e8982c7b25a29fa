// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/fake_services.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

namespace timectl::test {

namespace {

const std::string etc = "/etc/systemd/system/";
const std::string run = "/run/systemd/system/";

}  // namespace

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

void FakeServices::put(const std::string& name, Unit unit) {
  if (unit.masked) {
    files_.put_link(etc + name, "/dev/null");
    known_masks_.insert(name);
  } else if (!mask_of(name).empty()) {
    files_.erase(mask_of(name));
    known_masks_.erase(name);
  }
  units_[name] = std::move(unit);
}

void FakeServices::fail(const std::string& name) {
  units_[name].active = false;
  failed_.insert(name);
}

/// The path of the mask that counts; "" where a unit file stands before it or there is none.
std::string FakeServices::mask_of(const std::string& unit) const {
  for (const auto& path : {etc + unit, run + unit}) {
    if (!files_.has(path)) continue;
    const auto link = files_.read_link(system::RootedPath{path});
    const bool is_mask = link ? link == "/dev/null" : files_.at(path).empty();
    return is_mask ? path : "";
  }
  return "";
}

bool FakeServices::is_running() const {
  if (!is_in_reach_) throw Error{ErrorKind::missing, "cannot load libsystemd: file too short"};
  return is_running_;
}

system::UnitState FakeServices::state(std::string_view unit) const {
  ++asked;
  system::UnitState state;
  const auto found = units_.find(std::string{unit});
  const auto mask = mask_of(std::string{unit});
  if (found == units_.end() && mask.empty()) {
    state.load_state = "not-found";
    state.active_state = !is_running_ ? "" : has_failed(std::string{unit}) ? "failed" : "inactive";
    return state;
  }
  const Unit what = found == units_.end() ? Unit{} : found->second;
  const bool is_known = known_masks_.count(std::string{unit}) != 0;
  state.load_state = (is_running_ ? is_known : !mask.empty()) ? "masked" : "loaded";
  state.unit_file_state = mask.empty()            ? what.enablement
                          : mask.starts_with(run) ? "masked-runtime"
                                                  : "masked";
  if (is_running_) state.active_state = what.active ? "active" : "inactive";
  if (is_running_ && has_failed(std::string{unit})) state.active_state = "failed";
  for (const auto* directory : {"/usr/lib/systemd/system/", "/etc/systemd/system/"}) {
    const auto path = directory + std::string{unit};
    if (files_.has(path)) state.fragment_path = path;
  }
  if (!mask.empty()) state.fragment_path = mask;
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
  if (!mask_of(name).empty()) {
    throw Error{ErrorKind::external, fmt::format("cannot enable '{}': it is masked", unit)};
  }
  if (what.enablement == "disabled") what.enablement = "enabled";
}

std::map<std::string, FakeServices::Unit> FakeServices::units() const {
  auto all = units_;
  for (auto& [name, unit] : all) unit.masked = !mask_of(name).empty();
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
  const auto path = etc + std::string{unit};
  const bool is_in_the_way =
      files_.has(path) && files_.read_link(system::RootedPath{path}) != "/dev/null";
  if (is_in_the_way) {
    throw Error{ErrorKind::external, fmt::format("cannot mask '{}': its file exists", unit)};
  }
  files_.put_link(path, "/dev/null");
}

void FakeServices::unmask(std::string_view unit) {
  note("unmask", unit);
  for (auto mask = mask_of(std::string{unit}); !mask.empty(); mask = mask_of(std::string{unit})) {
    files_.erase(mask);
  }
}

void FakeServices::read_unit_files() {
  const system::RootedPath directory{"/etc/systemd/system"};
  std::set<std::string> there;
  known_masks_.clear();
  for (const auto* place : {&etc, &run}) {
    for (const auto& name : files_.list(system::RootedPath{*place})) {
      if (!mask_of(name).empty()) known_masks_.insert(name);
    }
  }
  for (const auto& name : files_.list(directory)) {
    const auto status = files_.status(directory / name);
    // What is staged has a name that systemd takes for no unit's.
    const bool is_unit =
        status->type == system::FileType::regular && status->size != 0 && !name.starts_with('.');
    if (is_unit) there.insert(name);
  }
  for (const auto& name : there) units_.try_emplace(name);
  for (const auto& name : from_files_) {
    if (there.count(name) != 0) continue;
    if (units_[name].active) {
      there.insert(name);  // it goes with its last process
    } else {
      units_.erase(name);
    }
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
  if (known_masks_.count(std::string{unit}) != 0) {
    throw Error{ErrorKind::external, fmt::format("cannot {} '{}': Unit is masked.", verb, unit)};
  }
  what.active = !refused;
  failed_.erase(std::string{unit});
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
  what.active = verb != "stop" && mask_of(std::string{unit}).empty();
}

void FakeServices::run_later(const std::string& name, std::chrono::seconds span,
                             const std::vector<std::string>&, const std::string&) {
  if (!is_running_) throw Error{ErrorKind::missing, "nothing runs here"};
  note(fmt::format("run after {} s", span.count()), name);
}

}  // namespace timectl::test
