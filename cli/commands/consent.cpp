// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/consent.hpp"

#include "base/text.hpp"
#include "plan_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::cli {

using Json = nlohmann::ordered_json;

namespace {

Json addresses_document(const std::vector<Subnet>& addresses) {
  auto document = Json::array();
  for (const auto& each : addresses) document.push_back(each.text());
  return document;
}

Json gateway_document(const std::optional<IpAddress>& gateway) {
  return gateway ? Json(gateway->text()) : Json(nullptr);
}

Json document_of(const reach::CutOff& cut_off) {
  Json document;
  document["interface"] = cut_off.interface;
  document["addresses_before"] = addresses_document(cut_off.before);
  document["addresses_after"] = addresses_document(cut_off.after);
  document["gateway_before"] = gateway_document(cut_off.gateway_before);
  document["gateway_after"] = gateway_document(cut_off.gateway_after);
  document["host_name_before"] = cut_off.host_name_before;
  document["host_name_after"] = cut_off.host_name_after;
  document["reasons"] = cut_off.reasons;
  return document;
}

[[noreturn]] void refuse(const CutOffs& cut_offs, const Consent& consent) {
  std::vector<std::string> sentences;
  for (const auto& each : cut_offs) sentences.push_back(reach::sentence(each));
  const auto address = reach::new_address(cut_offs);
  const auto login = address.empty() ? std::string{"log in again"} : "log in at " + address;
  throw Error{ErrorKind::refused,
              fmt::format("cannot {} by --yes alone, because it would cut this host off: {}",
                          consent.what, join(sentences, "; ")),
              fmt::format("add '--confirm 10m', {} and run 'timectl confirm', else it is rolled "
                          "back; or leave out --yes and answer the prompt",
                          login)};
}

}  // namespace

CutOffs find_cut_offs(Context& context, const plan::Plan& plan) {
  if (context.is_offline() || !reach::is_about_network(plan)) return {};
  return reach::find_cut_offs(plan, reach::look(context.network(), context.login().remote_host));
}

Json plan_document(const plan::Plan& plan, const CutOffs& cut_offs) {
  auto document = plan_document(plan);
  document["cut_offs"] = Json::array();
  for (const auto& each : cut_offs) document["cut_offs"].push_back(document_of(each));
  return document;
}

bool is_same_plan(const plan::Plan& shown, const CutOffs& cut_offs_shown, const plan::Plan& plan,
                  const CutOffs& cut_offs) {
  return plan_document(shown) == plan_document(plan) &&
         std::equal(cut_offs_shown.begin(), cut_offs_shown.end(), cut_offs.begin(), cut_offs.end(),
                    [](const auto& a, const auto& b) { return a.is_same_change(b); });
}

void warn_of(Report& report, const CutOffs& cut_offs) {
  for (const auto& each : cut_offs) {
    report.warning("this may cut you off: " + reach::sentence(each));
  }
}

bool is_agreed(Context& context, const plan::Plan& plan, const CutOffs& cut_offs,
               const Consent& consent) {
  if (plan.empty()) return true;
  const bool is_enough = consent.awaits_confirmation || context.login().is_console;
  if (consent.yes && !cut_offs.empty() && !is_enough) refuse(cut_offs, consent);
  warn_of(context.report(), cut_offs);
  return consent.yes || context.report().confirm(consent.question);
}

}  // namespace timectl::cli
