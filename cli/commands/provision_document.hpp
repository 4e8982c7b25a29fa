// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"
#include "commands/consent.hpp"
#include "plan/plan.hpp"
#include "probe/finding.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace timectl::cli {

/// The one document of `provision --json`, however it ends. Published as
/// packaging/schema/provision.schema.json. It is filled while the command goes on: what has not
/// come to pass is null, [] or false.
class ProvisionDocument {
 public:
  void set_plan(const plan::Plan& plan, const CutOffs& cut_offs);
  /// The change was made, as that generation.
  void set_changed(const std::string& generation);
  /// What the daemons' rehearsal could not try.
  void set_notes(const std::vector<std::string>& notes) { notes_ = notes; }
  void set_findings(const std::vector<probe::Finding>& findings) { findings_ = findings; }
  void set_reboot_required(bool required) { reboot_required_ = required; }
  void set_error(const Error& error);

  nlohmann::ordered_json json() const;

 private:
  nlohmann::ordered_json plan_ = nullptr;
  std::string host_;
  std::string role_;
  bool changed_ = false;
  std::string generation_;
  std::vector<std::string> notes_;
  std::vector<probe::Finding> findings_;
  bool reboot_required_ = false;
  nlohmann::ordered_json error_ = nullptr;
};

}  // namespace timectl::cli
