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

std::string sentences_of(const CutOffs& cut_offs) {
  std::vector<std::string> sentences;
  for (const auto& each : cut_offs) sentences.push_back(reach::sentence(each));
  return join(sentences, "; ");
}

/// Whether nothing but `--yes` is needed. Who sits at a console may sit at the one that goes.
bool is_enough(Context& context, const CutOffs& cut_offs, const Consent& consent) {
  const bool takes_console = std::any_of(cut_offs.begin(), cut_offs.end(),
                                         [](const auto& each) { return each.is_console; });
  return consent.is_on_record || (context.login().is_console && !takes_console) ||
         (consent.awaits_confirmation && context.services().is_running());
}

std::string remedy(Context& context, const CutOffs& cut_offs, const Consent& consent) {
  return reach::remedy(cut_offs, {.said_yes = consent.yes,
                                  .has_terminal = Report::can_ask(),
                                  .can_roll_back = context.services().is_running(),
                                  .is_by_profile = consent.is_by_profile,
                                  .detour = consent.detour});
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
  const bool needs_more = !cut_offs.empty() && !is_enough(context, cut_offs, consent);
  if (needs_more && consent.yes) {
    throw Error{ErrorKind::refused,
                fmt::format("cannot {} by --yes alone, because it would cut this host off: {}",
                            consent.what, sentences_of(cut_offs)),
                remedy(context, cut_offs, consent)};
  }
  warn_of(context.report(), cut_offs);
  if (consent.yes) return true;
  if (!needs_more) return context.report().confirm(consent.question);
  return context.report().confirm(consent.question, remedy(context, cut_offs, consent));
}

void require_shown(Context& context, const plan::Plan& again, const CutOffs& shown,
                   const Consent& consent) {
  auto unseen = find_cut_offs(context, again);
  std::erase_if(unseen, [&](const reach::CutOff& each) {
    return std::any_of(shown.begin(), shown.end(),
                       [&](const reach::CutOff& seen) { return each.is_same_change(seen); });
  });
  if (unseen.empty() || is_enough(context, unseen, consent)) return;
  throw Error{
      ErrorKind::refused,
      "with the packages it would cut this host off, which was not shown: " + sentences_of(unseen),
      remedy(context, unseen, consent)};
}

}  // namespace timectl::cli
