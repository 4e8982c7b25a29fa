// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/provision_document.hpp"

#include "failure.hpp"
#include "report.hpp"

namespace timectl::cli {

namespace {

nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

}  // namespace

void ProvisionDocument::set_plan(const plan::Plan& plan, const CutOffs& cut_offs) {
  host_ = plan.host;
  role_ = plan.role;
  plan_ = plan_document(plan, cut_offs);
}

void ProvisionDocument::set_changed(const std::string& generation) {
  changed_ = true;
  generation_ = generation;
}

void ProvisionDocument::set_error(const Error& error) {
  // What could not be restored has changed.
  if (error.kind() == ErrorKind::incomplete) changed_ = true;
  error_ = error_entry(error);
}

nlohmann::ordered_json ProvisionDocument::json() const {
  const auto found = findings_document(host_, role_, findings_);
  nlohmann::ordered_json document;
  document["schema"] = 1;
  document["host"] = text_or_null(host_);
  document["role"] = text_or_null(role_);
  document["changed"] = changed_;
  document["generation"] = text_or_null(generation_);
  document["reboot_required"] = reboot_required_;
  document["verdict"] = found["verdict"];
  document["findings"] = found["findings"];
  document["plan"] = plan_;
  document["notes"] = notes_;
  document["error"] = error_;
  return document;
}

}  // namespace timectl::cli
